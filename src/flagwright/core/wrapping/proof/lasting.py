"""Tell which names and values of a wrapped file are the same whenever they are asked for."""

import ast
import builtins
from collections import Counter
from collections.abc import Collection, Iterator
from functools import lru_cache
from typing import Any, NamedTuple

_OF_TYPES = (
    *(ast.Name, ast.Attribute, ast.Subscript, ast.BinOp, ast.BitOr, ast.Constant),
    *(ast.Tuple, ast.List, ast.Load),
)


class Known(NamedTuple):
    """What does not depend on when a file asks for it."""

    names: frozenset[str]
    """Names that stand for one thing for good."""
    defers: bool
    """Whether annotations are not evaluated."""
    counts: bool
    """Whether `len` is what Python calls so, wherever the file asks for it."""


@lru_cache(maxsize=4)
def known(tree: ast.Module) -> Known:
    """What a wrapped file may ask for at any time."""
    futures = (n for n in tree.body if isinstance(n, ast.ImportFrom) and n.module == "__future__")
    names = {alias.name for node in futures for alias in node.names}
    own, bound = lasting(tree), {name for node in ast.walk(tree) for name in _binds(node)}
    return Known(own, "annotations" in names, "len" in own - bound)


@lru_cache(maxsize=4)
def lasting(tree: ast.Module) -> frozenset[str]:
    """Names that one statement at the top of a file binds and nothing else, and Python's own."""
    bound = Counter(name for node in ast.walk(tree) for name in _binds(node))
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    if bound["*"] or used & {"globals", "exec", "eval"}:
        return frozenset()
    kinds = (ast.Assign, ast.AnnAssign, ast.Import, ast.ImportFrom, ast.FunctionDef, ast.ClassDef)
    top = {name for node in tree.body if isinstance(node, kinds) for name in _tops(node)}
    return frozenset({n for n in top if bound[n] == 1} | {n for n in dir(builtins) if not bound[n]})


def _tops(node: Any) -> Iterator[str]:
    parts = (node, *getattr(node, "names", ()), *getattr(node, "targets", ()))
    for part in (*parts, getattr(node, "target", None)):
        yield from _binds(part)


def _binds(node: Any) -> Iterator[str]:
    """Names that a node itself binds in some scope, or declares to be of another."""
    match node:
        case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
            yield name
        case ast.alias():
            yield node.asname or node.name.split(".")[0]
        case ast.Global() | ast.Nonlocal():
            yield from node.names
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef() | ast.ExceptHandler():
            yield node.name or ""
        case ast.MatchAs() | ast.MatchStar():
            yield node.name or ""
        case ast.MatchMapping():
            yield node.rest or ""
        case _:
            pass


def is_fixed(value: ast.expr, known: Collection[str]) -> bool:
    """Whether a value is made of numbers, texts, `None`, known names and tuples of them alone.

    Or of constants in what a known name stands for: `logging.INFO`.
    """
    kinds = (
        *(ast.Constant, ast.UnaryOp, ast.BinOp, ast.Tuple, ast.operator, ast.unaryop),
        *(ast.Name, ast.Attribute, ast.Load),
    )
    parts = [*ast.walk(value)]
    sums = [n for n in parts if isinstance(n, ast.UnaryOp | ast.BinOp)]
    if any(isinstance(n, ast.Name) for part in sums for n in ast.walk(part)):
        return False
    held = [n for n in parts if isinstance(n, ast.Attribute)]
    if not all(n.attr.isupper() and isinstance(n.value, ast.Name) for n in held):
        return False
    names = [n.id for n in parts if isinstance(n, ast.Name)]
    return all(isinstance(n, kinds) for n in parts) and {*names} <= {*known}


def is_type(value: ast.expr, known: Collection[str]) -> bool:
    """Whether an annotation calls nothing, and is made of known names alone."""
    parts = [*ast.walk(value)]
    names = {n.id for n in parts if isinstance(n, ast.Name)}
    return all(isinstance(n, _OF_TYPES) for n in parts) and names <= {*known}


def is_quiet(value: ast.expr) -> bool:
    """Whether making a value runs nothing of this file; what a pure call is, a policy says."""
    lazy = (ast.Await, ast.Yield, ast.YieldFrom, ast.NamedExpr, ast.Starred)
    calls = (n.func for n in ast.walk(value) if isinstance(n, ast.Call))
    return not any(isinstance(n, lazy) for n in ast.walk(value)) and all(map(_is_dotted, calls))


def _is_dotted(node: ast.expr) -> bool:
    """Whether an expression is a name, or an attribute of one."""
    while isinstance(node, ast.Attribute):
        node = node.value
    return isinstance(node, ast.Name)
