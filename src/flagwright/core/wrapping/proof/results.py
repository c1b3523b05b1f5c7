"""Tell what calls of the functions of one file give back, as far as its names show."""

from collections import defaultdict
from collections.abc import Iterable, Set

from flagwright.core.wrapping.proof.returned import asked_back, given_back, handed_back
from flagwright.core.wrapping.proof.running import Function

_Sets = dict[str, set[str]]


class Results:
    """Functions and classes that functions give back, by name."""

    def __init__(self, functions: Iterable[Function], known: Set[str]) -> None:
        """Read what each gives back.

        Args:
            known: Names of functions and classes, of the file or of others.
        """
        self._inner: _Sets = defaultdict(set)
        """Those that each function defines and gives back."""
        self._handed: _Sets = defaultdict(set)
        """Those of the file, or of others, that it gives back."""
        self._asked: _Sets = defaultdict(set)
        """What it calls for what it gives back."""
        self._found = dict[tuple[str, str], set[str]]()
        for function in functions:
            name = function.name
            self._inner[name] |= {inner.name for inner in given_back(function)}
            self._handed[name] |= handed_back(function) & known - {name}
            self._asked[name] |= asked_back(function)

    def direct(self, name: str) -> set[str]:
        """What a call gives back, but not what that gives back in its turn."""
        asked = {name, *self._follow("asked", name, self._asked)}
        both = (self._inner.get(n, set()) | self._handed.get(n, set()) for n in asked)
        return set[str]().union(*both) - {name}

    def inner(self, name: str) -> set[str]:
        """What a call defines and gives back, and what this gives back."""
        return self._follow("inner", name, self._inner)

    def all(self, name: str) -> set[str]:
        """All that a call gives back, and what this gives back."""
        return self._follow("all", name, self._inner, self._handed)

    def _follow(self, what: str, name: str, *sources: _Sets) -> set[str]:
        held = self._found.get((what, name))
        if held is None:
            held, waiting = set(), [name]
            while waiting:
                at = waiting.pop()
                more = set[str]().union(*(found.get(at, ()) for found in sources)) - held
                held |= more
                waiting += more
            self._found[what, name] = held
        return held
