"""Tell where `@override` does nothing that anybody sees: it only sets `__override__`.

That needs the one of `typing`, below and above decorators that are known to look at nothing, in
a repository of which no file has the word `__override__`.
"""

import ast
from collections.abc import Iterable, Sequence

from flagwright.core.wrapping.dormant.bases import Bases
from flagwright.core.wrapping.ofmodule import spellings

_MODULES = ("typing", "typing_extensions")
_SET = "__override__"


def idle_overrides(
    texts: Sequence[str], trees: Sequence[ast.Module], elsewhere: Iterable[Bases]
) -> frozenset[str]:
    """How the versions of a file spell the decorator; nothing where somebody reads what it sets."""
    named = frozenset(spellings(trees, _MODULES, ("override",)))
    if not named or any(_SET in text for text in texts):
        return frozenset()
    if any(_SET.encode() in text for state in elsewhere for text in state.looking.values()):
        return frozenset()
    return named
