"""Tell where a file looks for something in a module: what is found there is no method.

A module has classes, functions and objects. A method is in it only where a line of the module
says so, which hands it on by its name, or where code fills modules under computed names.
"""

import ast
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

from flagwright.core.wrapping.dormant.origin import Origins
from flagwright.core.wrapping.tree import nodes
from flagwright.core.wrapping.words import Scopes, Word

_GIVES = ("importlib.import_module", "__import__")
"""Calls that give a module."""
_FILLS = re.compile(
    rb"^(?:async )?def __getattr__\b|\bsetattr\(\s*(?:sys\.modules|mod\w*|self\.mod\w*)\b"
    rb"|\b(?:globals|vars)\(\)\s*(?:\[[^\]\n]*\]\s*=(?!=)|\.(?:setdefault|update|__setitem__)\b)"
    rb"|\bsys\.modules\s*\[\s*__name__\s*\]\s*(?:=(?!=)|\.__class__)",
    re.MULTILINE,
)
"""What puts something into a module under a name that does not stand in it, or makes it more."""
_STANDS_IN = re.compile(rb"\bsys\.modules\s*(?:\[[^\]\n]*\]\s*=(?!=)|\.\w+\()|\bModuleType\b")
"""What may let an object stand for a module."""


def fills_modules(files: Collection[bytes], classes: Collection[str]) -> bool:
    """Whether any file puts more into modules than what their lines define.

    Args:
        classes: An object of none of these may be one.
    """
    words = re.compile(rb"\b(?:" + "|".join(map(re.escape, classes)).encode() + rb")\b")
    near = (text for text in files if _STANDS_IN.search(text))
    return any(map(words.search, near)) or any(map(_FILLS.search, files))


def looked_up(
    tree: ast.Module, steps: Sequence[tuple[set[Word], ast.AST]], scopes: Scopes
) -> Iterator[ast.Call]:
    """Calls of `getattr` that look into a module, as `getattr(import_module(path), name)`.

    Args:
        steps: Words that stand for a value from some place of the file on, and the value.
    """
    origins, values = Origins(tree), dict[Word, list[ast.AST]]()
    for words, value in steps:
        for word in words:
            values.setdefault(word, []).append(value)

    def gives(value: ast.AST) -> bool:
        return isinstance(value, ast.Call) and origins.is_one_of(value.func, _GIVES)

    for node in nodes(tree):
        match node:
            case ast.Call(func=ast.Name(id="getattr"), args=[held, _], keywords=[]):
                if gives(held) or _is_only(gives, held, values, scopes):
                    yield node
            case _:
                pass


def _is_only(
    gives: Callable[[ast.AST], bool],
    held: ast.expr,
    values: Mapping[Word, Collection[ast.AST]],
    scopes: Scopes,
) -> bool:
    """Whether a local of a function stands for modules alone."""
    word = scopes.word(held)
    is_local = isinstance(held, ast.Name) and word[0] > 2 and not scopes.takers(word)
    found = values.get(word, ())
    return is_local and bool(found) and all(map(gives, found))
