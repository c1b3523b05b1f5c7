"""What the score knows of a project's past."""

import re
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from flagwright.surface import answers
from flagwright.surface.cli import group
from flagwright.surface.cli import run as go
from flagwright.surface.cli.bars import bars
from flagwright.surface.cli.since import Since

if TYPE_CHECKING:
    from flagwright.workbench.backtest import Backtest
    from flagwright.workbench.bench import Workbench


_repo = click.option(
    "--repo",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=".",
    show_default="this folder",
    help="A repository, bare ones too.",
)
_until = click.option("--until", default="HEAD", help="Commit at which the past ends.")


@group.cli.group()
def risk() -> None:
    """Judge the score by this project's past, and let it learn from that."""


@risk.command()
@_repo
@_until
@click.option(
    "--since",
    type=Since(),
    help="Where to begin: 2026-01-31 or 36m.",
)
@click.option(
    "--newest",
    type=click.IntRange(min=1),
    default=2000,
    show_default=True,
    help="Most changes to judge.",
)
@click.option(
    "--html",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help="Draw it on a page, too.",
)
@group.as_json
def backtest(
    repo: Path, until: str, since: datetime | None, newest: int, html: Path | None
) -> None:
    """Say what gating the riskiest changes would have caught.

    Each change of code is scored as it was then. It did harm where a fix within two years
    had to change its lines; changes of the last year are left out.
    """
    from flagwright.surface.cli import show

    oldest = int(since.timestamp()) if since else 0

    async def work(bench: "Workbench") -> "tuple[Backtest, answers.BacktestAnswer]":
        with bars() as progress:
            found = await bench.hindsight.backtest(
                repo, until, newest, oldest, actor=go.actor(), progress=progress
            )
        return found, answers.backtested(found.judged, found.commit, bench.words("terminal"))

    found, answer = go.run(work)
    if html:
        from flagwright.core.report.gating import page

        drawn = page(found.judged, name=repo.resolve().name, commit=found.commit)
        html.write_text(drawn, encoding="utf-8")
    go.answer(answer, show.backtest)


@risk.command()
@_repo
@_until
@click.option(
    "--name",
    help="The weights are written as policies/weights-NAME.toml of your configuration.",
    show_default="the folder's",
)
@group.as_json
def fit(repo: Path, until: str, name: str | None) -> None:
    """Learn from this project's own past, and keep it if it predicts more.

    Its fixes say which changes did harm. What was learned is tried on the newest three fifths of
    the changes, each not seen by what judges it; weights that do not tell harm better there are not
    written. They tell harm alone, so unfamiliarity, which tells reverts, counts half as much.
    """
    from flagwright.surface.cli import show

    called = re.sub(r"[^a-z0-9]+", "-", (name or repo.resolve().name).lower()).strip("-")[:40]
    if not called:
        raise click.UsageError("--name has to hold a letter or a digit")

    async def work(bench: "Workbench") -> answers.FitAnswer:
        with bars() as progress:
            learned, file = await bench.hindsight.learn(
                repo, until, called, actor=go.actor(), progress=progress
            )
        return answers.fitted(learned, file, bench.words("terminal"))

    go.answer(go.run(work), show.fit)
