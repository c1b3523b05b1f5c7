"""Lay one file of a plan out as blocks: what stays, what changes, what is folded away.

What the change itself touched is never folded, even where the plan leaves it as it is: a
person decides about that, too. A fold says how many lines it stands for.
"""

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from functools import partial
from typing import Literal, NamedTuple

from flagwright.core.record import Record
from flagwright.core.records.plan import Segment, Treatment
from flagwright.core.review.lines import Line, lines, secrets_in

CONTEXT = 3
LEAST_FOLDED = 4
"""Fewer lines are shown: a fold would save nothing."""


class Row(NamedTuple):
    """One line of one side."""

    number: int
    line: Line
    moved: bool = False
    """Whether the other side has it, too, further in or out."""
    segment: Segment | None = None
    """What becomes of the place that begins here."""
    treatment: Treatment | None = None


class Block(NamedTuple):
    """Lines that stand together: on both sides alike, changed, or folded away (no rows)."""

    kind: Literal["same", "changed", "folded"]
    before: tuple[Row, ...]
    after: tuple[Row, ...]
    folded: int = 0
    """Lines that a fold stands for."""


class Layout(Record):
    """One file, as it is now and as the plan leaves it."""

    blocks: tuple[Block, ...]
    removed: int
    added: int
    secrets: int
    """Values that are masked."""
    crlf: bool = False
    """Whether every line ends with a return and a newline, which is then not shown."""


def lay_out(
    before: bytes | None,
    after: bytes | None,
    segments: Sequence[Segment],
    *,
    is_python: bool,
    whole: bool,
    masks: Sequence[str],
) -> Layout:
    """Compare both versions of a file.

    Args:
        before: As it is now; none: there is no such file.
        after: As the plan leaves it; none: it is removed.
        segments: What becomes of the changed places, by lines of `before` where there is one.
        whole: Whether to fold nothing.
    """
    (old, new), crlf = _decoded(before, after)
    show = partial(lines, is_python=is_python, masks=masks)
    sides = show(old), show(new)
    raw = old.split("\n")[: len(sides[0])], new.split("\n")[: len(sides[1])]
    touched = _by_line(segments)
    of_old = touched if before is not None else {}
    of_new = {} if before is not None else touched
    blocks: list[Block] = []
    matcher = SequenceMatcher(a=raw[0], b=raw[1], autojunk=False)
    for kind, a, b, c, d in matcher.get_opcodes():
        moved = _moved(raw[0][a:b], raw[1][c:d]) if kind == "replace" else (set(), set())
        left = [_row(sides[0], n, of_old, moved=n - a in moved[0]) for n in range(a, b)]
        right = [_row(sides[1], n, of_new, moved=n - c in moved[1]) for n in range(c, d)]
        if kind == "equal":
            blocks += _folded(left, right, at_start=a == 0, at_end=b == len(raw[0]), whole=whole)
        else:
            blocks.append(Block("changed", tuple(left), tuple(right)))
    changed = [block for block in blocks if block.kind == "changed"]
    return Layout(
        blocks=tuple(blocks),
        removed=sum(len(block.before) for block in changed),
        added=sum(len(block.after) for block in changed),
        secrets=secrets_in(sides[1] if new else sides[0]),
        crlf=crlf,
    )


def decoded(content: bytes | None) -> str:
    """Text of a file; bytes that are not UTF-8 are written out as `\\xNN`."""
    return (content or b"").decode("utf-8", "backslashreplace")


def _decoded(*contents: bytes | None) -> tuple[tuple[str, str], bool]:
    old, new = (decoded(content) for content in contents)
    crlf = all(text.count("\n") == text.count("\r\n") for text in (old, new)) and "\r" in old + new
    if crlf:
        old, new = (text.replace("\r\n", "\n") for text in (old, new))
    return (old, new), crlf


def _by_line(segments: Sequence[Segment]) -> dict[int, Segment]:
    """The segment of each line; those about what is gone have no line to stand at."""
    return {
        line: segment
        for segment in segments
        if segment.side == "after"
        for line in range(segment.line, segment.end_line + 1)
    }


def _row(side: Sequence[Line], index: int, touched: dict[int, Segment], *, moved: bool) -> Row:
    segment = touched.get(index + 1)
    return Row(
        index + 1,
        side[index],
        moved,
        segment if segment and segment.line == index + 1 else None,
        segment.treatment if segment else None,
    )


def _moved(old: list[str], new: list[str]) -> tuple[set[int], set[int]]:
    """Lines of a changed place that both sides have, but for how far in they stand."""
    bare = [line.strip() for line in old], [line.strip() for line in new]
    left: set[int] = set()
    right: set[int] = set()
    for a, b, size in SequenceMatcher(a=bare[0], b=bare[1], autojunk=False).get_matching_blocks():
        for offset in range(size):
            if bare[0][a + offset]:
                left.add(a + offset)
                right.add(b + offset)
    return left, right


def _folded(
    left: list[Row], right: list[Row], *, at_start: bool, at_end: bool, whole: bool
) -> Iterator[Block]:
    """Rows that both sides have, without those that are far from whatever matters."""
    count = len(left)
    near = [whole] * count
    wanted = [n for n in range(count) if left[n].treatment or right[n].treatment]
    wanted += [] if at_start else [-1]
    wanted += [] if at_end else [count]
    for n in wanted:
        for at in range(max(0, n - CONTEXT), min(count, n + CONTEXT + 1)):
            near[at] = True
    start = at = 0
    while at < count:
        end = at
        while end < count and near[end] == near[at]:
            end += 1
        if not near[at] and end - at >= LEAST_FOLDED:
            if start < at:
                yield Block("same", tuple(left[start:at]), tuple(right[start:at]))
            yield Block("folded", (), (), end - at)
            start = end
        at = end
    if start < count:
        yield Block("same", tuple(left[start:]), tuple(right[start:]))
