"""Tell which expressions no `True` or `False` can stand for, apart from the code that folds."""

import ast
from collections.abc import Callable, Iterator
from typing import Any

from flagwright.core.wrapping.proof.bound import assigned
from flagwright.core.wrapping.tree import nodes

_AWAITING = [
    "create_task",
    "ensure_future",
    "gather",
    "run",
    "run_until_complete",
    "shield",
    "wait_for",
]
_SHOWS = {"locals": 0, "vars": 0, "dir": 0, "eval": 1, "exec": 1}
_BITWISE = (ast.BitAnd, ast.BitOr, ast.BitXor)


def no_answers(tree: ast.Module, asks: Callable[[ast.AST], bool]) -> set[int]:
    """Expressions, by identity, that are used as something else than an answer.

    Args:
        asks: Whether an expression has the form of a question for the flag.
    """
    found: set[int] = set()
    functions: list[Any] = []
    lines: list[int] = []
    """Where a local may get the answer."""
    for node in nodes(tree):
        for part in _demanding(node):
            found |= _handed_on(part)
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                functions.append(node)
            case (
                ast.Assign(value=value)
                | ast.AnnAssign(value=ast.expr() as value)
                | ast.NamedExpr(value=value)
            ) if asks(_inward(value)[-1]):
                lines.append(node.lineno)
            case _:
                pass
    for function in functions:
        if any(function.lineno <= line <= function.end_lineno for line in lines):
            names = _names_of_more(function)
            for name, value in assigned(function):
                found |= _handed_on(value) if name in names else set()
    return found


def unsteady(function: Any) -> set[str] | None:
    """Locals that something inside a function binds as well, or uses as more than an answer.

    None where the function looks at its own locals, so that each must stay.
    """
    found = _names_of_more(function)
    for node in ast.walk(function):
        match node:
            case ast.Call(func=ast.Name(id=name), args=args, keywords=keywords):
                if len(args) + len(keywords) <= _SHOWS.get(name, -1):
                    return None
            case ast.Nonlocal(names=names) if node not in function.body:
                found.update(names)
            case ast.ClassDef() | ast.Lambda():
                found |= _bound_below(node)
            case ast.FunctionDef() | ast.AsyncFunctionDef() if node is not function:
                found |= {n.target.id for n in ast.walk(node) if isinstance(n, ast.NamedExpr)}
            case _:
                pass
    return found


def _names_of_more(function: Any) -> set[str]:
    parts = (part for node in ast.walk(function) for part in _demanding(node))
    return {part.id for part in parts if isinstance(part, ast.Name)}


def _bound_below(node: ast.AST) -> set[str]:
    """Names that a class or a lambda gives a meaning, its parameters apart."""
    found: set[str] = set()
    for part in ast.walk(node):
        match part:
            case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
                found.add(name)
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                found.add(name)
            case ast.alias(name=name, asname=asname):
                found.add(asname or name.partition(".")[0])
            case _:
                pass
    return found


def _handed_on(node: ast.expr) -> set[int]:
    """By identity, an expression and what it gives on."""
    return {id(part) for part in _inward(node)}


def _inward(node: ast.expr) -> list[ast.expr]:
    """An expression, and what it gives on: `await x`, `(y := x)`."""
    found = [node]
    while isinstance(node, ast.Await | ast.NamedExpr):
        node = node.value
        found.append(node)
    return found


def _demanding(node: ast.AST) -> Iterator[ast.expr]:
    """Expressions of which a node wants more than a truth value."""
    match node:
        case (
            ast.Attribute(value=value)
            | ast.Subscript(value=value)
            | ast.Expr(value=value)
            | ast.YieldFrom(value=value)
            | ast.Starred(value=value)
            | ast.withitem(context_expr=value)
            | ast.For(iter=value)
            | ast.AsyncFor(iter=value)
            | ast.comprehension(iter=value)
        ):
            yield value
        case ast.Call(func=func, args=args):
            yield func
            if getattr(func, "attr", getattr(func, "id", "")) in _AWAITING:
                yield from (*args, *(k.value for k in node.keywords))
        case ast.Compare(left=left, comparators=others):
            if any(_is_other_constant(part) for part in (left, *others)):
                yield from (left, *others)
        case ast.BinOp(op=op, left=left, right=right) if not isinstance(op, _BITWISE):
            yield from (left, right)
        case ast.Match(subject=subject, cases=cases):
            plain = (ast.MatchSingleton, ast.MatchAs, ast.MatchOr)
            if not all(isinstance(case.pattern, plain) for case in cases):
                yield subject
        case _:
            pass
    if isinstance(node, ast.Subscript) and not isinstance(node.ctx, ast.Load):
        yield node


def _is_other_constant(node: ast.expr) -> bool:
    is_text = isinstance(node, ast.JoinedStr)
    return is_text or (isinstance(node, ast.Constant) and not isinstance(node.value, bool))
