"""Ask the person who sits at the terminal, and nobody else.

The question goes to the controlling terminal itself: input that is piped in, a process
without a terminal and one in the background are refused. The code that must be typed is
shown there only. A program that makes a terminal of its own and reads it can still forge
this; the README says so.
"""

import os
import termios
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from select import select
from typing import TYPE_CHECKING, TextIO

import anyio
from anyio import to_thread
from pydantic import SecretStr
from rich.console import Console

from flagwright.core.attestation import Signing
from flagwright.core.records.decision import Decision
from flagwright.core.records.entry import Actor
from flagwright.core.records.plan import Plan
from flagwright.errors import ApprovalRefused, FlagwrightError
from flagwright.surface.cli.show_plan import review

if TYPE_CHECKING:
    from flagwright.workbench.bench import Workbench

ACTOR = Actor(door="terminal")

GLANCE_S = 0.1
"""How often a question looks for its answer."""

SIGN_IN = (
    "Another person than the one whose token this installation works with has to approve this.\n"
    "It writes an event into the server's log in their name. They sign in with user name and\n"
    "password, or with a personal access token (in Unleash: Profile, Personal API tokens). It is\n"
    "used once, and kept nowhere."
)
_OWN_TERMINAL = "Run it in a terminal of your own, in the foreground, not through the assistant."


@contextmanager
def controlling_terminal() -> Iterator[tuple[Console, TextIO]]:
    """Open `/dev/tty` for showing and for reading.

    Raises:
        ApprovalRefused: If there is none, or this process is not in its foreground.
    """
    try:
        descriptor = os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY | os.O_CLOEXEC)
    except OSError as error:
        raise ApprovalRefused(
            "There is no terminal to ask a person in.", next_step=_OWN_TERMINAL
        ) from error
    with open(descriptor, "r+b", buffering=0) as raw:  # noqa: PTH123  a descriptor, not a path
        if not os.isatty(descriptor) or os.tcgetpgrp(descriptor) != os.getpgrp():
            raise ApprovalRefused(
                "This process is not in the foreground of its terminal.", next_step=_OWN_TERMINAL
            )
        with (
            os.fdopen(os.dup(raw.fileno()), "w", encoding="utf-8") as shown,
            os.fdopen(os.dup(raw.fileno()), "r", encoding="utf-8", errors="replace") as typed,
        ):
            yield Console(file=shown, force_terminal=True, highlight=False), typed


async def ask(out: Console, typed: TextIO, question: str) -> str | None:
    """Show a question and wait for one line, none at its end; an interrupt ends the waiting."""
    out.print(question, end=" ", markup=False)
    out.file.flush()
    while not select([typed], [], [], 0)[0]:  # noqa: ASYNC110  a terminal tells no event
        await anyio.sleep(GLANCE_S)
    line = typed.readline()
    return line.strip() if line else None


async def ask_hidden(out: Console, typed: TextIO, question: str) -> str | None:
    """As `ask`, but what is typed is not shown."""
    shown = termios.tcgetattr(typed)
    hidden = [*shown[:3], shown[3] & ~termios.ECHO, *shown[4:]]
    termios.tcsetattr(typed, termios.TCSAFLUSH, hidden)
    try:
        return await ask(out, typed, question)
    finally:
        termios.tcsetattr(typed, termios.TCSAFLUSH, shown)
        out.print()


async def attest_in_terminal(
    bench: "Workbench", plan_id: str, *, note: str
) -> tuple[Plan, Decision]:
    """Show the plan, then let another person sign in to the flag server and approve it.

    Raises:
        PlanUsed, PlanExpired, PlanStale: Before anything is shown, if nobody can approve it.
        ApprovalRefused: Without a person at a terminal, or where that person may not approve.
    """
    try:
        plan = await bench.plans.undecided(plan_id, "attested")
        await bench.plans.require_as_planned(plan)
        with controlling_terminal() as (out, typed):
            _show(plan, out, bench.review.masks)
            out.print(SIGN_IN)
            user = await ask(out, typed, "Unleash user name (Enter alone: sign in by token):")
            what = "Password" if user else "Your own Unleash token"
            secret = await ask_hidden(out, typed, f"{what} (it is not shown):")
        if user is None or not secret:
            raise _undecided(plan)
    except FlagwrightError as error:
        await bench.plans.refuse(plan_id, error, actor=ACTOR)
    signing = Signing(SecretStr(secret), user)
    decision = await bench.plans.attest(plan.id, signing, note=note, actor=ACTOR)
    return plan, decision


async def approve_in_terminal(
    bench: "Workbench", plan_id: str, *, note: str
) -> tuple[Plan, Decision]:
    """Show the plan, then a code, and record the approval when that is typed.

    Raises:
        PlanUsed, PlanExpired, PlanStale: Before anything is shown, if nobody can approve it.
        ApprovalRefused: Without a person at a terminal, or where they leave the plan
            undecided, or on a wrong or late code.
    """
    try:
        plan = await bench.plans.undecided(plan_id)
        await bench.plans.require_as_planned(plan)
        with controlling_terminal() as (out, typed):
            code = await _asked(bench, plan, out, typed)
    except FlagwrightError as error:
        await bench.plans.refuse(plan_id, error, actor=ACTOR)
    decision = await bench.plans.decide(
        plan.id, "approved", tier="out-of-band", code=code.upper(), note=note, actor=ACTOR
    )
    return plan, decision


async def _asked(bench: "Workbench", plan: Plan, out: Console, typed: TextIO) -> str:
    """What the person typed for the code, which is made once they have read the plan."""
    _show(plan, out, bench.review.masks)
    out.print("Nobody else may do this for you. Anything but what is asked leaves it undecided.")
    if await ask(out, typed, "Press Enter when you have read it:") == "":
        code = await bench.plans.challenge(plan.id)
        if answer := await ask(out, typed, f"Type {code} to approve:"):
            return answer
    raise _undecided(plan)


def _show(plan: Plan, out: Console, masks: Sequence[str]) -> None:
    """The plan; one that is longer than the window is easier to read elsewhere."""
    review(plan, out, masks)
    changed = sum(edit.patch.count("\n") for edit in plan.edits)
    if changed > out.height:
        out.print(
            f"{changed} lines of it scrolled by. To read it from its beginning: flagwright plans "
            f"{plan.id} | less, in another terminal, or flagwright review {plan.id}, on a page."
        )


def _undecided(plan: Plan) -> ApprovalRefused:
    return ApprovalRefused(
        f"Nothing was approved: plan {plan.id} is still undecided.",
        next_step=f"Decide it: flagwright approve {plan.id}, or flagwright reject {plan.id}",
    )


# --- the way in to the review page


async def let_in(bench: "Workbench", plan_id: str | None, browse: Callable[[str], object]) -> None:
    """Show the page's address and a code here, until the person has enough.

    Where another process serves the page, that is when the code is used.

    Raises:
        ApprovalRefused: Without a person at a terminal.
    """
    from flagwright.surface.review.serving import page

    plan = (await bench.plans.one(plan_id))[0] if plan_id else None
    with controlling_terminal() as (out, typed):
        async with page(bench) as (address, is_ours):
            place = f"{address}/plans/{plan.id}" if plan else f"{address}/"
            out.print(f"[bold]{place}[/]")
            out.print(
                "Open it in a browser on this machine, if none opens by itself. Ctrl-C ends this."
            )
            await to_thread.run_sync(browse, place)
            while True:
                code = await bench.review.new_code(address)
                out.print(f"Code [bold]{code}[/]: type it there, within two minutes, once.")
                if await _used(bench, address, typed) and not is_ours:
                    out.print("Signed in. The page stays open as long as the assistant's server.")
                    return
                out.print(
                    "Press Enter for another code; Ctrl-D closes the page."
                    if is_ours
                    else "Press Enter for another code, or Ctrl-D."
                )
                if not await _line(typed):
                    return


async def _used(bench: "Workbench", address: str, typed: TextIO) -> bool:
    """Wait until the code is used or too old, or the person asks for another."""
    while await bench.review.is_awaited(address):
        if select([typed], [], [], 0)[0]:
            return False
        await anyio.sleep(GLANCE_S)
    return True


async def _line(typed: TextIO) -> bool:
    """Wait for a line; false at the end of them all."""
    while not select([typed], [], [], 0)[0]:  # noqa: ASYNC110  a terminal tells no event
        await anyio.sleep(GLANCE_S)
    return bool(typed.readline())
