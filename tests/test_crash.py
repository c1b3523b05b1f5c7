"""An apply that is interrupted anywhere leaves a whole tree; no race of links leads outside.

Bounded here; `python -m benchmarks.crash` and `python -m benchmarks.swap_race` take every moment.
"""

import shutil
from pathlib import Path

import pytest

from benchmarks.crash.run import crash
from benchmarks.swap_race import race


@pytest.mark.skipif(shutil.which("cc") is None, reason="the fault library needs a C compiler")
def test_an_apply_over_20_files_that_is_killed_or_fails_leaves_no_torn_tree(
    tmp_path: Path,
) -> None:
    """F2: kill -9, a failing call, a full disk; then the next start."""
    found = crash(tmp_path, files=20, every=45)

    assert found.torn == []
    assert found.ends.total() >= 3 * 3
    assert {end.partition(":")[0] for end in found.ends} == {"killed", "failed", "full"}


def test_names_that_keep_turning_into_links_lead_no_write_outside(tmp_path: Path) -> None:
    """F1: folders and files are swapped for links by other processes meanwhile."""
    found = race(tmp_path, seconds=1.5)

    assert found["outside"] == []
    assert found["outside-root"]
