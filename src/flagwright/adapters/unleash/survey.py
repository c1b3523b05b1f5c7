"""Ask what only a look over many flags needs: lifetimes, full rollouts, projects, traffic."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any

import anyio
from pydantic import ValidationError

from flagwright.adapters.unleash.address import parts
from flagwright.adapters.unleash.detail import detail
from flagwright.adapters.unleash.flag import odd
from flagwright.adapters.unleash.wire import Wire, together
from flagwright.core.flag import FlagEvent
from flagwright.core.rollout import reach
from flagwright.core.stale import Asking
from flagwright.errors import FlagUnknown

AT_ONCE = 4
EVENTS = (
    "feature-created",
    "feature-environment-enabled",
    "feature-environment-disabled",
    "feature-strategy-add",
    "feature-strategy-update",
    "feature-strategy-remove",
    "feature-archived",
)
CHANGES = (
    "IS_ANY_OF:feature-environment-enabled,feature-strategy-add,feature-strategy-update,"
    "feature-strategy-remove"
)


class Survey:
    """All flags of one project, and what the server says beside them."""

    def __init__(self, wire: Wire, project: str) -> None:
        self._wire, self._project = wire, project

    async def lifetimes(self) -> dict[str, int | None]:
        """Days that a flag of each type is expected to live; none: for ever."""
        rows = await self._rows("types", "feature-types")
        with self._wire.understood():
            days = {str(row["id"]): row.get("lifetimeDays") for row in rows}
            return {kind: None if most is None else int(most) for kind, most in days.items()}

    async def unknown(self) -> dict[str, Asking]:
        """Flags that applications asked for in the last day and that were never made."""
        try:
            rows = await self._rows("unknownFlags", "metrics", "unknown-flags")
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

    async def full_since(self, flags: Iterable[str]) -> dict[str, datetime]:
        """Those of some flags that are on for everybody everywhere, and their last change."""
        found: dict[str, datetime] = {}

        async def look(flag: str) -> None:
            with self._wire.understood():
                one = await detail(self._wire, self._project, flag)
            is_full = one.environments and all(
                reach(e) >= 100 and any(not s.constraints and not s.segments for s in e.active)
                for e in one.environments
            )
            if is_full and (at := await self._changed(flag)):
                found[flag] = at

        await _each(flags, look)
        return found

    async def _changed(self, flag: str) -> datetime | None:
        rows = await self._events({"feature": f"IS:{flag}", "type": CHANGES, "limit": "1"})
        try:
            return datetime.fromisoformat(rows[0]["createdAt"]) if rows else None
        except (ValueError, LookupError, TypeError) as error:
            raise odd() from error

    async def projects(self) -> tuple[str, ...]:
        """Projects that the token sees."""
        rows = await self._rows("projects", "projects")
        with self._wire.understood():
            return tuple(str(row["id"]) for row in rows)

    async def environments(self) -> tuple[str, ...]:
        """Environments of the server."""
        rows = await self._rows("environments", "environments")
        with self._wire.understood():
            return tuple(str(row["name"]) for row in rows)

    async def reaches(self, flags: Iterable[str]) -> dict[str, int]:
        """Largest share of the users that each of some flags is on for anywhere, in percent."""
        found: dict[str, int] = {}

        async def look(flag: str) -> None:
            with self._wire.understood():
                one = await detail(self._wire, self._project, flag)
            found[flag] = max(map(reach, one.environments), default=0)

        await _each(flags, look)
        return found

    async def happened(self) -> list[FlagEvent]:
        """The newest of what was done to the flags of a project, as the server's log says."""
        rows = await self._events({"type": f"IS_ANY_OF:{','.join(EVENTS)}", "limit": "1000"})
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

    async def _events(self, query: Mapping[str, str]) -> Sequence[dict[str, Any]]:
        asked = {"project": f"IS:{self._project}", **query}
        return await self._rows("events", "search", "events", query=asked)

    async def _rows(
        self, name: str, *path: str, query: Mapping[str, str] | None = None
    ) -> Sequence[dict[str, Any]]:
        return self._wire.rows(await self._wire.get(parts(*path), query), name)


async def _each(flags: Iterable[str], look: Callable[[str], Awaitable[None]]) -> None:
    """Look at some flags together, a few at once; those that are gone are left out."""
    limit = anyio.CapacityLimiter(AT_ONCE)

    async def within(flag: str) -> None:
        async with limit:
            with suppress(FlagUnknown):
                await look(flag)

    await together(*map(within, flags))
