"""Real repositories, made by a git that knows nothing of the person who runs the tests."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from flagwright.adapters.git import Git

Run = Callable[..., str]

ENVIRONMENT = {
    "PATH": os.environ["PATH"],
    "HOME": "/nonexistent",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_AUTHOR_NAME": "Ada",
    "GIT_AUTHOR_EMAIL": "ada@example.org",
    "GIT_AUTHOR_DATE": "2026-01-02T03:04:05Z",
    "GIT_COMMITTER_NAME": "Ada",
    "GIT_COMMITTER_EMAIL": "ada@example.org",
    "GIT_COMMITTER_DATE": "2026-01-02T03:04:05Z",
}


@pytest.fixture
def git() -> Run:
    """Run git in a folder and return what it prints."""

    def run(folder: Path, *args: str, check: bool = True) -> str:
        done = subprocess.run(
            ["git", *args],
            cwd=folder,
            env=ENVIRONMENT,
            check=check,
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            timeout=30,
        )
        return done.stdout.strip()

    return run


@pytest.fixture
def repo(tmp_path: Path, git: Run) -> Path:
    """Two commits on `main`; the work tree is clean."""
    folder = tmp_path / "repo"
    folder.mkdir()
    git(folder, "init", "-q", "-b", "main")
    (folder / "app.py").write_text("def price():\n    return 1\n")
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "one")
    (folder / "docs").mkdir()
    (folder / "docs" / "notes.txt").write_text("prices\n")
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "two")
    return folder


@pytest.fixture
def adapter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Git:
    """Our adapter, for a user without any configuration."""
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    return Git(tmp_path / "cache")
