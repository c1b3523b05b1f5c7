"""Read what a function gives back: functions and classes that it defines, or has by name."""

import ast
from functools import lru_cache

from flagwright.core.wrapping.proof.running import (
    Function,
    bound_by,
    called_name,
    names_of,
    running,
)
from flagwright.core.wrapping.tree import definitions, members, walk


def inner_functions(node: Function) -> list[Function]:
    """Functions that a function defines and may give back."""
    return [n for n in given_back(node) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]


def given_back(node: Function) -> list[Function | ast.ClassDef]:
    """Functions and classes that a function defines and may give back."""
    if not definitions(node):
        return []
    run = [part for statement in node.body for part in running(statement)]
    kinds = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
    inner = [n for n in run if isinstance(n, kinds)]
    values = [n.value for n in run if isinstance(n, ast.Return) and n.value]
    names = {name for value in values for name in names_of(_handed_back(value))}
    return [found for found in inner if found.name in names]


def handed_back(node: Function) -> set[str]:
    """Names in what a function gives back or yields, and in what its locals among these are."""
    return set().union(*map(names_of, _values_back(node)))


def asked_back(node: Function) -> set[str]:
    """What is called there, so that a function may give back what that does."""
    calls = (n for value in _values_back(node) for n in walk(value) if isinstance(n, ast.Call))
    return {*map(called_name, calls)}


@lru_cache(maxsize=4096)
def _values_back(node: Function) -> list[ast.expr]:
    own = members(node)
    local = {name: value for n in own for name, value in bound_by(n)}
    values = [n.value for n in own if isinstance(n, ast.Return | ast.Expr | ast.Assign) and n.value]
    returned = {id(n.value) for n in own if isinstance(n, ast.Return)}
    given = [v for v in values if id(v) in returned or isinstance(v, ast.Yield | ast.YieldFrom)]
    names = {name for value in given for name in names_of(value)}
    return [*given, *(local[name] for name in sorted(names & local.keys()))]


def _handed_back(value: ast.expr) -> ast.AST:
    """A value without what it hands on by name: `option(callback=f)(g)` gives back `g`."""
    match value:
        case ast.Call(func=func, args=args):
            bare = [] if isinstance(func, ast.Call) else [func]
            return ast.Tuple([*bare, *args], ast.Load())
        case _:
            return value
