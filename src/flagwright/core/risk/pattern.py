"""Search text with RE2, so that no pattern of a policy can hang on any text.

`^` and `$` match at every line. RE2 has neither look-around nor back-references.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Annotated, Any

from pydantic import AfterValidator, ValidationInfo

from flagwright.core.policy.contradiction import TRIED, Contradiction, not_re2


@lru_cache(maxsize=1024)
def _compiled(pattern: str) -> Any:
    """RE2 is imported at the first search: a start that scores nothing does not pay for it."""
    import re2

    options = re2.Options()
    options.log_errors = False
    try:
        return re2.compile(f"(?m){pattern}".encode(), options)
    except re2.error as error:
        raise not_re2(error) from error


def _checked(pattern: str, info: ValidationInfo) -> str:
    if info.context == TRIED:
        return pattern
    if not re.sub(r"[\t\n]", "", pattern).isprintable():
        raise Contradiction(
            r"it holds a character that nobody sees; between double quotes, \b is one",
            remedy="Write a regular expression in single quotes.",
        )
    _compiled(pattern)
    return pattern


Pattern = Annotated[str, AfterValidator(_checked)]
"""A regular expression in RE2 syntax."""


def matches(pattern: str, text: str) -> bool:
    """Say whether the pattern is found anywhere in the text."""
    return _compiled(pattern).search(_encoded(text)) is not None


def found_on(pattern: str, text: str) -> Iterator[int]:
    r"""Number the lines, counted from 0, on which what a match shows begins; each line once.

    The `\s*` of a pattern takes the blank lines above, too: they are not the place.
    """
    encoded, line, position = _encoded(text), 0, 0
    last = None
    for match in _compiled(pattern).finditer(encoded):
        shown = match.group().lstrip()
        start = match.end() - len(shown) if shown else match.start()
        line += encoded.count(b"\n", position, start)
        position = start
        if line != last:
            yield line
        last = line


def spans(pattern: str, text: str, group: str) -> Iterator[tuple[int, int]]:
    """Where each match, or a group of it that took part, begins and ends, in characters."""
    encoded, compiled = _encoded(text), _compiled(pattern)
    number = compiled.groupindex.get(group.encode(), 0)
    for match in compiled.finditer(encoded):
        start, end = match.span(number if match.group(number) else 0)
        before = encoded[:start].decode("utf-8", "replace")
        yield len(before), len(before) + len(encoded[start:end].decode("utf-8", "replace"))


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "replace")
