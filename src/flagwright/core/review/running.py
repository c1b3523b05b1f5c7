"""Say which lines of a file run with its flag on, or off, and what the file then amounts to.

The rewriter's own `project` decides. Each statement gets a comment with its line number first;
those that are still there afterwards run. Where the comments would change the answer, nothing
is said.
"""

import ast
import io
import math
import re
import tokenize
from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

from flagwright.core.review.layout import CONTEXT, LEAST_FOLDED, decoded
from flagwright.core.review.lines import Line, lines
from flagwright.core.wrapping.checks import choices
from flagwright.core.wrapping.project import project

TAG = "flagwright-line"
_TAG = re.compile(rf"  # {TAG} (\d+)$| {TAG} (\d+)$")
_BODIES = re.compile(r"# flag \S+: both \(([\w, ]+?)(?:, \*)?\)")
_WAS = re.compile(r"[ \t]*# flag \S+: was (\d+)(?: blank)? for (\d+)(?: after (\d+))?")
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
    traced: bool = True
    """Whether each line is known to run or not; else the rows are what the file amounts to."""


def behaviours(
    content: bytes, flag: str, *, is_python: bool, whole: bool, masks: Sequence[str] = ()
) -> tuple[Behaviour, Behaviour]:
    """Set a file as the plan leaves it beside the same file as it behaves: off, then on.

    Raises:
        CannotWrap: Where the file cannot be read.
    """
    text = decoded(content).replace("\r\n", "\n")
    written = lines(text, is_python=is_python, masks=masks)
    found = [str(project(text, flag=flag, on=on)) for on in (False, True)]
    origins = [
        _origins(text, each, flag, on=on) for each, on in zip(found, (False, True), strict=True)
    ]
    run = [set(origin.values()) for origin in origins]
    blank = {n for n, row in enumerate(text.split("\n"), 1) if not row.strip()}
    asks = set(range(1, len(written) + 1)) - run[0] - run[1] - blank if all(run) else set()
    made = []
    for each, origin in zip(found, origins, strict=True):
        behaves = lines(each, is_python=is_python, masks=masks)
        if behaves and not origin:
            plain = tuple(Pair(None, None, line) for line in behaves)
            made.append(Behaviour(plain, len(behaves), 0, traced=False))
            continue
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
    written = text.split("\n")
    tags = ((at, _TAG.search(line)) for at, line in enumerate(tagged, 1))
    named = {at: int(match[1] or match[2]) for at, match in tags if match}
    numbers = {at: n for at, n in named.items() if _is_one(written[n - 1], bare[at - 1])}
    bare = bare[: -1 if found.endswith("\n") else None]
    return _with_continued(written, bare, _in_order(numbers))


def _in_order(numbers: dict[int, int]) -> dict[int, int]:
    """Without what stands below other lines in the file: parameters, under a docstring."""
    found: dict[int, int] = {}
    first: float = math.inf
    for at in sorted(numbers, reverse=True):
        if numbers[at] < first:
            first = found[at] = numbers[at]
    return found


def _is_one(written: str, behaves: str) -> bool:
    """Whether a line may have become another: an import or a signature has fewer names then.

    The comment of a line that went can stay behind at the end of its neighbour. A body may come
    back to the line of its header.
    """
    is_body = bool(written.strip()) and behaves.endswith(f": {written.strip()}")
    return is_body or written.split()[:1] == behaves.split()[:1]


def _with_continued(
    written: list[str], behaves: list[str], numbers: dict[int, int]
) -> dict[int, int]:
    """Add lines that carry no comment: the one line between their neighbours that is the same."""
    used = set(numbers.values())
    for at in range(len(behaves) - 1, 0, -1):
        above = numbers.get(at + 1, 0) - 1
        is_free = at not in numbers and above > 0 and above not in used
        if is_free and not (behaves[at - 1].strip() or written[above - 1].strip()):
            numbers[at] = above
            used.add(above)
    for at, line in enumerate(behaves, 1):
        if at in numbers:
            continue
        first = numbers.get(at - 1, 0) + 1
        last = min((numbers[n] for n in range(at + 1, len(behaves) + 1) if n in numbers),
                   default=len(written) + 1)  # fmt: skip
        same = [
            number
            for number in range(first, last)
            if number not in used and written[number - 1].strip() == line.strip()
        ]
        if same and (len(same) == 1 or same[0] == first):
            numbers[at] = same[0]
            used.add(same[0])
    return numbers


def _tagged(text: str) -> str:
    """The text with the line number in a comment at the end of each line that can have one."""
    rows = text.split("\n")
    inner = _names_of_bodies(text)
    kept = _old_text(rows) | _headers(text)
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
        if line in kept or (inner and inner.search(row)):
            continue
        tag = f" {TAG} {line}" if after_comment else f"  # {TAG} {line}"
        rows[line - 1] = row[:column] + tag + row[column:]
    return "\n".join(rows)


def _old_text(rows: list[str]) -> set[int]:
    """Lines of old text that stays in comments, and those below it that it is for."""
    found: set[int] = set()
    for number, row in enumerate(rows, 1):
        if match := _WAS.match(row):
            lines = sum(int(count or 0) for count in match.groups())
            found.update(range(number, number + 1 + lines))
    return found


def _headers(text: str) -> set[int]:
    """Lines of headers with a choice on more than one: a comment in there keeps its parentheses."""
    return {
        number
        for node in ast.walk(ast.parse(text.removeprefix("\ufeff")))
        for choice, header in choices(node)
        if choice.end_lineno != header.start
        for number in header
    }


def _names_of_bodies(text: str) -> re.Pattern[str] | None:
    """Inner functions that are there for the flag alone, and only where nothing is said of them."""
    names: set[str] = {name for found in _BODIES.findall(text) for name in found.split(", ")}
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, names))})\b") if names else None


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
