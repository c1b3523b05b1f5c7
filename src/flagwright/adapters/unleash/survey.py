"""Ask what only a look over many flags needs: lifetimes, full rollouts, projects, traffic."""

from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from datetime import datetime

import anyio
from pydantic import ValidationError

from flagwright.adapters.unleash.address import parts
from flagwright.adapters.unleash.detail import detail
from flagwright.adapters.unleash.flag import odd
from flagwright.adapters.unleash.wire import Wire
from flagwright.core.flag import FlagEvent
from flagwright.core.rollout import reach
from flagwright.core.stale import Asking
from flagwright.errors import FlagUnknown

AT_ONCE = 4
EVENTS = (
    "feature-created",
    "feature-environment-enabled",
    "feature-environment-disabled",
    "feature-strategy-update",
    "feature-archived",
)
CHANGES = (
    "IS_ANY_OF:feature-environment-enabled,feature-strategy-add,feature-strategy-update,"
    "feature-strategy-remove"
)


async def lifetimes(wire: Wire) -> dict[str, int | None]:
    """Days that a flag of each type is expected to live; none: for ever."""
    rows = (await wire.get(parts("feature-types"))).get("types") or ()
    return {str(row["id"]): row.get("lifetimeDays") for row in rows}


async def unknown(wire: Wire) -> dict[str, Asking]:
    """Flags that applications asked for in the last day and that were never made."""
    try:
        rows = (await wire.get(parts("metrics", "unknown-flags"))).get("unknownFlags") or ()
        return {
            str(row["name"]): Asking(
                last_at=row["lastSeenAt"],
                applications=tuple(str(each["appName"]) for each in row.get("reports") or ()),
            )
            for row in rows
        }
    except FlagUnknown:  # a server from before it counted them
        return {}
    except (LookupError, TypeError, ValidationError) as error:
        raise odd() from error


async def full_since(wire: Wire, project: str, flags: Iterable[str]) -> dict[str, datetime]:
    """Those of some flags that are on for everybody everywhere, and their last change."""
    found: dict[str, datetime] = {}

    async def look(flag: str) -> None:
        one = await detail(wire, project, flag)
        is_full = one.environments and all(
            reach(e) >= 100 and any(not s.constraints and not s.segments for s in e.active)
            for e in one.environments
        )
        if is_full and (at := await _changed(wire, project, flag)):
            found[flag] = at

    await _each(flags, look)
    return found


async def _each(flags: Iterable[str], look: Callable[[str], Awaitable[None]]) -> None:
    """Look at some flags together, a few at once; those that are gone are left out."""
    limit = anyio.CapacityLimiter(AT_ONCE)

    async def within(flag: str) -> None:
        async with limit:
            with suppress(FlagUnknown):
                await look(flag)

    async with anyio.create_task_group() as tasks:
        for flag in flags:
            tasks.start_soon(within, flag)


async def _changed(wire: Wire, project: str, flag: str) -> datetime | None:
    query = {"project": f"IS:{project}", "feature": f"IS:{flag}", "type": CHANGES, "limit": "1"}
    rows = (await wire.get(parts("search", "events"), query)).get("events") or ()
    try:
        return datetime.fromisoformat(rows[0]["createdAt"]) if rows else None
    except (ValueError, LookupError, TypeError) as error:
        raise odd() from error


async def projects(wire: Wire) -> tuple[str, ...]:
    """Projects that the token sees."""
    rows = (await wire.get(parts("projects"))).get("projects") or ()
    return tuple(str(row["id"]) for row in rows)


async def environments(wire: Wire) -> tuple[str, ...]:
    """Environments of the server."""
    rows = (await wire.get(parts("environments"))).get("environments") or ()
    return tuple(str(row["name"]) for row in rows)


async def reaches(wire: Wire, project: str, flags: Iterable[str]) -> dict[str, int]:
    """Largest share of the users that each of some flags is on for anywhere, in percent."""
    found: dict[str, int] = {}

    async def look(flag: str) -> None:
        one = await detail(wire, project, flag)
        found[flag] = max(map(reach, one.environments), default=0)

    await _each(flags, look)
    return found


async def happened(wire: Wire, project: str) -> list[FlagEvent]:
    """The newest of what was done to the flags of a project, as the server's log says."""
    query = {"project": f"IS:{project}", "type": f"IS_ANY_OF:{','.join(EVENTS)}", "limit": "1000"}
    rows = (await wire.get(parts("search", "events"), query)).get("events") or ()
    try:
        return [
            FlagEvent(
                flag=row["featureName"],
                type=row["type"],
                environment=row.get("environment"),
                at=datetime.fromisoformat(row["createdAt"]),
                by=str(row.get("createdBy") or ""),
            )
            for row in rows
            if row.get("featureName")
        ]
    except (ValueError, LookupError, TypeError) as error:
        raise odd() from error
