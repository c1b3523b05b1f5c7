"""Say how familiar a change is: what happened before to the files it touches, and who makes it.

Everything is counted over what came before the change, never over what came later.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from flagwright.core.risk.measure import Touched

DAY = 86_400
_HALF_LIFE = 180 * DAY
"""After so long a fix in a file counts half."""
_RECENT = 90 * DAY
_YEAR = 365 * DAY
_NEVER = 10 * _YEAR
_FIXES, _COMMITS = 2, 10
"""Added to what an author has, of whom the first commits say little."""


class Event(NamedTuple):
    """One commit before the change; of a file, one that touched it."""

    time: int
    author: int
    is_fix: bool


class Familiarity(NamedTuple):
    """What the past says of a change, in numbers."""

    changes: float = 0
    """Past changes of the files, as a mean."""
    fixes: float = 0
    """Past fixes of the files, decayed; the sum."""
    authors: float = 0
    """Most authors of one file."""
    age_days: float = 0
    """Since the files were first changed, as a mean."""
    share: float = 0
    """The author's share of the past changes of the files."""
    experience: float = 0
    """The author's commits."""
    recent: float = 0
    """Those of the last 90 days."""
    absent_days: float = 0
    """Since the author's last commit."""
    presence: float = 0
    """The author's share of the project's latest changes."""
    unfixed_days: float = 0
    """Since the last fix in one of the files."""
    fix_share: float = 0
    """Share of fixes among the author's commits, as if there were a few more usual ones."""
    peers: Sequence["Familiarity"] = ()
    """The same of other changes of the project that came before; of them no peers."""

    @property
    def counts(self) -> tuple[float, ...]:
        """All but the peers."""
        return self[:-1]


class Past(NamedTuple):
    """What came before one change; authors are numbers."""

    time: int
    """When the change is made, in seconds since 1970."""
    author: int
    files: Mapping[str, Sequence[Event]]
    """By path as it was before the change, oldest first; of source files only."""
    own: Sequence[Event]
    """The author's commits, oldest first."""
    recent: Sequence[Event]
    """The project's latest commits that changed code or tests, newest first."""
    peers: Sequence[Familiarity] = ()
    """What came before some of the project's earlier changes."""

    @property
    def is_there(self) -> bool:
        """Whether code came before; where none did, all would seem strange."""
        return bool(self.recent)


def familiarity(files: Iterable[Touched], past: Past) -> Familiarity:
    """Count what the past holds for one change."""
    touched = [past.files.get(file.was, ()) for file in files if file.is_source]
    known = [events for events in touched if events]
    now = past.time
    every = [event for events in known for event in events]
    fixes = [event for event in every if event.is_fix]
    mine = [event for event in every if event.author == past.author]
    return Familiarity(
        changes=_mean([len(events) for events in touched]),
        fixes=sum(0.5 ** (max(now - event.time, 0) / _HALF_LIFE) for event in fixes),
        authors=max((len({e.author for e in events}) for events in known), default=0),
        age_days=_mean([_days(now, events[0].time) for events in known]),
        share=len(mine) / len(every) if every else 0,
        experience=len(past.own),
        recent=sum(now - event.time <= _RECENT for event in past.own),
        absent_days=_days(now, past.own[-1].time if past.own else now - _NEVER),
        presence=sum(event.author == past.author for event in past.recent)
        / max(len(past.recent), 1),
        unfixed_days=_days(now, max((event.time for event in fixes), default=now - _NEVER)),
        fix_share=(sum(event.is_fix for event in past.own) + _FIXES) / (len(past.own) + _COMMITS),
        peers=past.peers,
    )


def _days(now: int, then: int) -> float:
    return min(max(now - then, 0), _NEVER) / DAY


def _mean(values: Sequence[float]) -> float:
    return math.fsum(values) / len(values) if values else 0.0
