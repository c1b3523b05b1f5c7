"""From a change to a plan: create, find, wrap, retire."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

import click

from flagwright.core.records import Convention, FlagSpec, FlagType
from flagwright.surface import answers
from flagwright.surface.cli import group
from flagwright.surface.cli import run as go

if TYPE_CHECKING:
    from flagwright.workbench import Workbench


@group.cli.command()
@click.argument("name")
@click.option("--type", "kind", type=click.Choice(get_args(FlagType)), default="release")
@click.option("--description", default="", help="What it switches.")
@click.option("--owner", help="Team or person who answers for it.")
@click.option(
    "--expires",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="YYYY-MM-DD",
    help="Day by which it should go.",
)
@group.as_json
def create(
    name: str, kind: FlagType, description: str, owner: str | None, expires: Any, *, as_json: bool
) -> None:
    """Create a feature flag, off in every environment."""
    from flagwright.surface.cli import show

    expires_on: date | None = expires.date() if expires else None

    async def work(bench: "Workbench") -> answers.CreateAnswer:
        spec = FlagSpec(
            name=name,
            type=kind,
            project=bench.project,
            description=description,
            owner=owner,
            expires_on=expires_on,
        )
        flag, new = await bench.create(spec, actor=go.ACTOR)
        return answers.created(flag, bench.words("terminal"), new=new)

    go.answer(go.run(work, as_json=as_json), show.flag, as_json=as_json)


@group.cli.command()
@click.argument("words", nargs=-1)
@click.option("--like", help="Flags with a name like this one.")
@click.option("--archived", is_flag=True, help="Archived flags instead of living ones.")
@group.as_json
def find(words: tuple[str, ...], like: str | None, *, archived: bool, as_json: bool) -> None:
    """List the project's flags, or those that all the WORDS describe."""
    from flagwright.surface.cli import show

    async def work(bench: "Workbench") -> answers.FindAnswer:
        found = await bench.find(" ".join(words), like=like, archived=archived, actor=go.ACTOR)
        return answers.found(found.flags, found.total, bench.words("terminal"))

    go.answer(go.run(work, as_json=as_json), show.flags, as_json=as_json)


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
    *,
    as_json: bool,
) -> None:
    """Plan to put a change behind a FLAG that exists. Writes no file."""
    from flagwright.surface.cli import show

    if import_line and not check:
        raise click.UsageError("--import goes with --check")
    given = Convention(import_line=import_line or "", check=check) if check else None

    async def work(bench: "Workbench") -> answers.PlanAnswer:
        proposal = await bench.wrap(
            repo, flag, revisions=revisions, convention=given, context=context, actor=go.ACTOR
        )
        return answers.planned("wrap", proposal, bench.words("terminal"))

    go.answer(go.run(work, as_json=as_json), show.proposal, as_json=as_json)


@group.cli.command()
@click.argument("flag")
@click.option("--keep", type=click.Choice(["on", "off"]), required=True, help="Side that stays.")
@group.repo
@group.as_json
def retire(flag: str, keep: Literal["on", "off"], repo: Path, *, as_json: bool) -> None:
    """Plan to take a FLAG out of the repository's Python files. Writes no file."""
    from flagwright.surface.cli import show

    async def work(bench: "Workbench") -> answers.PlanAnswer:
        proposal = await bench.retire(repo, flag, keep, actor=go.ACTOR)
        return answers.planned("retire", proposal, bench.words("terminal"))

    go.answer(go.run(work, as_json=as_json), show.proposal, as_json=as_json)
