"""Find the text that the old version has otherwise, each as a place in the wrapped text."""

import ast
import re
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from itertools import takewhile

from flagwright.core.wrapping import ofsides
from flagwright.core.wrapping.ofsides import Lines
from flagwright.core.wrapping.source import parse
from flagwright.core.wrapping.tree import nodes

_NEAR = 2
"""Places of one string that are no more lines apart are told in one comment."""


@dataclass(frozen=True)
class Hunk:
    """Lines of a wrapped text that stand where the old version has others."""

    at: int
    count: int
    old: Lines
    skip: int = 0
    """How many lines below the comment are the same on both."""


@dataclass(frozen=True)
class _Region:
    """Lines of a wrapped text, and those of the old version that it should have there."""

    at: int
    last: int
    start: int
    stop: int
    above: int = 0
    """How many lines stand between the comment and these."""


@dataclass(frozen=True)
class _Changed:
    """Lines of the off side, and those of the old version that it should have there."""

    at: int
    last: int
    start: int
    stop: int
    room: int
    """How many lines right above are the same on both."""


def hunks(text: str, off: Lines, before: Lines, flag: str) -> Iterator[Hunk]:
    """What the old version has otherwise, each as a place in the wrapped text."""
    lines, tree = text.split("\n"), parse(text)
    word = f"# flag {flag}: "
    marks = {n: line.strip() for n, line in enumerate(lines) if line.lstrip().startswith(word)}
    away = {n for part in ofsides.one_sided(tree, marks) for n in part}
    guards = [*ofsides.new_guards(tree, lines, flag)]
    away.update(n for part in guards for n in part if not lines[n].strip())
    away.update(n for part in ofsides.inner_headers(tree, marks) for n in part)
    own = ["\0" if n in away else line for n, line in enumerate(lines)]
    place = {-1: -1, len(off): len(lines), **dict(_places(own, off))}
    headers = {n for part in ofsides.headers(tree, marks) for n in part}
    closed = inside(lines, tree) | headers | {n + 1 for n in marks}
    shared = headers | {n for n in marks if n + 1 in headers or n + 1 in marks}
    shared.update(n for part in ofsides.imports(lines, off, tree, marks) for n in part)
    shared.update(n for part in ofsides.of_both(tree, lines, flag) for n in part)
    asked = {*ofsides.asked(tree, lines, flag)}
    found: list[_Region] = []
    marked = {n for n, at in place.items() if at - 1 in marks}
    for old in (part for whole in _changed(off, before, marked) for part in _parts(whole, place)):
        region = _region(place, shared, old.at, old.last)
        if region is None:
            continue
        floor = found[-1].last if found else 0
        at, last = region
        while at == last in asked:
            at = last = at + 1
        if at == last:
            at = last = next((part.stop for part in guards if at in part), at)
        first, back = at, 0
        while at in closed and at > floor:
            if at - 1 not in marks:
                back += 1
                if back > old.room or place.get(old.at - back) != at - 1:
                    break
            at -= 1
        if found and at in closed and at == floor and back == first - at > _NEAR:
            found.append(_Region(found[-1].at, last, old.start, old.stop, first - found[-1].at))
        elif found and at in closed and at == floor:
            found[-1] = replace(found[-1], last=last, stop=old.stop)
        elif at not in closed and _may_stand(at, lines, before[old.start : old.stop]):
            found.append(_Region(at, last, old.start - back, old.stop))
    for whole in found:
        at = whole.at + whole.above
        hunk = Hunk(at, whole.last - at, before[whole.start : whole.stop])
        hunk = _without_same(lines, hunk, {} if whole.above else marks)
        yield replace(hunk, at=whole.at, skip=whole.above + hunk.skip)


def _without_same(lines: Lines, hunk: Hunk, marks: Mapping[int, str]) -> Hunk:
    """A hunk without the lines that both begin with, and the marks that its body is read by."""
    new = lines[hunk.at : hunk.at + hunk.count]
    above = [*takewhile(lambda n: n in marks, range(hunk.at, hunk.at + hunk.count))]
    below = "\n".join(new[len(above) :])
    is_read = any(": both (" in marks[n] or _names_others(marks[n], below) for n in above)
    kept = len(above) if is_read else 0
    pairs = enumerate(zip(new[kept:], hunk.old, strict=False))
    same = next((n for n, (a, b) in pairs if a != b), min(len(new) - kept, len(hunk.old)))
    return Hunk(hunk.at, hunk.count - kept - same, hunk.old[same:], kept + same)


def _names_others(mark: str, text: str) -> bool:
    """Whether a mark is about parameters of which any stands further down than a text."""
    names = re.findall(r"\w+", mark.partition("(")[2])
    is_signature = text.lstrip().startswith(("def ", "async def "))
    is_lower = is_signature and not {*names} <= {*re.findall(r"\w+", text)}
    return mark.endswith("=)") or is_lower


def _changed(off: Lines, before: Lines, marked: Container[int]) -> Iterator[_Changed]:
    """Lines of the off side, and of the old version, that differ.

    Blank ones part nothing, unless a mark stands below them.
    """
    found: list[_Changed] = []
    room = 0
    for tag, i, end, j, stop in _opcodes(off, before):
        if tag == "equal":
            room = end - i
        elif found and i not in marked and not any(line.strip() for line in off[i - room : i]):
            found[-1] = _Changed(found[-1].at, end, found[-1].start, stop, found[-1].room)
        else:
            found.append(_Changed(i, end, j, stop, room))
    yield from found


def _parts(whole: _Changed, place: Mapping[int, int]) -> Iterator[_Changed]:
    """Lines that only go, or as many for as many, by the places of the wrapped text."""
    count = whole.stop - whole.start
    first, is_part = whole.at, count in (0, whole.last - whole.at)
    for n in range(whole.at + 1, whole.last) if is_part else ():
        if place.get(n) != place.get(n - 1, -2) + 1:
            yield _part(whole, first, n)
            first = n
    yield _part(whole, first, whole.last) if is_part else whole


def _part(whole: _Changed, at: int, last: int) -> _Changed:
    """Some of the lines, with those of the old version that are for them."""
    is_for_each = whole.stop > whole.start
    start = whole.start + (at - whole.at) * is_for_each
    stop = whole.start + (last - whole.at) * is_for_each
    return _Changed(at, last, start, stop, whole.room if at == whole.at else 0)


def _region(
    place: dict[int, int], shared: set[int], start: int, end: int
) -> tuple[int, int] | None:
    """The lines of a wrapped text that stand for some of its off side; none where that is unclear.

    Args:
        place: Lines of the wrapped text by those of the off side that are the same.
        shared: Lines of the wrapped text that hold something of both sides at once.
    """
    above, below = place.get(start - 1), place.get(end)
    own = {place[n] for n in range(start, end) if n in place}
    first = place.get(start)
    if start < end and first is not None and own == set(range(first, first + end - start)):
        return first, first + end - start
    if own or (above is not None and below is not None):
        low = min(own) if above is None else above + 1
        high = max(own) + 1 if below is None else below
        held = [n for n in range(low, high) if n in shared or n in own]
        is_whole = held and len(held) == held[-1] - held[0] + 1
        if is_whole and not shared.isdisjoint(held):
            return held[0], held[-1] + 1
    at = above + 1 if below is None and above is not None else below
    return None if start < end or at is None else (at, at)


def _places(own: Lines, off: Lines) -> Iterator[tuple[int, int]]:
    """Each line of the off side that the wrapped text has as it is, and where.

    What a check stands above is further in there: it is no place, but it tells which blank
    line beside it is which.
    """
    for tag, i, end, j, _ in _opcodes([*map(str.strip, own)], [*map(str.strip, off)]):
        if tag == "equal":
            yield from ((j + k, i + k) for k in range(end - i) if own[i + k] == off[j + k])


def _may_stand(at: int, lines: Lines, old: Lines) -> bool:
    """Whether a comment in a line leaves a file its first two, which say how to read it."""
    return at > 1 or not any("coding" in line or "#!" in line for line in (*lines[:2], *old))


def _opcodes(one: Lines, other: Lines) -> list[tuple[str, int, int, int, int]]:
    """How one list becomes the other, without a look at what both begin and end with."""
    short = min(len(one), len(other))
    head = next((n for n in range(short) if one[n] != other[n]), short)
    rest = short - head
    tail = next((n for n in range(rest) if one[-1 - n] != other[-1 - n]), rest)
    a, b = len(one) - tail, len(other) - tail
    inner = SequenceMatcher(None, one[head:a], other[head:b], autojunk=False).get_opcodes()
    return [
        ("equal", 0, head, 0, head),
        *((t, i + head, j + head, k + head, m + head) for t, i, j, k, m in inner),
        ("equal", a, len(one), b, len(other)),
    ]


def inside(lines: Lines, tree: ast.Module) -> set[int]:
    """Lines, from 0, above which no comment can stand: those that a string or a `\\` goes on in."""
    found = {n for n, line in enumerate(lines, 1) if line.rstrip("\r").endswith("\\")}
    for node in nodes(tree):
        if isinstance(node, ast.Constant | ast.JoinedStr):
            found.update(range(node.lineno, node.end_lineno or node.lineno))
    return found
