"""Find texts that are put together and may name a flag: `f"{NAMESPACE}.support_tool"`.

Only where at least half of the flag's name is spelled out at the end: a text that only begins
like it, as `f"release.{name}"` does, may be any flag. Text is looked at, not code, so that files
count that no parser reads.
"""

import re
from collections.abc import Iterator

LEAST = 6
"""Characters of the name that have to be spelled out."""
_GAP = re.compile(rb"""(?:\}|%s|%\(\w+\)s|\+[ \t\\\n]*[rRuUbBfF]{0,2}["'])\Z""")
"""What stands for the rest of the name, or joins it."""
_NEAR = 60


def tail_of(flag: str) -> bytes:
    """The least that has to be spelled out of a name, at its end."""
    name = flag.encode()
    return name[-max(LEAST, (len(name) + 1) // 2) :]


def put_together(text: bytes, flag: str) -> Iterator[int]:
    """Lines of texts that may become a flag's name, whose beginning is put in or put before."""
    name, tail = flag.encode(), tail_of(flag)
    if len(tail) >= len(name):
        return
    for found in re.finditer(re.escape(tail) + rb"[\"']", text):
        start, spelled = found.start(), len(tail)
        while spelled < len(name) and text[start - 1 : start] == name[-spelled - 1 :][:1]:
            start, spelled = start - 1, spelled + 1
        if spelled < len(name) and _GAP.search(text[max(0, start - _NEAR) : start]):
            yield text.count(b"\n", 0, start) + 1
