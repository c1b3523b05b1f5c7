"""Tell of objects that live longer than a switch of the flag, and would break by it.

What only one version sets when an object is made is not there when the other one's object is
asked for it: with the flag switched between, that is an `AttributeError`. No proof sees it,
since each side by itself is right.
"""

import ast
from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import NamedTuple

from flagwright.core.wrapping.effect import FUNCTIONS
from flagwright.core.wrapping.tree import of_kind, walk


class _Held(NamedTuple):
    """What the objects of a class have, by name, with the methods that set it or read it."""

    sets: dict[str, set[str]]
    reads: dict[str, set[str]]
    members: set[str]
    """What they have from the class itself."""


def broken_by_a_switch(before: ast.Module, after: ast.Module) -> Iterator[str]:
    """For each class, what objects that were made on one side lack on the other."""
    if _set(before) == _set(after):
        return
    old, new = _classes(before), _classes(after)
    for name in sorted(old.keys() & new.keys()):
        for mine, others, made in ((new, old, "on"), (old, new, "off")):
            own, elsewhere = mine[name], {a for held in others.values() for a in held.sets}
            lacking = own.sets.keys() - elsewhere - own.members - others[name].members
            readers = {a: own.reads[a] - own.sets[a] for a in sorted(lacking)}
            found = [attribute for attribute, methods in readers.items() if methods]
            if found:
                names = ", ".join(f"`{attribute}`" for attribute in found)
                yield (
                    f"`{min(readers[found[0]])}` of `{name}` reads {names} of objects that were "
                    f"made with the flag {made}, and others have none: let no such object live "
                    "through a switch, e.g. restart"
                )


def _set(tree: ast.Module) -> Counter[str]:
    """How often each attribute is set, of whatever object."""
    found = of_kind(tree, ast.Attribute)
    return Counter(n.attr for n in found if isinstance(n.ctx, ast.Store))


def _classes(tree: ast.Module) -> dict[str, _Held]:
    found = {node.name: node for node in tree.body if isinstance(node, ast.ClassDef)}
    held = {name: _held(node) for name, node in found.items()}
    return {name: one for name, one in held.items() if "__getattr__" not in one.members}


def _held(node: ast.ClassDef) -> _Held:
    held = _Held(defaultdict(set), defaultdict(set), set())
    for member in node.body:
        if isinstance(member, FUNCTIONS):
            held.members.add(member.name)
            _note(member, held)
        elif isinstance(member, ast.Assign | ast.AnnAssign):
            targets = member.targets if isinstance(member, ast.Assign) else [member.target]
            held.members.update(n.id for n in targets if isinstance(n, ast.Name))
    return held


def _note(method: ast.FunctionDef | ast.AsyncFunctionDef, held: _Held) -> None:
    """Note what a method sets and reads of its first argument."""
    own = [a.arg for a in (*method.args.posonlyargs, *method.args.args)][:1]
    for node in walk(method):
        match node:
            case ast.Attribute(value=ast.Name(id=name), attr=attribute, ctx=context) if [
                name
            ] == own:
                kind = held.sets if isinstance(context, ast.Store) else held.reads
                kind[attribute].add(method.name)
            case _:
                pass
