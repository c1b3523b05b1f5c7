"""Say of the names and files of the past what other policies make of them.

Pure. A naming policy lets a name be or not, and a wrapping policy puts a file behind a flag or
passes it through, whatever a change of it scores.
"""

from collections.abc import Collection, Iterable

from flagwright.core.naming.policy import NamingPolicy, broken_rules
from flagwright.core.record import Record
from flagwright.core.records.entry import LedgerEntry
from flagwright.core.wrapping.policy import WrappingPolicy


class Counted(Record):
    """How many of some things there are, and of how many something holds before and after."""

    number: int = 0
    before: int = 0
    after: int = 0

    @property
    def moves(self) -> bool:
        """Whether an edit makes a difference."""
        return self.before != self.after


def refused(entries: Iterable[LedgerEntry], policies: tuple[NamingPolicy, NamingPolicy]) -> Counted:
    """Flags that were made here whose names a policy refuses for every type of flag."""
    made = {e.subject.flag for e in entries if e.action == "created" and e.outcome == "done"}
    names = sorted(filter(None, made))
    before, after = (sum(_is_refused(name, policy) for name in names) for policy in policies)
    return Counted(number=len(names), before=before, after=after)


def _is_refused(name: str, policy: NamingPolicy) -> bool:
    return all(broken_rules(name, policy, kind) for kind in policy.types)


def wrapped(paths: Collection[str], policies: tuple[WrappingPolicy, WrappingPolicy]) -> Counted:
    """Files that a plan puts behind a flag, going by their paths."""
    before, after = (
        sum(policy.treatment(path) == "wrapped" for path in paths) for policy in policies
    )
    return Counted(number=len(paths), before=before, after=after)
