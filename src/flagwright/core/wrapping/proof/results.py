"""Tell what calls of the functions of one file give back, as far as its names show."""

import ast
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence, Set

from flagwright.core.wrapping.proof.returned import asked_back, given_back, handed_back
from flagwright.core.wrapping.proof.running import Function

_Sets = dict[str, set[str]]


class Results:
    """Functions and classes that functions give back, by name."""

    def __init__(
        self, functions: Sequence[Function], known: Set[str], owners: Mapping[int, ast.ClassDef]
    ) -> None:
        """Read what each gives back.

        Args:
            known: Names of functions and classes, of the file or of others.
            owners: The classes of methods, by identity: `__call__` is that of what they make.
        """
        self.words = _words(functions)
        """By identity, functions that share their name, each with a word that is its own."""
        self._inner: _Sets = defaultdict(set)
        """Those that each function defines and gives back."""
        self._handed: _Sets = defaultdict(set)
        """Those of the file, or of others, that it gives back."""
        self._asked: _Sets = defaultdict(set)
        """What it calls for what it gives back."""
        self._of_objects: _Sets = defaultdict(set)
        """What objects of each class give back where they are called."""
        self._found = dict[tuple[str, str], set[str]]()
        for function in functions:
            made = given_back(function)
            inner = {self._word_of(one) for one in made}
            handed = handed_back(function) & known - {function.name}
            handed -= {one.name for one in made} - inner
            if function.name == "__call__" and (owner := owners.get(id(function))):
                self._of_objects[owner.name] |= inner | handed
            for name in {function.name, self._word_of(function)}:
                self._inner[name] |= inner
                self._handed[name] |= handed
                self._asked[name] |= asked_back(function)

    def _word_of(self, made: Function | ast.ClassDef) -> str:
        return self.words[id(made)][0] if id(made) in self.words else made.name

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
        return self._follow("all", name, self._inner, self._handed, self._of_objects)

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


def _words(functions: Sequence[Function]) -> dict[int, tuple[str, Function]]:
    """Words for those that another function gives back, where several have the same name."""
    counts = Counter(function.name for function in functions)
    made = [inner for function in functions for inner in given_back(function)]
    shared = [f for f in made if isinstance(f, Function) and counts[f.name] > 1]
    return {id(f): (f"{f.name}@{f.lineno}", f) for f in shared}
