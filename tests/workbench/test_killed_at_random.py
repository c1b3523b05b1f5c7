"""kill -9 at any moment loses nothing, doubles nothing, and leaves no effect unrecorded."""

import os
import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).parents[2]


def test_a_few_lives_that_end_at_random(tmp_path: Path) -> None:
    """Of 200 lives `python -m benchmarks.kill` tells; in a process without threads, to fork."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.kill", "--rounds", "6", "--seed", "7"],
        cwd=PROJECT,
        env={"PATH": os.environ["PATH"], "TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 lost, 0 twice, 0 unrecorded, 0 wrong" in done.stdout
