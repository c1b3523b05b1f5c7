"""Parse a text once and walk its tree once, however many questions are asked of it.

A file is asked some twenty questions about names, and a walk takes longer than the
compiler's parse. The trees last seen are remembered with their nodes; nobody changes them.
"""

import ast
import gc
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache

_TREES = 8
"""Versions of one file that are looked at side by side: before, after, wrapped, off, on."""


@lru_cache(maxsize=_TREES)
def parsed(text: str) -> ast.Module:
    """The tree of a file, without warnings.

    Raises:
        SyntaxError: What Python says.
        ValueError: Where the text has a null character.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(text)


@contextmanager
def uncollected() -> Iterator[None]:
    """Hold the garbage collector back: one file makes many objects, and few of them die."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def nodes(tree: ast.Module) -> tuple[ast.AST, ...]:
    """All nodes of a file in the order of `ast.walk`, without those that hold nothing.

    Left out are contexts, operators and the like (`Load`, `Add`, `Pass`).
    """
    return _walked(tree)[0]


def depth(tree: ast.Module) -> int:
    """How many levels of nodes a file has."""
    return _walked(tree)[1]


@lru_cache(maxsize=_TREES)
def _walked(tree: ast.Module) -> tuple[tuple[ast.AST, ...], int]:
    found: list[ast.AST] = []
    level: list[ast.AST] = [tree]
    levels = 0
    while level:
        found += level
        levels += 1
        below: list[ast.AST] = []
        for node in level:
            for value in node.__dict__.values():
                if type(value) is list:
                    below += [n for n in value if isinstance(n, ast.AST) and n._fields]
                elif isinstance(value, ast.AST) and value._fields:
                    below.append(value)
        level = below
    return tuple(found), levels
