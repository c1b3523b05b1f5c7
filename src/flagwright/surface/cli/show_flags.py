"""Show what the flag server holds to a person."""

import json
from collections.abc import Mapping

from rich.markup import escape
from rich.table import Table

from flagwright.surface.answers import (
    CreateAnswer,
    FindAnswer,
    FlagView,
    GetAnswer,
    RehearsalAnswer,
    SwitchAnswer,
)
from flagwright.surface.cli.show import console


def flag(answer: CreateAnswer) -> None:
    """Show the flag that was made or found."""
    out = console()
    out.print(f"[bold green]{answer.status}[/] {escape(answer.message)}")
    _facts(_of(answer.flag) | {"similar": "\n".join(answer.similar)})


def flags(answer: FindAnswer) -> None:
    """List flags in a table."""
    table = Table("flag", "type", "on in", "owner", "expires", "description", box=None)
    for view in answer.flags:
        table.add_row(
            escape(view.name) + (" [dim](archived)[/]" if view.archived else ""),
            view.type,
            escape(", ".join(view.on_in)) or "[dim]off[/]",
            escape(view.owner or ""),
            view.expires_on or "",
            escape("; ".join(view.why) or view.description),
        )
    out = console()
    out.print(answer.message)
    if answer.flags:
        out.print(table)
    for name, known in (("projects", answer.projects), ("environments", answer.environments)):
        if known:
            out.print(f"[dim]{name}:[/] {escape(', '.join(known))}")


def stale(answer: FindAnswer) -> None:
    """List candidates for removal, each with its evidence."""
    out = console()
    out.print(answer.message)
    for view in answer.flags:
        owner = f", {view.owner}" if view.owner else ""
        out.print(f"[bold]{escape(view.name)}[/] [dim]({escape(view.type + owner)})[/]")
        for why in view.why:
            out.print(f"  {escape(why)}")


def known(answer: GetAnswer) -> None:
    """Show one flag whole."""
    out = console()
    out.print(f"[bold]{escape(answer.message)}[/]")
    facts = _of(answer.flag) | {"stage": answer.stage or ""}
    facts |= {name: "\n".join(getattr(answer, name)) for name in ("tags", "links")}
    facts["depends on"], facts["needed by"] = map(", ".join, (answer.depends_on, answer.needed_by))
    _facts(facts)
    for name, state in answer.environments.items():
        style = "green" if state.startswith("on") else "dim"
        out.print(f"  [{style}]{escape(name):<13}{escape(state)}[/]")
    for title, places in (("checked at", answer.checked_at), ("also at", answer.other_places)):
        _facts({title: "\n".join(places or ())})
    _facts({"recorded": "\n".join(answer.ledger)})


def _of(view: FlagView) -> dict[str, str]:
    return {
        "type": view.type,
        "owner": view.owner or "",
        "expires": view.expires_on or "",
        "description": view.description,
    }


def _facts(facts: Mapping[str, str]) -> None:
    """A line a fact; what is empty is left out."""
    table = Table(box=None, show_header=False, padding=(0, 0, 0, 2))
    table.add_column(width=11, style="dim")
    table.add_column(overflow="fold")
    for name, value in facts.items():
        if value:
            table.add_row(name, escape(value))
    if table.row_count:
        console().print(table)


def switched(answer: SwitchAnswer) -> None:
    """Say what was before, what is now, and what went."""
    out = console()
    style = {"done": "bold green", "unchanged": "dim", "proposed": "yellow"}[answer.status]
    out.print(f"[{style}]{answer.status}[/] {escape(answer.message)}")
    then = "would be" if answer.status == "proposed" else "now"
    _facts({"before": answer.before, then: answer.after, "removed": "\n".join(answer.removed)})


def rehearsed(answer: RehearsalAnswer) -> None:
    """Show requests as they would be sent."""
    out = console()
    out.print(answer.message)
    for one in answer.requests:
        out.print(f"[bold]{one.method}[/] {escape(one.url)}", soft_wrap=True)
        if one.body is not None:
            out.print(f"  {escape(json.dumps(one.body, ensure_ascii=False))}", soft_wrap=True)
