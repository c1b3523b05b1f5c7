"""The guard before a release."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from flagwright.surface import answers
from flagwright.surface.cli import group
from flagwright.surface.cli import run as go

if TYPE_CHECKING:
    from flagwright.workbench.bench import Workbench


@group.cli.command("verify")
@click.option("--range", "between", metavar="A..B", required=True, help="What is to be released.")
@group.repo
@group.as_json
def verify(between: str, repo: Path) -> None:
    """Check that every flag check that a range adds is accounted for; exit 1 where one is not.

    Each needs a flag on the server and, where policies/approval.toml says so, a plan that was
    approved and applied, by the ledger as the flag server holds it: any fresh clone will do.
    """
    from flagwright.surface.cli import show

    if ".." not in between:
        raise click.UsageError(f"--range reads A..B, not {between}")

    async def work(bench: "Workbench") -> answers.ReleaseAnswer:
        found = await bench.release.judge(repo, between)
        return answers.released(found, bench.words("terminal"))

    value = go.run(work)
    go.answer(value, show.released)
    sys.exit(go.DONE if value.status == "ready" else go.REFUSED)
