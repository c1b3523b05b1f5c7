"""What a report finds out, and that it says what it could not find out."""

from datetime import timedelta
from pathlib import Path

import pytest

from flagwright.core.report import Facts
from flagwright.workbench.bench import Workbench
from flagwright.workbench.preview import Look
from tests.installation import (
    ACTOR,
    BEFORE,
    NOW,
    Installation,
    approve,
    crash,
    git,
    shop,
    spec,
)

pytestmark = pytest.mark.anyio


async def facts(bench: Workbench, *folders: Path) -> Facts:
    look = Look(NOW - timedelta(days=30), newest=50)
    return await bench.reporting.facts(folders, look, lambda *_: None)


async def test_a_report_tells_of_flags_plans_and_the_ledger(
    bench: Workbench, folder: Path, home: Installation
) -> None:
    plan = (await bench.wrap(folder, spec().name, actor=ACTOR)).plan
    assert plan
    home.clock.turn(minutes=5)
    await approve(bench, plan.id)
    await bench.plans.apply(plan.id, actor=ACTOR)
    await bench.deliver()

    found = await facts(bench, folder)

    (life,) = found.flags or ()
    assert (life.name, life.owner, life.reach) == (spec().name, "team-shop", 0)
    assert [event.type for event in life.events] == ["feature-created"]
    (decision,) = found.approvals
    assert (decision.flag, decision.tier, decision.took_s) == (spec().name, "out-of-band", 300)
    assert (found.health.wrong, found.health.owed) == ((), 0)
    assert found.health.on_server == found.health.here > 0
    assert [one.repository for one in found.previews] == ["shop"]
    assert found.notes == ()


async def test_a_report_of_a_repository_counts_nothing_of_another(
    bench: Workbench, folder: Path, tmp_path: Path
) -> None:
    other = shop(tmp_path / "other")
    (other / "only-here.txt").write_text("It has a history of its own.")
    git(other, "add", "-A")
    git(other, "commit", "-q", "--amend", "-m", "Another shop")
    (other / "pricing.py").write_text(BEFORE.replace("19", "20"))
    await bench.score(folder, actor=ACTOR)
    plan = (await bench.wrap(folder, spec().name, actor=ACTOR)).plan
    assert plan
    await approve(bench, plan.id)
    await bench.plans.apply(plan.id, actor=ACTOR)
    await bench.deliver()

    here, there = await facts(bench, folder), await facts(bench, other)

    assert [one.flag for one in here.approvals] == [spec().name]
    assert there.approvals == ()


async def test_a_report_without_a_server_or_a_repository_says_so(
    bench: Workbench, tmp_path: Path, home: Installation
) -> None:
    home.line.fault = crash

    found = await facts(bench, tmp_path)

    assert found.flags is None
    assert found.health.on_server is None
    assert found.health.here == 1
    assert [note.partition(":")[0] for note in found.notes] == [
        str(tmp_path),
        "The flag server was not asked",
        "Only the ledger of this machine was read",
    ]
