"""Begin with policies: propose the first ones from what is there."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from flagwright.surface.cli import group
from flagwright.surface.cli import run as go
from flagwright.surface.cli.bars import bars
from flagwright.surface.cli.policy import policy

if TYPE_CHECKING:
    from flagwright.surface.answers.draft import DraftAnswer
    from flagwright.workbench.bench import Workbench


@policy.command("init")
@group.repo
@click.option(
    "--own", is_flag=True, help="Write to your configuration, where anything may be said."
)
@click.option("--dry-run", is_flag=True, help="Print the files, and write none.")
@group.as_json
def init(repo: Path, *, own: bool, dry_run: bool) -> None:
    """Write a first policy from what the repository does already.

    Names come from the flags in its code and on the flag server, files from its layout and
    CODEOWNERS, thresholds from its past. Comments say where each value came from. What is looser
    than the policies above it is a comment, too. Nothing is overwritten.
    """
    from flagwright.surface.answers.draft import drafted

    async def work(bench: "Workbench") -> "DraftAnswer":
        with bars() as progress:
            found = await bench.drafting.draft(
                repo, "own" if own else "repository", is_rehearsal=dry_run, progress=progress
            )
        return drafted(found, bench.words("terminal"), written=not dry_run)

    go.answer(go.run(work), _show_whole if dry_run else _show)


def _show(answer: "DraftAnswer") -> None:
    from rich.markup import escape

    from flagwright.surface.cli.show import console

    out = console()
    for file in answer.files:
        more = f", {file.comments} as comments" if file.comments else ""
        out.print(f"[bold]{escape(file.path)}[/]  {file.counts} in force{more}")
    for note in answer.notes:
        out.print(f"[yellow]{escape(note)}[/]")
    out.print(escape(answer.message))


def _show_whole(answer: "DraftAnswer") -> None:
    from rich.markup import escape

    from flagwright.surface.cli.show import console

    out = console()
    for file in answer.files:
        out.rule(escape(file.path), align="left")
        out.print(escape(file.text), end="", highlight=False)
    _show(answer)
