"""Keep what is only text in the old version, so that it comes back with the old code.

Comments, docstrings, annotations and formatting have no effect at run time: the new ones stand
for both sides. Where they replace old ones, these stay above them as comments, below a line
that says how many lines they are for how many: `# flag NAME: was 2 for 1 (8c1f)`. The digest
is that of the new lines: what somebody has edited since is left alone, and so is the comment.
No comment can stand inside a string: `was 2 for 1 after 9` means lines that begin nine further
down, and its digest covers these nine as well.
"""

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from zlib import crc32

from flagwright.core.wrapping.source import parse
from flagwright.core.wrapping.statement import first_line
from flagwright.core.wrapping.tree import nodes

Lines = Sequence[str]


@dataclass(frozen=True)
class _Hunk:
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


@dataclass(frozen=True)
class _Changed:
    """Lines of the off side, and those of the old version that it should have there."""

    at: int
    last: int
    start: int
    stop: int
    room: int
    """How many lines right above are the same on both."""


@dataclass(frozen=True)
class _Kept:
    """One comment as it stands in a file."""

    below: int
    """The first line below it."""
    skip: int
    count: int
    old: Lines
    is_edited: bool
    """Whether the lines that it is for are not those that were there."""


def of_side(text: str, flag: str, *, on: bool) -> str:
    """The text without these comments: as it is, or with the old lines that they hold."""
    if f"# flag {flag}: was " not in text:
        return text
    lines = text.split("\n")
    inside = _inside(lines, parse(text))
    found: list[str] = []
    at = 0
    while at < len(lines):
        kept = None if at in inside else _read(lines, at, flag)
        if kept is None:
            found.append(lines[at])
            at += 1
        elif on:
            at = kept.below
        elif kept.is_edited:
            found += lines[at : kept.below]
            at = kept.below
        else:
            found += [*lines[kept.below : kept.below + kept.skip], *kept.old]
            at = kept.below + kept.skip + kept.count
    return "\n".join(found)


def kept(text: str, off: str, before: str, flag: str, *, most: int) -> str:
    """The wrapped text with every line of the old version that the off side lacks.

    Args:
        off: What taking the flag out of `text` gives, off.
        most: Old lines that a file may hold in this way.

    Returns:
        `text` itself where nothing is to be kept, or more than that.
    """
    if off == before or off.endswith("\r\n") != before.endswith("\r\n"):
        return text
    lines = text.split("\n")
    hunks = list(_hunks(text, off.split("\n"), before.split("\n"), flag))
    if sum(max(len(hunk.old), 1) for hunk in hunks) > most:
        return text
    for hunk in reversed(hunks):
        lines[hunk.at : hunk.at] = list(_written(hunk, lines, flag))
    return "\n".join(lines)


def _read(lines: Lines, at: int, flag: str) -> _Kept | None:
    """The comment that begins in a line; none where none does."""
    head = re.fullmatch(
        rf"[ \t]*# flag {re.escape(flag)}: was (\d+)( blank)? for (\d+)(?: after (\d+))?"
        r"( \(\w{4}\))?(\r?)",
        lines[at],
    )
    if head is None:
        return None
    wanted, count, skip = int(head[1]), int(head[3]), int(head[4] or 0)
    below = at + 1 + (0 if head[2] else wanted)
    old = [_uncommented(line) for line in lines[at + 1 : below]]
    if head[2]:
        old = [head[6]] * wanted
    texts = [line for line in old if line is not None]
    new = lines[below : below + skip + count]
    is_edited = len(texts) < wanted or len(new) < skip + count
    is_edited |= bool(new) and head[5] != f" ({_digest(new)})"
    return _Kept(below, skip, count, texts, is_edited)


def _uncommented(line: str) -> str | None:
    match = re.fullmatch(r"([ \t]*)#(?: (.*)|(\r?))", line, re.DOTALL)
    if match is None:
        return None
    return match[3] if match[2] is None else match[1] + match[2]


def _written(hunk: _Hunk, lines: Lines, flag: str) -> Iterator[str]:
    """The comment that holds the old lines of one place."""
    new = lines[hunk.at : hunk.at + hunk.skip + hunk.count]
    texts = [line for line in hunk.old if line.strip()]
    end = "\r" * (*new, *hunk.old)[0].endswith("\r")
    indent = _indent(texts or [line for line in lines[hunk.at :] if line.strip()][:1])
    blank = " blank" if hunk.old and not texts else ""
    digest = f" ({_digest(new)})" if new else ""
    after = f" after {hunk.skip}" if hunk.skip else ""
    yield f"{indent}# flag {flag}: was {len(hunk.old)}{blank} for {hunk.count}{after}{digest}{end}"
    for line in () if blank else hunk.old:
        rest = line.removeprefix(indent)
        yield f"{indent}# {rest}" if line.startswith(indent) and rest.strip() else f"{indent}#{end}"


def _indent(lines: Lines) -> str:
    """What every line begins with."""
    found = [line[: len(line) - len(line.lstrip(" \t"))] for line in lines]
    shortest = min(found, key=len, default="")
    return shortest if all(indent.startswith(shortest) for indent in found) else ""


def _digest(lines: Lines) -> str:
    text = "\n".join(line.removesuffix("\r") for line in lines)
    return f"{crc32(text.encode()) & 0xFFFF:04x}"


def _hunks(text: str, off: Lines, before: Lines, flag: str) -> Iterator[_Hunk]:
    """What the old version has otherwise, each as a place in the wrapped text."""
    lines, tree = text.split("\n"), parse(text)
    same = [block for block in _opcodes(lines, off) if block[0] == "equal"]
    place = {-1: -1, len(off): len(lines)}
    place.update((j + k, i + k) for _, i, end, j, _ in same for k in range(end - i))
    word = f"# flag {flag}: "
    marks = {n: line.strip() for n, line in enumerate(lines) if line.lstrip().startswith(word)}
    headers = {n for part in _headers(tree, marks) for n in part}
    inside = _inside(lines, tree) | headers | {n + 1 for n in marks}
    shared = headers | {n for n in marks if n + 1 in headers or n + 1 in marks}
    shared.update(n for part in _imports(lines, off, tree, marks) for n in part)
    found: list[_Region] = []
    for old in _changed(off, before):
        region = _region(place, shared, old.at, old.last)
        if region is None:
            continue
        floor = found[-1].last if found else 0
        at, last = region
        back = 0
        while at in inside and at > floor:
            if at - 1 not in marks:
                back += 1
                if back > old.room or place.get(old.at - back) != at - 1:
                    break
            at -= 1
        if found and at in inside and at == floor:
            found[-1] = _Region(found[-1].at, last, found[-1].start, old.stop)
        elif at not in inside and _may_stand(at, lines, before[old.start : old.stop]):
            found.append(_Region(at, last, old.start - back, old.stop))
    for whole in found:
        theirs = before[whole.start : whole.stop]
        yield _without_same(lines, _Hunk(whole.at, whole.last - whole.at, theirs))


def _without_same(lines: Lines, hunk: _Hunk) -> _Hunk:
    """A hunk without the lines that both begin with."""
    new = lines[hunk.at : hunk.at + hunk.count]
    pairs = enumerate(zip(new, hunk.old, strict=False))
    same = next((n for n, (a, b) in pairs if a != b), min(len(new), len(hunk.old)))
    return _Hunk(hunk.at, hunk.count - same, hunk.old[same:], same)


def _changed(off: Lines, before: Lines) -> Iterator[_Changed]:
    """Lines of the off side, and of the old version, that differ; blank ones part nothing."""
    found: list[_Changed] = []
    room = 0
    for tag, i, end, j, stop in _opcodes(off, before):
        if tag == "equal":
            room = end - i
        elif found and not any(line.strip() for line in off[i - room : i]):
            found[-1] = _Changed(found[-1].at, end, found[-1].start, stop, found[-1].room)
        else:
            found.append(_Changed(i, end, j, stop, room))
    yield from found


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


def _headers(tree: ast.Module, marks: Mapping[int, str]) -> Iterator[range]:
    """Lines, from 0, of signatures that serve both sides, as the mark above them says."""
    for node in nodes(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            first = first_line(node) - 1
            if marks.get(first - 1, "").endswith(")"):
                yield range(first, first_line(node.body[0]) - 1)


def _imports(
    lines: Lines, off: Lines, tree: ast.Module, marks: Mapping[int, str]
) -> Iterator[range]:
    """Lines, from 0, of imports at the top that may hold names of both sides."""
    sources = {line.partition(" import ")[0] for line in off if line.startswith("from ")}
    for node in tree.body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            first, last = node.lineno - 1, node.end_lineno or node.lineno
            mark = marks.get(first - 1, "")
            source = lines[first].partition(" import ")[0]
            is_shared = source in sources if not mark else mark.endswith((")", ": off"))
            if is_shared:
                yield range(first - bool(mark), last)


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


def _inside(lines: Lines, tree: ast.Module) -> set[int]:
    """Lines, from 0, above which no comment can stand: those that a string or a `\\` goes on in."""
    found = {n for n, line in enumerate(lines, 1) if line.rstrip("\r").endswith("\\")}
    for node in nodes(tree):
        if isinstance(node, ast.Constant | ast.JoinedStr):
            found.update(range(node.lineno, node.end_lineno or node.lineno))
    return found
