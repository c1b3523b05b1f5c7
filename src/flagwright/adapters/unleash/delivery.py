"""Write ledger entries into the server's own event log, and look which it holds.

An entry travels as a link on the flag it is about: a link's events hold it whole, cannot
be changed, and make no application fetch its flags again. Writing is at least once and
idempotent by entry; what counts is the event that was read back, because the server answers
success even where it fails to keep the event.
"""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Any

from flagwright.adapters.unleash.address import parts
from flagwright.adapters.unleash.events import HOST, Events, entries_in
from flagwright.adapters.unleash.flag import create
from flagwright.adapters.unleash.wire import Wire
from flagwright.core.ledger import is_name, to_link
from flagwright.core.records.entry import LedgerEntry
from flagwright.core.records.flag import FlagSpec
from flagwright.errors import FlagServerOdd, FlagServerRefused, FlagUnknown

TITLE = "flagwright "
EMPTY = "flagwright ledger"
AGAIN = " again"
OTHERS = 2
"""Events of other people that may have come between; of ours, as many as are looked for."""
LEDGER_FLAG = "Holds what Flagwright did without a flag. Switches nothing; do not archive."


class Delivery:
    """The way of entries to one project of a server. It remembers where our links are."""

    def __init__(self, wire: Wire, events: Events, project: str, ledger_flag: str) -> None:
        self._wire, self._events = wire, events
        self._project, self._ledger_flag = project, ledger_flag
        self._links: dict[str, str] = {}
        self._written: dict[str, str] = {}
        """The URL of each link that was not looked for yet, by its first entry."""

    async def held(self, sent: Iterable[Sequence[LedgerEntry]]) -> set[str]:
        """Ids of the entries that the server holds, of links that were sent to it.

        One look at the newest events, of one flag where all are on one, finds what was just
        written; what is not there is searched for by the first entry of its link.
        """
        links = [link for link in sent if link]
        places = {self._place(link) for link in links}
        place = places.pop() if len(places) == 1 else None
        written = {link[0].id: self._written.pop(link[0].id, link[0].id) for link in links}
        most = 2 * len(links) + OTHERS
        urls = await self._events.newest(place, {*written.values()}, most)
        found = {e.hash for link in links if written[link[0].id] in urls for e in link}
        if any(entry.hash not in found for link in links for entry in link):
            found |= {entry.hash for url in urls for entry in entries_in(url)}
        for link in links:
            for flag in filter(is_name, (link[0].subject.flag or "", self._ledger_flag)):
                if any(entry.hash not in found for entry in link):
                    found |= await self._events.hashes(flag, link[0])
        return {entry.id for link in links for entry in link if entry.hash in found}

    def _place(self, link: Sequence[LedgerEntry]) -> str:
        """The flag that a link is written on first: the one that it is about."""
        flags = {entry.subject.flag for entry in link}
        flag = flags.pop() if len(flags) == 1 else None
        return flag if flag and is_name(flag) else self._ledger_flag

    async def write(self, link: Sequence[LedgerEntry], *, again: bool = False) -> None:
        """Put entries on the flag that all are about, or on the ledger flag where none takes them.

        Args:
            link: Entries that fit one link, as `batches` cuts them.
            again: They were sent before, and nobody knows what became of them.
        """
        place = self._place(link)
        if place != self._ledger_flag:
            with suppress(FlagUnknown, FlagServerRefused):
                await self._put(place, link, again=again)
                return
        try:
            await self._put(self._ledger_flag, link, again=again)
        except FlagUnknown:
            await self._make_ledger_flag()
            await self._put(self._ledger_flag, link, again=again)

    async def write_on(self, flag: str, entry: LedgerEntry) -> None:
        """Put one entry on this flag and no other; raises where it does not take it."""
        with self._wire.in_time(writes=True):
            await self._put(flag, (entry,), again=False)

    async def _put(self, flag: str, link: Sequence[LedgerEntry], *, again: bool) -> None:
        """Replace our link on a flag, or add the first."""
        url, title = to_link(link, HOST)
        self._written[link[0].id] = url
        if not again and (known := self._links.get(flag)):
            try:
                await self._replace(flag, known, url, title)
            except FlagUnknown:
                del self._links[flag]
            else:
                return
        there = await self._find(flag) or await self._add(flag)
        with self._wire.understood():
            self._links[flag] = str(there["id"])
        if (there.get("url"), there.get("title")) == (url, title):
            if link[0].hash in await self._events.hashes(flag, link[0]):
                return
            title += AGAIN  # An equal link would leave no event.
        await self._replace(flag, self._links[flag], url, title)

    async def _find(self, flag: str) -> dict[str, Any] | None:
        """Our link on a flag; it holds the entries among the links of other people."""
        address = parts("projects", self._project, "features", flag)
        links = self._wire.rows(await self._wire.get(address), "links")
        return next((each for each in links if str(each.get("title", "")).startswith(TITLE)), None)

    async def _add(self, flag: str) -> dict[str, Any]:
        """Give a flag our link, without an entry in it: adding, made twice, adds two."""
        address = parts("projects", self._project, "features", flag, "link")
        await self._wire.send("POST", address, {"url": f"https://{HOST}", "title": EMPTY})
        if there := await self._find(flag):
            return there
        raise FlagServerOdd(
            f"The flag server did not keep a link on {flag}.",
            next_step="The record stays owed; `flagwright doctor` tests the server.",
        )

    async def _replace(self, flag: str, link: str, url: str, title: str) -> None:
        address = parts("projects", self._project, "features", flag, "link", link)
        await self._wire.send("PUT", address, {"url": url, "title": title})

    async def _make_ledger_flag(self) -> None:
        """Make the flag for what has none: of a type that never counts as overdue."""
        spec = FlagSpec(
            name=self._ledger_flag,
            type="permission",
            project=self._project,
            description=LEDGER_FLAG,
        )
        await create(self._wire, spec)
