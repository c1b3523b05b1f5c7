"""Pair the definitions of a version with the wrapped file's, and leave out what is the same.

Where a name in a function is found depends on its own text, on the classes around it, and on
which names the file binds. So a function of one text in two files means one thing in both,
unless they differ in binding a name that stands in it; then nothing may be left out.
"""

import ast
import re
import unicodedata
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, cast

from flagwright.core.wrapping.proof.equal import Version
from flagwright.core.wrapping.proof.fold import Folded
from flagwright.core.wrapping.tree import holding, in_blocks

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_DEFINITIONS = (*_FUNCTIONS, ast.ClassDef)
_REACHES_OUT = re.compile(r"\b(?:global|nonlocal)\b")


@dataclass(frozen=True)
class Paired:
    """The definitions of one version that the wrapped file has in another text."""

    pairs: list[tuple[ast.AST, ast.AST]]
    """Each with what stands for it in the wrapped file, the version itself first."""
    same: dict[int, tuple[Any, Any]]
    """Functions that the wrapped file has as they are, with these, by their line there."""
    changed: list[Any]
    """Functions of the version that stand in no other one, and are not the same."""
    lines: set[int]
    """Where the definitions that are not the same stand in the wrapped file."""


def paired(
    version: Version, side: Folded, wrapped: Version, *, leaves_out: bool = True
) -> Paired | None:
    """Every definition of a version with its own; none where these are not the same ones.

    Args:
        leaves_out: Whether functions that are the same are told apart.
    """
    found = Paired([(version.tree, side.tree)], {}, [], set())
    levels: list[list[Any]] = [[version.tree], [side.tree]]
    inner = set[int]()
    while levels[0] or levels[1]:
        for node in levels[0]:
            if id(node) in inner or isinstance(node, _FUNCTIONS):
                inner.update(map(id, in_blocks(node)))
        below = [[n for node in level for n in in_blocks(node)] for level in levels]
        both = [[n for n in nodes if isinstance(n, _DEFINITIONS)] for nodes in below]
        if len(both[0]) != len(both[1]):
            return None
        same = set[int]()
        for own, other in zip(*both, strict=True):
            standing = side.bodies.get(other.lineno, other)
            is_outer = id(own) not in inner
            may_be_same = leaves_out and is_outer and standing is other
            if may_be_same and _is_same(version, own, wrapped, other):
                found.same[other.lineno] = own, other
                same |= {id(own), id(other)}
                continue
            found.pairs.append((own, standing))
            found.lines.add(other.lineno)
            if is_outer and isinstance(own, _FUNCTIONS):
                found.changed.append(own)
        levels = [[n for n in nodes if holding(n) and id(n) not in same] for nodes in below]
    return found


def _is_same(version: Version, own: Any, wrapped: Version, other: Any) -> bool:
    """Whether a function has one text in both files, and binds no name outside itself."""
    if not isinstance(own, _FUNCTIONS) or not isinstance(other, _FUNCTIONS):
        return False
    text = version.text(own)
    is_same = text == wrapped.text(other) and isinstance(text, list)
    return is_same and not _REACHES_OUT.search("\n".join(cast(list[str], text)))


def hollow(lines: Sequence[str], functions: Iterable[Any]) -> str:
    """Lines with `pass` for the body of each function; every line keeps its number."""
    left = list(lines)
    for node in functions:
        body: ast.stmt = node.body[0]
        decorators: list[ast.expr] = getattr(body, "decorator_list", [])
        first = min([body.lineno, *(d.lineno for d in decorators)])
        indent = lines[first - 1][: body.col_offset]
        if indent.isspace():
            left[first - 1 : node.end_lineno] = [f"{indent}pass"] + [""] * (node.end_lineno - first)
    return "\n".join(left)


def have_one_of(names: Collection[str], lines: Sequence[str], functions: Iterable[Any]) -> bool:
    """Whether one of some names stands in functions, as it is or as `__name` in a class."""
    private = {name[name.index("__", 1) :] for name in names if "__" in name[1:]}
    text = "\n".join(
        line for node in functions for line in lines[node.lineno - 1 : node.end_lineno]
    )
    text = text if text.isascii() else unicodedata.normalize("NFKC", text)
    near = [name for name in {*names, *private} if name in text]
    return any(re.search(rf"\b{re.escape(name)}\b", text) for name in near)
