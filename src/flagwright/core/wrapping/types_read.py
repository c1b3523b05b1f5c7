"""Find functions of a file whose types another file may have read: `Depends(page)`.

Only those count of which a version says other types. What reads types in the file itself, or
decorates a function there, is seen without this.
"""

import ast
import re
from collections.abc import Collection, Iterator, Sequence

from flagwright.core.wrapping.dormant.bases import Bases
from flagwright.core.wrapping.dormant.named import stem_of
from flagwright.core.wrapping.dormant.typed import has_readers
from flagwright.core.wrapping.effect import (
    FUNCTIONS,
    Function,
    annotations_of,
    is_accessor,
    last_name,
    names_met,
)
from flagwright.core.wrapping.giving_on import (
    Asking,
    calls_given,
    given,
    is_handed_to,
    kept_names,
)
from flagwright.core.wrapping.linking import tree_of
from flagwright.core.wrapping.tree import nodes

_TELLING = {"inspect.signature", "inspect.getfullargspec"}
"""What of Python's own says the types of a function that it is given."""
_TOLD = {"annotation", "return_annotation"}
_MAKING = {"__init__", "__new__", "__call__"}
"""Methods that are found by the class, or by an object of it."""
_LOOKED_AT = {"property", "cached_property"}


def read_elsewhere(
    before: ast.Module, after: ast.Module, elsewhere: Sequence[Bases], readers: Collection[str]
) -> frozenset[str]:
    """Names of functions and methods that are handed to who reads types.

    Args:
        readers: Names of packages and functions that do.
    """
    old, new = (_functions(tree) for tree in (before, after))
    other = {name for name in old.keys() & new.keys() if _types(old[name]) != _types(new[name])}
    return frozenset(
        name.rpartition(".")[2]
        for name in other
        if are_read(name, [*old[name], *new[name]], elsewhere, readers)
    )


def are_read(
    name: str, made: Sequence[Function], states: Sequence[Bases], readers: Collection[str]
) -> bool:
    """Whether a file may read the types of a function, or of a method: `Box.price`.

    Args:
        made: What has the name.
    """
    owner, _, word = name.rpartition(".")
    above = [(d, node) for node in made for d in node.decorator_list]
    is_found = not any(is_accessor(*each) or last_name(each[0]) in _LOOKED_AT for each in above)
    words = {owner or word} | ({word} if is_found and not word.startswith("__") else set())
    words |= {f"{owner}()"} if word == "__call__" else set()
    kept = words - ({owner} if word not in _MAKING else set())
    return any(_are_read(words, kept, bases, readers) for bases in states)


def is_module_read(bases: Bases, readers: Collection[str]) -> bool:
    """Whether another file may read the types that a file gives its own names."""
    return _are_read({stem_of(bases.path)}, (), bases, readers)


def _are_read(
    words: Collection[str], kept: Collection[str], bases: Bases, readers: Collection[str]
) -> bool:
    asking = Asking(
        lambda origin: origin in _TELLING or not {*origin.split(".")}.isdisjoint(readers),
        lambda file: _reads(file, readers),
    )
    for path, text in bases.looking.items():
        found = any(word.removesuffix("()").encode() in text for word in words)
        if not found or not (tree := tree_of(text)):
            continue
        seen = bases if path == bases.path else bases.seen_from(path)
        names = _called(words, tree)
        if any(is_handed_to(n, tree, [seen], asking) for n in names):
            return True
        if not names.isdisjoint(_told(tree)) or any(_given_both(n, tree, readers) for n in names):
            return True
        is_kept = not _called(kept, tree).isdisjoint(kept_names(tree))
        if (is_kept or _is_spelled(kept, text)) and has_readers(bases.looking, readers):
            return True
    is_listed = bases.texts.lists_module(stem_of(bases.path))
    return bool(is_listed) and has_readers(bases.looking, readers)


def _is_spelled(words: Collection[str], text: bytes) -> bool:
    """Whether a text ends with a name, by which a function is found: `"shop.web:page"`."""
    return any(re.search(rf"[.:]{re.escape(word)}[\"']".encode(), text) for word in words)


def _reads(tree: ast.Module, readers: Collection[str]) -> bool:
    """Whether a file has to do with what reads types."""
    return not {*names_met(tree)}.isdisjoint(readers) or any(
        isinstance(node, ast.Attribute) and node.attr in _TOLD for node in nodes(tree)
    )


def _called(words: Collection[str], tree: ast.Module) -> set[str]:
    """What a file calls something: as it is called elsewhere, or as it imports it."""
    aliases = (node for node in nodes(tree) if isinstance(node, ast.alias))
    return {*words} | {a.asname for a in aliases if a.asname and a.name.rpartition(".")[2] in words}


def _told(tree: ast.Module) -> Iterator[str]:
    """The words of what a file reads the types of: `Box.price.__annotations__`."""
    for node in nodes(tree):
        if isinstance(node, ast.Attribute) and node.attr == "__annotations__":
            yield from ast.unparse(node.value).split(".")


def _given_both(name: str, tree: ast.Module, readers: Collection[str]) -> bool:
    """Whether a call is given something together with what reads types: `map(hints, [page])`."""
    return any(not given(call).isdisjoint(readers) for call in calls_given(tree).get(name, ()))


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
