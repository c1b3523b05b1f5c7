"""The ledger: look at it, deliver what is owed, check it as the server holds it, hand it over."""

import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from flagwright.errors import BadRequest
from flagwright.surface import answers
from flagwright.surface.cli import group
from flagwright.surface.cli import run as go

if TYPE_CHECKING:
    from flagwright.core.trail import Trail
    from flagwright.workbench.bench import Workbench

about_flag = click.option("--flag", help="Entries about this flag.")
most = click.option("--limit", type=click.IntRange(1, 100_000), default=20, show_default=True)
on_server = click.option("--server", is_flag=True, help="As the flag server holds them.")


@group.cli.group(invoke_without_command=True)
@about_flag
@click.option("--plan", help="Entries about this plan.")
@most
@on_server
@group.as_json
@click.pass_context
def ledger(
    context: click.Context, flag: str | None, plan: str | None, limit: int, *, server: bool
) -> None:
    """Show what was recorded, delivered and is still owed; check it, and hand it over."""
    if context.invoked_subcommand is None:
        _show({"flag": flag, "change": None, "plan": plan, "person": None}, limit, server=server)


@ledger.command("show")
@about_flag
@click.option("--change", metavar="DIGEST", help="Entries about this change and its plans.")
@click.option("--plan", metavar="ID", help="Entries about this plan.")
@click.option("--person", help="Entries of a person, an account or an assistant; part of a name.")
@click.option("--day", type=click.DateTime(["%Y-%m-%d"]), help="Entries of this day, in UTC.")
@most
@on_server
@group.as_json
def show(
    flag: str | None,
    change: str | None,
    plan: str | None,
    person: str | None,
    day: datetime | None,
    limit: int,
    *,
    server: bool,
) -> None:
    """Follow a flag, a change, a plan, a person or a day; what is given must all agree."""
    asked = {"flag": flag, "change": change, "plan": plan, "person": person}
    _show(asked, limit, day=day, server=server)


def _show(
    asked: dict[str, str | None], limit: int, *, day: datetime | None = None, server: bool
) -> None:
    from flagwright.surface.cli import show as shown

    async def work(bench: "Workbench") -> answers.LedgerAnswer:
        plan = None if server else asked["plan"]
        digest = (await bench.plans.one(plan))[0].digest if plan else asked["plan"]
        trail = _trail({**asked, "plan": digest}, day)
        await bench.deliver(deadline_s=10)
        if server:
            held = await bench.audit.show_server(trail, limit=limit)
            return answers.ledger_on_server(held, bench.words("terminal"))
        page = await bench.audit.show(trail, limit=limit)
        return answers.ledger(page, bench.words("terminal"), about=asked["flag"] or plan)

    go.answer(go.run(work), shown.ledger)


def _trail(asked: dict[str, str | None], day: datetime | None) -> "Trail":
    from pydantic import ValidationError

    from flagwright.core.trail import Trail

    try:
        return Trail.model_validate({**asked, "day": day.date() if day else None})
    except ValidationError as error:
        name = error.errors()[0]["loc"][0]
        raise BadRequest(
            f"--{name} {asked[str(name)]!a} is no beginning of a digest: at least 4 of the digits"
            " 0-9 and a-f.",
            next_step="Copy it from: flagwright ledger --json",
        ) from error


@ledger.command("flush")
@group.as_json
def flush() -> None:
    """Deliver what is owed now; exit with 4 where the flag server does not take it all."""
    from flagwright.surface.cli import show as shown

    async def work(bench: "Workbench") -> answers.FlushAnswer:
        return answers.flushed(await bench.audit.flush(), bench.words("terminal"))

    value = go.run(work)
    go.answer(value, shown.said)
    sys.exit(go.SERVER if value.owed or value.set_aside else go.DONE)


@ledger.command("verify")
@group.as_json
def verify() -> None:
    """Check every chain as the flag server holds it, and ours against the copy kept here.

    Missing, altered, reordered, duplicated and forged entries are each named; exit 1 for any.
    """
    from flagwright.surface.cli import show as shown

    async def work(bench: "Workbench") -> answers.ChainAnswer:
        await bench.deliver(deadline_s=10)
        return answers.checked(await bench.audit.verify(), bench.words("terminal"))

    value = go.run(work)
    go.answer(value, shown.chains)
    sys.exit(go.DONE if value.status == "whole" else go.REFUSED)


@ledger.command("export")
@click.argument("folder", type=click.Path(path_type=Path))
@group.as_json
def export(folder: Path) -> None:
    """Write the evidence for an auditor into a new FOLDER: ledger.jsonl and ledger.html.

    The lines can be checked without Flagwright; exit 1 where something is wrong with them.
    """
    from flagwright.surface.cli import show as shown

    async def work(bench: "Workbench") -> answers.ExportAnswer:
        await bench.deliver(deadline_s=10)
        return answers.exported(await bench.audit.export(folder), bench.words("terminal"))

    value = go.run(work)
    go.answer(value, shown.chains)
    sys.exit(go.DONE if value.status == "exported" else go.REFUSED)
