"""A shop with a change nobody has released, an installation beside it, and a server over both."""

import os
import shutil
import subprocess
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest
from mcp.server.mcpserver import MCPServer

from flagwright.assembly import open_workbench, prompts
from flagwright.settings import Settings
from flagwright.surface.assistant import build_server
from flagwright.surface.session import Session
from flagwright.workbench.bench import Workbench

SHOP = Path(__file__).parents[2] / "examples" / "shop"
NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)

Open = Callable[[], AbstractAsyncContextManager[Workbench]]


def git(folder: Path, *arguments: str) -> None:
    command = ["git", "-c", "user.name=Ada", "-c", "user.email=ada@example.org", *arguments]
    environment = {
        "PATH": os.environ["PATH"],
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
    }
    subprocess.run(command, cwd=folder, env=environment, check=True, capture_output=True)


def committed(folder: Path) -> Path:
    git(folder, "init", "--quiet", "--initial-branch", "main")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "First")
    return folder


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A repository of the shop, with its risky change in the work tree."""
    ignored = shutil.ignore_patterns("change", "__pycache__", ".pytest_cache")
    folder = committed(shutil.copytree(SHOP, tmp_path / "shop", ignore=ignored))
    shutil.copytree(SHOP / "change", folder, dirs_exist_ok=True)
    return folder


@pytest.fixture
def greeter(tmp_path: Path) -> Path:
    """A repository with a harmless change in the work tree."""
    return greeter_in(tmp_path)


@pytest.fixture(scope="session")
def shared_greeter(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same for tests that only read it."""
    return greeter_in(tmp_path_factory.mktemp("shared"))


def greeter_in(parent: Path) -> Path:
    folder = parent / "greeter"
    folder.mkdir()
    (folder / "flags.py").write_text(
        "from UnleashClient import UnleashClient\n\nclient = UnleashClient('u', 'greeter')\n"
    )
    (folder / "old.py").write_text(
        "from flags import client\n\n\ndef old() -> bool:\n"
        '    return client.is_enabled("release.greeter.old")\n'
    )
    greet = "def greet(name: str) -> str:\n    name = name.strip()\n    return name\n"
    (folder / "greet.py").write_text(greet)
    committed(folder)
    (folder / "greet.py").write_text("def greet(name: str) -> str:\n    return name\n")
    return folder


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """An installation of a user who has configured nothing."""
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("USER", "ada")
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    return Settings(config_dir=home / "config", state_dir=home / "state", cache_dir=home / "cache")


@pytest.fixture
def low_by_dialog(settings: Settings) -> None:
    """The user lets a dialog decide plans of the lowest band."""
    shipped = (SHOP.parents[1] / "policies" / "approval.toml").read_text()
    policies = settings.config_dir / "policies"
    policies.mkdir(parents=True)
    (policies / "approval.toml").write_text(
        shipped.replace('low = "out-of-band"', 'low = "dialog"')
    )


@pytest.fixture
def open_bench(settings: Settings) -> Open:
    return partial(open_workbench, settings, clock=lambda: NOW)


@pytest.fixture
def serving(settings: Settings, open_bench: Open) -> Callable[..., MCPServer[Session]]:
    """Make a server over some roots."""

    def make(*roots: Path) -> MCPServer[Session]:
        served: Sequence[Path] = roots
        return build_server(open_bench, served, prompts(settings))

    return make
