"""Find new definitions that only wait: marked with a flag, and without any effect of their own.

A plan leaves a new function, method, class or constant where it is, below `# flag NAME: on`.
Defining it runs nothing, and no older line can mean it, because its name was nowhere in the file:
whatever uses it is on a changed line, and has to stand under a check itself. The mark alone is
never believed.
"""

import ast
import builtins
import re
from collections.abc import Iterator
from typing import TypeGuard

from flagwright.core.risk.view import FileView

_MARK = re.compile(r"# flag (\S+): on")
_INERT = (
    *(ast.Constant, ast.Name, ast.Attribute, ast.Subscript, ast.expr_context),
    *(ast.Tuple, ast.List, ast.Set, ast.Dict, ast.UnaryOp, ast.unaryop),
)
"""What a default, an annotation or a constant may be made of: nothing that calls."""
_PLAIN = {
    name
    for name, kind in vars(builtins).items()
    if kind is object or (isinstance(kind, type) and issubclass(kind, BaseException))
}
"""Bases that run nothing when a class is made of them, and call no method of it by its name."""


def waiting(file: FileView) -> dict[int, str]:
    """The flag of each line of such a definition, by the number of the line."""
    tree = file.after
    if tree is None or file.change.after is None:
        return {}
    lines = file.change.after.decode("utf-8", "replace").split("\n")
    before = (file.change.before or b"").decode("utf-8", "replace")
    return {
        number: flag
        for node in (*tree.body, *_methods(file, tree))
        if (flag := _marked(lines, node))
        and (name := _name(node))
        and not (isinstance(node, ast.ClassDef) and not _is_plain(node, tree))
        and not name.startswith("__")
        and not re.search(rf"\b{re.escape(name)}\b", before)
        for number in range(node.lineno, (node.end_lineno or node.lineno) + 1)
    }


def _methods(file: FileView, tree: ast.Module) -> Iterator[ast.stmt]:
    """Members of plain classes that were there before: nothing but their callers finds them."""
    old = {node.name for node in file.before.body if _is_class(node)} if file.before else set()
    for node in tree.body:
        if _is_class(node) and node.name in old and _is_plain(node, tree):
            yield from (one for one in node.body if isinstance(one, ast.FunctionDef))


def _is_class(node: ast.stmt) -> TypeGuard[ast.ClassDef]:
    return isinstance(node, ast.ClassDef)


def _is_plain(node: ast.ClassDef, tree: ast.Module) -> bool:
    """Whether nobody is told of the class when it is made, or looks for its members."""
    bases = {one.id for one in node.bases if isinstance(one, ast.Name)}
    if node.keywords or node.decorator_list or len(bases) < len(node.bases) or bases - _PLAIN:
        return False
    return not bases or bases.isdisjoint(_bound(tree))


def _bound(tree: ast.Module) -> Iterator[str]:
    """Every name that a file gives a meaning of its own."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.alias):
            yield node.asname or node.name


def _marked(lines: list[str], node: ast.stmt) -> str | None:
    """The flag in the comments right above a statement."""
    for line in reversed(lines[: node.lineno - 1]):
        if not line.lstrip().startswith("#"):
            return None
        if found := _MARK.fullmatch(line.strip()):
            return found[1]
    return None


def _name(node: ast.stmt) -> str | None:
    """What a statement defines, where defining it runs nothing."""
    match node:
        case (
            ast.FunctionDef(name=name, decorator_list=[])
            | ast.AsyncFunctionDef(name=name, decorator_list=[])
        ):
            parts = _signature(node)
        case ast.Assign(targets=[ast.Name(id=name)], value=value):
            parts = ast.walk(value)
        case ast.ClassDef(name=name, body=body):
            return name if all(map(_waits_in_class, body)) else None
        case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value, annotation=of):
            parts = (part for one in (value, of) for part in ast.walk(one))
        case _:
            return None
    return name if all(isinstance(part, _INERT) for part in parts) else None


def _waits_in_class(node: ast.stmt) -> bool:
    """Whether a line of a class body runs nothing: an attribute may be told its name."""
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            return _name(node) is not None
        case ast.Pass() | ast.Expr(ast.Constant()) | ast.Assign(value=ast.Constant()):
            return all(isinstance(one, ast.Name) for one in getattr(node, "targets", ()))
        case _:
            return False


def _signature(node: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[ast.AST]:
    arguments = node.args
    every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    every += [one for one in (arguments.vararg, arguments.kwarg) if one]
    told = [*arguments.defaults, *arguments.kw_defaults, node.returns]
    told += [one.annotation for one in every]
    for part in filter(None, told):
        yield from ast.walk(part)
