"""Tell which classes run no code of the repository where they are made from others.

What stands in the body of such a class is given to nobody then: a base gets it when an object
is made. An enumeration makes some at once, and a metaclass may.
"""

import ast

from flagwright.core.wrapping.part import Part
from flagwright.core.wrapping.proof.classes import runs_with_its_class
from flagwright.core.wrapping.proof.running import Function
from flagwright.core.wrapping.registry import Registries
from flagwright.core.wrapping.tree import members, walk
from flagwright.core.wrapping.typed import is_of_others, meant_by

_RUN_BY_HEIRS = {"__init_subclass__", "__mro_entries__", "__class_getitem__"}
_DEEPEST = 6


def only_derives(known: Registries, part: Part, owner: ast.ClassDef, depth: int = 0) -> bool:
    """Whether nothing of the repository runs as a class is made, nor of those above it."""
    bases = [base.value if isinstance(base, ast.Subscript) else base for base in owner.bases]
    return (
        depth < _DEEPEST
        and not owner.keywords
        and not (depth and owner.decorator_list)
        and not any(_runs_by_heirs(node) for node in walk(owner))
        and not runs_with_its_class("__init__", owner, {})
        and all(_only_derives(known, part, base, depth) for base in bases)
    )


def _only_derives(known: Registries, part: Part, base: ast.expr, depth: int) -> bool:
    if not isinstance(base, ast.Name | ast.Attribute):
        return False
    above = meant_by(known, part, base)
    if not above:
        return is_of_others(known, part, base)
    for other, name in above:
        own = [n for n in other.nodes if isinstance(n, ast.ClassDef) and n.name == name]
        bound = [n for n in members(other.tree) if getattr(n, "name", "") == name]
        if len(own) != 1 or own != bound or name in other.renamed:
            return False
        if not only_derives(known, other, own[0], depth + 1):
            return False
    return True


def _runs_by_heirs(node: ast.AST) -> bool:
    """Whether a class may have what runs where another is made from it."""
    name = node.name if isinstance(node, Function) else getattr(node, "id", "")
    return name in _RUN_BY_HEIRS
