"""Cut what is owed to the flag server into links: entries about one flag that follow each other."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from flagwright.adapters.store import Owed
from flagwright.adapters.unleash import HOST
from flagwright.core.ledger import batches
from flagwright.core.records import LedgerEntry


@dataclass(frozen=True)
class Link:
    """Entries that travel together, to the event log of one flag."""

    entries: tuple[LedgerEntry, ...]
    flag: str | None
    again: bool
    """They were sent before, and nobody knows what became of them."""

    def without(self, ids: Collection[str]) -> "Link":
        """The link without the entries that arrived."""
        left = tuple(entry for entry in self.entries if entry.id not in ids)
        return replace(self, entries=left)

    def singly(self) -> Iterator["Link"]:
        """A link for each entry."""
        return (replace(self, entries=(entry,)) for entry in self.entries)


def cut(owed: Sequence[Owed]) -> list[Link]:
    """Links in the order of their entries; what was sent together stays together.

    An equal link changes nothing on the server, so that one which was only slow is not kept twice.
    """
    return [
        Link(batch, flag, again=sent_with is not None)
        for (flag, sent_with), run in groupby(owed, lambda o: (o.entry.subject.flag, o.sent_with))
        for batch in batches([one.entry for one in run], HOST)
    ]
