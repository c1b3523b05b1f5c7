"""Read the comments that hold old text, apart from the code that wrote them.

What a comment says of the lines below it must be true of them to the letter; else the
lines, and the comment, are left as they are. Comments are read from the last to the first, so
that each speaks of the lines below it without the comments that stood between.
"""

import ast
import re
from zlib import crc32

from flagwright.core.wrapping.tree import parsed


def with_old_text(text: str, flag: str, *, on: bool) -> str:
    """The text without such comments: the old lines stand in their place where it is off."""
    if f"# flag {flag}: was " not in text:
        return text
    head = re.compile(
        rf"[ \t]*# flag {re.escape(flag)}: was (\d+)( blank)? for (\d+)(?: after (\d+))?"
        r"( \(....\))?(\r?)"
    )
    quoted = {n for node in ast.walk(parsed(text)) for n in _quoted(node)}
    lines = text.split("\n")
    for at in reversed(range(len(lines))):  # what stands lower is read, and gone, first
        match = None if at + 1 in quoted else head.fullmatch(lines[at])
        if match is None:
            continue
        wanted, count, further = int(match[1]), int(match[3]), int(match[4] or 0)
        below = at + 1 + (0 if match[2] else wanted)
        old = [match[6]] * wanted if match[2] else [*map(_old, lines[at + 1 : below])]
        new = lines[below : below + further + count]
        is_true = len(new) == further + count and match[5] == _digest(new)
        texts = [text for text in old if text is not None]
        if on:
            del lines[at:below]
        elif is_true and len(texts) == wanted:
            lines[at : below + len(new)] = [*new[:further], *texts]
    return "\n".join(lines)


def _quoted(node: ast.AST) -> range:
    """Lines that begin inside a string."""
    is_text = isinstance(node, ast.Constant | ast.JoinedStr)
    return range(node.lineno + 1, (node.end_lineno or 0) + 1) if is_text else range(0)  # type: ignore[attr-defined] # it has lines


def _old(comment: str) -> str | None:
    indent, hash_, code = comment.partition("#")
    if indent.strip() or not hash_:
        return None
    return indent + code[1:] if code.startswith(" ") else code if code in ("", "\r") else None


def _digest(lines: list[str]) -> str | None:
    text = "\n".join(line.removesuffix("\r") for line in lines)
    return f" ({crc32(text.encode()) % 65536:04x})" if lines else None
