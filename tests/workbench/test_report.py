"""What a report finds out, and that it says what it could not find out."""

from datetime import timedelta
from pathlib import Path

import pytest

from flagwright.core.report import Facts
from flagwright.workbench.bench import Workbench
from flagwright.workbench.preview import Look
from tests.installation import ACTOR, NOW, Installation, approve, crash, spec

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
