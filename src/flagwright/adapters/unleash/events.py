"""Read ledger entries back from the server's event log, with what the server says of each."""

from collections.abc import AsyncIterator, Set
from datetime import UTC, datetime, timedelta
from typing import Any

import anyio
from pydantic import ValidationError

from flagwright.adapters.unleash.address import parts
from flagwright.adapters.unleash.wire import Wire
from flagwright.core.audit import Witness
from flagwright.core.ledger import from_url
from flagwright.core.records.entry import LedgerEntry
from flagwright.errors import FlagServerBusy, FlagServerOdd, RecordUnreadable

HOST = "flagwright.invalid"
"""Stands in every link; the name can never be anybody's."""
FIRST_PAGE, LARGEST_PAGE = 8, 800
"""Events. One may hold 120 kB, and a page must come in time through a slow line, too."""
A_PAGE = 400_000
"""Characters of links that a page should have."""
KINDS = "IS_ANY_OF:feature-link-added,feature-link-updated"


class Events:
    """The event log of one project, as far as it holds entries."""

    def __init__(self, wire: Wire, project: str) -> None:
        self._wire, self._project = wire, project

    async def newest(self, flag: str | None, sought: Set[str], count: int) -> set[str]:
        """URLs in the newest events: in so many, or until all that are sought came."""
        found: set[str] = set()
        if sought:
            first = min(len(sought) + 1, FIRST_PAGE)
            async for event in self._events(flag, first=first):
                found.add(url_of(event))
                count -= 1
                if count <= 0 or found >= sought:
                    break
        return found

    async def hashes(self, flag: str, sought: LedgerEntry) -> set[str]:
        """Hashes of the entries in the events of a flag that mention one of them.

        Only of those since the day before it was made: looking through a whole log takes its time.
        """
        return {
            entry.hash
            async for event in self._events(flag, sought.id, since=_day_before(sought.at))
            for entry in entries_of(event)
        }

    async def read(self, flag: str | None = None, *, limit: int = 100) -> tuple[LedgerEntry, ...]:
        """The newest entries that the server holds, oldest first, each once.

        Args:
            flag: Only what was recorded on this flag; none: on any flag of the project.
        """
        found: dict[str, LedgerEntry] = {}
        async for event in self._events(flag):
            for entry in reversed(entries_of(event)):
                found.setdefault(entry.hash, entry)
            if len(found) >= limit:
                break
        return tuple(reversed(list(found.values())[:limit]))

    async def witnessed(self, entry_id: str, flag: str, made: datetime) -> tuple[Witness, ...]:
        """Every event that added the entry with this id, made then, with who wrote it.

        It is looked for on its flag, and only where that has none, on all: that takes longer.
        """
        since = _day_before(made)
        with self._wire.in_time(writes=False):
            for place in (flag, None):
                found = [
                    witness
                    async for event in self._events(place, entry_id, since=since)
                    if url_of(event).startswith(f"https://{HOST}/")
                    for witness in _witnessed(event)
                    if witness.entry and witness.entry.id == entry_id
                ]
                if found:
                    return tuple(found)
        return ()

    async def witnesses(
        self, flag: str | None = None, *, since: datetime | None = None
    ) -> tuple[Witness, ...]:
        """Everything of ours that the server holds, oldest first, as often as it holds it.

        Args:
            since: Nothing that was written on an earlier day.

        Raises:
            FlagServerOdd: If an event has not the form that Unleash gives it.
        """
        seen: dict[int, tuple[Witness, ...]] = {}
        day = _day_before(since) if since else None
        async for event in self._events(flag, since=day, waits=True):
            if not url_of(event).startswith(f"https://{HOST}/r/"):
                continue
            try:
                seen.setdefault(int(event["id"]), _witnessed(event))
            except (LookupError, TypeError, ValueError, ValidationError) as error:
                raise FlagServerOdd(
                    "The flag server described an event in a form that is not Unleash's.",
                    next_step="Check FLAGWRIGHT_UNLEASH_URL; Unleash 7.4 and newer are supported.",
                ) from error
        return tuple(one for number in sorted(seen) for one in seen[number])

    async def _events(
        self,
        flag: str | None = None,
        word: str | None = None,
        *,
        since: str | None = None,
        waits: bool = False,
        first: int = FIRST_PAGE,
    ) -> AsyncIterator[dict[str, Any]]:
        """Link events, newest first, page by page; one that moved to the next page comes twice.

        Args:
            waits: Whether to come back when a busy server says so, instead of raising.
            first: Events of the first page.
        """
        query = self._query(flag, word) | ({"from": since} if since else {})
        seen, size = 0, first
        while True:
            try:
                page = await self._page(query, seen, size)
            except FlagServerBusy as busy:
                if not waits or busy.retry_after_s is None:
                    raise
                await anyio.sleep(busy.retry_after_s)
                continue
            for event in page:
                yield event
            seen += len(page)
            if len(page) < size:
                return
            chars = sum(len(url_of(event)) for event in page)
            size = max(1, min(2 * size, LARGEST_PAGE, size * A_PAGE // max(chars, 1)))

    async def _page(self, query: dict[str, str], offset: int, limit: int) -> list[dict[str, Any]]:
        part = {"offset": str(offset), "limit": str(limit)}
        page = await self._wire.get(parts("search", "events"), query | part)
        return self._wire.rows(page, "events")

    def _query(self, flag: str | None, word: str | None) -> dict[str, str]:
        asked = {"feature": f"IS:{flag}" if flag else "", "query": word or ""}
        query = {"project": f"IS:{self._project}", "type": KINDS}
        return query | {name: value for name, value in asked.items() if value}


def _day_before(at: datetime) -> str:
    """A filter for what cannot be older, whatever the clocks say."""
    return f"{at.astimezone(UTC) - timedelta(days=1):IS:%Y-%m-%d}"


def _witnessed(event: dict[str, Any]) -> tuple[Witness, ...]:
    """What an event bears witness of: its entries, or that it holds none that can be read."""
    said = {
        "event": event["id"],
        "by": str(event["createdBy"]),
        "user": int(event.get("createdByUserId") or 0),
        "at": event["createdAt"],
        "flag": str(event["featureName"]),
    }
    entries = entries_of(event)
    return tuple(Witness.model_validate(said | {"entry": entry}) for entry in entries or (None,))


def entries_of(event: dict[str, Any]) -> tuple[LedgerEntry, ...]:
    """The entries an event added: those in its data, never those in what was before."""
    return entries_in(url_of(event))


def entries_in(url: str) -> tuple[LedgerEntry, ...]:
    """The entries that a link holds; none where it is not ours, or cannot be read."""
    if not url.startswith(f"https://{HOST}/r/"):
        return ()
    try:
        return from_url(url)
    except RecordUnreadable:
        return ()


def url_of(event: dict[str, Any]) -> str:
    """The link that an event left."""
    data = event.get("data")
    return str(data.get("url", "")) if isinstance(data, dict) else ""
