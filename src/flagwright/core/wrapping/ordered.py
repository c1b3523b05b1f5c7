"""Tell whether anybody sees in which order a file lists what it exports.

`import *` takes the names of `__all__` one after the other, and binds the same ones in any order.
Whoever reads the list itself counts as if the order mattered.
"""

import ast
from collections.abc import Iterable, Sequence

from flagwright.core.wrapping.dormant.bases import Bases
from flagwright.core.wrapping.linking import tree_of
from flagwright.core.wrapping.outside import bound_at_top
from flagwright.core.wrapping.tree import nodes

_LIST = "__all__"
_LISTING = {"globals", "locals", "vars", "dir", "__dict__", "getmembers", "modules"}


def is_order_seen(trees: Iterable[ast.Module], states: Sequence[Bases]) -> bool:
    """Whether code may see the order of `__all__`.

    Args:
        trees: The file as it was, and as it is.
        states: The repository, in each of its states.
    """
    return any(map(_sees_its_own, trees)) or any(map(_is_seen, states))


def _sees_its_own(tree: ast.Module) -> bool:
    """Whether a file reads its own list, or answers for names that it does not have."""
    return any(
        (isinstance(node, ast.Name) and node.id == _LIST and isinstance(node.ctx, ast.Load))
        or (isinstance(node, ast.AugAssign) and getattr(node.target, "id", "") == _LIST)
        or getattr(node, "name", "") == "__getattr__"
        or _spells(node)
        for node in nodes(tree)
    )


def _is_seen(bases: Bases) -> bool:
    """Whether a file of a repository reads a list, or has the modules of a package imported by it.

    Where all names come with `*`, so does their order to whoever lists what is there.
    """
    own = bases.modules.get(bases.path, b"")
    if bases.path.endswith("__init__.py") and not _listed(own) <= bound_at_top(own):
        return True
    for path, text in bases.looking.items():
        if path == bases.path or not (b"__all__" in text or b"*" in text):
            continue
        tree = tree_of(text)
        if tree is None or any(map(_spells, nodes(tree))):
            return True
        stars = any(isinstance(n, ast.alias) and n.name == "*" for n in nodes(tree))
        if stars and any(_word(n) in _LISTING for n in nodes(tree)):
            return True
    return False


def _spells(node: ast.AST) -> bool:
    """Whether code has the list of another file, or a text that says it."""
    match node:
        case ast.Attribute(attr=name) | ast.alias(name=name):
            return name == _LIST
        case ast.Constant(value=str(text)):
            return _LIST in text and len(text) < 2 * len(_LIST)
        case _:
            return False


def _listed(text: bytes) -> set[object]:
    """All texts in the lists of a file."""
    tree = tree_of(text)
    lists = (n for n in tree.body if isinstance(n, ast.Assign)) if tree else ()
    own = (n.value for n in lists if getattr(n.targets[0], "id", "") == _LIST)
    return {
        part.value for value in own for part in ast.walk(value) if isinstance(part, ast.Constant)
    }


def _word(node: ast.AST) -> str:
    return str(getattr(node, "id", getattr(node, "attr", "")))
