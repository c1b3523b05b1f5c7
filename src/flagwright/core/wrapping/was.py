"""Keep what is only text in the old version, so that it comes back with the old code.

Comments, docstrings, annotations and formatting have no effect at run time: the new ones stand
for both sides. Where they replace old ones, these stay above them as comments, below a line
that says how many lines they are for how many: `# flag NAME: was 2 for 1 (8c1f)`. The digest
is that of the new lines: what somebody has edited since is left alone, and so is the comment.
No comment can stand inside a string: `was 2 for 1 after 9` means lines that begin nine further
down, and its digest covers these nine as well. Several such comments may stand there, one for
each place of the string; they all count from below the last one, and come back together.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from zlib import crc32

from flagwright.core.wrapping.hunks import Hunk, hunks, inside
from flagwright.core.wrapping.ofsides import Lines
from flagwright.core.wrapping.source import parse


@dataclass(frozen=True)
class _Kept:
    """One comment as it stands in a file."""

    below: int
    """The first line below it."""
    skip: int
    count: int
    old: Lines
    digest: str | None
    """That of the lines which it is for, and of those that it skips; none where none are."""
    is_edited: bool = False
    """Whether a line of its own is gone."""


def of_side(text: str, flag: str, *, on: bool) -> str:
    """The text without these comments: as it is, or with the old lines that they hold."""
    if f"# flag {flag}: was " not in text:
        return text
    lines = text.split("\n")
    closed = inside(lines, parse(text))
    found: list[str] = []
    at = 0
    while at < len(lines):
        group = [] if at in closed else [*_group(lines, at, flag)]
        if not group:
            found.append(lines[at])
            at += 1
        elif on:
            at = group[-1].below
        elif (back := _brought_back(group, lines)) is None:
            found += lines[at : group[-1].below]
            at = group[-1].below
        else:
            found += back
            at = group[-1].below + group[-1].skip + group[-1].count
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
    written = [(hunk.at, list(_written(hunk, lines, flag))) for hunk in found]
    for at, comment in reversed(written):
        lines[at:at] = comment
    return "\n".join(lines)


def _group(lines: Lines, at: int, flag: str) -> Iterator[_Kept]:
    """The comment that begins in a line, and those for places further down which follow it."""
    first = found = _read(lines, at, flag)
    while found and (found is first or found.skip):
        yield found
        found = _read(lines, found.below, flag) if found.below < len(lines) else None


def _brought_back(group: Sequence[_Kept], lines: Lines) -> list[str] | None:
    """The old lines in place of the new; none where somebody has edited either since."""
    below = group[-1].below
    back: list[str] = []
    done = below
    for kept in group:
        new = lines[below : below + kept.skip + kept.count]
        is_whole = len(new) == kept.skip + kept.count and below + kept.skip >= done
        digest = f" ({_digest(new)})" if new else kept.digest
        if kept.is_edited or not is_whole or kept.digest != digest:
            return None
        back += [*lines[done : below + kept.skip], *kept.old]
        done = below + kept.skip + kept.count
    return back


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
    return _Kept(below, skip, count, texts, head[5], is_edited=len(texts) < wanted)


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
    here = [line for line in lines[hunk.at :] if line.strip()][:1]
    indent = _indent([*texts, *here] if hunk.skip or not texts else texts)
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
