"""From a change to a plan: wrap, retire."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from flagwright.core.records.plan import Convention
from flagwright.surface import answers
from flagwright.surface.cli import group
from flagwright.surface.cli import run as go

if TYPE_CHECKING:
    from flagwright.workbench.bench import Workbench


@group.cli.command()
@click.argument("flag")
@group.revisions
@group.repo
@click.option("--import", "import_line", help="How to import the flag client, one line.")
@click.option("--check", help="How to ask for the flag: an expression with {flag} in it.")
@click.option("--context", default="", help="For whom: an expression such as request.user.")
@group.as_json
def wrap(
    flag: str,
    revisions: str | None,
    repo: Path,
    import_line: str | None,
    check: str | None,
    context: str,
) -> None:
    """Plan to put a change behind a FLAG that exists. Writes no file."""
    from flagwright.surface.cli import show

    if import_line and not check:
        raise click.UsageError("--import goes with --check")
    given = Convention(import_line=import_line or "", check=check) if check else None

    async def work(bench: "Workbench") -> answers.PlanAnswer:
        proposal = await bench.wrap(
            repo, flag, revisions=revisions, convention=given, context=context, actor=go.actor()
        )
        return answers.planned("wrap", proposal, bench.words("terminal"), flag=flag)

    go.answer(go.run(work), show.proposal)


@group.cli.command()
@click.argument("flag")
@click.option("--keep", type=click.Choice(["on", "off"]), required=True, help="Side that stays.")
@click.option(
    "--finish", is_flag=True, help="The code is clean and released: archive it on the server."
)
@group.repo
@group.dry_run
@group.as_json
def retire(
    flag: str, keep: Literal["on", "off"], repo: Path, *, finish: bool, dry_run: bool
) -> None:
    """Plan to take a FLAG out of the repository's Python files. Writes no file.

    With --finish, complete and archive it on the flag server, where no code names it and no
    application asks for it any more.
    """
    from flagwright.surface.cli import show

    async def work(bench: "Workbench") -> answers.PlanAnswer:
        if finish:
            done = await bench.flags.end(flag, keep, repo, actor=go.actor())
            return answers.ended(done, bench.words("terminal"))
        proposal = await bench.retire(repo, flag, keep, actor=go.actor())
        return answers.planned("retire", proposal, bench.words("terminal"), flag=flag, keep=keep)

    if dry_run:
        if not finish:
            raise click.UsageError("--dry-run goes with --finish: a plan writes nothing anyway")
        go.rehearse(work)
    value = go.run(work)
    go.answer(value, show.proposal)
    sys.exit(go.REFUSED if value.status == "held" else go.DONE)
