"""Write a report for people who govern releases."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from flagwright.errors import WriteFailed
from flagwright.surface.cli import group
from flagwright.surface.cli import run as go
from flagwright.surface.cli.bars import bars
from flagwright.surface.cli.policy import looks_back, repositories

if TYPE_CHECKING:
    from flagwright.core.report import Facts
    from flagwright.surface.answers.report import ReportAnswer
    from flagwright.workbench.bench import Workbench
    from flagwright.workbench.preview import Look


@group.cli.command()
@repositories
@looks_back("90d")
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    default=Path("flagwright-report.html"),
    show_default=True,
    help="The file.",
)
@group.as_json
def report(repos: tuple[Path, ...], look: "Look", out: Path) -> None:
    """Write one page about risk, flags, approvals and the ledger.

    It holds everything in itself, and says what an edit of the policies would have done to past
    changes, as `flagwright policy preview` does. A file of that name is replaced.
    """
    from flagwright.core.report.page import page
    from flagwright.surface.answers.report import reported

    async def work(bench: "Workbench") -> "tuple[Facts, Mapping[str, str]]":
        with bars() as progress:
            found = await bench.reporting.facts(repos, look, progress)
        return found, bench.words("terminal")

    facts, words = go.run(work)
    drawn = page(facts).encode()
    try:
        out.write_bytes(drawn)
    except OSError as error:
        failed = WriteFailed(
            f"{out} cannot be written: {error.strerror}.", next_step="Name another --out."
        )
        go.fail(failed)
    go.answer(reported(facts, out, len(drawn), words), _show)


def _show(answer: "ReportAnswer") -> None:
    for note in answer.notes:
        click.secho(note, fg="yellow")
    click.echo(answer.message)
