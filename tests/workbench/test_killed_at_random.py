"""Neither kill -9 nor a second process loses, doubles or leaves unrecorded what was done."""

import os
import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).parents[2]


def ran(folder: Path, *command: str) -> str:
    """What a benchmark says; in a process of its own without threads, to fork."""
    done = subprocess.run(
        [sys.executable, "-m", *command],
        cwd=PROJECT,
        env={"PATH": os.environ["PATH"], "TMPDIR": str(folder)},
        capture_output=True,
        text=True,
        check=False,
        timeout=180,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_a_few_lives_that_end_at_random(tmp_path: Path) -> None:
    said = ran(tmp_path, "benchmarks.kill", "--rounds", "6", "--seed", "7")

    assert "0 lost, 0 twice, 0 unrecorded, 0 wrong" in said


def test_two_processes_share_one_state_directory(tmp_path: Path) -> None:
    said = ran(tmp_path, "benchmarks.together", "--operations", "28")

    assert "0 failed or locked out" in said
    assert "28 entries, 28 on the server, 0 wrong" in said
