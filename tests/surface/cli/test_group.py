"""Each command is imported when it is named, and none is forgotten."""

import subprocess
import sys
from importlib import import_module
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from flagwright.surface.cli import cli
from flagwright.surface.cli.group import MODULES

FOLDER = Path(import_module("flagwright.surface.cli").__path__[0])


def test_the_list_of_commands_is_what_the_modules_bring() -> None:
    for module in FOLDER.glob("*.py"):
        import_module(f"flagwright.surface.cli.{module.stem}")

    brought = {name: command.callback.__module__ for name, command in cli.commands.items()}

    assert cli.list_commands(click.Context(cli)) == sorted(brought)
    assert {name: module.rpartition(".")[2] for name, module in brought.items()}.items() <= {
        (name, module) for module, names in MODULES.items() for name in names
    }


def test_a_hook_waits_for_no_other_command() -> None:
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "flagwright", "policy", "lint"],
        capture_output=True,
        text=True,
        check=False,
    )

    imported = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert done.returncode == 0
    assert "flagwright.workbench.lint" in imported
    assert not imported & {
        "flagwright.adapters.git",
        "flagwright.adapters.store",
        "flagwright.surface.cli.score",
        "rich",
        "ssl",
    }


@pytest.mark.parametrize("command", [["score"], ["serve"], ["policy", "lint"]], ids=" ".join)
def test_a_folder_that_is_gone_is_said(
    command: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "gone"
    folder.mkdir()
    monkeypatch.chdir(folder)
    folder.rmdir()

    said = CliRunner().invoke(cli, command)

    assert said.exit_code == 1
    assert "not-a-repository: The folder that this was started in is not there" in said.output
