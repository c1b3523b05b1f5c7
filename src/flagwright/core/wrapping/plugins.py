"""Find what files call, as they are imported, of modules whose names they put together."""

import ast
from collections.abc import Collection, Iterator, Mapping
from typing import NamedTuple

from flagwright.core.wrapping.linking import tree_of
from flagwright.core.wrapping.proof.importing import Reach
from flagwright.core.wrapping.proof.outside import Outside
from flagwright.core.wrapping.proof.running import bound_by, called_name
from flagwright.core.wrapping.tree import walk

_IMPORTING = {"import_module", "__import__"}


class Plugged(NamedTuple):
    """A name that is asked of any module whose name begins so."""

    path: str
    line: int
    begin: str
    name: str


def plugged(modules: Mapping[str, bytes], running_calls: Collection[str]) -> Iterator[Plugged]:
    """All that the files of a repository ask so while they are imported."""
    for path, text in modules.items():
        if any(word.encode() in text for word in _IMPORTING) and (tree := tree_of(text)):
            calls = {id(n): b for n in walk(tree) if (b := _begin(n)) is not None}
            if calls:
                reached = Reach(tree, Outside(), running_calls).nodes()
                yield from _asked(path, [n for n in walk(tree) if id(n) in reached], calls)


def _asked(path: str, ran: list[ast.AST], calls: Mapping[int, str]) -> Iterator[Plugged]:
    """Attributes of modules that some code imports, also by the name that it gives these."""
    held = {
        name: calls[id(part)]
        for node in ran
        for name, value in bound_by(node)
        for part in walk(value)
        if id(part) in calls
    }
    for node in ran:
        match node:
            case ast.Attribute(value=value, attr=name):
                begin = calls.get(id(value), held.get(getattr(value, "id", "")))
            case ast.Call(func=ast.Name("getattr"), args=[value, ast.Constant(str(name)), *_]):
                begin = calls.get(id(value), held.get(getattr(value, "id", "")))
            case _:
                continue
        if begin is not None:
            yield Plugged(path, node.lineno, begin, name)


def _begin(node: ast.AST) -> str | None:
    """How the name of the module begins that a call imports; none for other code."""
    match node:
        case ast.Call(func=func, args=[name, *_]) if called_name(func) in _IMPORTING:
            pass
        case _:
            return None
    while isinstance(name, ast.BinOp):
        name = name.left
    first = name.values[0] if isinstance(name, ast.JoinedStr) and name.values else name
    if not isinstance(first, ast.Constant) or not isinstance(first.value, str):
        return ""
    return None if first is name and name is node.args[0] else _written(first.value)


def _written(text: str) -> str:
    """What certainly begins so: nothing, where that depends on the package or on a format."""
    return "" if text.startswith(".") else text.partition("%")[0]
