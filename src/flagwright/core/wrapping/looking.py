"""Tell what a function looks up of what it is given, as far as its own text shows."""

import ast
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from flagwright.core.wrapping.proof import lookup
from flagwright.core.wrapping.proof.running import (
    Function,
    names_of,
    root_of,
    special,
)
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
    by_text: bool
    """Whether names are looked up of them that are not written there: `getattr(x, NAME)`."""


@lru_cache(maxsize=8192)
def looks_up(function: Function | ast.Lambda) -> Looking:
    """What a function does with what it is given."""
    given = _given(function)
    by_text = any(_looks_for_any(node, given) for node in walk(function))
    found = Looking(set(), set(), [], by_text)
    for node in walk(function):
        names = {inner.id for inner in walk(node) if isinstance(inner, ast.Name)}
        if names.isdisjoint(given):
            continue
        match node:
            case ast.Attribute(attr=attribute) if root_of(node) in given or not _is_plain(node):
                found.attributes.add(attribute)
            case ast.Match():
                patterns = (n for n in walk(node) if isinstance(n, ast.MatchClass))
                found.attributes.update(*(pattern.kwd_attrs for pattern in patterns))
            case ast.Call(func=func, args=arguments):
                texts = (a.value for a in arguments if isinstance(a, ast.Constant))
                found.attributes.update(text for text in texts if isinstance(text, str))
                found.calls.append(func)
            case _:
                pass
        found.special.update(special(node))
    return found


def _looks_for_any(node: ast.AST, given: set[str]) -> bool:
    """Whether a node looks up of some names what it does not write."""
    asked = lookup.asked_for(node)
    if asked is None or lookup.written(asked[1]) is not None:
        return False
    return asked[0] is node or not names_of(asked[0]).isdisjoint(given)


def _is_plain(node: ast.expr) -> bool:
    """Whether a name and attributes of it are all that there is."""
    while isinstance(node, ast.Attribute):
        node = node.value
    return isinstance(node, ast.Name)


def _given(function: Function | ast.Lambda) -> set[str]:
    """Parameters, also of inner functions, and names that are given what is made of them."""
    given, size = {node.arg for node in walk(function) if isinstance(node, ast.arg)}, 0
    bound = list(_bound(function))
    while len(given) > size:
        size = len(given)
        given |= {n for names, used in bound if used & given for n in names}
    return given


def _bound(function: Function | ast.Lambda) -> Iterator[tuple[set[str], set[str]]]:
    """Names that a statement, loop or the like binds, with those that stand in it."""
    for node in walk(function):
        where: list[ast.AST] = [node] if isinstance(node, _BINDING) else []
        if isinstance(node, ast.For | ast.AsyncFor):
            where = [node.target, node.iter]
        if where:
            names = [n for one in where for n in ast.walk(one) if isinstance(n, ast.Name)]
            stored = {n.id for n in names if isinstance(n.ctx, ast.Store)}
            yield stored, {n.id for n in names} - stored
