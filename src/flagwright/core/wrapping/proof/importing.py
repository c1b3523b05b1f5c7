"""Find where a file would ask for the flag while it is being imported."""

import ast
from collections.abc import Iterator
from typing import Any

_CALLERS = {"map", "filter", "sorted", "max", "min", "reduce", "partial", "any", "all", "next"}
_IMPLICIT = {
    "__init__",
    "__new__",
    "__post_init__",
    "__set_name__",
    "__init_subclass__",
    "__call__",
}


def asks_at_import(tree: ast.Module, check: str) -> list[int]:
    """Lines of checks that run at import: outside functions, or in functions called there.

    Calls are followed by name through the file, which finds too many rather than too few.
    """
    wanted = ast.dump(ast.parse(check, mode="eval").body)
    functions: dict[str, list[Any]] = {}
    classes = {n.name for n in ast.walk(tree) if isinstance(n, ast.ClassDef)}
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            functions.setdefault(node.name, []).append(node)
    imported = {a.asname or a.name.partition(".")[0] for a in _aliases(tree)}
    at_import = list(_outside(tree))
    waiting, done = set(_called(at_import, imported)), set[str]()
    reached = list(at_import)
    while waiting:
        name = waiting.pop()
        done.add(name)
        names = {name} | (_IMPLICIT if name in classes else set())
        for function in (f for n in names for f in functions.get(n, [])):
            inside = [n for statement in function.body for n in ast.walk(statement)]
            reached += inside
            waiting |= set(_called(inside, imported)) - done
    return sorted({n.lineno for n in reached if isinstance(n, ast.expr) and ast.dump(n) == wanted})


def _aliases(tree: ast.Module) -> Iterator[ast.alias]:
    for node in tree.body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield from node.names


def _outside(tree: ast.Module) -> Iterator[ast.AST]:
    """Nodes that are evaluated at import; the main block of a script is not."""
    stack: list[ast.AST] = [node for node in tree.body if not _is_main(node)]
    while stack:
        node = stack.pop()
        yield node
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            stack.extend(getattr(node, "decorator_list", []))
            stack.extend(d for d in (*node.args.defaults, *node.args.kw_defaults) if d)
        else:
            stack.extend(ast.iter_child_nodes(node))


def _is_main(node: ast.stmt) -> bool:
    return isinstance(node, ast.If) and ast.unparse(node.test) == "__name__ == '__main__'"


def _called(nodes: list[ast.AST], imported: set[str]) -> Iterator[str]:
    """Names that are called, decorate, or are given to what calls its argument."""
    for node in nodes:
        if isinstance(node, ast.Call):
            yield from _callee(node.func, imported)
            if _callee_name(node.func) in _CALLERS:
                yield from (a.id for a in node.args if isinstance(a, ast.Name))
        for decorator in getattr(node, "decorator_list", []):
            yield from _callee(decorator, imported)


def _callee(node: ast.expr, imported: set[str]) -> Iterator[str]:
    match node:
        case ast.Name(id=name):
            yield name
        case ast.Attribute(value=ast.Name(id=base)) if base in imported:
            pass
        case ast.Attribute(attr=name):
            yield name
        case _:
            pass


def _callee_name(node: ast.expr) -> str:
    return getattr(node, "id", getattr(node, "attr", ""))
