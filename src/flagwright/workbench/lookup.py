"""Read a flag by the name that was given, where another may have been meant."""

from contextlib import suppress

import anyio

from flagwright.adapters.unleash import Unleash
from flagwright.core.flag import FlagDetail
from flagwright.core.ledger import is_name
from flagwright.core.records.flag import FlagState
from flagwright.core.stale import NOT_THERE
from flagwright.errors import FlagServerError, FlagUnknown, FlagwrightError

STATE_S = 1
NEAR = 80
"""From here on, of 100, a name was meant to be another."""


async def look_up(unleash: Unleash, name: str, *, may_create: bool = True) -> FlagDetail:
    """A flag, an archived one too.

    Args:
        may_create: Whether a new flag could be what was meant: one to take out of code is none.

    Raises:
        FlagUnknown: If there is none; its next step names the flag that was meant, or how to
            look for it.
    """
    if not is_name(name):
        raise FlagUnknown(
            f"{name[:80]!r} is no name of a flag.",
            next_step="It has up to 100 letters from a to z, digits, and . _ ~ - in it.",
        )
    try:
        return await unleash.detail(name)
    except FlagUnknown as error:
        raise FlagUnknown(
            error.fact, next_step=await _instead(unleash, name, may_create)
        ) from error


def require_named(name: str) -> None:
    """Raise FlagUnknown for a name of nothing: it would be found everywhere."""
    if not name.strip():
        raise FlagUnknown(
            f"{name[:80]!r} is no name of a flag.", next_step="Name the flag to take out."
        )


async def look_up_living(unleash: Unleash, name: str) -> FlagDetail:
    """The same; raises FlagUnknown for an archived one, too: nothing may bring it back."""
    detail = await look_up(unleash, name)
    if detail.flag.archived:
        raise FlagUnknown(
            f"{name} is archived.",
            next_step="Its name stays taken: choose another one, or revive it on the flag server.",
        )
    return detail


async def require_living(unleash: Unleash, name: str) -> None:
    """Raises FlagUnknown where the server says at once that no code may ask for a flag."""
    with anyio.move_on_after(STATE_S), suppress(FlagServerError):
        await look_up_living(unleash, name)


async def require_known(unleash: Unleash, name: str) -> None:
    """Raises FlagUnknown where the server says that a flag to take out never was."""
    with suppress(FlagServerError):
        await look_up(unleash, name, may_create=False)


async def state_at_once(unleash: Unleash, name: str) -> FlagState | None:
    """Where a flag is on, as far as the server says so at once; nowhere where it has none."""
    with anyio.move_on_after(STATE_S), suppress(FlagwrightError):
        try:
            return await unleash.state(name)
        except FlagUnknown:
            return FlagState(name=name, type=NOT_THERE, project="")
    return None


async def _instead(unleash: Unleash, name: str, may_create: bool) -> str:  # noqa: FBT001 # of its caller
    from rapidfuzz import process

    names = [flag.name for flag in await unleash.flags(archived=False)]
    near = process.extractOne(name, names, score_cutoff=NEAR)
    if near:
        return f"Did you mean {near[0]}? See all: find_flags, or flagwright find"
    create = f", or create it: create_flag, or flagwright create {name}" if may_create else ""
    return f"Look for it: find_flags, or flagwright find WORDS{create}"
