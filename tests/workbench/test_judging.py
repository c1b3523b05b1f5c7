"""A score that waits for the past reads it and places it, and says how far it is."""

from collections import defaultdict
from pathlib import Path

import anyio
import pytest

from flagwright.surface.answers import scored
from flagwright.workbench.bench import Workbench
from flagwright.workbench.learn import LEAST
from tests.installation import ACTOR, approve, git, spec

pytestmark = pytest.mark.anyio


async def test_whoever_waits_is_told_of_reading_and_of_scoring(
    bench: Workbench, folder: Path
) -> None:
    for number in range(LEAST):
        await anyio.Path(folder / "pricing.py").write_text(f"PRICE = {number}\n")
        git(folder, "commit", "-qam", f"Change {number}")
    await anyio.Path(folder / "pricing.py").write_text("PRICE = 'free'\n")
    heard = defaultdict[str, list[tuple[int, int]]](list)

    found = await bench.score(
        folder, wait=True, actor=ACTOR, progress=lambda title, *far: heard[title].append(far)
    )

    assert found.compared_with == "project"
    assert [*heard] == ["Reading", "Scoring"]
    for moments in heard.values():
        assert moments == sorted(moments)
        assert moments[-1][0] == moments[-1][1] >= LEAST


async def test_whoever_does_not_wait_is_told_that_others_stand_in_for_its_own_changes(
    bench: Workbench, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("flagwright.workbench.judging.AT_ONCE_S", 0)
    monkeypatch.setattr("flagwright.workbench.learn.SCALED", LEAST)
    for number in range(LEAST + 1):
        await anyio.Path(folder / "pricing.py").write_text(f"PRICE = {number}\n")
        git(folder, "commit", "-qam", f"Change {number}")
    waited = await bench.score(folder, commit="HEAD", wait=True, actor=ACTOR)
    await anyio.Path(folder / "pricing.py").write_text("PRICE = 'free'\n")
    git(folder, "commit", "-qam", "Free")

    found = await bench.score(folder, commit="HEAD", actor=ACTOR)
    answer = scored(found, bench.words("terminal"), most=None, has_history=True)
    again = await bench.score(folder, commit="HEAD", wait=True, actor=ACTOR)

    assert (waited.compared_with, waited.is_unplaced) == ("project", False)
    assert (found.knows_past, found.compared_with, found.is_unplaced) == (True, "shipped", True)
    assert "of changes in other projects" in answer.message
    assert answer.message.endswith("--wait does that first, once.")
    assert (again.score, again.compared_with) == (found.score, "project")


@pytest.mark.parametrize("is_asked", [True, False])
async def test_code_for_which_nothing_asks_is_not_said_to_wait(
    bench: Workbench, folder: Path, *, is_asked: bool
) -> None:
    if not is_asked:
        new = "def refund(goods: int) -> int:\n    return goods * 19 // 119\n"
        text = await anyio.Path(folder / "mail.py").read_text()
        git(folder, "checkout", "-q", "pricing.py")
        await anyio.Path(folder / "mail.py").write_text(f"{text}\n\n{new}")
    await bench.flags.create(spec(), actor=ACTOR)
    plan = (await bench.wrap(folder, spec().name, actor=ACTOR)).plan
    assert plan
    await approve(bench, plan.id)
    await bench.plans.apply(plan.id, actor=ACTOR)

    found = await bench.score(folder, actor=ACTOR)

    assert (found.verdict, found.flags) == ("already-flagged", (spec().name,))
    assert found.because.startswith("Every changed line runs under") is is_asked
    assert found.because.startswith(f"Nothing asks for the flag {spec().name}") is not is_asked
