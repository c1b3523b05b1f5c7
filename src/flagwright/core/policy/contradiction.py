"""Say where a policy contradicts itself, so that its reader is led to the line."""

import re

TRIED = "tried"
"""Validation context of a policy whose examples were tried before: as it ships, by our tests."""


class Contradiction(ValueError):
    """Two places of a policy that cannot both hold.

    `key` leads to the place, counted from the table that noticed it; `remedy` is a sentence.
    """

    def __init__(self, message: str, *key: str | int, remedy: str) -> None:
        super().__init__(message)
        self.key, self.remedy = key, remedy


_NO_RE2 = "RE2 has no look-around and no back-references; see github.com/google/re2/wiki/Syntax."
_UNCLOSED = r"Close what is open; a bracket that is meant as such is written \( or \[."


def not_re2(error: Exception, *key: str | int) -> Contradiction:
    """Say what RE2 says of a pattern, in bytes, and what to do about it."""
    first = error.args[0] if error.args else ""
    said = first.decode("utf-8", "replace") if isinstance(first, bytes) else str(first)
    remedy = _UNCLOSED if re.match("missing|unexpected", said) else _NO_RE2
    return Contradiction(
        f"not a regular expression of RE2: {said.replace('(?m)', '', 1)}", *key, remedy=remedy
    )
