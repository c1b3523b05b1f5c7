"""Say which lines of a file run with its flag on, or off, and what the file then amounts to.

The rewriter's own `project` decides. Each statement gets a comment with its line number first;
those that are still there afterwards run. Where the comments would change the answer, nothing
is said.
"""

import io
import re
import tokenize
from collections.abc import Iterator
from typing import Literal, NamedTuple

from flagwright.core.review.layout import CONTEXT, LEAST_FOLDED, decoded
from flagwright.core.review.lines import Line, lines
from flagwright.core.wrapping.project import project

TAG = "flagwright-line"
_TAG = re.compile(rf"  # {TAG} (\d+)$| {TAG} (\d+)$")
_MARK = re.compile(r"#\s*flag \S+: (on|off|both)|#.*coding[:=]|#!")


class Pair(NamedTuple):
    """A line as the plan leaves it, and as the file behaves; none: it does not run."""

    number: int | None
    written: Line | None
    behaves: Line | None
    state: Literal["runs", "idle", "asks"] = "runs"
    """`asks`: it is there for the flag alone, and gone with it on either side."""


class Behaviour(NamedTuple):
    """A file as it behaves with the flag on one side; folds are the lines they stand for."""

    rows: tuple[Pair | int, ...]
    running: int
    idle: int


def behaviours(
    content: bytes, flag: str, *, is_python: bool, whole: bool
) -> tuple[Behaviour, Behaviour]:
    """Set a file as the plan leaves it beside the same file as it behaves: off, then on.

    Raises:
        CannotWrap: Where the file cannot be read.
    """
    text = decoded(content).replace("\r\n", "\n")
    written = lines(text, is_python=is_python)
    found = [str(project(text, flag=flag, on=on)) for on in (False, True)]
    origins = [
        _origins(text, each, flag, on=on) for each, on in zip(found, (False, True), strict=True)
    ]
    run = [set(origin.values()) for origin in origins]
    blank = {n for n, row in enumerate(text.split("\n"), 1) if not row.strip()}
    asks = set(range(1, len(written) + 1)) - run[0] - run[1] - blank
    made = []
    for each, origin in zip(found, origins, strict=True):
        behaves = lines(each, is_python=is_python)
        rows = tuple(_paired(written, behaves, origin, asks, blank))
        idle = sum(row.state == "idle" for row in rows)
        made.append(Behaviour(tuple(rows if whole else _folded(rows)), len(behaves), idle))
    return made[0], made[1]


def _origins(text: str, found: str, flag: str, *, on: bool) -> dict[int, int]:
    """For lines of what a file amounts to, by number, the line that each was written in."""
    try:
        tagged = str(project(_tagged(text), flag=flag, on=on)).split("\n")
    except (tokenize.TokenError, SyntaxError):
        return {}
    bare = [_TAG.sub("", line) for line in tagged]
    if "\n".join(bare) != found:
        return {}
    numbers = {
        at: int(match[1] or match[2])
        for at, line in enumerate(tagged, 1)
        if (match := _TAG.search(line))
    }
    return _with_continued(text.split("\n"), bare[: -1 if found.endswith("\n") else None], numbers)


def _with_continued(
    written: list[str], behaves: list[str], numbers: dict[int, int]
) -> dict[int, int]:
    """Add lines inside strings and blank ones, which carry no comment, from their neighbours."""
    for step in (1, -1):
        places = range(1, len(behaves) + 1)
        for at in places if step == 1 else reversed(places):
            origin = numbers.get(at - step, 0) + step if at - step in numbers else None
            if at in numbers or origin is None or not 1 <= origin <= len(written):
                continue
            same = written[origin - 1].strip() == behaves[at - 1].strip()
            if same and origin not in numbers.values():
                numbers[at] = origin
    return numbers


def _tagged(text: str) -> str:
    """The text with the line number in a comment at the end of each line that can have one."""
    rows = text.split("\n")
    ends: dict[int, tuple[int, bool]] = {}
    has_comment: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        line, column = token.start
        if token.type == tokenize.COMMENT:
            has_comment.add(line)
            if not _MARK.match(token.string):
                ends[line] = (token.end[1], True)
        elif token.type not in (tokenize.NEWLINE, tokenize.NL) or line in has_comment:
            continue
        elif rows[line - 1].strip():
            ends[line] = (column, False)
    for line, (column, after_comment) in ends.items():
        row = rows[line - 1]
        tag = f" {TAG} {line}" if after_comment else f"  # {TAG} {line}"
        rows[line - 1] = row[:column] + tag + row[column:]
    return "\n".join(rows)


def _paired(
    written: tuple[Line, ...],
    behaves: tuple[Line, ...],
    origin: dict[int, int],
    asks: set[int],
    blank: set[int],
) -> Iterator[Pair]:
    """Rows in the order of both; a line whose origin is unknown stands alone."""
    by_origin = {number: at for at, number in origin.items()}
    told = 1
    for number, line in enumerate(written, 1):
        at = by_origin.get(number)
        if at is None:
            idle: Literal["runs", "idle"] = "runs" if number in blank else "idle"
            yield Pair(number, line, None, "asks" if number in asks else idle)
            continue
        for alone in range(told, at):
            yield Pair(None, None, behaves[alone - 1])
        told = max(told, at + 1)
        yield Pair(number, line, behaves[at - 1])
    for alone in range(told, len(behaves) + 1):
        yield Pair(None, None, behaves[alone - 1])


def _folded(rows: tuple[Pair, ...]) -> Iterator[Pair | int]:
    """Leave out what runs either way and stands far from what does not."""
    near: set[int] = set()
    for at, row in enumerate(rows):
        if row.state != "runs" or row.number is None:
            near.update(range(at - CONTEXT, at + CONTEXT + 1))
    at = 0
    while at < len(rows):
        end = at
        while end < len(rows) and (end in near) == (at in near):
            end += 1
        if at in near or end - at < LEAST_FOLDED:
            yield from rows[at:end]
        else:
            yield end - at
        at = end
