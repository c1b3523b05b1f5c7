"""Tell which spellings of a cache of `functools` make the same one.

`@lru_cache` is `@lru_cache()` and `@lru_cache(128)`; `@cache` is `@lru_cache(maxsize=None)`.
"""

import ast
from collections.abc import Iterator, Mapping, Sequence

from flagwright.core.wrapping.ofmodule import spellings
from flagwright.core.wrapping.tree import nodes

_SIZE = 128
"""How many results Python keeps where nobody says how many."""


def same_caches(trees: Sequence[ast.Module]) -> dict[str, str]:
    """Decorators of some versions of a file that make a cache, by one spelling for all."""
    named = spellings(trees, ("functools",), ("cache", "lru_cache"))
    return dict(pair for tree in trees if named for pair in _caches(tree, named))


def _caches(tree: ast.Module, named: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for node in nodes(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            for decorator in node.decorator_list:
                if made := _made(decorator, named):
                    yield ast.unparse(decorator), made


def _made(decorator: ast.expr, named: Mapping[str, str]) -> str | None:
    """What makes the same cache, with the size that it has; none where that is not known."""
    match decorator:
        case ast.Call(func=func, args=[], keywords=[]):
            size: object = _SIZE
        case (
            ast.Call(func=func, args=[ast.Constant(value=size)], keywords=[])
            | ast.Call(
                func=func, args=[], keywords=[ast.keyword("maxsize", ast.Constant(value=size))]
            )
        ):
            pass
        case _:
            name = named.get(ast.unparse(decorator))
            return name and f"lru_cache({_SIZE if name == 'lru_cache' else None})"
    is_known = named.get(ast.unparse(func)) == "lru_cache" and type(size) in (int, type(None))
    return f"lru_cache({size})" if is_known else None
