"""Tell which files get hold of a module as an object, and so may look into it.

In `dir(config)` the word may be a parameter. It is the module where the file imports one of
that name, or where some file does and hands it on.
"""

import ast
import re
from collections.abc import Iterable, Iterator, Mapping

from flagwright.core.wrapping.linking import tree_of
from flagwright.core.wrapping.tree import nodes

_BY_TEXT = re.compile(rb"\bimport_module\b|\b__import__\b|\bimport_string\b|\bsys\s*\.\s*modules\b")


def lister_of(stem: str, listers: Iterable[str], modules: Mapping[str, bytes]) -> str | None:
    """The first of some files that may look into a module.

    Args:
        stem: The last word of its name.
        listers: Files that look into something of this name.
    """
    found = sorted(listers)
    if not found:
        return None
    own = (path for path in found if list(_held(modules[path], stem)))
    return next(own, None) or (found[0] if is_module_handed_on(stem, modules) else None)


def _held(text: bytes, stem: str) -> Iterator[str]:
    """The names under which a file has a module; empty where it has it by a path or a text."""
    tree = tree_of(text)
    if tree is None:
        yield ""
        return
    by_text = _BY_TEXT.search(text)
    for node in nodes(tree):
        match node:
            case ast.Import(names=names):
                for alias in names:
                    if alias.name.rpartition(".")[2] == stem:
                        yield alias.asname or (stem if alias.name == stem else "")
            case ast.ImportFrom(names=names):
                yield from (a.asname or a.name for a in names if a.name == stem)
            case ast.Attribute(value=ast.Name(id=root) | ast.Attribute(attr=root), attr=name):
                if name == stem and root not in ("self", "cls"):
                    yield ""
            case ast.Constant(value=str(word)) if by_text and word.rpartition(".")[2] == stem:
                yield ""
            case _:
                pass


def is_module_handed_on(stem: str, modules: Mapping[str, bytes]) -> bool:
    """Whether a file has a module under a name, and uses that but to look up what is in it."""
    imported = re.compile(rb"\bimport\b[^\n;]*\b%b\b" % re.escape(stem.encode()))
    over_lines = re.compile(rb"\bimport\s*\([^)]*\b%b\b" % re.escape(stem.encode()))
    for text in modules.values():
        if stem.encode() not in text or not (imported.search(text) or over_lines.search(text)):
            continue
        tree, names = tree_of(text), set(_held(text, stem))
        if tree is None:
            return True
        asked = {id(n.value) for n in nodes(tree) if isinstance(n, ast.Attribute)}
        for node in nodes(tree):
            if isinstance(node, ast.Name) and node.id in names and id(node) not in asked:
                return True
    return False
