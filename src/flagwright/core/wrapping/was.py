"""Keep what is only text in the old version, so that it comes back with the old code.

Comments, docstrings, annotations and formatting have no effect at run time: the new ones stand
for both sides. Where they replace old ones, these stay above them as comments, below a line
that says how many lines they are for how many: `# flag NAME: was 2 for 1 (8c1f)`. The digest
is that of the new lines: what somebody has edited since is left alone, and so is the comment.
No comment can stand inside a string: `was 2 for 1 after 9` means lines that begin nine further
down, and its digest covers these nine as well.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from zlib import crc32

from flagwright.core.wrapping.hunks import Hunk, Lines, hunks, inside
from flagwright.core.wrapping.source import parse


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
    closed = inside(lines, parse(text))
    found: list[str] = []
    at = 0
    while at < len(lines):
        kept = None if at in closed else _read(lines, at, flag)
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
    found = list(hunks(text, off.split("\n"), before.split("\n"), flag))
    if sum(max(len(hunk.old), 1) for hunk in found) > most:
        return text
    for hunk in reversed(found):
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


def _written(hunk: Hunk, lines: Lines, flag: str) -> Iterator[str]:
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
