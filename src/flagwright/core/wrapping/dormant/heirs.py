"""Tell of which classes a file lists what is made from them: `Plugin.__subclasses__()`.

A function that lists the classes below the one it is given is told by what its callers give it.
"""

import ast
from collections.abc import Collection, Iterator, Mapping
from functools import lru_cache
from typing import NamedTuple

from flagwright.core.wrapping.binding import bindings, binds
from flagwright.core.wrapping.dormant.heads import below, defined
from flagwright.core.wrapping.effect import FUNCTIONS, Function, last_name
from flagwright.core.wrapping.linking import tree_of
from flagwright.core.wrapping.tree import nodes

_LISTING = "__subclasses__"


class Listed(NamedTuple):
    """Classes of which a file lists what is made from them."""

    names: frozenset[str]
    by: frozenset[str]
    """Functions that do so for whoever calls them; all callers in the file are told."""


def list_heirs(modules: Mapping[str, bytes], bases: Collection[str]) -> bool:
    """Whether a file may list what is made from one of some classes, by their last names.

    Where a class is none of the repository's, nor is what it inherits from.
    """
    found = frozenset[str]()
    for path, text in modules.items():
        if _LISTING.encode() not in text:
            continue
        listed = _listed(text)
        if listed is None:
            return True
        words = [name.encode() for name in listed.by]
        if any(w in other for p, other in modules.items() if p != path for w in words):
            return True
        found |= listed.names
    if not found:
        return False
    own = {name for text in modules.values() for name in defined(text)}
    if not own.issuperset(bases) and not own.issuperset(found):
        return True
    return any(not below(modules, name).isdisjoint(bases) for name in found)


@lru_cache(maxsize=4096)
def _listed(text: bytes) -> Listed | None:
    """What a file lists; none where that may be anything."""
    tree = tree_of(text)
    if tree is None or any(map(_asks_by_text, nodes(tree))):
        return None
    names, by = set[str](), set[str]()
    for owner, function, node in _places(tree):
        if name := _listed_by_name(node, owner, function, tree):
            names.add(name)
        elif function is not None and (given := _given(node, function, tree)) is not None:
            names |= given
            by.add(function.name)
        else:
            return None
    renamed = {a.asname: a.name for n in nodes(tree) for a in getattr(n, "names", ()) if _is_as(a)}
    return Listed(frozenset(renamed.get(name, name) for name in names), frozenset(by))


def _asks_by_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and any(
        isinstance(a, ast.Constant) and a.value == _LISTING for a in node.args
    )


def _is_as(alias: object) -> bool:
    return isinstance(alias, ast.alias) and alias.asname is not None


def _places(tree: ast.Module) -> Iterator[tuple[str, Function | None, ast.Attribute]]:
    """Where heirs are listed: the class and the function around, and the expression."""
    waiting: list[tuple[ast.AST, str, Function | None]] = [(tree, "", None)]
    while waiting:
        node, owner, function = waiting.pop()
        if isinstance(node, ast.Attribute) and node.attr == _LISTING:
            yield owner, function, node
        if isinstance(node, ast.ClassDef):
            owner, function = node.name, None
        elif isinstance(node, FUNCTIONS):
            owner, function = ("" if function else owner), node
        waiting += ((child, owner, function) for child in ast.iter_child_nodes(node))


def _listed_by_name(
    node: ast.Attribute, owner: str, function: Function | None, tree: ast.Module
) -> str:
    """The one class whose heirs, and theirs, are listed; empty where that is not plain."""
    receiver = node.value
    match receiver:
        case ast.Name(id="cls") if owner and function:
            is_own = "classmethod" in map(last_name, function.decorator_list)
            return owner if is_own or function.name == "__init_subclass__" else ""
        case ast.Attribute(value=ast.Name(id="self"), attr="__class__") if owner:
            return owner
        case ast.Call(func=ast.Name(id="type"), args=[ast.Name(id="self")]) if owner:
            return owner
        case _:
            return _class_name(receiver, tree)


def _class_name(node: ast.AST, tree: ast.Module) -> str:
    """The name of a class, by its spelling, which nothing in a file is made or given."""
    root = node
    while isinstance(root, ast.Attribute):
        root = root.value
    name = (last_name(node) or "") if isinstance(root, ast.Name) else ""
    if not isinstance(root, ast.Name) or not name.lstrip("_")[:1].isupper() or name.isupper():
        return ""
    is_given = any(binds(n, root.id) for n in nodes(tree) if not isinstance(n, ast.ClassDef))
    imported = {b.name for n in nodes(tree) for b in bindings(n)}
    return "" if is_given or (root is not node and root.id not in imported) else name


def _given(node: ast.Attribute, function: Function, tree: ast.Module) -> set[str] | None:
    """The classes that a function is called with in its file, to list what is below them."""
    names = [a.arg for a in (*function.args.posonlyargs, *function.args.args)]
    word = node.value.id if isinstance(node.value, ast.Name) else ""
    if word not in names or function.decorator_list or not _is_at_top(function, tree):
        return None
    if any(isinstance(n, ast.Name) and n.id == word and _is_set(n) for n in ast.walk(function)):
        return None
    calls = [n for n in nodes(tree) if isinstance(n, ast.Call) and last_name(n) == function.name]
    uses = [n for n in nodes(tree) if last_name(n) == function.name and _is_read(n)]
    if len(uses) != len(calls):
        return None
    below = _loops(word, function)
    found = set[str]()
    for call in calls:
        value = _argument(call, names.index(word), word)
        if isinstance(value, ast.Name) and value.id in below and _is_in(call, function):
            continue
        if value is None or not (name := _class_name(value, tree)):
            return None
        found.add(name)
    return found or None


def _is_at_top(function: Function, tree: ast.Module) -> bool:
    """Whether a function stands outside of classes and functions, if in an `if` or `try`."""
    waiting: list[ast.AST] = [*tree.body]
    while waiting:
        node = waiting.pop()
        if node is function:
            return True
        if not isinstance(node, (*FUNCTIONS, ast.ClassDef)):
            waiting += ast.iter_child_nodes(node)
    return False


def _loops(word: str, function: Function) -> set[str]:
    """Names that only go over what is made from the class that a function is given."""
    listing = f"{word}.{_LISTING}()"
    every = [n for n in ast.walk(function) if isinstance(n, ast.Name) and _is_set(n)]
    held = {
        n.targets[0].id
        for n in ast.walk(function)
        if isinstance(n, ast.Assign)
        and isinstance(n.targets[0], ast.Name)
        and ast.unparse(n.value) == listing
    }
    over = [
        n.target.id
        for n in ast.walk(function)
        if isinstance(n, ast.For | ast.comprehension)
        and isinstance(n.target, ast.Name)
        and ast.unparse(n.iter) in {listing, *held}
    ]
    set_once = {n.id for n in every if sum(m.id == n.id for m in every) == 1}
    return set(over) & set_once if held <= set_once else set()


def _argument(call: ast.Call, at: int, word: str) -> ast.expr | None:
    if any(isinstance(a, ast.Starred) for a in call.args) or any(not k.arg for k in call.keywords):
        return None
    named = {k.arg: k.value for k in call.keywords}
    return call.args[at] if at < len(call.args) else named.get(word)


def _is_in(call: ast.Call, function: Function) -> bool:
    return any(node is call for node in ast.walk(function))


def _is_set(node: ast.Name) -> bool:
    return not isinstance(node.ctx, ast.Load)


def _is_read(node: ast.AST) -> bool:
    return isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Load)
