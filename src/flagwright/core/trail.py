"""Follow one thing through the ledger: a flag, a change, a plan, a person or a day."""

from collections.abc import Iterable, Iterator
from datetime import UTC, date
from typing import Annotated

from pydantic import Field

from flagwright.core.record import Record
from flagwright.core.records.entry import LedgerEntry

Digits = Annotated[str, Field(pattern=r"^[0-9a-f]{4,64}$")]
"""A digest, or a beginning of one."""


class Trail(Record):
    """What is followed; an entry belongs to it where all that is given agrees."""

    flag: str | None = None
    change: Digits | None = None
    """Its entries, and what became of the plans that were made for it."""
    plan: Digits | None = None
    person: str | None = None
    """Part of the person, the account or the assistant, in any case."""
    day: date | None = None
    """In UTC."""

    def follow(self, entries: Iterable[LedgerEntry]) -> Iterator[LedgerEntry]:
        """Those that belong to it, in the order given: the oldest first."""
        plans: set[str] = set()
        for entry in entries:
            if self.change and (entry.change or "").startswith(self.change) and entry.plan:
                plans.add(entry.plan)
            if self._is_on(entry, plans):
                yield entry

    def _is_on(self, entry: LedgerEntry, plans: set[str]) -> bool:
        """`plans` are those of the change that is followed."""
        of_change = (entry.change or "").startswith(self.change or "") or entry.plan in plans
        actor = entry.actor
        names = f"{actor.person or ''} {actor.account or ''} {actor.assistant or ''}".casefold()
        return (
            (self.flag is None or entry.subject.flag == self.flag)
            and (self.change is None or of_change)
            and (self.plan is None or (entry.plan or "").startswith(self.plan))
            and (self.person is None or self.person.casefold() in names)
            and (self.day is None or entry.at.astimezone(UTC).date() == self.day)
        )
