"""Cut what is owed to the flag server into links: entries that travel together, in their order.

Entries travel on the flag that they are about, where its page on the server shows them. After
an outage that would be too many links: then those about several flags travel together, on the
ledger flag.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from flagwright.adapters.store import Owed
from flagwright.adapters.unleash import HOST
from flagwright.core.ledger import batches
from flagwright.core.records.entry import LedgerEntry

MOST_APART = 40
"""How often the flag may change from entry to entry; beyond that, all travel together."""


@dataclass(frozen=True)
class Link:
    """Entries that travel together, to the event log of one flag."""

    entries: tuple[LedgerEntry, ...]
    again: bool = False
    """They were sent before, and nobody knows what became of them."""

    @property
    def is_mixed(self) -> bool:
        """Whether its entries are about several flags."""
        return len({entry.subject.flag for entry in self.entries}) > 1

    @property
    def ids(self) -> list[str]:
        """Ids of its entries."""
        return [entry.id for entry in self.entries]

    def without(self, ids: Collection[str]) -> "Link":
        """The link without the entries that arrived."""
        left = tuple(entry for entry in self.entries if entry.id not in ids)
        return replace(self, entries=left)

    def singly(self) -> Iterator["Link"]:
        """A link for each entry."""
        return (replace(self, entries=(entry,)) for entry in self.entries)


def cut(owed: Sequence[Owed], after: Sequence[Link] = ()) -> list[Link]:
    """Links in the order of their entries; what was sent together stays together.

    An equal link changes nothing on the server, so that one which was only slow is not kept twice.

    Args:
        owed: Oldest first.
        after: Links that were cut just before: once flags are mixed, the rest is, too.
    """
    most_apart = 1 if any(link.is_mixed for link in after) else MOST_APART
    links: list[Link] = []
    for sent_with, run in groupby(owed, lambda one: one.sent_with):
        entries = [one.entry for one in run]
        by_flag = [tuple(part) for _, part in groupby(entries, lambda e: e.subject.flag)]
        is_apart = sent_with is None and len(by_flag) <= most_apart
        for part in by_flag if is_apart else [entries]:
            links += [Link(batch, again=sent_with is not None) for batch in batches(part, HOST)]
    return links
