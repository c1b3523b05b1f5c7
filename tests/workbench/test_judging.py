"""A score that waits for the past reads it and places it, and says how far it is."""

from collections import defaultdict
from pathlib import Path

import anyio
import pytest

from flagwright.workbench.bench import Workbench
from flagwright.workbench.learn import LEAST
from tests.installation import ACTOR, git

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
