"""The steps that a flag itself takes: create, find, look at one."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import click

from flagwright.core.records import FlagSpec, FlagType
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
    from flagwright.surface.cli import show_flags as show

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
        flag, new = await bench.flags.create(spec, actor=go.ACTOR)
        return answers.created(flag, bench.words("terminal"), new=new)

    go.answer(go.run(work, as_json=as_json), show.flag, as_json=as_json)


@group.cli.command()
@click.argument("words", nargs=-1)
@click.option("--like", help="Flags with a name like this one.")
@click.option("--archived", is_flag=True, help="Archived flags instead of living ones.")
@group.as_json
def find(words: tuple[str, ...], like: str | None, *, archived: bool, as_json: bool) -> None:
    """List the project's flags, or those that all the WORDS describe."""
    from flagwright.surface.cli import show_flags as show

    async def work(bench: "Workbench") -> answers.FindAnswer:
        found = await bench.flags.find(
            " ".join(words), like=like, archived=archived, actor=go.ACTOR
        )
        return answers.found(found.flags, found.total, bench.words("terminal"))

    go.answer(go.run(work, as_json=as_json), show.flags, as_json=as_json)


@group.cli.command("flag")
@click.argument("name")
@click.option("--detail", is_flag=True, help="Tags, links, and every place in the code.")
@group.repo
@group.as_json
def flag(name: str, repo: Path, *, detail: bool, as_json: bool) -> None:
    """Show one flag NAME: on or off, for whom, and where the code checks it."""
    from flagwright.surface.cli import show_flags as show

    async def work(bench: "Workbench") -> answers.GetAnswer:
        most = answers.most_entries(detail=detail)
        found = await bench.flags.one(name, repo, entries=most)
        return answers.known(found, bench.words("terminal"), detail=detail)

    go.answer(go.run(work, as_json=as_json), show.known, as_json=as_json)
