"""Read what one function binds by itself, and how often."""

import ast
from collections.abc import Iterator
from typing import Any


def _own(node: Any) -> Iterator[ast.AST]:
    """Nodes of a function, without what functions and classes inside it hold."""
    stack: list[ast.AST] = [node.args, *node.body]
    while stack:
        part = stack.pop()
        yield part
        inner = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda
        if not isinstance(part, inner):
            stack.extend(ast.iter_child_nodes(part))


def bound(node: Any) -> Iterator[str]:
    """Every binding of a name in one function."""
    for part in _own(node):
        match part:
            case ast.Name(id=name, ctx=ast.Store() | ast.Del()) | ast.arg(arg=name):
                yield name
            case (
                ast.FunctionDef(name=name)
                | ast.AsyncFunctionDef(name=name)
                | ast.ClassDef(name=name)
            ):
                yield name
            case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)):
                yield name
            case ast.MatchStar(name=str(name)) | ast.MatchMapping(rest=str(name)):
                yield name
            case ast.Global(names=names) | ast.Nonlocal(names=names):
                yield from (*names, *names)
            case ast.alias(name=name, asname=asname):
                yield asname or name.partition(".")[0]
            case _:
                pass


def assigned(node: Any) -> Iterator[tuple[str, ast.expr]]:
    """Names that assignments of a function bind to one value, with that value."""
    for part in _own(node):
        match part:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                yield name, value
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                yield name, value
            case ast.NamedExpr(target=ast.Name(id=name), value=value):
                yield name, value
            case _:
                pass
