"""The steps that a flag itself takes: create, find, look at one."""

import sys
from collections.abc import Awaitable, Callable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

import click

from flagwright.core.records.flag import FlagSpec, FlagType
from flagwright.core.rollout import Asked
from flagwright.core.wanted import Wanted
from flagwright.errors import BadRequest
from flagwright.surface import answers
from flagwright.surface.cli import group
from flagwright.surface.cli import run as go

if TYPE_CHECKING:
    from flagwright.workbench.bench import Workbench
    from flagwright.workbench.switching import Switched

MOST = 200
"""Flags that a list shows."""
environment = click.option("--environment", required=True, help="Like development or production.")


@group.cli.command()
@click.argument("name")
@click.option("--type", "kind", type=click.Choice(get_args(FlagType)), default="release")
@click.option("--description", default="", help="What it switches.")
@click.option("--owner", help="Team or person who answers for it.")
@click.option(
    "--expires",
    "--expires-on",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="YYYY-MM-DD",
    help="Day by which it should go.",
)
@click.option("--tag", "tags", multiple=True, metavar="TYPE:VALUE", help="Tag; repeatable.")
@click.option("--impression-data", is_flag=True, help="Let SDKs tell of each answer.")
@group.repo
@group.dry_run
@group.as_json
def create(
    name: str,
    kind: FlagType,
    description: str,
    owner: str | None,
    expires: Any,
    tags: tuple[str, ...],
    repo: Path,
    *,
    impression_data: bool,
    dry_run: bool,
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
            tags=tags,
            impression_data=impression_data,
        )
        flag, made = await bench.flags.create(spec, repo, actor=go.actor())
        similar = await bench.search.beside(flag, repo) if made == "created" else ()
        left_out = await bench.flags.left_out(repo)
        return answers.created(flag, bench.words("terminal"), made, similar, left_out)

    if dry_run:
        go.rehearse(work)
    go.answer(go.run(work), show.flag)


@group.cli.command()
@click.argument("words", nargs=-1)
@click.option("--like", help="Flags that a new one of this name, for your change, would repeat.")
@click.option("--description", default="", help="Of that new flag.")
@click.option("--owner", help="Of this team or person.")
@click.option("--tag", help="With this tag: type:value, or a value.")
@click.option("--type", "kind", type=click.Choice(get_args(FlagType)))
@click.option(
    "--state", type=click.Choice(["on", "off", "archived"]), help="On anywhere, off everywhere, ..."
)
@group.repo
@group.as_json
def find(
    words: tuple[str, ...],
    like: str | None,
    description: str,
    owner: str | None,
    tag: str | None,
    kind: FlagType | None,
    state: Literal["on", "off", "archived"] | None,
    repo: Path,
) -> None:
    """List the project's flags, or those that all the WORDS describe."""
    from flagwright.surface.cli import show_flags as show

    wanted = Wanted(
        words=" ".join(words) or None,
        like=like,
        description=description,
        owner=owner,
        tag=tag,
        type=kind,
        state=state,
    )

    async def work(bench: "Workbench") -> answers.FindAnswer:
        found = await bench.search.find(wanted, repo, limit=MOST, actor=go.actor())
        return answers.found(found, bench.words("terminal"))

    go.answer(go.run(work), show.flags)


@group.cli.command()
@click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True)
@group.repo
@group.as_json
def stale(limit: int, repo: Path) -> None:
    """List flags that are due to go, worst first, with the evidence.

    Expired or older than expected, on for everybody, not asked for, unknown to the flag server
    or archived there while code still checks them.
    """
    from flagwright.surface.cli import show_flags as show

    async def work(bench: "Workbench") -> answers.FindAnswer:
        wanted = Wanted(state="stale")
        found = await bench.search.find(wanted, repo, limit=limit, actor=go.actor())
        return answers.found(found, bench.words("terminal"), stale=True)

    go.answer(go.run(work), show.stale)


@group.cli.command("flag")
@click.argument("name")
@click.option("--detail", is_flag=True, help="Tags, links, and every place in the code.")
@group.repo
@group.as_json
def flag(name: str, repo: Path, *, detail: bool) -> None:
    """Show one flag NAME: on or off, for whom, and where the code checks it."""
    from flagwright.surface.cli import show_flags as show

    async def work(bench: "Workbench") -> answers.GetAnswer:
        most = answers.most_entries(detail=detail)
        found = await bench.flags.one(name, repo, entries=most)
        return answers.known(found, bench.words("terminal"), detail=detail)

    go.answer(go.run(work), show.known)


@group.cli.command()
@click.argument("flag_name", metavar="FLAG")
@environment
@click.option("--percent", type=int, help="Share of the users, 0 to 100.")
@click.option("--stickiness", help="What decides for each user, like userId.")
@click.option("--group", help="Rollouts of one group let in the same users.")
@click.option("--where", multiple=True, help='Constraint like "country IN de,at"; repeatable.')
@click.option("--segment", multiple=True, help="Segment by name; repeatable.")
@click.option("--variant", multiple=True, metavar="NAME=PERCENT", help="Variant; repeatable.")
@click.option(
    "--payload",
    multiple=True,
    metavar="NAME=TYPE:VALUE",
    help="What a variant carries (string, json, csv, number); repeatable.",
)
@click.option(
    "--no",
    "none",
    multiple=True,
    type=click.Choice(["where", "segment", "variant"]),
    help="None of what is there; repeatable.",
)
@group.measure
@group.dry_run
@group.as_json
def rollout(
    flag_name: str,
    environment: str,
    percent: int | None,
    stickiness: str | None,
    group: str | None,
    where: tuple[str, ...],
    segment: tuple[str, ...],
    variant: tuple[str, ...],
    payload: tuple[str, ...],
    none: tuple[str, ...],
    *,
    measure: bool,
    dry_run: bool,
) -> None:
    """Set for whom FLAG is on in one environment; replaces every rollout that is there.

    What is not given stays as it is. To let in more may need an approval.
    """
    asked = Asked(
        percent=percent,
        stickiness=stickiness,
        group=group,
        constraints=where or (() if "where" in none else None),
        segments=segment or (() if "segment" in none else None),
        variants=_shares(variant) or ({} if "variant" in none else None),
        payloads=dict(_parted(each, "--payload", "NAME=TYPE:VALUE") for each in payload),
    )

    async def work(bench: "Workbench") -> answers.SwitchAnswer:
        bench.switching.require_measure(environment, wanted=measure)
        done = await bench.switching.set_rollout(flag_name, environment, asked, actor=go.actor())
        return await _answered(bench, done, "rollout", measure=measure)

    _switched(work, dry_run=dry_run)


@group.cli.command()
@click.argument("flag_name", metavar="FLAG")
@click.argument("to", type=click.Choice(["on", "off"]))
@environment
@group.measure
@group.dry_run
@group.as_json
def switch(
    flag_name: str, to: Literal["on", "off"], environment: str, *, measure: bool, dry_run: bool
) -> None:
    """Switch FLAG on or off in one environment. Off is done at once, on may need an approval."""

    async def work(bench: "Workbench") -> answers.SwitchAnswer:
        unmeasured = ""
        try:
            bench.switching.require_measure(environment, wanted=measure)
        except BadRequest as error:
            if to == "on":
                raise
            unmeasured = error.fact
        done = await bench.switching.switch(flag_name, environment, to, actor=go.actor())
        return await _answered(
            bench, done, "switch", measure=measure and not unmeasured, unmeasured=unmeasured
        )

    _switched(work, dry_run=dry_run)


async def _answered(
    bench: "Workbench",
    done: "Switched",
    step: Literal["switch", "rollout"],
    *,
    measure: bool,
    unmeasured: str = "",
) -> answers.SwitchAnswer:
    seen = None
    if measure and done.asked_at:
        seen = await bench.switching.seen(done.flag, done.after, asked_at=done.asked_at)
    asked = await bench.flags.asked_for_nobody(done.flag, Path.cwd())
    return answers.switched(
        done,
        bench.words("terminal"),
        step=step,
        seen_after_s=seen,
        unmeasured=unmeasured,
        for_nobody=asked,
    )


def _switched(
    work: Callable[["Workbench"], Awaitable[answers.SwitchAnswer]], *, dry_run: bool
) -> None:
    from flagwright.surface.cli import show_flags as show

    if dry_run:
        go.rehearse(work)
    value = go.run(work)
    go.answer(value, show.switched)
    sys.exit(go.WAITING if value.status == "proposed" else go.DONE)


def _shares(variants: tuple[str, ...]) -> dict[str, float]:
    """Percent by name, off `NAME=PERCENT`."""
    found = {}
    for each in variants:
        name, share = _parted(each, "--variant", "NAME=PERCENT")
        try:
            found[name] = float(share)
        except ValueError:
            raise click.UsageError(f"--variant reads NAME=PERCENT, not {each}") from None
    return found


def _parted(text: str, option: str, form: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not name or not equals:
        raise click.UsageError(f"{option} reads {form}, not {text}")
    return name, value
