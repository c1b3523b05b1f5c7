"""Read the comments that hold old text, apart from the code that wrote them.

What a comment says of the lines below it must be true of them to the letter; else the
lines, and the comment, are left as they are.
"""

import re
from zlib import crc32


def with_old_text(text: str, flag: str, *, on: bool) -> str:
    """The text without such comments: the old lines stand in their place where it is off."""
    head = re.compile(
        rf"[ \t]*# flag {re.escape(flag)}: was (\d+)( blank)? for (\d+)( \(....\))?(\r?)"
    )
    if f"# flag {flag}: was " not in text:
        return text
    found, rest = list[str](), text.split("\n")
    while rest:
        kept = next((n for n, line in enumerate(rest) if head.fullmatch(line)), len(rest))
        found += rest[:kept]
        if kept == len(rest):
            break
        line, rest = rest[kept], rest[kept + 1 :]
        match = head.fullmatch(line)
        assert match
        wanted, count = int(match[1]), int(match[3])
        held, below = ([], rest) if match[2] else (rest[:wanted], rest[wanted:])
        old = [match[5]] * wanted if match[2] else [_old(comment) for comment in held]
        if on:
            rest = below
        elif None in old or match[4] != _digest(below[:count]):
            found += [line, *held]
            rest = below
        else:
            found += [text for text in old if text is not None]
            rest = below[count:]
    return "\n".join(found)


def _old(comment: str) -> str | None:
    indent, hash_, code = comment.partition("#")
    if indent.strip() or not hash_:
        return None
    return indent + code[1:] if code.startswith(" ") else code if code in ("", "\r") else None


def _digest(lines: list[str]) -> str | None:
    text = "\n".join(line.removesuffix("\r") for line in lines)
    return f" ({crc32(text.encode()) % 65536:04x})" if lines else None
