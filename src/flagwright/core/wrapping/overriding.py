"""Tell where `@override` does nothing that anybody sees: it only sets `__override__`.

That needs the one of `typing`, below and above decorators that are known to look at nothing, in
a repository of which no file has the word `__override__`.
"""

import ast
from collections.abc import Collection, Iterable, Iterator, Sequence

from flagwright.core.wrapping.binding import Binding, bindings, binds
from flagwright.core.wrapping.dormant.bases import Bases
from flagwright.core.wrapping.tree import nodes

_MODULES = ("typing", "typing_extensions")
_SET = "__override__"


def idle_overrides(
    texts: Sequence[str], trees: Sequence[ast.Module], elsewhere: Iterable[Bases]
) -> frozenset[str]:
    """How the versions of a file spell the decorator; nothing where somebody reads what it sets."""
    named = frozenset(spelled for tree in trees for spelled in _spelled(tree))
    if not named or any(_SET in text for text in texts):
        return frozenset()
    if any(_SET.encode() in text for state in elsewhere for text in state.looking.values()):
        return frozenset()
    roots = {spelled.partition(".")[0] for spelled in named}
    other = {name for tree in trees for name in _bound_otherwise(tree, roots)}
    return frozenset(s for s in named if s.partition(".")[0] not in other)


def _spelled(tree: ast.Module) -> Iterator[str]:
    """What imports that surely run give it as its names."""
    attempts = (n for node in tree.body if isinstance(node, ast.Try) for n in node.body)
    for binding in (b for node in (*tree.body, *attempts) for b in bindings(node)):
        if _is_of_typing(binding):
            yield binding.name if binding.attribute else f"{binding.name}.override"


def _is_of_typing(binding: Binding) -> bool:
    return binding.module in _MODULES and binding.attribute in (None, "override")


def _bound_otherwise(tree: ast.Module, names: Collection[str]) -> Iterator[str]:
    """Those of the names that a file may give another meaning."""
    for node in nodes(tree):
        for binding in bindings(node):
            if binding.name == "*":
                yield from names
            elif not _is_of_typing(binding):
                yield binding.name
        yield from (name for name in names if binds(node, name))
