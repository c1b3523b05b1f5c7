"""Find functions of a file whose types another file may have read: `Depends(page)`.

Only those count of which a version says other types. What reads types in the file itself, or
decorates a function there, is seen without this.
"""

import ast
from collections.abc import Collection, Sequence

from flagwright.core.wrapping.dormant.bases import Bases
from flagwright.core.wrapping.effect import FUNCTIONS, Function, annotations_of, names_met
from flagwright.core.wrapping.giving_on import Asking, is_handed_to
from flagwright.core.wrapping.linking import tree_of


def read_elsewhere(
    before: ast.Module, after: ast.Module, elsewhere: Sequence[Bases], readers: Collection[str]
) -> frozenset[str]:
    """Names of functions and methods that are handed to who reads types.

    Args:
        readers: Names of packages and functions that do.
    """
    old, new = (_functions(tree) for tree in (before, after))
    other = {name for name in old.keys() & new.keys() if _types(old[name]) != _types(new[name])}
    asking = Asking(
        lambda origin: not {*origin.split(".")}.isdisjoint(readers),
        lambda file: not {*names_met(file)}.isdisjoint(readers),
    )
    return frozenset(
        name.rpartition(".")[2]
        for name in other
        if any(_is_read(name.partition(".")[0], bases, asking) for bases in elsewhere)
    )


def _functions(tree: ast.Module) -> dict[str, list[Function]]:
    """Functions at the top of a file by name, and those of a class by that of the class."""
    found: dict[str, list[Function]] = {}
    for node in tree.body:
        if isinstance(node, FUNCTIONS):
            found.setdefault(node.name, []).append(node)
        elif isinstance(node, ast.ClassDef):
            for member in node.body:
                if isinstance(member, FUNCTIONS):
                    found.setdefault(f"{node.name}.{member.name}", []).append(member)
    return found


def _types(functions: Sequence[Function]) -> list[list[str]]:
    return [[ast.dump(note) for note in annotations_of(function)] for function in functions]


def _is_read(name: str, bases: Bases, asking: Asking) -> bool:
    """Whether a file of one state of a repository hands a name to who asks."""
    for path, text in bases.looking.items():
        if name.encode() in text and (tree := tree_of(text)):
            seen = bases if path == bases.path else bases.seen_from(path)
            if is_handed_to(name, tree, [seen], asking):
                return True
    return False
