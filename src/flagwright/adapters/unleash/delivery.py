"""Write ledger entries into the server's own event log, and read them back from there.

An entry travels as a link on the flag it is about: a link's events hold it whole, cannot
be changed, and make no application fetch its flags again. Delivery is at least once,
idempotent by entry id, and counts only when the event has been read back, because the
server answers success even where it fails to keep the event.
"""

from collections.abc import AsyncIterator, Sequence
from typing import Any

from flagwright.adapters.unleash.flag import create
from flagwright.adapters.unleash.wire import Wire, parts
from flagwright.core.ledger import batches, from_url, to_link
from flagwright.core.records import FlagSpec, LedgerEntry
from flagwright.errors import FlagServerRefused, FlagUnknown, RecordUnreadable

HOST = "flagwright.invalid"
"""Stands in every link; the name can never be anybody's."""
TITLE = "flagwright "
AGAIN = " again"
PAGE = 50
"""Events a page. An event may hold 120 kB, and a page must stay under the size limit."""
EVENTS = "IS_ANY_OF:feature-link-added,feature-link-updated"
LEDGER_FLAG = "Holds what Flagwright did without a flag. Switches nothing; do not archive."


async def record(
    wire: Wire,
    project: str,
    entries: Sequence[LedgerEntry],
    *,
    flag: str | None,
    ledger_flag: str,
) -> tuple[str, ...]:
    """Deliver entries to a flag, or to the ledger flag where there is none or it takes no link.

    Returns:
        Ids of the entries that the server was seen to hold, in the order given.
    """
    try:
        return await _deliver(wire, project, entries, flag or ledger_flag)
    except (FlagUnknown, FlagServerRefused) as error:
        if isinstance(error, FlagServerRefused) and flag is None:
            raise
    await _make_ledger_flag(wire, project, ledger_flag)
    return await _deliver(wire, project, entries, ledger_flag)


async def read(
    wire: Wire, project: str, *, flag: str | None, limit: int
) -> tuple[LedgerEntry, ...]:
    """The newest entries that the server holds, oldest first, each once.

    Args:
        flag: Only what was recorded on this flag; none: on any flag of the project.
    """
    found: dict[str, LedgerEntry] = {}
    async for event in _events(wire, project, flag):
        for entry in reversed(entries_of(event)):
            found.setdefault(entry.hash, entry)
        if len(found) >= limit:
            break
    return tuple(reversed(list(found.values())[:limit]))


async def _deliver(
    wire: Wire, project: str, entries: Sequence[LedgerEntry], flag: str
) -> tuple[str, ...]:
    """Look for each entry first, write the rest in as few links as hold them, look again."""
    held = {entry.hash for entry in entries if await _is_held(wire, project, flag, entry)}
    for batch in batches([entry for entry in entries if entry.hash not in held], HOST):
        await _write(wire, project, flag, *to_link(batch, HOST))
        held |= await _held_by(wire, project, flag, batch[0].id)
    return tuple(entry.id for entry in entries if entry.hash in held)


async def _write(wire: Wire, project: str, flag: str, url: str, title: str) -> None:
    """Replace our link on a flag, or add the first. An equal one would leave no event: vary it."""
    address = parts("projects", project, "features", flag)
    links = (await wire.get(address)).get("links") or ()
    ours = [link for link in links if str(link.get("title", "")).startswith(TITLE)]
    if not ours:
        await wire.send("POST", f"{address}/link", {"url": url, "title": title})
        return
    if (ours[0].get("url"), ours[0]["title"]) == (url, title):
        title += AGAIN
    link = parts("projects", project, "features", flag, "link", str(ours[0]["id"]))
    await wire.send("PUT", link, {"url": url, "title": title})


async def _is_held(wire: Wire, project: str, flag: str, entry: LedgerEntry) -> bool:
    return entry.hash in await _held_by(wire, project, flag, entry.id)


async def _held_by(wire: Wire, project: str, flag: str, word: str) -> set[str]:
    """Hashes of the entries in the events that mention a word."""
    held: set[str] = set()
    async for event in _events(wire, project, flag, word):
        held |= {entry.hash for entry in entries_of(event)}
    return held


async def _events(
    wire: Wire, project: str, flag: str | None, word: str | None = None
) -> AsyncIterator[dict[str, Any]]:
    """Link events, newest first, page by page."""
    query = {"project": f"IS:{project}", "type": EVENTS, "limit": str(PAGE)}
    query |= ({"feature": f"IS:{flag}"} if flag else {}) | ({"query": word} if word else {})
    seen = 0
    while True:
        page = await wire.get(parts("search", "events"), query | {"offset": str(seen)})
        events = page.get("events") or ()
        for event in events:
            yield event
        seen += len(events)
        if len(events) < PAGE:
            return


def entries_of(event: dict[str, Any]) -> tuple[LedgerEntry, ...]:
    """The entries an event added: those in its data, never those in what was before."""
    url = str((event.get("data") or {}).get("url", ""))
    if not url.startswith(f"https://{HOST}/"):
        return ()
    try:
        return from_url(url)
    except RecordUnreadable:
        return ()


async def _make_ledger_flag(wire: Wire, project: str, name: str) -> None:
    """Make the flag for what has none: of a type that never counts as overdue."""
    await create(
        wire, FlagSpec(name=name, type="permission", project=project, description=LEDGER_FLAG)
    )
