"""Tell whether a changed file can change what the program does."""

import ast
import copy
from collections.abc import Container, Iterator

from flagwright.core.risk.syntax import Definition, span
from flagwright.core.risk.view import FileView


def has_effect(file: FileView) -> bool:
    """Say no only where it is certain: tests, documentation, and Python that means the same.

    Python means the same where both syntax trees are equal but for docstrings, so comments,
    blank lines and formatting have no effect.
    """
    if file.change.unreadable or file.change.kind == "renamed":
        return True
    if file.role in ("tests", "docs"):
        return False
    if not file.parsed or not file.change.hunks:
        return True
    try:
        return [*_meaning(file, "before")] != [*_meaning(file, "after")]
    except RecursionError:
        return True


def _meaning(file: FileView, side: str) -> Iterator[str | None]:
    """Write each top-level statement that a changed line is part of; None stands for others."""
    lines = file.lines("before" if side == "before" else "after")
    tree = file.before if side == "before" else file.after
    for index, node in enumerate(tree.body if tree else ()):
        if index == 0 and _is_docstring(node):
            continue
        yield ast.dump(_bare(node)) if _is_touched(node, lines) else None


def _is_touched(node: ast.stmt, lines: Container[int]) -> bool:
    first, last = span(node) or (0, 0)
    return any(line in lines for line in range(first, last + 1))


def _bare(node: ast.stmt) -> ast.stmt:
    """Copy a statement without docstrings."""
    node = copy.deepcopy(node)
    for inner in ast.walk(node):
        if isinstance(inner, Definition) and inner.body and _is_docstring(inner.body[0]):
            inner.body = inner.body[1:] or [ast.Pass()]
    return node


def _is_docstring(node: ast.stmt) -> bool:
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )
