"""What the score knows of a project's past."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from flagwright.surface import answers
from flagwright.surface.cli import group
from flagwright.surface.cli import run as go
from flagwright.surface.cli.bars import bars

if TYPE_CHECKING:
    from flagwright.workbench import Workbench


@group.cli.group()
def risk() -> None:
    """See how well the score would have done on this project's past."""


@risk.command()
@click.option(
    "--repo",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=".",
    show_default="this folder",
    help="A repository, bare ones too.",
)
@click.option("--until", default="HEAD", help="Commit at which the past ends.")
@click.option(
    "--newest",
    type=click.IntRange(min=1),
    default=2000,
    show_default=True,
    help="Most changes to judge.",
)
@group.as_json
def backtest(repo: Path, until: str, newest: int, *, as_json: bool) -> None:
    """Say what gating the riskiest changes would have caught.

    Each change of code is scored as it was then. It did harm where a fix within two years
    had to change its lines; changes of the last year are left out.
    """
    from flagwright.surface.cli import show

    async def work(bench: "Workbench") -> answers.BacktestAnswer:
        with bars() as progress:
            found = await bench.backtest(repo, until, newest, actor=go.ACTOR, progress=progress)
        return answers.backtested(found.judged, found.commit, bench.words("terminal"))

    go.answer(go.run(work, as_json=as_json), show.backtest, as_json=as_json)
