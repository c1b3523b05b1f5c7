"""What a plan says beside its patch."""

from pathlib import Path
from typing import Literal

import anyio
import pytest

from flagwright.core.records.entry import Actor
from flagwright.core.records.plan import Plan
from flagwright.errors import CannotWrap, FlagUnknown, PlanUncommitted, PlanUsed
from flagwright.workbench.bench import Workbench
from tests.installation import ACTOR, AFTER, ASSISTANT, Installation, approve, git, spec, texts

pytestmark = pytest.mark.anyio

KEPT: tuple[Literal["on", "off"], ...] = ("on", "off")


async def test_a_retirement_lists_where_else_the_flag_is_named(
    bench: Workbench, folder: Path
) -> None:
    await anyio.Path(folder / "settings.yml").write_text("on: [release.shop.mail]\n")

    proposal = await bench.retire(folder, "release.shop.mail", "on", actor=ACTOR)

    assert proposal.plan
    assert [edit.path for edit in proposal.plan.edits] == ["mail.py"]
    place = proposal.plan.coverage[-1]
    assert (place.path, place.line, place.treatment) == ("settings.yml", 1, "left")


async def applied_where_nothing_asks(bench: Workbench, folder: Path) -> Plan:
    """A plan that brings the module through which flags are asked, and is written."""
    for name in filter(lambda name: name.endswith(".py"), texts(folder)):
        (folder / name).write_text("def f() -> int:\n    return 1\n")
    git(folder, "commit", "-qam", "No flags")
    (folder / "mail.py").write_text("def f() -> int:\n    return 2\n")
    plan = (await bench.wrap(folder, spec().name, actor=ACTOR)).plan
    assert plan
    await approve(bench, plan.id)
    await bench.plans.apply(plan.id, actor=ACTOR)
    return plan


async def test_a_retirement_tells_what_its_release_turns_and_what_it_leaves(
    bench: Workbench, folder: Path
) -> None:
    plan = await applied_where_nothing_asks(bench, folder)

    on, off = [await bench.retire(folder, spec().name, keep, actor=ACTOR) for keep in KEPT]

    (module,) = (edit.path for edit in plan.edits if edit.path != "mail.py")
    turned = "the flag is off in development and production: once this is released there, its code "
    left = f"{module}: nothing asks through it any more; the next plan will, or delete it"
    assert on.notes == (f"{turned}runs for everybody", left)
    assert off.notes == (left,)


@pytest.mark.parametrize("is_archived", [True, False])
async def test_a_retirement_tells_that_a_flag_the_server_lacks_is_off_for_everybody(
    bench: Workbench, folder: Path, *, is_archived: bool
) -> None:
    name = "release.shop.mail"
    if is_archived:
        asking = (folder / "mail.py").read_text()
        git(folder, "rm", "-q", "mail.py")
        git(folder, "commit", "-qm", "No mail")
        await bench.flags.create(spec(name), actor=ACTOR)
        assert (await bench.flags.end(name, "on", folder, actor=ACTOR)).is_new
        (folder / "mail.py").write_text(asking)

    on, off = [await bench.retire(folder, name, keep, actor=ACTOR) for keep in KEPT]

    assert on.notes[0].startswith("the flag server has no living flag of this name")
    assert not any("no living flag" in note for note in off.notes)


@pytest.mark.parametrize(
    ("client", "kept"),
    [
        ("import waffle\n", "waffle"),
        ("from flagsmith import Flagsmith\n", "flagsmith"),
        ("FLAGS = {}\n", ""),
    ],
)
async def test_a_flag_that_is_kept_elsewhere_is_not_said_to_be_off(
    bench: Workbench, folder: Path, client: str, kept: str
) -> None:
    git(folder, "rm", "-qf", "*.py")
    page = (
        f'{client}\n\ndef page(request):\n    return waffle.flag_is_active(request, "new_page")\n'
    )
    (folder / "page.py").write_text(page)

    plan = await bench.retire(folder, "new_page", "on", actor=ACTOR)

    (told,) = [note for note in plan.notes if "no living flag" in note]
    assert "off for everybody" not in told
    assert (f"which this code asks ({kept})" in told) is bool(kept)


async def test_turning_back_tells_what_stays_of_the_change(bench: Workbench, folder: Path) -> None:
    (folder / "settings.yml").write_text("limit: 5\n")
    plan = await applied_where_nothing_asks(bench, folder)

    on, off = [await bench.retire(folder, spec().name, keep, actor=ACTOR) for keep in KEPT]

    stays = f"plan {plan.id} shipped a part of its change without the flag, and that stays: "
    assert f"{stays}settings.yml:1" in off.notes
    assert not any(note.startswith(stays) for note in on.notes)


async def test_the_module_of_an_earlier_plan_is_not_put_behind_the_flag_itself(
    bench: Workbench, folder: Path
) -> None:
    plan = await applied_where_nothing_asks(bench, folder)

    new = {edit.path for edit in plan.edits if edit.before_sha256 is None}
    again = await bench.wrap(folder, spec().name, actor=ACTOR)

    assert again.plan is None
    assert [s.treatment for s in again.coverage if s.path in new] == ["added"]


async def test_a_private_name_that_a_text_leads_to_is_refused_or_told(
    bench: Workbench, folder: Path
) -> None:
    code = "def _main({0}):\n    return [{0}]\n\n\ndef run(x):\n    return _main({1})\n"
    (folder / "ep.py").write_text(code.format("a", "x"))
    (folder / "tests").mkdir(exist_ok=True)
    (folder / "tests" / "test_ep.py").write_text("def test_it():\n    assert 'ep._main'\n")
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "An entry point")
    (folder / "ep.py").write_text("\n\n" + code.format("b, a", "1, x"))

    told = await bench.wrap(folder, spec().name, actor=ACTOR)
    (folder / "hooks.toml").write_text('start = "ep:_main"\n')
    with pytest.raises(CannotWrap) as error:
        await bench.wrap(folder, spec().name, actor=ACTOR)

    note = (
        "tests/test_ep.py means the new version by `ep._main`; with the flag off `_main_off` runs"
    )
    assert note in told.notes
    assert "hooks.toml:1 names `ep:_main`" in error.value.because
    assert (error.value.path, error.value.line) == ("ep.py", 3)


async def test_a_misspelled_flag_is_not_told_as_taken_out(bench: Workbench, folder: Path) -> None:
    with pytest.raises(FlagUnknown) as error:
        await bench.retire(folder, spec().name + "s", "on", actor=ACTOR)

    assert f"Did you mean {spec().name}?" in error.value.next_step

    with pytest.raises(FlagUnknown) as far:
        await bench.retire(folder, "ops.nobody", "on", actor=ACTOR)

    assert far.value.next_step == "Look for it: find_flags, or flagwright find WORDS"


async def test_a_flag_that_no_code_checks_needs_no_plan(bench: Workbench, folder: Path) -> None:
    name = "release.shop.nobody"
    await bench.flags.create(spec().model_copy(update={"name": name}), actor=ACTOR)

    proposal = await bench.retire(folder, name, "off", actor=ACTOR)

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


async def test_what_is_asked_for_once_more_is_the_plan_that_waits(
    home: Installation, bench: Workbench, folder: Path
) -> None:
    async def wrap(actor: Actor = ACTOR) -> Plan | None:
        home.clock.turn(minutes=1)
        return (await bench.wrap(folder, spec().name, actor=actor)).plan

    first, again = await wrap(), await wrap()
    by_another = await wrap(ASSISTANT)
    assert first
    assert again == first
    await bench.plans.decide(first.id, "rejected", tier=None, actor=ACTOR)
    after_no = await wrap()
    (folder / "more.py").write_text("LIMIT = 1\n")
    with_more = await wrap()
    home.clock.turn(hours=100)
    late = await wrap()

    made = [plan and plan.id for plan in (first, by_another, after_no, with_more, late)]
    assert len(set(made)) == len(made)
    assert {plan.id for plan, _ in await bench.plans.all()} == set(made)


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
    assert [bool(entry.subject.written) for entry in entries] == [False, True, False, False]
    (subject,) = {entry.subject.model_copy(update={"written": None}) for entry in entries}
    assert subject.repository
    assert subject.commit
    assert subject.paths == ("pricing.py",)


async def test_the_page_and_the_call_that_waits_for_it_may_both_apply_what_was_decided(
    home: Installation, bench: Workbench, folder: Path
) -> None:
    plan = (await bench.wrap(folder, spec().name, actor=ASSISTANT)).plan
    assert plan
    await bench.review.decide(plan.id, plan.digest, "approved", "")
    seen: list[str] = []

    async def apply(door: Workbench, actor: Actor) -> None:
        seen.append((await door.review.apply(plan.id, plan.digest, actor=actor)).status)

    async with home.open() as other, anyio.create_task_group() as tasks:
        for door, actor in [(bench, ACTOR), (other, ASSISTANT), (bench, ASSISTANT)]:
            tasks.start_soon(apply, door, actor)

    assert seen == ["applied"] * 3
    done = [entry.outcome for entry in (await bench.ledger(plan=plan.id)).entries]
    assert (done.count("done"), done.count("refused")) == (3, 2)
    await bench.plans.undo(plan.id, actor=ACTOR)
    with pytest.raises(PlanUsed):
        await bench.review.apply(plan.id, plan.digest)


async def test_what_another_plan_wrote_is_committed_before_it_is_wrapped_again(
    bench: Workbench, folder: Path
) -> None:
    plan = (await bench.wrap(folder, spec().name, actor=ACTOR)).plan
    assert plan
    await approve(bench, plan.id)
    await bench.plans.apply(plan.id, actor=ACTOR)
    other = "release.shop.other"
    await bench.flags.create(spec(other), actor=ACTOR)

    with pytest.raises(PlanUncommitted) as refused:
        await bench.wrap(folder, other, actor=ACTOR)

    assert refused.value.next_step.endswith(f"flagwright undo {plan.id}")
    assert not (await bench.wrap(folder, plan.flag, actor=ACTOR)).plan
    git(folder, "commit", "-qam", "The first change")
    file = folder / "pricing.py"
    file.write_text(f"{file.read_text()}\n\ndef free() -> int:\n    return 0\n")
    assert (await bench.wrap(folder, other, actor=ACTOR)).plan


async def test_odd_text_files_keep_their_bytes_when_applied_and_undone(
    bench: Workbench, folder: Path
) -> None:
    """F4: line ends, byte order mark, encoding, tabs, no newline at the end, rights."""
    text = 'SIGN = "\xa3"\n\n\ndef price(goods):\n\tif goods:\n\t\treturn goods * 2\n\treturn 0'
    odd = {
        "crlf.py": text.replace("\n", "\r\n").encode(),
        "mark.py": text.encode("utf-8-sig"),
        "latin.py": f"# coding: latin-1\n{text}\n".encode("latin-1"),
        "bare.py": text.encode(),
    }
    git(folder, "checkout", "-q", "--", "pricing.py")
    for name, content in odd.items():
        (folder / name).write_bytes(content)
    (folder / "bare.py").chmod(0o755)
    git(folder, "add", *odd)
    git(folder, "commit", "-qm", "Odd files")
    changed = {name: content.replace(b"* 2", b"* 3") for name, content in odd.items()}
    for name, content in changed.items():
        (folder / name).write_bytes(content)
    plan = (await bench.wrap(folder, spec().name, actor=ACTOR)).plan
    assert plan
    await approve(bench, plan.id)

    await bench.plans.apply(plan.id, actor=ACTOR)

    for name, content in changed.items():
        written = (folder / name).read_bytes()
        compile(written, name, "exec")
        assert b"is_enabled" in written
        assert (written.count(b"\n") == written.count(b"\r\n")) == (name == "crlf.py")
        assert name not in ("mark.py", "latin.py") or written.startswith(content[:3])
        assert content[content.index(b"SIGN") : content.index(b"def")] in written
        assert written.endswith(content[-9:])
        assert b"* 2" in written
    assert (folder / "bare.py").stat().st_mode & 0o777 == 0o755

    await bench.plans.undo(plan.id, actor=ACTOR)

    assert {name: (folder / name).read_bytes() for name in odd} == changed


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


async def test_a_merge_that_is_under_way_is_told(bench: Workbench, folder: Path) -> None:
    await bench.flags.create(spec(), actor=ACTOR)
    git(folder, "checkout", "-q", "pricing.py")
    git(folder, "checkout", "-qb", "other")
    (folder / "pricing.py").write_text(AFTER)
    git(folder, "commit", "-qam", "Discount")
    git(folder, "checkout", "-q", "main")
    (folder / "mail.py").write_text((folder / "mail.py").read_text() + "\n\nSENT = 1\n")
    git(folder, "commit", "-qam", "Mail")
    before = await bench.score(folder, commit="HEAD", actor=ACTOR)
    git(folder, "merge", "-q", "--no-commit", "--no-ff", "other")

    score = await bench.score(folder, actor=ACTOR)
    proposal = await bench.wrap(folder, spec().name, actor=ACTOR)

    assert "a merge is under way here: what it brings is a part of this change" in proposal.notes
    assert "A merge is under way here: what it brings is a part of this change." in score.warnings
    assert not any("under way" in warning for warning in before.warnings)


async def test_what_a_branch_has_beside_uncommitted_work_is_told(
    bench: Workbench, folder: Path
) -> None:
    told = "1 commit since main is no part of this change: main...HEAD has what is committed"
    git(folder, "checkout", "-q", "-b", "topic")
    assert f"{told}." not in (await bench.score(folder, actor=ACTOR)).warnings
    (folder / "mail.py").write_text("def mail() -> bool:\n    return True\n")
    git(folder, "commit", "-qm", "Mail", "--", "mail.py")

    score = await bench.score(folder, actor=ACTOR)
    proposal = await bench.wrap(folder, spec().name, actor=ACTOR)

    assert f"{told}." in score.warnings
    assert told in proposal.notes
    assert (await bench.score(folder, revisions="main", actor=ACTOR)).warnings == ()
