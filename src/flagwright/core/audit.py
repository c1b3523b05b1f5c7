"""Judge what the flag server bears witness of: every chain in it, and against a local copy.

Pure. A writer's chain shows what was changed, moved or put in; the copy that this
installation keeps also shows what was cut off at the end, and what was rewritten whole.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Annotated

from pydantic import AwareDatetime, Field

from flagwright.core.ledger import Problem, verify
from flagwright.core.record import Record
from flagwright.core.records.entry import LedgerEntry


class Witness(Record):
    """What one event of the server holds: an entry, or none where it cannot be read."""

    entry: LedgerEntry | None
    event: Annotated[int, Field(ge=0)]
    """Its number in the server's own order."""
    by: str
    """The user whose token wrote it, as the server says."""
    user: int = 0
    """The number of that user; not above 0 for a token that is no person's own."""
    at: AwareDatetime
    """When, by the server's clock."""
    flag: str
    """The flag on which it was written."""


class Copy(Record):
    """What an installation knows of its own chain."""

    writer: str
    entries: tuple[LedgerEntry, ...]
    """The whole chain, in the order it is kept in."""
    undelivered: frozenset[str] = frozenset()
    """Ids of those that the server is not expected to hold yet."""
    set_aside: frozenset[str] = frozenset()
    """Ids of those that the server never took."""
    again: frozenset[str] = frozenset()
    """Ids of those that were sent more than once: they may stand behind later ones."""


class Checked(Record):
    """What is wrong with the ledger, and how much of it was looked at."""

    here: int
    """Entries of this installation."""
    on_server: int | None
    """None: the server was not asked, or did not answer."""
    writers: int
    """Installations that they are of."""
    owed: int
    problems: tuple[Problem, ...] = ()
    unreadable: tuple[Witness, ...] = ()
    """Events with a link of ours that hold no entry: somebody wrote into them."""

    @property
    def wrong(self) -> tuple[str, ...]:
        """All that is wrong, on one line each."""
        return (
            *(problem.in_words() for problem in self.problems),
            *(
                f"forged: event {each.event} on {each.flag}, by {each.by}, holds no entry"
                for each in self.unreadable
            ),
        )

    @property
    def verdict(self) -> str:
        """Whether anything is wrong, and how much."""
        count = len(self.wrong)
        return f"{count} problem{'s' * (count != 1)} found" if count else "every chain is whole"


def check(held: Sequence[Witness], copy: Copy, known: Iterable[Problem]) -> Checked:
    """Judge a ledger; `known` is what is wrong with the copy in itself."""
    entries = [witness.entry for witness in held if witness.entry]
    return Checked(
        here=len(copy.entries),
        on_server=len(entries),
        writers=len({entry.writer for entry in entries}),
        owed=len(copy.undelivered),
        problems=tuple(dict.fromkeys([*known, *judge(held, copy)])),
        unreadable=tuple(witness for witness in held if witness.entry is None),
    )


def judge(held: Sequence[Witness], copy: Copy) -> tuple[Problem, ...]:
    """Name everything wrong with what a server holds, by writer and place.

    Args:
        held: All of it, in the server's order.
        copy: The chain of this installation; what it has delivered must be there, unchanged.
    """
    entries = [witness.entry for witness in held if witness.entry]
    resent = {entry.seq for entry in copy.entries if entry.id in copy.again}
    late = {(writer, seq) for writer, seq in _late(held) if writer != copy.writer or seq in resent}
    found = [
        problem
        for problem in verify(entries)
        if not (problem.writer == copy.writer and problem.kind == "missing")
        and not (problem.kind == "reordered" and (problem.writer, problem.seq) in late)
    ]
    first: dict[tuple[str, int, str], Problem] = {}
    for problem in [*found, *_against(copy, entries)]:
        first.setdefault((problem.writer, problem.seq, problem.kind), problem)
    return tuple(first[place] for place in sorted(first))


def _late(held: Sequence[Witness]) -> set[tuple[str, int]]:
    """Entries that may follow a later one because they were sent once more, after it.

    The server's clock says so; one that it wrote before what it stands behind was moved.
    """
    found, last = set(), dict[str, tuple[Witness, int]]()
    for witness in held:
        if entry := witness.entry:
            before, seq = last.get(entry.writer, (witness, 0))
            if entry.seq < seq and witness.at > before.at:
                found.add((entry.writer, entry.seq))
            last[entry.writer] = (witness, entry.seq)
    return found


def _against(copy: Copy, held: Sequence[LedgerEntry]) -> Iterator[Problem]:
    """What differs between the copy kept here and the server."""
    here = {entry.seq: entry for entry in copy.entries}
    there = Counter(e.hash for e in held if e.writer == copy.writer)
    for entry in copy.entries:
        if entry.id in copy.set_aside and not there[entry.hash]:
            yield _problem("missing", entry, "the flag server never took it: it is set aside")
    gone = [
        entry
        for entry in copy.entries
        if entry.id not in copy.undelivered | copy.set_aside and not there[entry.hash]
    ]
    for _, run in groupby(enumerate(gone), lambda one: one[1].seq - one[0]):
        first, *rest = (entry for _, entry in run)
        told = "it was delivered, and the flag server has it no more"
        if rest:
            told = f"it and the {len(rest)} after it were delivered, and the flag server has none"
        yield _problem("missing", first, told)
    for entry in held:
        if entry.writer != copy.writer:
            continue
        known = here.get(entry.seq)
        if known is None:
            yield _problem("forged", entry, "this installation never wrote it")
        elif known.hash != entry.hash:
            yield _problem("forged", entry, "this installation wrote another entry here")


def _problem(kind: str, entry: LedgerEntry, because: str) -> Problem:
    return Problem.model_validate(
        {"kind": kind, "writer": entry.writer, "seq": entry.seq, "because": because}
    )
