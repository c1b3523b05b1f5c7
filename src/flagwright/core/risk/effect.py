"""Tell whether a changed file can change what the program does."""

import ast
from bisect import bisect_left
from collections.abc import Sequence
from itertools import count

from flagwright.core.records.change import Side
from flagwright.core.risk.syntax import span
from flagwright.core.risk.view import FileView
from flagwright.core.wrapping.module import is_brought


def has_effect(file: FileView) -> bool:
    """Say no only where it is certain: tests, documentation, and Python that means the same.

    Python means the same where both syntax trees are equal but for texts that nothing is done
    with, such as docstrings, so comments, blank lines and formatting have no effect. The module
    that a plan brings along, through which the others ask for flags, answers no until somebody
    says yes.
    """
    if file.change.unreadable or file.change.kind == "renamed":
        return True
    if file.role in ("tests", "docs") or is_brought(file.change):
        return False
    if not file.parsed or not file.change.hunks:
        return True
    before, after = _statements(file, "before"), _statements(file, "after")
    if len(before) != len(after):
        return True
    pairs = zip(before, after, strict=True)
    return not all(one[0] == other[0] or _is_same(one[1], other[1]) for one, other in pairs)


def _statements(file: FileView, side: Side) -> list[tuple[int | Side, ast.stmt]]:
    """Top-level statements; one without a changed line has its place among those on both sides."""
    tree, lines = file.tree(side), sorted(file.lines(side))
    nodes = [node for node in (tree.body if tree else ()) if not _is_text(node)]
    places = count()
    return [(side if _is_touched(node, lines) else next(places), node) for node in nodes]


def _is_touched(node: ast.stmt, lines: Sequence[int]) -> bool:
    first, last = span(node) or (0, 0)
    index = bisect_left(lines, first)
    return index < len(lines) and lines[index] <= last


def _is_same(before: object, after: object) -> bool:
    """Compare syntax but for places and docstrings, without recursion: files nest deep."""
    stack = [(before, after)]
    while stack:
        one, other = stack.pop()
        if type(one) is not type(other):
            return False
        if isinstance(one, list) and isinstance(other, list):
            if len(one) != len(other):
                return False
            stack += zip(one, other, strict=True)
        elif isinstance(one, ast.AST):
            stack += [(_field(one, name), _field(other, name)) for name in one._fields]
        elif one != other:
            return False
    return True


def _field(node: object, name: str) -> object:
    value = getattr(node, name, None)
    return [part for part in value if not _is_text(part)] if isinstance(value, list) else value


def _is_text(node: object) -> bool:
    """Whether a statement is a text alone: a docstring, or what describes an attribute."""
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )
