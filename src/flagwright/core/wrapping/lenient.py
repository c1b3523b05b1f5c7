"""Tell of parameters that a function takes on either side, though one version has none of them.

A function whose new version has a further optional parameter keeps one signature. What a call
gives for it is not looked at on the other side, where the version itself would raise TypeError.
"""

import ast
from collections.abc import Iterator

from flagwright.core.wrapping.effect import FUNCTIONS
from flagwright.core.wrapping.mark import marks_above
from flagwright.core.wrapping.statement import first_line
from flagwright.core.wrapping.tree import nodes


def taken_unread(wrapped: ast.Module, text: str, flag: str) -> Iterator[str]:
    """For each side, what its functions take and do not look at."""
    if f"# flag {flag}: o" not in text:
        return
    lines = text.split("\n")
    found: dict[str, list[str]] = {"on": [], "off": []}
    for node in (n for n in nodes(wrapped) if isinstance(n, FUNCTIONS)):
        for mark in marks_above(lines, first_line(node), flag):
            names = " and ".join(f"`{name}`" for name in mark.plain)
            if names and mark.side != "both":
                found[mark.side].append(f"`{node.name}` takes {names}")
    for side, other in (("on", "off"), ("off", "on")):
        if found[side]:
            yield (
                f"with the flag {other}, {', '.join(found[side])} as well, and nothing looks at "
                "it, where that version alone would raise TypeError"
            )
