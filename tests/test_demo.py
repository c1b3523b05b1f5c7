"""The demo runs the whole main job for real, and touches nothing of the user's."""

import os
import subprocess
import sys
from pathlib import Path


def test_the_demo_runs_to_its_end_and_leaves_the_users_own_state_alone(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    folders = {f"XDG_{kind}_HOME": str(home / kind) for kind in ("CONFIG", "STATE", "CACHE")}
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "TMPDIR": str(tmp_path),
        "FLAGWRIGHT_UNLEASH_URL": "http://127.0.0.1:9",
        "FLAGWRIGHT_UNLEASH_TOKEN": "user:not-for-the-demo",
        **folders,
    }

    ran = subprocess.run(
        [sys.executable, "-m", "flagwright", "demo"],
        cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=180, check=False,
        stdin=subprocess.DEVNULL,
    )  # fmt: skip

    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert [path for path in tmp_path.rglob("*") if path != home] == []
    totals = [line.rpartition('"total":')[2] for line in ran.stdout.splitlines() if "GET" in line]
    assert len(totals) == 3
    assert totals[0] == totals[2] != totals[1]
    for said in (
        "name-refused",
        "Proved:",
        "awaiting-approval",
        "The files are the change again, byte for byte.",
        "retire",
    ):
        assert said in ran.stdout
