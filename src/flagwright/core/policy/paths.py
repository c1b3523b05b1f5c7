"""Match paths as `.gitignore` and CODEOWNERS do, with RE2: the last pattern that matches counts."""

from functools import lru_cache

from pathspec.patterns.gitignore.basic import GitIgnoreBasicPattern

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
    found = []
    for place, pattern in enumerate(patterns):
        expression = _expression(pattern.removeprefix("!"))
        if expression is None:
            raise Contradiction(
                f"{pattern!r} matches no path",
                place,
                remedy="Write a path as in .gitignore: billing/, *.sql, services/*/api/.",
            )
        found.append((not pattern.startswith("!"), expression))
    return tuple(found)


def _expression(pattern: str) -> str | None:
    try:
        expression, _ = GitIgnoreBasicPattern.pattern_to_regex(pattern)
        matches(expression or "", "")
    except ValueError:
        return None
    return expression or None
