"""Run one step for a command: open the workbench, answer, deliver, exit with a code."""

import json
import os
import sys
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, NoReturn, TypeVar

import click

from flagwright.core.records.entry import Actor
from flagwright.errors import FlagServerError, FlagwrightError
from flagwright.settings import Settings, from_environment
from flagwright.surface.answers import Answer

if TYPE_CHECKING:
    from flagwright.workbench.bench import Workbench

T = TypeVar("T")
A = TypeVar("A", bound=Answer)

ACTOR = Actor(door="terminal")

DONE, REFUSED, USAGE, WAITING, SERVER = 0, 1, 2, 3, 4
"""Exit codes. USAGE is click's own: a wrong option or argument."""


def settings(*, as_json: bool = False) -> Settings:
    """Read the environment, or exit with the reason why it cannot be used."""
    try:
        return from_environment(os.environ)
    except FlagwrightError as error:
        fail(error, as_json=as_json)


def run(work: Callable[["Workbench"], Awaitable[T]], *, as_json: bool) -> T:
    """Do one piece of work on an open workbench, then tell the flag server what it is owed."""
    import anyio

    from flagwright.assembly import open_workbench

    async def whole() -> T:
        async with open_workbench(settings(as_json=as_json)) as bench:
            for torn in bench.interrupted:
                _tell(torn)
            try:
                return await work(bench)
            finally:
                await bench.deliver()

    try:
        return anyio.run(whole)
    except FlagwrightError as error:
        fail(error, as_json=as_json)


def rehearse(work: Callable[["Workbench"], Awaitable[Answer]], *, as_json: bool) -> NoReturn:
    """Do one piece of work without sending or keeping anything, and show what would be sent."""
    import anyio

    from flagwright.assembly import open_workbench
    from flagwright.surface import answers
    from flagwright.surface.cli import show_flags

    async def whole() -> answers.RehearsalAnswer:
        async with open_workbench(settings(as_json=as_json), writes="noted") as bench:
            found = await work(bench)
            server, requests = await bench.rehearsed()
            return answers.rehearsed(found, server, requests, bench.words("terminal"))

    try:
        value = anyio.run(whole)
    except FlagwrightError as error:
        fail(error, as_json=as_json)
    answer(value, show_flags.rehearsed, as_json=as_json)
    sys.exit(DONE)


def fail(error: FlagwrightError, *, as_json: bool) -> NoReturn:
    """Show the fact and the next step; exit 4 when the flag server is at fault, else 1."""
    if as_json:
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


def answer(value: A, show: Callable[[A], None], *, as_json: bool) -> None:
    """Print an answer for a program or for a person."""
    if as_json:
        click.echo(value.model_dump_json(exclude_none=True))
    else:
        show(value)
        if value.next_step:
            click.secho(f"Next: {value.next_step}", dim=True)
