"""Tell where brackets behind a class hold nothing but types: `Reader[Segment]`.

Such a class is what it is without them. One that runs code of its own with what stands there,
or of which anything is not known, is none.
"""

import ast
import builtins
from collections.abc import Iterator

from flagwright.core.wrapping.linking import is_class
from flagwright.core.wrapping.part import Part
from flagwright.core.wrapping.registry import Registries, Registry
from flagwright.core.wrapping.tree import members

_RUN_BY_BRACKETS = {"__class_getitem__", "__getitem__"}
"""What runs with them: of the class itself, or of its metaclass."""
_DEEPEST = 6


def without_types(known: Registries, part: Part, func: ast.expr) -> ast.expr:
    """A class without its types, or what was given where it is none."""
    while isinstance(func, ast.Subscript):
        owners = meant_by(known, part, func.value)
        if not owners or not all(_only_takes_types(known, owner) for owner in owners):
            break
        func = func.value
    return func


def _only_takes_types(known: Registries, owner: Registry, depth: int = 0) -> bool:
    part, name = owner
    if depth == _DEEPEST or not is_class(name, part.tree) or _sets_it(part):
        return False
    found = [node for node in members(part.tree) if isinstance(node, ast.ClassDef)]
    named = [node for node in found if node.name == name]
    heads = [head for node in named for head in _heads(node)]
    plain = named and not any(node.decorator_list or _has_own(node) for node in named)
    return bool(plain) and all(
        is_of_others(known, part, head)
        if not (above := meant_by(known, part, head))
        else all(_only_takes_types(known, one, depth + 1) for one in above)
        for head in heads
    )


def meant_by(known: Registries, part: Part, head: ast.expr) -> list[Registry]:
    """What an expression names, in this file or another."""
    own = head.id if isinstance(head, ast.Name) and head.id in part.methods else ""
    return known.meant(part, head) or ([Registry(part, own)] if own else [])


def _heads(owner: ast.ClassDef) -> Iterator[ast.expr]:
    """Bases and a metaclass, without their types; these are looked at by themselves."""
    for head in (*owner.bases, *(keyword.value for keyword in owner.keywords)):
        yield head.value if isinstance(head, ast.Subscript) else head


def _has_own(owner: ast.ClassDef) -> bool:
    """Whether anything in the body of a class may give it what brackets run."""
    return any(
        getattr(node, "name", getattr(node, "id", "")) in _RUN_BY_BRACKETS
        for node in ast.walk(owner)
    )


def _sets_it(part: Part) -> bool:
    """Whether a file spells what brackets run other than in a class."""
    return not part.texts.isdisjoint(_RUN_BY_BRACKETS) or any(
        isinstance(node, ast.Attribute) and node.attr in _RUN_BY_BRACKETS for node in part.nodes
    )


def is_of_others(known: Registries, part: Part, head: ast.expr) -> bool:
    """Whether a base is imported from elsewhere, or Python's: what it runs is not the project's."""
    while isinstance(head, ast.Attribute):
        head = head.value
    name = head.id if isinstance(head, ast.Name) else ""
    package = part.imported.get(name, "").partition(".")[0]
    is_python = name not in part.bound and hasattr(builtins, name)
    return package not in known.packages if package else is_python
