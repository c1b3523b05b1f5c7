"""What a plan says beside its patch."""

from pathlib import Path

import anyio
import pytest

from flagwright.workbench.bench import Workbench
from tests.installation import ACTOR, Installation, approve, git, spec

pytestmark = pytest.mark.anyio


async def test_a_retirement_lists_where_else_the_flag_is_named(
    bench: Workbench, folder: Path
) -> None:
    await anyio.Path(folder / "settings.yml").write_text("on: [release.shop.mail]\n")

    proposal = await bench.retire(folder, "release.shop.mail", "on", actor=ACTOR)

    assert proposal.plan
    assert [edit.path for edit in proposal.plan.edits] == ["mail.py"]
    assert [note for note in proposal.notes if note.startswith("settings.yml: ")]


async def test_a_flag_that_no_code_checks_needs_no_plan(bench: Workbench, folder: Path) -> None:
    proposal = await bench.retire(folder, "release.shop.nobody", "off", actor=ACTOR)

    assert proposal.plan is None
    assert (await bench.plans.all()) == ()


async def test_a_change_of_documents_needs_no_plan(
    bench: Workbench, folder: Path, home: Installation
) -> None:
    git(folder, "checkout", "-q", "--", "pricing.py")
    await anyio.Path(folder / "NOTES.md").write_text("Prices\n")

    proposal = await bench.wrap(folder, spec().name, actor=ACTOR)

    assert proposal.plan is None
    assert [segment.treatment for segment in proposal.coverage] == ["passed-through"]
    assert (await bench.ledger(limit=1)).entries[0].outcome == "done"


async def test_a_plan_is_found_by_the_beginning_of_its_id(bench: Workbench, folder: Path) -> None:
    plan = (await bench.wrap(folder, spec().name, actor=ACTOR)).plan
    assert plan

    assert (await bench.plans.one(plan.id[:6]))[0] == plan
    assert await bench.plans.all() == ((plan, "proposed"),)


async def test_every_step_of_a_plan_names_its_repository_and_commit(
    bench: Workbench, folder: Path
) -> None:
    plan = (await bench.wrap(folder, spec().name, actor=ACTOR)).plan
    assert plan
    await approve(bench, plan.id)
    await bench.plans.apply(plan.id, actor=ACTOR)
    await bench.plans.undo(plan.id, actor=ACTOR)

    entries = (await bench.ledger(plan=plan.id)).entries

    assert [entry.action for entry in entries] == ["undone", "applied", "approved", "proposed"]
    (subject,) = {entry.subject for entry in entries}
    assert subject.repository
    assert subject.commit
    assert subject.paths == ("pricing.py",)


async def test_an_undo_gives_a_removed_file_its_rights_back(
    bench: Workbench, folder: Path, home: Installation
) -> None:
    secret = folder / "rates.py"
    secret.write_text("def rates() -> int:\n    return 3\n")
    plan = (await bench.wrap(folder, spec().name, actor=ACTOR)).plan
    assert plan
    await approve(bench, plan.id)
    await bench.plans.apply(plan.id, actor=ACTOR)
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "Wrapped")
    secret.chmod(0o640)
    home.clock.turn(minutes=1)
    gone = (await bench.retire(folder, spec().name, "off", actor=ACTOR)).plan
    assert gone
    await approve(bench, gone.id)
    await bench.plans.apply(gone.id, actor=ACTOR)
    assert not secret.exists()

    await bench.plans.undo(gone.id, actor=ACTOR)

    assert secret.stat().st_mode & 0o777 == 0o640
