"""Tell what a piece of code gives away, and what gets it: a callee, a base, an operand."""

import ast
from collections.abc import Callable, Iterator
from typing import NamedTuple

from flagwright.core.wrapping.proof.running import ASKING, COUNTING, LOOKING, Function, defaults
from flagwright.core.wrapping.tree import members


class Giving(NamedTuple):
    """Values, and what gets them."""

    values: list[ast.expr]
    callees: list[ast.expr]
    """What is called with them."""
    others: list[ast.expr]
    """What may be: other arguments of the call."""
    objects: list[ast.expr]
    """What gets them through its special methods, or by a property."""


def given_by(node: ast.AST, calls: Callable[[ast.expr], bool]) -> Iterator[Giving]:
    """What one node gives.

    Args:
        calls: Whether a callee calls the function that it gets, whose result it has then.
    """
    for decorator in getattr(node, "decorator_list", ()):
        has_one = isinstance(node, ast.ClassDef) or calls(decorator)
        own = [ast.Name(str(getattr(node, "name", "")))] if has_one else []
        held = [value for _, value in defaults(node)]
        yield Giving([*own, *held], [decorator], [], [])
    match node:
        case ast.Call(func=ast.Name(name)) if name in ASKING | COUNTING | LOOKING:
            pass
        case ast.Call(func=func, args=arguments, keywords=keywords):
            values = [*arguments, *(keyword.value for keyword in keywords)]
            if isinstance(func, ast.Call):  # what it gives back may be what it was given
                values += [*func.args, *(keyword.value for keyword in func.keywords)]
            receiver = [func.value] if isinstance(func, ast.Attribute) else []
            yield Giving([*values, *receiver], [func], values, [])
        case ast.ClassDef(bases=bases, keywords=keywords) if bases or keywords:
            yield Giving([*_held(node)], [*bases, *(k.value for k in keywords)], [], [])
        case ast.BinOp(left=left, right=right):
            yield Giving([left, right], [], [], [left, right])
        case ast.Compare(left=left, comparators=others):
            yield Giving([left, *others], [], [], [left, *others])
        case ast.AugAssign(target=target, value=value):
            yield Giving([value], [], [], [target])
        case ast.Subscript(value=value, slice=item):
            yield Giving([item], [], [], [value])
        case ast.Assign(targets=targets, value=value):
            into = [t.value for t in targets if isinstance(t, ast.Attribute | ast.Subscript)]
            yield Giving([value] if into else [], [], [], into)
        case _:
            pass


def _held(owner: ast.ClassDef) -> Iterator[ast.expr]:
    """Values that stand in the body of a class."""
    for member in members(owner):
        if isinstance(member, Function):
            yield from (value for _, value in defaults(member))
        elif isinstance(value := getattr(member, "value", None), ast.expr):
            yield value
