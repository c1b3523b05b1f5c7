"""Tell whether a file may let anybody have a class as a value, who could ask for its fields.

Libraries of which nothing is known get one as an argument, in a list, or as a type of what they
decorate: `@tool`, `StateGraph(State)`.
"""

import ast
from collections.abc import Collection, Iterator

from flagwright.core.wrapping.effect import FUNCTIONS, annotations_of, last_name
from flagwright.core.wrapping.tree import nodes

_OF_PYTHON = {"staticmethod", "classmethod", "property", "override", "abstractmethod", "overload"}


def is_more_than_a_type(names: Collection[str], tree: ast.Module | None) -> bool:
    """Whether a file uses classes but to call them, derive from them, or say a type."""
    if tree is None:
        return True
    unread = {id(part) for found in _unread(tree) for part in ast.walk(found)}
    types = {id(part) for found in _types(tree) for part in ast.walk(found)}
    return any(
        _has(node, names, is_type=id(node) in types)
        for node in nodes(tree)
        if id(node) not in unread
    )


def _has(node: ast.AST, names: Collection[str], *, is_type: bool) -> bool:
    match node:
        case ast.Name(ctx=ast.Load()) | ast.Attribute(ctx=ast.Load()):
            return last_name(node) in names
        case ast.Constant(value=str(text)):
            return is_type and any(name in text for name in names)
        case _:
            return False


def _types(tree: ast.Module) -> Iterator[ast.expr]:
    for node in nodes(tree):
        if isinstance(node, FUNCTIONS):
            yield from annotations_of(node)
        elif isinstance(node, ast.AnnAssign):
            yield node.annotation


def _unread(tree: ast.Module) -> Iterator[ast.expr]:
    """Where a class stands and nobody gets it."""
    fields = {
        id(member)
        for node in nodes(tree)
        if isinstance(node, ast.ClassDef) and (node.bases or node.decorator_list)
        for member in node.body
    }
    for node in nodes(tree):
        match node:
            case ast.Call(func=func, args=[kind, *_]) if last_name(func) == "cast":
                yield from (func, kind)
            case ast.Call(func=ast.Name() | ast.Attribute() as func):
                yield func
            case ast.ClassDef(bases=bases):
                yield from bases
            case ast.AnnAssign(annotation=annotation) if id(node) not in fields:
                yield annotation
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                if all(last_name(d) in _OF_PYTHON for d in node.decorator_list):
                    yield from annotations_of(node)
            case _:
                pass
