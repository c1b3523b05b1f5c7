"""What was done to the server's copy is named, and nothing else is."""

from collections.abc import Callable, Sequence
from datetime import timedelta

import pytest

from flagwright.core.audit import Copy, Witness, check, judge
from flagwright.core.ledger import chain, seal
from flagwright.core.records.entry import Actor, Intent, LedgerEntry, Subject
from tests.installation import NOW

WRITER, OTHER = "a1b2c3d4e5f6", "ffffffffffff"


def chained(count: int, writer: str = WRITER) -> list[LedgerEntry]:
    entries: list[LedgerEntry] = []
    for number in range(count):
        intent = Intent(
            id=f"{writer}-{number:08}",
            action="scored",
            subject=Subject(project="default", flag="release.new-tax"),
            actor=Actor(person="ada", door="terminal"),
            at=NOW,
            score=72,
        )
        last = entries[-1] if entries else None
        entries.append(chain(last, intent, writer=writer, outcome="done", at=NOW))
    return entries


def held(entries: Sequence[LedgerEntry | None]) -> list[Witness]:
    return [
        Witness(entry=entry, event=number, by="ada", at=NOW, flag="release.new-tax")
        for number, entry in enumerate(entries)
    ]


def resealed(entry: LedgerEntry, **update: object) -> LedgerEntry:
    changed = entry.model_copy(update=update)
    return changed.model_copy(update={"hash": seal(changed)})


def rewritten(entries: Sequence[LedgerEntry]) -> list[LedgerEntry]:
    """The chain of somebody who invented its second entry, and all that follow from it."""
    told: list[LedgerEntry] = [entries[0]]
    for entry in entries[1:]:
        told.append(resealed(entry, score=1.0, prev=told[-1].hash))
    return told


@pytest.mark.parametrize(
    ("spoil", "expected"),
    [
        (lambda e: e, []),
        (lambda e: [e[0], *e[2:]], [("missing", 2)]),
        (lambda e: e[:3], [("missing", 4)]),
        (lambda e: [e[0], e[1].model_copy(update={"score": 1.0}), *e[2:]], [("altered", 2)]),
        (lambda e: [e[1], e[0], *e[2:]], [("reordered", 1)]),
        (lambda e: [*e, e[4]], [("duplicated", 5)]),
        (lambda e: [*e, resealed(e[4], seq=6, prev=e[4].hash)], [("forged", 6)]),
        (
            rewritten,
            [("forged", 2), ("missing", 2), ("forged", 3), ("forged", 4), ("forged", 5)],
        ),
    ],
)
def test_what_was_done_to_our_chain_on_the_server_is_named(
    spoil: Callable[[list[LedgerEntry]], list[LedgerEntry]], expected: list[tuple[str, int]]
) -> None:
    ours = chained(5)
    copy = Copy(writer=WRITER, entries=tuple(ours))

    problems = judge(held(spoil(ours)), copy)

    assert [(problem.kind, problem.seq) for problem in problems] == expected


def test_an_entry_that_arrived_late_was_not_moved_there() -> None:
    one, two, three, four = held(chained(4))
    ours = tuple(chained(4))
    copy = Copy(writer=WRITER, entries=ours, again=frozenset({ours[1].id}))

    def behind(witness: Witness, seconds: int) -> Witness:
        return witness.model_copy(update={"event": 9, "at": NOW + timedelta(seconds=seconds)})

    assert judge([one, three, four, behind(two, 1)], copy) == ()
    (problem,) = judge([one, three, four, behind(two, -1)], copy)
    assert (problem.kind, problem.seq) == ("reordered", 2)


def test_entries_that_were_sent_once_and_changed_places_were_moved() -> None:
    one, two, three = held(chained(3))
    copy = Copy(writer=WRITER, entries=tuple(chained(3)))
    later = NOW + timedelta(seconds=1)

    swapped = [
        one,
        two.model_copy(update={"entry": three.entry}),
        three.model_copy(update={"entry": two.entry, "at": later}),
    ]

    (problem,) = judge(swapped, copy)
    assert (problem.kind, problem.seq) == ("reordered", 2)


def test_what_is_only_owed_is_not_missing() -> None:
    ours = chained(5)
    copy = Copy(writer=WRITER, entries=tuple(ours), undelivered=frozenset(e.id for e in ours[3:]))

    assert judge(held(ours[:3]), copy) == ()


def test_what_the_server_never_took_is_named() -> None:
    ours = chained(3)
    copy = Copy(writer=WRITER, entries=tuple(ours), set_aside=frozenset({ours[1].id}))

    (problem,) = judge(held([ours[0], ours[2]]), copy)

    assert (problem.kind, problem.seq) == ("missing", 2)
    assert "set aside" in problem.because


def test_the_chain_of_another_installation_is_walked_by_itself() -> None:
    theirs, copy = chained(4, OTHER), Copy(writer=WRITER, entries=())

    assert judge(held(theirs), copy) == ()
    (problem,) = judge(held([theirs[0], *theirs[2:]]), copy)
    assert (problem.writer, problem.kind, problem.seq) == (OTHER, "missing", 2)


def test_a_link_that_somebody_wrote_into_is_named() -> None:
    (odd,) = check(held([None]), Copy(writer=WRITER, entries=()), ()).unreadable

    assert (odd.event, odd.by) == (0, "ada")
