"""Walk a syntax tree once, however many questions are asked of it.

A file is asked some twenty questions about names. A walk takes longer than the
compiler's parse, so the nodes of the trees last seen are remembered; nobody changes them.
"""

import ast
from functools import lru_cache

_TREES = 8
"""Versions of one file that are looked at side by side: before, after, wrapped, off, on."""


@lru_cache(maxsize=_TREES)
def nodes(tree: ast.Module) -> tuple[ast.AST, ...]:
    """All nodes of a file in the order of `ast.walk`, without those that hold nothing.

    Left out are contexts, operators and the like (`Load`, `Add`, `Pass`).
    """
    found: list[ast.AST] = [tree]
    for node in found:  # grows while it is walked
        for name in node._fields:
            value = getattr(node, name, None)
            if isinstance(value, list):
                found += [n for n in value if isinstance(n, ast.AST) and n._fields]
            elif isinstance(value, ast.AST) and value._fields:
                found.append(value)
    return tuple(found)
