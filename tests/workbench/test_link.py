"""What is owed is cut into links: by flag, or after an outage by size."""

from datetime import UTC, datetime

from flagwright.adapters.store import Owed
from flagwright.core.ledger import START, Head, chain
from flagwright.core.records.entry import Actor, Intent, LedgerEntry, Subject
from flagwright.workbench.link import MOST_APART, cut

AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


def owed(flags: list[str]) -> list[Owed]:
    """One entry about each of these, in this order."""
    head: LedgerEntry | Head = Head(seq=0, hash=START)
    found = []
    for number, flag in enumerate(flags):
        subject, actor = Subject(project="default", flag=flag), Actor(door="terminal")
        intent = Intent(
            id=f"entry-{number:04}", action="switched", subject=subject, actor=actor, at=AT
        )
        head = chain(head, intent, writer="a" * 12, outcome="done", at=AT)
        found.append(Owed(head))
    return found


def test_a_few_entries_travel_on_the_flags_that_they_are_about() -> None:
    links = cut(owed(["one", "one", "two", "one"]))

    assert [[e.subject.flag for e in link.entries] for link in links] == [
        ["one", "one"], ["two"], ["one"],
    ]  # fmt: skip


def test_after_an_outage_the_last_entries_travel_as_those_before_them() -> None:
    flags = ["one", "two"] * MOST_APART
    first = cut(owed(flags)[:-4])

    rest = cut(owed(flags)[-4:], first)

    assert [len(first), len(rest), len(rest[0].entries)] == [1, 1, 4]
    assert len(cut(owed(flags)[-4:])) == 4
