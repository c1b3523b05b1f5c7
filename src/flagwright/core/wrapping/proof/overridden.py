"""Check that a decorator that may come or go is that of Python which it is called after.

`@override` is that of `typing`, and a cache is one of `functools`, under their own names.
"""

import ast
from collections.abc import Callable

from flagwright.core.wrapping.proof.equal import as_told, is_override
from flagwright.core.wrapping.tree import of_kind

_TYPING = {"typing": {"override"}, "typing_extensions": {"override"}}
_FUNCTOOLS = {"functools": {"cache", "lru_cache"}}
_Own = dict[str, set[str]]
_Is = Callable[[ast.expr], object]


def same_where_set(folded: ast.Module, before: ast.Module, texts: tuple[str, str]) -> bool:
    """Whether the same functions have one, or it is that of `typing` and nobody looks for it.

    Args:
        texts: Both versions of the file.
    """
    return _has(folded, is_override) == _has(before, is_override) or (
        not any("__override__" in text for text in texts) and _is_of(_TYPING, is_override, texts)
    )


def same_caches(folded: ast.Module, before: ast.Module, texts: tuple[str, str]) -> bool:
    """Whether functions have the caches that they had, to the letter, or those of `functools`."""
    is_same = _has(folded, as_told) == _has(before, as_told)
    return is_same or _is_of(_FUNCTOOLS, as_told, texts)


def _is_of(own: _Own, is_one: _Is, texts: tuple[str, str]) -> bool:
    trees = [ast.parse(text) for text in texts]
    found = [d for tree in trees for f in _functions(tree) for d in f.decorator_list if is_one(d)]
    used = {_root(d.func if isinstance(d, ast.Call) else d) for d in found}
    return all(_brings_only_its_own(tree, used, own) for tree in trees)


def _brings_only_its_own(tree: ast.Module, used: set[str], own: _Own) -> bool:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and not node.level and node.module in own:
            names = [alias for alias in node.names if (alias.asname or alias.name) in used]
            if any(
                alias.name not in own[node.module] or alias.asname not in (None, alias.name)
                for alias in names
            ):
                return False
        elif isinstance(node, ast.Import | ast.ImportFrom):
            for alias in node.names:
                name = alias.asname or alias.name.partition(".")[0]
                is_module = isinstance(node, ast.Import) and alias.name in own
                if name == "*" or (name in used and not is_module):
                    return False
        elif isinstance(node, ast.Attribute):
            is_own = any(node.attr in words for words in own.values())
            if is_own and not isinstance(node.ctx, ast.Load):
                return False
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            continue
        elif not isinstance(node, ast.alias | ast.keyword):
            found = (getattr(node, part, None) for part in ("id", "name", "arg", "rest"))
            if not used.isdisjoint(filter(None, (f for f in found if isinstance(f, str)))):
                return False
    return True


def _has(tree: ast.Module, is_one: _Is) -> list[tuple[str, list[str]]]:
    pairs = (
        (f.name, [ast.unparse(d) for d in f.decorator_list if is_one(d)]) for f in _functions(tree)
    )
    return sorted(pair for pair in pairs if pair[1])


def _functions(tree: ast.Module) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    return [*of_kind(tree, ast.FunctionDef), *of_kind(tree, ast.AsyncFunctionDef)]


def _root(node: ast.expr) -> str:
    while isinstance(node, ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else "*"
