"""Tell what a function looks up of what it is given, as far as its own text shows."""

import ast
from collections.abc import Iterator
from typing import NamedTuple

from flagwright.core.wrapping.proof.running import Function, root_of, special
from flagwright.core.wrapping.tree import walk

_BINDING = (
    ast.Assign, ast.AnnAssign, ast.AugAssign, ast.NamedExpr, ast.comprehension, ast.withitem
)  # fmt: skip


class Looking(NamedTuple):
    """What is done with the parameters of a function, and with what is made of them."""

    attributes: set[str]
    special: set[str]
    """Methods that Python calls for it, such as `__iter__`."""
    calls: list[ast.expr]
    """What gets them, or what is made of them, in its turn."""


def looks_up(function: Function) -> Looking:
    """What a function does with what it is given."""
    found = Looking(set(), set(), [])
    given = _given(function)
    for node in walk(function):
        names = {inner.id for inner in walk(node) if isinstance(inner, ast.Name)}
        if names.isdisjoint(given):
            continue
        match node:
            case ast.Attribute(attr=attribute) if root_of(node) in given or not _is_plain(node):
                found.attributes.add(attribute)
            case ast.Call(func=func, args=arguments):
                texts = (a.value for a in arguments if isinstance(a, ast.Constant))
                found.attributes.update(text for text in texts if isinstance(text, str))
                found.calls.append(func)
            case _:
                pass
        found.special.update(special(node))
    return found


def _is_plain(node: ast.expr) -> bool:
    """Whether a name and attributes of it are all that there is."""
    while isinstance(node, ast.Attribute):
        node = node.value
    return isinstance(node, ast.Name)


def _given(function: Function) -> set[str]:
    """Parameters, also of inner functions, and names that are given what is made of them."""
    given, size = {node.arg for node in walk(function) if isinstance(node, ast.arg)}, 0
    bound = list(_bound(function))
    while len(given) > size:
        size = len(given)
        given |= {n for names, used in bound if used & given for n in names}
    return given


def _bound(function: Function) -> Iterator[tuple[set[str], set[str]]]:
    """Names that a statement, loop or the like binds, with those that stand in it."""
    for node in walk(function):
        where: list[ast.AST] = [node] if isinstance(node, _BINDING) else []
        if isinstance(node, ast.For | ast.AsyncFor):
            where = [node.target, node.iter]
        if where:
            names = [n for one in where for n in ast.walk(one) if isinstance(n, ast.Name)]
            stored = {n.id for n in names if isinstance(n.ctx, ast.Store)}
            yield stored, {n.id for n in names} - stored
