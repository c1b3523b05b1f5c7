"""Tell whether a program can ask for its flag where it does, as it starts.

The flag client is imported above that, and may itself need what others wait for: `sys.path` with
one more folder, a setting in `os.environ`. So nothing may run before an import of a package.
"""

import ast
import sys
from collections.abc import Iterable

from flagwright.core.wrapping.proof.running import is_main


def may_start(check: str, wrapped: ast.Module, versions: Iterable[ast.Module], line: int) -> bool:
    """Whether imports above a line bring all that a check names, and need nothing before them.

    Args:
        versions: The program as it was, and as it is.
    """
    needed = {n.id for n in ast.walk(ast.parse(check)) if isinstance(n, ast.Name)}
    above = [n for n in wrapped.body if _is_import(n) and n.lineno < line]
    brought = {name for node in above for name in _bound(node)}
    return needed <= brought and not any(map(_prepares, versions))


def _prepares(tree: ast.Module) -> bool:
    """Whether a program does something before it imports what does not come with Python."""
    is_running = False
    for node in tree.body:
        if _defines(node):
            continue
        brings = any(not _packages(n) <= sys.stdlib_module_names for n in ast.walk(node))
        only_brings = _is_import(node) or _tries_imports(node)
        if brings and (is_running or not only_brings):
            return True
        is_running |= not only_brings
    return False


def _tries_imports(node: ast.stmt) -> bool:
    """Whether a statement imports where it can: `try: import a`, `except ImportError: a = None`."""
    inner = (
        [*node.body, *(n for h in node.handlers for n in h.body)]
        if isinstance(node, ast.Try)
        else []
    )
    return bool(inner) and all(_is_import(n) or _defines(n) for n in inner)


def _defines(node: ast.stmt) -> bool:
    """Whether a statement only defines, gives a name to a plain value, or runs at the very end."""
    match node:
        case ast.If(test=test):
            return ast.unparse(test).rpartition(".")[2] == "TYPE_CHECKING" or is_main(node)
        case ast.Pass():
            return True
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            return not node.decorator_list
        case ast.Expr(value=value) | ast.Assign(targets=[ast.Name()], value=value):
            return isinstance(value, ast.Constant)
        case _:
            return False


def _is_import(node: ast.AST) -> bool:
    return isinstance(node, ast.Import | ast.ImportFrom)


def _packages(node: ast.AST) -> set[str]:
    """The packages that a line imports from; those around the file by an empty name."""
    if isinstance(node, ast.ImportFrom):
        return {"" if node.level else (node.module or "").partition(".")[0]}
    names = node.names if isinstance(node, ast.Import) else []
    return {alias.name.partition(".")[0] for alias in names}


def _bound(node: ast.stmt) -> set[str]:
    names = node.names if isinstance(node, ast.Import | ast.ImportFrom) else []
    return {alias.asname or alias.name.partition(".")[0] for alias in names}
