"""Match paths as `.gitignore` and CODEOWNERS do, with RE2: the last pattern that matches counts."""

from functools import lru_cache
from typing import Any

from flagwright.core.policy.contradiction import Contradiction
from flagwright.core.risk.pattern import matches


def under(path: str, patterns: tuple[str, ...]) -> bool:
    """Whether a path is meant: `billing/`, `*.sql`, `services/*/api/`, and `!tests/` to except."""
    found = False
    for is_in, pattern in compiled(patterns):
        if is_in != found and matches(pattern, path):
            found = is_in
    return found


@lru_cache(maxsize=2048)
def compiled(patterns: tuple[str, ...]) -> tuple[tuple[bool, str], ...]:
    """Each pattern as an expression, and whether it takes a path in or out.

    Raises:
        Contradiction: If one is none.
    """
    found: list[tuple[bool, str]] = []
    for place, pattern in enumerate(patterns):
        if pattern.startswith("!") and not any(is_in for is_in, _ in found):
            raise Contradiction(
                f"{pattern!r} takes out what nothing before it takes in",
                place,
                remedy="Write first which paths are meant: billing/, then !billing/docs/.",
            )
        expression = _expression(pattern.removeprefix("!"))
        if expression is None or ".." in pattern.split("/"):
            raise Contradiction(
                f"{pattern!r} matches no path",
                place,
                remedy="Write a path as in .gitignore: billing/, *.sql, services/*/api/.",
            )
        found.append((not pattern.startswith("!"), expression))
    return tuple(found)


def _expression(pattern: str) -> str | None:
    from pathspec.patterns.gitignore.basic import GitIgnoreBasicPattern

    try:
        expression, _ = GitIgnoreBasicPattern.pattern_to_regex(pattern)
        matches(expression or "", "")
    except ValueError:
        return None
    return expression or None


class Candidates:
    """Which of many lists of patterns may be about a path, found in one search for all of them."""

    def __init__(self, lists: tuple[tuple[str, ...], ...]) -> None:
        """Patterns that except paths are left for a closer look."""
        import re2

        self._of: list[int] = []
        self._set: Any = re2.Set.SearchSet()
        for number, patterns in enumerate(lists):
            for is_in, expression in compiled(patterns):
                if is_in:
                    self._set.Add(f"(?m){expression}")
                    self._of.append(number)
        self._set.Compile()

    def of(self, path: str) -> frozenset[int]:
        """Places of the lists with a pattern that matches."""
        if not self._of:
            return frozenset()
        found = self._set.Match(path.encode("utf-8", "replace")) or ()
        return frozenset(self._of[one] for one in found)


@lru_cache(maxsize=16)
def candidates(lists: tuple[tuple[str, ...], ...]) -> Candidates:
    """Made once for a set of rules."""
    return Candidates(lists)
