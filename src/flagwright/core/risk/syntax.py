"""Walk only the part of a Python syntax tree that a change touches.

What stands on unchanged lines is the same in both versions, so signals compare the
touched parts alone: a small change in a large file costs little.
"""

import ast
from bisect import bisect_left
from collections.abc import Container, Iterable, Iterator
from typing import NamedTuple

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


class Touched(NamedTuple):
    """A node that a changed line is part of."""

    node: ast.AST
    line: int
    """The first changed line of the node, counted from 1."""
    scope: tuple[str, ...]
    """Names of the functions and classes around it, outermost first."""


def span(node: ast.AST) -> tuple[int, int] | None:
    """First and last line of a node, decorators included; none where it has no place."""
    start: int | None = getattr(node, "lineno", None)
    if start is None:
        return None
    decorators = getattr(node, "decorator_list", ())
    first = min([start, *(decorator.lineno for decorator in decorators)])
    return first, getattr(node, "end_lineno", None) or start


def touched(tree: ast.Module, lines: Iterable[int]) -> Iterator[Touched]:
    """Yield the nodes that the lines are part of, parents before children."""
    ordered = sorted(lines)
    stack: list[tuple[ast.AST, tuple[str, ...], int]] = [(tree, (), 1)]
    while stack and ordered:
        node, scope, line = stack.pop()
        if place := span(node):
            index = bisect_left(ordered, place[0])
            if index == len(ordered) or ordered[index] > place[1]:
                continue
            line = ordered[index]
            yield Touched(node, line, scope)
        inner = (*scope, node.name) if isinstance(node, Definition) else scope
        stack += [(child, inner, line) for child in _children(node)]


def _children(node: ast.AST) -> list[ast.AST]:
    return list(ast.iter_child_nodes(node))[::-1]


def begins_on(touch: Touched, lines: Container[int]) -> bool:
    """Whether the first line of the node itself is a changed one."""
    return getattr(touch.node, "lineno", None) in lines


def statements(tree: ast.Module) -> Iterator[ast.stmt]:
    """Yield every statement at any depth, without walking expressions."""
    stack: list[ast.AST] = [tree]
    while stack:
        node = stack.pop()
        if isinstance(node, ast.stmt):
            yield node
        for field in ("body", "orelse", "finalbody", "handlers", "cases"):
            inner = getattr(node, field, None)
            if isinstance(inner, list):
                stack += inner


def imported_names(tree: ast.Module) -> dict[str, str]:
    """Map each imported name to the dotted path that it stands for."""
    names: dict[str, str] = {}
    for node in statements(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                name = alias.name if alias.asname else alias.name.partition(".")[0]
                names[alias.asname or name] = name
        elif isinstance(node, ast.ImportFrom):
            module = "." * node.level + (node.module or "")
            names |= {alias.asname or alias.name: f"{module}.{alias.name}" for alias in node.names}
    return names


def dotted(node: ast.expr, imported: dict[str, str]) -> str:
    """Write `a.b().c[0]` as `a.b.c`, with `a` replaced by what it was imported from."""
    parts: list[str] = []
    while True:
        match node:
            case ast.Attribute(value=inner, attr=name):
                parts.append(name)
                node = inner
            case ast.Call(func=inner) | ast.Subscript(value=inner) | ast.Await(value=inner):
                node = inner
            case ast.Name(id=name):
                parts.append(imported.get(name, name))
                break
            case _:
                parts.append("")
                break
    return ".".join(reversed(parts))
