"""Tell where an expression is more than the answer of a flag: it has items, is called or made.

`FLAGS["new-tax"]["limit"]`, `client.variation("new-tax") == "blue"` and a line that only calls
name a flag, and no `True` or `False` can stand for them.
"""

from collections.abc import Iterator
from typing import Any

import libcst as cst

_STARTS = frozenset(
    {
        "create_task",
        "ensure_future",
        "gather",
        "run",
        "run_until_complete",
        "shield",
        "wait_for",
    }
)
"""Calls that take what is to be awaited."""
_PLAIN = (cst.SimpleString, cst.ConcatenatedString, cst.Integer, cst.Float, cst.FormattedString)
_BITS = (cst.BitAnd, cst.BitOr, cst.BitXor)
_PATTERNS = (cst.MatchSingleton, cst.MatchAs, cst.MatchOr)


KINDS = frozenset(
    {
        cst.Attribute,
        cst.Subscript,
        cst.Expr,
        cst.From,
        cst.StarredElement,
        cst.Call,
        cst.Comparison,
        cst.BinaryOperation,
        cst.AssignTarget,
        cst.AugAssign,
        cst.Del,
        cst.For,
        cst.CompFor,
        cst.WithItem,
        cst.Match,
    }
)
"""Nodes that may do more with an expression than ask what it answers."""


def more_than_answers(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """Parts of a node that cannot be an answer, by what the node does with them."""
    match node:
        case cst.Attribute(value=value) | cst.Subscript(value=value):
            yield value
        case cst.Expr(value=value) | cst.From(item=value) | cst.StarredElement(value=value):
            yield value
        case cst.Call(func=func, args=args):
            yield func
            if _last(func) in _STARTS:
                yield from (arg.value for arg in args)
        case cst.Comparison(left=left, comparisons=comparisons):
            parts = [left, *(c.comparator for c in comparisons)]
            if any(_is_no_answer(part) for part in parts):
                yield from parts
        case cst.BinaryOperation(operator=operator, left=left, right=right):
            if not isinstance(operator, _BITS):
                yield from (left, right)
        case _:
            yield from _in_statement(node)


def _in_statement(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    match node:
        case (
            cst.AssignTarget(target=target) | cst.AugAssign(target=target) | cst.Del(target=target)
        ):
            yield from _targets(target)
        case cst.For(target=target, iter=value) | cst.CompFor(target=target, iter=value):
            yield from (*_targets(target), value)
        case cst.WithItem(item=value):
            yield value
        case cst.Match(subject=subject, cases=cases):
            if not all(isinstance(case.pattern, _PATTERNS) for case in cases):
                yield subject
        case _:
            pass


def inner(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """What an expression gives on as it is: `await x` and `(y := x)`."""
    yield node
    match node:
        case cst.Await(expression=value) | cst.NamedExpr(value=value):
            yield from inner(value)
        case _:
            pass


def _targets(node: Any) -> Iterator[cst.CSTNode]:
    if isinstance(node, cst.Tuple | cst.List):
        for element in node.elements:
            yield from _targets(element.value)
    elif not isinstance(node, cst.Name):
        yield node


def _is_no_answer(node: cst.CSTNode) -> bool:
    """Whether a constant is of a type that no answer has."""
    return isinstance(node, _PLAIN) or (isinstance(node, cst.Name) and node.value == "None")


def _last(node: cst.CSTNode) -> str:
    match node:
        case cst.Attribute(attr=cst.Name(value=name)) | cst.Name(value=name):
            return str(name)
        case _:
            return ""
