"""Parse a text once and walk its tree once, however many questions are asked of it.

A file is asked some twenty questions about names, and a walk takes longer than the
compiler's parse. The trees last seen are remembered with their nodes; nobody changes them.
In a tree `u"x"` is `"x"`, as it is when the file runs.
"""

import ast
import gc
import re
import warnings
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from types import CodeType
from typing import Any, TypeVar

_Node = TypeVar("_Node", bound=ast.AST)
_PREFIX = re.compile(r"\b[uU]['\"]")
_PREFIX_BYTES = re.compile(_PREFIX.pattern.encode())
_PREFIXES = ("u'", 'u"', "U'", 'U"')
_PREFIXES_BYTES = tuple(word.encode() for word in _PREFIXES)
OTHERS = 32
"""Trees of other files of a repository, which are asked one question after the other."""
_TREES = 8
"""Versions of one file that are looked at side by side: before, after, wrapped, off, on."""


@lru_cache(maxsize=_TREES)
def parsed(text: str) -> ast.Module:
    """The tree of a file, without warnings.

    Raises:
        SyntaxError: What Python says.
        ValueError: Where the text has a null character.
    """
    return parsed_once(text)


def parsed_once(text: str | bytes) -> ast.Module:
    """The tree of a file that is none of those that are looked at side by side."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        tree = ast.parse(text)
    if _has_prefix(text):
        _leave_prefixes(tree)
    return tree


def _has_prefix(text: str | bytes) -> bool:
    """Whether a text may have a `u"x"`; a search for two characters is quick, and rarely finds."""
    if isinstance(text, bytes):
        found = any(word in text for word in _PREFIXES_BYTES)
        return found and _PREFIX_BYTES.search(text) is not None
    return any(word in text for word in _PREFIXES) and _PREFIX.search(text) is not None


def _leave_prefixes(tree: ast.AST) -> None:
    """Take `u"x"` for `"x"`; not in annotations, which may be read as they are spelled."""
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Constant):
            node.kind = None
        for name, value in ast.iter_fields(node):
            if name not in ("annotation", "returns"):
                found = value if isinstance(value, list) else [value]
                waiting += [n for n in found if isinstance(n, ast.AST)]


@lru_cache(maxsize=_TREES)
def compiled(text: str) -> CodeType:
    """The code of a file, without warnings.

    Raises:
        SyntaxError: What Python says.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return compile(text, "<text>", "exec", dont_inherit=True)


def compiled_part(body: Sequence[ast.stmt]) -> CodeType:
    """The code of some statements of a file, with the lines that they have there.

    Raises:
        SyntaxError: What Python says.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return compile(ast.Module([*body], []), "<text>", "exec", dont_inherit=True)


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


def of_kind(tree: ast.Module, kind: type[_Node]) -> Sequence[_Node]:
    """Those nodes of a file that are of exactly one kind, in the order of `nodes`."""
    return _by_kind(tree).get(kind, ())


@lru_cache(maxsize=_TREES)
def _by_kind(tree: ast.Module) -> dict[type[ast.AST], list[Any]]:
    found: dict[type[ast.AST], list[Any]] = defaultdict(list)
    for node in nodes(tree):
        found[node.__class__].append(node)
    return found


def depth(tree: ast.Module) -> int:
    """How many levels of nodes a file has."""
    return _walked(tree)[1]


def walked(trees: Iterable[ast.AST]) -> list[ast.AST]:
    """All nodes of some statements, as `nodes` tells those of a file."""
    return _levels([*trees])[0]


def walk(node: ast.AST) -> list[ast.AST]:
    """A node with all below it, as `nodes` tells those of a file; quicker than `ast.walk`."""
    return _levels([node])[0]


def children(node: ast.AST) -> list[ast.AST]:
    """The nodes right below one, without those that hold nothing."""
    found: list[ast.AST] = []
    held = node.__dict__
    for name in _PARTS[type(node)]:
        value = held.get(name)
        if type(value) is list:
            found += [n for n in value if n is not None and n.__class__._fields]
        elif value is not None and value.__class__._fields:
            found.append(value)
    return found


@lru_cache(maxsize=_TREES)
def _walked(tree: ast.Module) -> tuple[tuple[ast.AST, ...], int]:
    found, levels = _levels([tree])
    return tuple(found), levels


def _levels(level: list[ast.AST]) -> tuple[list[ast.AST], int]:
    """Nodes level by level, and how many levels there are."""
    found: list[ast.AST] = []
    levels = 0
    while level:
        found += level
        levels += 1
        below: list[ast.AST] = []
        for node in level:
            held = node.__dict__
            for name in _PARTS[type(node)]:
                value = held.get(name)
                if type(value) is list:
                    below += [n for n in value if n is not None and n.__class__._fields]
                elif value is not None and value.__class__._fields:
                    below.append(value)
        level = below
    return found, levels


class _Parts(dict[type, tuple[str, ...]]):
    """The fields of a kind of node that may hold nodes with something in them."""

    def __missing__(self, kind: type[ast.AST]) -> tuple[str, ...]:
        fields = tuple(name for name in kind._fields if name not in _LEAVES)
        own = fields if kind not in _BARE else ()
        self[kind] = own
        return own


_LEAVES = frozenset(
    {"arg", "asname", "attr", "conversion", "ctx", "id", "is_async", "kind", "kwd_attrs", "level"}
    | {"lineno", "module", "name", "op", "ops", "rest", "simple", "tag", "type_comment"}
)
"""Fields that hold text, numbers, contexts and operators."""
_BARE = (ast.Constant, ast.Global, ast.MatchSingleton, ast.Nonlocal)
_PARTS = _Parts()


def definitions(tree: ast.AST) -> list[ast.AST]:
    """Functions and classes of a file, outer ones before those inside them."""
    found: list[ast.AST] = []
    level: list[ast.AST] = [tree]
    while level:
        below = [inner for node in level for inner in in_blocks(node)]
        found += [n for n in below if isinstance(n, _DEFINITIONS)]
        level = list(filter(holding, below))
    return found


def members(
    owner: ast.ClassDef | ast.Module | ast.FunctionDef | ast.AsyncFunctionDef,
) -> list[ast.stmt]:
    """The statements of a class, a function or a file, also those in an `if` and the like."""
    found, waiting = list[ast.stmt](), [*owner.body][::-1]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.stmt):
            found.append(node)
        if not isinstance(node, _DEFINITIONS):
            waiting += in_blocks(node)[::-1]  # type: ignore[arg-type] # statements and handlers
    return found


def holding(node: ast.AST) -> bool:
    """Whether a node has blocks with statements, handlers or cases."""
    return node.__class__ in _HOLDING


def in_blocks(node: ast.AST) -> list[ast.AST]:
    """The statements, handlers and cases in the blocks of a node."""
    found: list[ast.AST] = []
    held = node.__dict__
    for name in _BLOCKS:
        inner = held.get(name)
        if type(inner) is list:
            found += inner
    return found


_BLOCKS = ("body", "handlers", "orelse", "finalbody", "cases")
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_HOLDING = frozenset(
    {*_DEFINITIONS, ast.If, ast.For, ast.AsyncFor, ast.While, ast.With, ast.AsyncWith, ast.Try}
    | {ast.TryStar, ast.ExceptHandler, ast.Match, ast.match_case}
)


def outermost(tree: ast.Module) -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    """The functions of a file and the methods of its classes by their full names."""
    waiting: list[tuple[str, ast.stmt]] = [("", node) for node in reversed(tree.body)]
    while waiting:
        above, node = waiting.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield f"{above}{node.name}", node
        elif isinstance(node, ast.ClassDef):
            waiting += ((f"{above}{node.name}.", inner) for inner in reversed(node.body))


def function_at(tree: ast.Module, line: int) -> str:
    """The full name of the outermost function that has a line; empty outside of any."""
    found = (name for name, f in outermost(tree) if f.lineno <= line <= (f.end_lineno or 0))
    return next(found, "")


def lines_of(tree: ast.Module, names: Collection[str]) -> set[int]:
    """The lines of some functions and methods, by their full names."""
    found = [node for name, node in outermost(tree) if name in names] if names else []
    return {n for node in found for n in range(node.lineno, (node.end_lineno or node.lineno) + 1)}
