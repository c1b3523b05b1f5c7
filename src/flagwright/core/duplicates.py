"""Find flags that a new one would repeat: by name, by description, by the code around a change.

Pure. Each comes with its reason, so that a person or a model can judge it in one look.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from flagwright.core.naming.better import similar
from flagwright.core.naming.policy import NamingPolicy
from flagwright.core.place import Place
from flagwright.core.record import Record
from flagwright.core.records.change import Change, Line
from flagwright.core.records.flag import FlagState

NEAR_LINES = 40
"""A check at most so many lines from a changed line stands beside the change."""
SAME_FILE, SAME_FOLDER = 70.0, 50.0
LEAST_WORDS = 3
"""A shorter description is like too many others."""
MOST = 5


class Match(Record):
    """A flag, and why it may be the one that is wanted."""

    flag: FlagState
    why: tuple[str, ...]
    likeness: float
    """From 0 to 100; the best of its reasons."""


class Spot(Record):
    """A changed line."""

    path: str
    line: Line


def spots(change: Change) -> tuple[Spot, ...]:
    """Where a change is: the first line of each hunk."""
    return tuple(
        Spot(path=file.path, line=max(1, hunk.after_start))
        for file in change.files
        for hunk in file.hunks
    )


def near_duplicates(
    name: str,
    description: str,
    flags: Sequence[FlagState],
    policy: NamingPolicy,
    *,
    checks: Mapping[str, Sequence[Place]],
    changed: Sequence[Spot],
) -> tuple[Match, ...]:
    """Up to five flags that a new one would repeat, likeliest first; never the flag itself.

    Args:
        checks: Where code asks for each flag.
        changed: Where the change is that the new flag is for.
    """
    others = {flag.name: flag for flag in flags if flag.name != name}
    found: dict[str, list[tuple[float, str]]] = {}
    reasons = [
        *(
            (other, score, f"name {score:.0f} % alike")
            for other, score in similar(name, others, policy)
        ),
        *_described_alike(description, others, policy.similar_from),
        *_checked_near(others, checks, changed),
    ]
    for other, score, why in reasons:
        found.setdefault(other, []).append((score, why))
    matches = (
        Match(
            flag=others[other],
            why=tuple(why for _, why in sorted(known, reverse=True)),
            likeness=max(score for score, _ in known),
        )
        for other, known in found.items()
    )
    return tuple(sorted(matches, key=lambda m: (-m.likeness, -len(m.why), m.flag.name))[:MOST])


def _described_alike(
    description: str, others: Mapping[str, FlagState], least: float
) -> Iterator[tuple[str, float, str]]:
    from rapidfuzz import fuzz, utils

    if len(description.split()) < LEAST_WORDS:
        return
    for name, flag in others.items():
        if len(flag.description.split()) >= LEAST_WORDS:
            score = fuzz.token_sort_ratio(
                description, flag.description, processor=utils.default_process
            )
            if score >= least:
                yield name, score, f"description {score:.0f} % alike"


def _checked_near(
    others: Iterable[str], checks: Mapping[str, Sequence[Place]], changed: Sequence[Spot]
) -> Iterator[tuple[str, float, str]]:
    """The nearest check of each flag, told with file and line."""
    for name in others:
        near = [_nearness(place, spot) for place in checks.get(name, ()) for spot in changed]
        if best := max((one for one in near if one), default=None):
            yield name, *best


def _nearness(place: Place, spot: Spot) -> tuple[float, str] | None:
    if place.path == spot.path:
        distance = abs(place.line - spot.line)
        if distance <= NEAR_LINES:
            return 100.0 - distance / 2, f"checked at {place}, {distance} lines from the change"
        return SAME_FILE, f"checked at {place}, in a file of the change"
    if _folder(place.path) == _folder(spot.path):
        return SAME_FOLDER, f"checked at {place}, in a folder of the change"
    return None


def _folder(path: str) -> str:
    return path.rpartition("/")[0]
