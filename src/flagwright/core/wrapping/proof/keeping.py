"""Tell what a function does with what it is given: whether it calls it, or only stores it."""

import ast
import builtins
from collections.abc import Callable, Collection, Iterable, Iterator
from functools import lru_cache
from inspect import isdatadescriptor

from flagwright.core.wrapping.proof.running import (
    KEEPING,
    OF_FUNCTIONS,
    Function,
    called_name,
    names_of,
    parts_of,
    running,
)
from flagwright.core.wrapping.tree import walk

_FILLING = {"append", "appendleft", "add", "insert", "setdefault"}
"""Methods that put what they are given into a container, and only that."""
_TELLING = {"callable", "isinstance", "id", "type", "iscoroutinefunction", "hasattr"}
_INSPECTING = {"signature", "getfullargspec", "isfunction", "isgeneratorfunction", "unwrap"}
"""Functions of `inspect` that only look how a function is made."""
ERRORS = {
    n
    for n, e in vars(builtins).items()
    if isinstance(e, type)
    and issubclass(e, Exception)
    and not any(isdatadescriptor(part) for kind in e.__mro__[:-3] for part in vars(kind).values())
}
"""Exceptions of Python that keep what they are given as `args`, and under no other name."""
_APPLYING = {"map", "filter", "reduce", "starmap"}


def keeps(
    function: Function,
    given_away: Callable[[ast.AST], Iterable[ast.Name]],
    *,
    is_method: bool,
    of_classes: bool = False,
) -> bool:
    """Whether a function certainly calls nothing that it is given: it stores it, or tells of it.

    What it hands to its inner functions is called by these, if at all.

    Args:
        given_away: Names in a call that code of somebody else is given, and does not call.
        of_classes: Whether it is only given classes that are just what their code says: what is
            asked of one by a name is noted by that name.
    """
    used, calls = _used(function, is_method=is_method, of_classes=of_classes)
    return not used or used <= {id(name) for call in calls for name in given_away(call)}


@lru_cache(maxsize=1024)
def _used(
    function: Function, *, is_method: bool, of_classes: bool
) -> tuple[set[int], list[ast.expr]]:
    """By identity, names of parameters that a function uses otherwise than to store them.

    And the calls by which it may still only hand them on.
    """
    parameters = [a.arg for a in walk(function.args) if isinstance(a, ast.arg)]
    given = set(parameters[1:] if is_method else parameters)
    run = [node for statement in function.body for node in running(statement)]
    read = [n for n in run if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)]
    used = {id(node) for node in read if node.id in given}
    if not used:
        return used, []
    called = {id(n.func) for n in run if isinstance(n, ast.Call) and called_name(n) != "wraps"}
    used -= {id(part) for node in run if id(node) not in called for part in _stored(node)}
    if of_classes:
        asked = (n for n in run if isinstance(n, ast.Attribute) and id(n) not in called)
        used -= {id(n.value) for n in asked if not n.attr.startswith("__")}
    return used, [call for node in run for call in _decorated(node, given)]


def _decorated(node: ast.AST, given: Collection[str]) -> Iterator[ast.expr]:
    """A call whose result is given back, or takes the place of a parameter: `f = option()(f)`.

    `option()(f)` by itself marks f.
    """
    match node:
        case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call() as call) if name in given:
            yield call
        case ast.Return(value=ast.Call() as call) | ast.Expr(ast.Call(func=ast.Call()) as call):
            yield call
        case _:
            pass


def calls_a_parameter(function: Function) -> bool:
    """Whether a function certainly calls something that it is given, before it returns."""
    given = {a.arg for a in walk(function.args) if isinstance(a, ast.arg)}
    calls = [n for s in function.body for n in running(s) if isinstance(n, ast.Call)]
    direct = any(isinstance(n.func, ast.Name) and n.func.id in given for n in calls)
    through = (n for n in calls if called_name(n) in _APPLYING)
    return direct or any(names_of(argument) & given for n in through for argument in n.args[:1])


def _stored(node: ast.AST) -> Iterator[ast.AST]:
    """Values that one node puts somewhere, gives back, or asks what they are."""
    match node:
        case ast.Assign(targets=targets, value=value):
            if not any(isinstance(n, ast.Name | ast.Tuple | ast.List) for n in targets):
                yield from parts_of(value)
        case ast.AnnAssign(target=ast.Attribute() | ast.Subscript(), value=ast.expr() as value):
            yield from parts_of(value)
        case ast.Return(value=ast.expr() as value) | ast.Subscript(slice=value):
            yield from parts_of(value)
        case ast.Compare(left=left, ops=ops, comparators=others):
            if all(isinstance(op, ast.Is | ast.IsNot) for op in ops):
                yield from (left, *others)
        case ast.If(test=test) | ast.IfExp(test=test) | ast.UnaryOp(op=ast.Not(), operand=test):
            yield test
        case ast.Attribute(value=value, attr=name, ctx=context):
            if name in OF_FUNCTIONS or isinstance(context, ast.Store):
                yield value
        case ast.Call(func=func, args=args):
            name = called_name(func)
            put = isinstance(func, ast.Attribute) and name in _FILLING
            if put or name in _TELLING or name in KEEPING or inspects(func):
                yield from (part for argument in args for part in parts_of(argument))
        case _:
            pass


def inspects(func: ast.expr) -> bool:
    """Whether a function of `inspect` is called."""
    match func:
        case ast.Attribute(value=ast.Name(id="inspect"), attr=name):
            return name in _INSPECTING
        case _:
            return False
