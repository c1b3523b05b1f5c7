"""Tell whether a function asks only for flags that a list of the program has, unlike a new one."""

import ast
from collections.abc import Collection, Iterator

from flagwright.core.wrapping.assigned import own_nodes, parameters_of
from flagwright.core.wrapping.effect import Function


def asks_of_a_list(function: Function) -> bool:
    """Whether it first looks for the name that it is given among some: `if name not in KNOWN:`.

    A name that is not there is refused, taken for off, or remembered. Where it is asked for unless
    it is there, as an override is, a new flag is asked for as well.
    """
    given = set(parameters_of(function))
    return any(_is_in_the_way(node, given) for node in own_nodes(function))


def _is_in_the_way(node: ast.AST, given: Collection[str]) -> bool:
    match node:
        case ast.Compare(left=ast.Name(id=name), ops=[ast.NotIn()]):
            return name in given
        case ast.BoolOp(op=ast.And(), values=parts):
            return any(_is_among(part, given) for part in parts)
        case ast.Assert(test=test):
            return _is_among(test, given)
        case ast.If(test=test, body=body) | ast.IfExp(test=test, body=body):
            return _is_among(test, given) and any(_is_given(n, given) for n in _parts(body))
        case _:
            return False


def _is_among(test: ast.expr, given: Collection[str]) -> bool:
    match test:
        case ast.Compare(left=ast.Name(id=name), ops=[ast.In()]):
            return name in given
        case _:
            return False


def _parts(body: ast.expr | list[ast.stmt]) -> Iterator[ast.AST]:
    for part in body if isinstance(body, list) else [body]:
        yield from ast.walk(part)


def _is_given(node: ast.AST, given: Collection[str]) -> bool:
    """Whether a call is handed the name."""
    return isinstance(node, ast.Call) and any(
        isinstance(value, ast.Name) and value.id in given for value in node.args
    )
