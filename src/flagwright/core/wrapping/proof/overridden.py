"""Check that no function loses or gets an `@override` that may be another one than `typing`'s."""

import ast

from flagwright.core.wrapping.proof.equal import is_override
from flagwright.core.wrapping.tree import of_kind

_MODULES = ("typing", "typing_extensions")


def same_where_set(folded: ast.Module, before: ast.Module, texts: tuple[str, str]) -> bool:
    """Whether the same functions have one, or it is that of `typing` and nobody looks for it.

    Args:
        texts: Both versions of the file.
    """
    if _has(folded) == _has(before):
        return True
    trees = [ast.parse(text) for text in texts]
    if any("__override__" in text for text in texts):
        return False
    used = {_root(d) for tree in trees for f in _functions(tree) for d in _overrides(f)}
    return all(_brings_only_its_own(tree, used) for tree in trees)


def _brings_only_its_own(tree: ast.Module, used: set[str]) -> bool:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and not node.level and node.module in _MODULES:
            names = [alias for alias in node.names if (alias.asname or alias.name) in used]
            if any(alias.name != "override" for alias in names):
                return False
        elif isinstance(node, ast.Import | ast.ImportFrom):
            for alias in node.names:
                name = alias.asname or alias.name.partition(".")[0]
                is_module = isinstance(node, ast.Import) and alias.name in _MODULES
                if name == "*" or (name in used and not is_module):
                    return False
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            continue
        elif not isinstance(node, ast.alias | ast.keyword):
            found = (getattr(node, part, None) for part in ("id", "name", "arg", "rest"))
            if not used.isdisjoint(filter(None, (f for f in found if isinstance(f, str)))):
                return False
    return True


def _has(tree: ast.Module) -> list[tuple[str, list[str]]]:
    pairs = ((f.name, [ast.unparse(d) for d in _overrides(f)]) for f in _functions(tree))
    return sorted(pair for pair in pairs if pair[1])


def _functions(tree: ast.Module) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    return [*of_kind(tree, ast.FunctionDef), *of_kind(tree, ast.AsyncFunctionDef)]


def _overrides(function: ast.FunctionDef | ast.AsyncFunctionDef) -> list[ast.expr]:
    return [d for d in function.decorator_list if is_override(d)]


def _root(node: ast.expr) -> str:
    while isinstance(node, ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else "*"
