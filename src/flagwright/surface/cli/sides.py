"""Show a patch in two columns: the old lines on the left, the new ones on the right."""

import re
from collections.abc import Iterator
from itertools import zip_longest

from rich.table import Table
from rich.text import Text

Row = tuple[str, str, str]
"""What happened (` `, `-+` or `@`), left text, right text."""

_HUNK = re.compile(r"@@ -(\d+)(?:,\d+)? \+(\d+)")
_STYLES = {"@": ("cyan", "cyan"), " ": ("", ""), "-+": ("red", "green")}


def side_by_side(patch: str, left: str, right: str) -> Table:
    """Lay out the unified diff of one file, already made visible, under two headings."""
    table = Table(left, right, box=None, expand=True, padding=(0, 1), header_style="bold")
    for column in table.columns:
        column.ratio, column.overflow = 1, "fold"
    for kind, before, after in rows(patch):
        styles = _STYLES[kind]
        table.add_row(Text(before, styles[0]), Text(after, styles[1]))
    return table


def rows(patch: str) -> Iterator[Row]:
    """Pair each run of removed lines with the added ones that follow it."""
    removed: list[str] = []
    added: list[str] = []
    for line in [*patch.splitlines()[2:], "@@ end"]:
        if line.startswith("-") and not added:
            removed.append(line[1:])
        elif line.startswith("+"):
            added.append(line[1:])
        else:
            for old, new in zip_longest(removed, added, fillvalue=""):
                yield "-+", old, new
            removed, added = ([line[1:]], []) if line.startswith("-") else ([], [])
            if line.startswith(" "):
                yield " ", line[1:], line[1:]
            elif found := _HUNK.match(line):
                yield "@", f"line {found[1]}", f"line {found[2]}"
