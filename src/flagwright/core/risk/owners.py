"""Say who owns a file, as a repository's CODEOWNERS does: the last line that matches counts.

The file is a stranger's, so its patterns are searched with RE2, and only so many of them.
"""

from collections.abc import Iterator
from functools import cached_property

from flagwright.core.risk.pattern import matches

_MOST_LINES = 2000


class Owners:
    """One CODEOWNERS file."""

    def __init__(self, text: str) -> None:
        self._text = text

    def of(self, path: str) -> tuple[str, ...]:
        """Owners of a file, as they are written there: `@org/team`, `@user` or an address."""
        return next((names for pattern, names in self._lines if matches(pattern, path)), ())

    @cached_property
    def _lines(self) -> list[tuple[str, tuple[str, ...]]]:
        return list(_read(self._text))[::-1]


def _read(text: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    from pathspec.patterns.gitignore.basic import GitIgnoreBasicPattern

    for line in text.splitlines()[:_MOST_LINES]:
        words = line.partition(" #")[0].replace("\\ ", "\0").split()
        if not words or words[0][0] in "#![":  # a section of another host's dialect, or nothing
            continue
        pattern = words[0].replace("\0", "\\ ")
        try:
            found, _ = GitIgnoreBasicPattern.pattern_to_regex(pattern)
            if found:
                matches(found, "")
                yield found, tuple(words[1:])
        except ValueError:
            continue  # no host would match it either
