"""Tell by which lines files lead to a check while they are imported.

Whoever is refused has to find what runs it. Of all that files do with each other, the least
that leads there is looked for: by halves, since doing more never leads to less.
"""

from collections.abc import Callable, Collection
from typing import NamedTuple

from flagwright.core.wrapping.done import Done
from flagwright.core.wrapping.spread import Spread

_MOST_PLACES = 3
_KINDS = (
    *("texts", "special", "read", "touched", "applied"),
    *("decorating", "unfolding", "called", "attributes"),
)
"""What is done with a file; what says most comes last, so that it is what is named."""


class Step(NamedTuple):
    """One place that leads to a check."""

    path: str
    line: int
    """0: no line says it alone."""
    name: str = ""
    """What is called or asked for there."""

    def in_words(self) -> str:
        """Where that is; without a line, by what."""
        if self.line or not self.name:
            return f"{self.path}:{self.line}" if self.line else self.path
        return f"{self.path}, by `{self.name}`"


def route(spread: Spread, path: str, checks: Collection[int]) -> list[Step]:
    """The places that lead to some checks of a file, from what runs first to what is nearest.

    Args:
        checks: By identity; they run at import.
    """
    found: list[Step] = []
    while checks and len(found) < _MOST_PLACES:
        step = _at_top(spread, path, checks) or _elsewhere(spread, path, checks)
        if step is None or any(step[:2] == known[:2] for known in found):
            break
        found.append(step)
        path, checks = step.path, spread.nodes_at((step.path, step.line))
    return found[::-1]


def _at_top(spread: Spread, path: str, checks: Collection[int]) -> Step | None:
    """The statement of the file itself that leads to them, if that is enough."""
    body = spread.statements(path)

    def reaches(first: int) -> bool:
        return _reaches(spread, path, checks, Done(), statements=first)

    if not reaches(len(body)):
        return None
    return Step(path, body[_least(len(body), reaches) - 1].lineno)


def _elsewhere(spread: Spread, path: str, checks: Collection[int]) -> Step | None:
    """Where another file does what leads to them."""
    all_done = spread.on(path)
    facts = [(kind, name) for kind in _KINDS for name in sorted(getattr(all_done, kind))]

    def reaches(first: int) -> bool:
        done = Done()
        for kind, name in facts[:first]:
            getattr(done, kind).add(name)
        return _reaches(spread, path, checks, done)

    fact = facts[_least(len(facts), reaches) - 1] if facts else None
    place = spread.sources.get((path, *fact)) if fact else None
    return Step(*place, fact[1]) if fact and place else None


def _reaches(
    spread: Spread, path: str, checks: Collection[int], done: Done, statements: int | None = None
) -> bool:
    return not spread.reached_with(path, done, statements).isdisjoint(checks)


def _least(most: int, is_enough: Callable[[int], bool]) -> int:
    """The smallest number that is enough, where the largest one is."""
    low, high = 1, most
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if is_enough(middle) else (middle + 1, high)
    return low
