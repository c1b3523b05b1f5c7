"""What assistants are told: whether it is true, and how it reads."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from flagwright.errors import FlagwrightError
from flagwright.surface.cli import group
from flagwright.surface.cli import run as go

if TYPE_CHECKING:
    from flagwright.surface.answers.prompts import PromptsAnswer


@group.cli.group()
def prompts() -> None:
    """Check and read what assistants are told."""


@prompts.command("lint")
@click.option(
    "--prompts",
    "folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="A folder to check instead of that of your configuration; policies lie beside it.",
)
@group.as_json
def lint(folder: Path | None) -> None:
    """Name every tool, argument, command and policy key in a prompt that is not there.

    Both the shipped prompts and next steps, and those of your configuration.
    """
    if folder and folder.resolve().name != "prompts":
        raise click.UsageError("--prompts names a folder that is called prompts")
    beside = folder.resolve().parent if folder else None
    from flagwright.assembly import lint_words
    from flagwright.surface.answers.prompts import worded
    from flagwright.surface.cli import show_lint
    from flagwright.surface.vocabulary import vocabulary

    try:
        settings = go.settings()
        found, words = lint_words(settings, vocabulary(group.cli), instead=beside)
    except FlagwrightError as error:
        go.fail(error)
    answer = worded(found, words)
    go.answer(answer, show_lint.words)
    sys.exit(go.DONE if answer.status == "valid" else go.REFUSED)


@prompts.command("show")
@click.argument("name", required=False)
@click.argument("values", nargs=-1, metavar="[ARGUMENT=VALUE]...")
@group.as_json
def show(name: str | None, values: tuple[str, ...]) -> None:
    """List every prompt, or show NAME as an assistant reads it."""
    from flagwright.surface.cli import show_lint

    if wrong := [each for each in values if "=" not in each]:
        raise click.UsageError(f"Write ARGUMENT=VALUE, not {wrong[0]}")
    given = dict(each.split("=", 1) for each in values)
    try:
        answer = _shown(name, given)
    except FlagwrightError as error:
        go.fail(error)
    go.answer(answer, show_lint.prompts)


def _shown(name: str | None, given: dict[str, str]) -> "PromptsAnswer":
    from flagwright.assembly import prompts as read
    from flagwright.assembly import words
    from flagwright.surface.answers.prompts import filled, listed

    settings = go.settings()
    said = words(settings)
    return filled(read(settings), name, given, said) if name else listed(read(settings), said)
