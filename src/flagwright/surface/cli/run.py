"""Run one step for a command: open the workbench, answer, deliver, exit with a code."""

import json
import os
import sys
from collections.abc import Awaitable, Callable
from functools import cache
from typing import TYPE_CHECKING, NoReturn, TypeVar

import click

from flagwright.errors import FlagServerError, FlagwrightError
from flagwright.settings import Settings, from_environment
from flagwright.surface.answer import Answer

if TYPE_CHECKING:
    from flagwright.core.records.entry import Actor
    from flagwright.workbench.bench import Workbench

T = TypeVar("T")
A = TypeVar("A", bound=Answer)

DONE, REFUSED, USAGE, WAITING, SERVER = 0, 1, 2, 3, 4
"""Exit codes. USAGE is click's own: a wrong option or argument."""


@cache
def actor() -> "Actor":
    """Whoever sits at this terminal; what only reads files need not know the ledger's records."""
    from flagwright.core.records.entry import Actor

    return Actor(door="terminal")


def is_json() -> bool:
    """Whether the command that runs was asked to answer for a program."""
    context = click.get_current_context(silent=True)
    return context is not None and bool(context.meta.get("as_json"))


def settings() -> Settings:
    """Read the environment, or exit with the reason why it cannot be used."""
    try:
        return from_environment(os.environ)
    except FlagwrightError as error:
        fail(error)


def run(work: Callable[["Workbench"], Awaitable[T]]) -> T:
    """Do one piece of work on an open workbench, then tell the flag server what it is owed."""
    import anyio

    from flagwright.assembly import open_workbench

    async def whole() -> T:
        async with open_workbench(settings()) as bench:
            for torn in bench.interrupted:
                _tell(torn)
            try:
                return await work(bench)
            finally:
                await bench.deliver()

    try:
        return anyio.run(whole)
    except FlagwrightError as error:
        fail(error)


def rehearse(work: Callable[["Workbench"], Awaitable[Answer]]) -> NoReturn:
    """Do one piece of work without sending or keeping anything, and show what would be sent."""
    import anyio

    from flagwright.assembly import open_workbench
    from flagwright.surface import answers
    from flagwright.surface.cli import show_flags

    async def whole() -> answers.RehearsalAnswer:
        async with open_workbench(settings(), writes="noted") as bench:
            found = await work(bench)
            server, requests = await bench.rehearsed()
            return answers.rehearsed(found, server, requests, bench.words("terminal"))

    try:
        value = anyio.run(whole)
    except FlagwrightError as error:
        fail(error)
    answer(value, show_flags.rehearsed)
    sys.exit(DONE)


def fail(error: FlagwrightError) -> NoReturn:
    """Show the fact and the next step; exit 4 when the flag server is at fault, else 1."""
    if is_json():
        answer = {"status": "error", "message": error.fact, "next_step": error.next_step}
        click.echo(json.dumps(answer | {"code": error.code}))
    else:
        _tell(error)
    sys.exit(SERVER if isinstance(error, FlagServerError) else REFUSED)


def _tell(error: FlagwrightError) -> None:
    from flagwright.core.patch import visible

    click.secho(f"{error.code}: ", fg="red", bold=True, err=True, nl=False)
    click.echo(visible(error.fact), err=True)
    click.echo(f"Next: {visible(error.next_step)}", err=True)


def answer(value: A, show: Callable[[A], None]) -> None:
    """Print an answer for a program or for a person."""
    if is_json():
        click.echo(value.model_dump_json(exclude_none=True))
    else:
        show(value)
        if value.next_step:
            click.secho(f"Next: {value.next_step}", dim=True)
