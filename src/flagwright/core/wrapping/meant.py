"""Tell what each use of a name in a file means: a local, a name of a class body, or of the file.

What is not certainly a local is said to be of the file.
"""

import ast
from collections.abc import Iterator
from typing import Literal, NamedTuple

from flagwright.core.wrapping.binding import binds
from flagwright.core.wrapping.effect import FUNCTIONS

Meaning = Literal["local", "class", "file"]
_Comprehension = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp


class _Place(NamedTuple):
    """What a name means where a node stands, and in the functions that begin there."""

    here: Meaning
    inner: Meaning


def meanings(name: str, tree: ast.Module) -> Iterator[tuple[ast.Name, Meaning]]:
    """Each place that has a name, and what it means there."""
    waiting: list[tuple[ast.AST, _Place]] = [(tree, _Place("file", "file"))]
    while waiting:
        node, place = waiting.pop()
        if isinstance(node, ast.Name) and node.id == name:
            yield node, place.here
        waiting.extend(_below(node, name, place))


def _below(node: ast.AST, name: str, place: _Place) -> Iterator[tuple[ast.AST, _Place]]:
    """The parts of a node, and what the name means in each."""
    parts = [*ast.iter_child_nodes(node)]
    inside: list[ast.AST] = []
    within = place
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.Lambda(body=ast.expr()):
            inside = [*node.body] if isinstance(node.body, list) else [node.body]
            found = _of_function(node.args, inside, name, place.inner)
            within = _Place(found, found)
        case ast.ClassDef(body=body):
            inside, within = [*body], _Place("class", place.inner)
        case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
            if any(binds(p, name) for g in node.generators for p in ast.walk(g.target)):
                within = _Place("local", "local")
                yield node.generators[0].iter, place
                inside = _of_comprehension(node)
                parts = []
        case _:
            pass
    known = {id(part) for part in inside}
    yield from ((part, within) for part in inside)
    yield from ((part, place) for part in parts if id(part) not in known)


def _of_comprehension(node: _Comprehension) -> list[ast.AST]:
    """Its parts without what it goes through first, which it is given from around it."""
    first, *others = node.generators
    results = [p for p in ast.iter_child_nodes(node) if not isinstance(p, ast.comprehension)]
    return [*results, first.target, *first.ifs, *others]


def _of_function(
    arguments: ast.arguments, body: list[ast.AST], name: str, around: Meaning
) -> Meaning:
    """What a name means in a function, by what binds it there."""
    stars = [star for star in (arguments.vararg, arguments.kwarg) if star]
    places = (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, *stars)
    if name in {place.arg for place in places}:
        return "local"
    found = [part for part in _own(body) if binds(part, name)]
    imports = (part for part in _own(body) if isinstance(part, ast.Import | ast.ImportFrom))
    names = {(a.asname or a.name).partition(".")[0] for line in imports for a in line.names}
    if not names.isdisjoint({name, "*"}) or any(isinstance(n, ast.Global) for n in found):
        return "file"
    return "local" if any(not isinstance(n, ast.Nonlocal) for n in found) else around


def _own(body: list[ast.AST]) -> Iterator[ast.AST]:
    """Nodes of a function without those that are of a scope inside it."""
    waiting = [*body]
    while waiting:
        node = waiting.pop()
        yield node
        if isinstance(node, ast.comprehension):
            waiting.extend((node.iter, *node.ifs))
        elif not isinstance(node, (*FUNCTIONS, ast.Lambda, ast.ClassDef)):
            waiting.extend(ast.iter_child_nodes(node))
