"""Tell which imports for type checkers the old code still names.

Such a block runs nothing, so the new one stands for both versions. But where old code stays
beside the new, a checker must find the names in its annotations.
"""

import ast
import re
from collections.abc import Sequence

from flagwright.core.wrapping.binding import Binding, bindings
from flagwright.core.wrapping.compound import suites
from flagwright.core.wrapping.effect import last_name
from flagwright.core.wrapping.imports import is_import
from flagwright.core.wrapping.statement import Statement
from flagwright.core.wrapping.tree import nodes


def blocks(
    before: Sequence[Statement], after: Sequence[Statement]
) -> tuple[Statement, Statement] | None:
    """The block for type checkers of each version; none where one has none, or several."""
    old, new = ([s for s in side if _is_for_types(s.tree)] for side in (before, after))
    return (old[0], new[0]) if len(old) == len(new) == 1 else None


def lonely(
    before: Sequence[Statement], after: Sequence[Statement], trees: tuple[ast.Module, ast.Module]
) -> Statement | None:
    """The block of the old version, where the new one has none and old code needs it."""
    old, new = ([s for s in side if _is_for_types(s.tree)] for side in (before, after))
    if len(old) != 1 or new:
        return None
    return old[0] if needed(suites(old[0])[0].statements, trees) else None


def _is_for_types(tree: ast.AST) -> bool:
    return isinstance(tree, ast.If) and not tree.orelse and last_name(tree.test) == "TYPE_CHECKING"


def needed(before: Sequence[Statement], trees: tuple[ast.Module, ast.Module]) -> set[Binding]:
    """What old imports bind that the new version does not have, and that old code names."""
    imported = {b for s in before if is_import(s) for tree in s.trees for b in bindings(tree)}
    bound = {b.name for node in nodes(trees[1]) for b in bindings(node)}
    gone = {b for b in imported if b.name not in bound}
    return {b for b in gone if any(_names(node, b.name) for node in nodes(trees[0]))}


def _names(node: ast.AST, name: str) -> bool:
    match node:
        case ast.Name(id=found):
            return found == name
        case ast.Constant(value=str(text)):
            return name in text and re.search(rf"\b{name}\b", text) is not None
        case _:
            return False
