"""Check that no class loses or gets `(object)` where that may be another class than Python's."""

import ast

from flagwright.core.wrapping.proof.equal import is_only_object
from flagwright.core.wrapping.tree import of_kind

_NAMED = ("id", "name", "arg", "rest")


def same_where_renamed(version: ast.Module, other: ast.Module, *, by: ast.Module) -> bool:
    """Whether two trees have the same classes that are made from `object` alone.

    Args:
        by: A version of the file; where it never binds the name, the classes do not matter.
    """
    return _made(version) == _made(other) or not any(map(_binds_object, ast.walk(by)))


def _made(tree: ast.Module) -> list[str]:
    return sorted(node.name for node in of_kind(tree, ast.ClassDef) if is_only_object(node))


def _binds_object(node: ast.AST) -> bool:
    match node:
        case ast.ImportFrom(module=module, names=names, level=level) if (
            level or module != "builtins"
        ):
            return any(alias.name in ("object", "*") or alias.asname == "object" for alias in names)
        case ast.Import(names=names):
            return any("object" in (alias.name, alias.asname) for alias in names)
        case ast.alias() | ast.ImportFrom() | ast.Name(ctx=ast.Load()) | ast.keyword():
            return False
        case ast.Global(names=names) | ast.Nonlocal(names=names):
            return "object" in names
        case _:
            return any(getattr(node, field, None) == "object" for field in _NAMED)
