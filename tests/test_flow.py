"""The main job from end to end, and what the flag server holds when it is done."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion

from flagwright.core.ledger import verify
from flagwright.core.records.entry import LedgerEntry
from flagwright.core.trail import Trail
from flagwright.errors import FlagDiffers, NameRefused, PlanUsed
from flagwright.workbench.bench import Workbench
from tests.installation import ACTOR, AFTER, ASSISTANT, Installation, approve, shop, spec

pytestmark = pytest.mark.anyio

FLAG = "release.shop.discount"
MOVING = {"hash", "prev", "policy"}
"""Digests that hold the folder of this run or the words of today's policies."""


async def played(home: Installation, bench: Workbench, folder: Path) -> dict[str, str]:
    """Take every step of the main job; the texts of the changed file on the way."""
    seen: dict[str, str] = {}

    def look(when: str) -> None:
        seen[when] = (folder / "pricing.py").read_text()
        home.clock.turn(minutes=1)

    await bench.score(folder, actor=ASSISTANT)
    with pytest.raises(NameRefused):
        await bench.flags.create(spec("VolumeDiscount"), actor=ASSISTANT)
    look("scored")
    made, how = await bench.flags.create(spec(), actor=ASSISTANT)
    assert how == "created"
    assert await bench.flags.create(spec(), actor=ASSISTANT) == (made, "exists")
    with pytest.raises(FlagDiffers):
        await bench.flags.create(spec(description="Another one"), actor=ASSISTANT)
    look("created")
    wrapping = (await bench.wrap(folder, FLAG, actor=ASSISTANT)).plan
    assert wrapping
    look("proposed")
    for _ in range(3):
        assert (await bench.plans.apply(wrapping.id, actor=ASSISTANT)).status == "awaiting-approval"
    look("awaiting")
    await approve(bench, wrapping.id)
    look("approved")
    assert (await bench.plans.apply(wrapping.id, actor=ASSISTANT)).status == "applied"
    look("wrapped")
    with pytest.raises(PlanUsed):
        await bench.plans.apply(wrapping.id, actor=ASSISTANT)
    await bench.plans.undo(wrapping.id, actor=ACTOR)
    look("undone")
    again = (await bench.wrap(folder, FLAG, actor=ASSISTANT)).plan
    assert again
    await approve(bench, again.id)
    await bench.plans.apply(again.id, actor=ASSISTANT)
    look("wrapped again")
    retirement = (await bench.retire(folder, FLAG, "on", actor=ASSISTANT)).plan
    assert retirement
    await approve(bench, retirement.id)
    await bench.plans.apply(retirement.id, actor=ASSISTANT)
    look("retired")
    return seen


async def test_the_whole_flow(
    home: Installation, tmp_path: Path, snapshot: SnapshotAssertion
) -> None:
    folder = shop(tmp_path / "shop")
    async with home.open() as bench:
        seen = await played(home, bench, folder)
        await bench.deliver()
        held = await bench.audit.show_server(Trail(), limit=100)
        page = await bench.ledger(limit=100)

    assert verify(held) == ()
    assert (page.recorded, page.delivered, page.owed) == (len(held), len(held), 0)
    assert {tuple(e.subject.paths) for e in held if e.plan} == {("pricing.py",)}
    assert seen.pop("retired") == AFTER
    assert seen["wrapped again"] == seen["wrapped"]
    for when in ("scored", "created", "proposed", "awaiting", "approved", "undone"):
        assert seen.pop(when) == AFTER
    assert seen.pop("wrapped") == snapshot(name="wrapped file")
    assert readable(held) == snapshot(name="ledger")


def readable(entries: Sequence[LedgerEntry]) -> str:
    """One entry a line, plans by number."""
    plans: dict[str, str] = {}

    def line(entry: LedgerEntry) -> str:
        shown = entry.model_dump(mode="json", exclude_none=True, exclude=MOVING)
        if entry.plan:
            shown["plan"] = plans.setdefault(entry.plan, f"plan {len(plans) + 1}")
        return json.dumps(shown, sort_keys=True)

    return "\n".join(line(entry) for entry in entries)
