"""Tell what nobody changes: it is read where it stands, or by a function that it is handed to."""

import ast
from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

from flagwright.core.wrapping.effect import FUNCTIONS
from flagwright.core.wrapping.tree import nodes, of_kind, walk

_READING = {"len", "sorted", "list", "tuple", "set", "frozenset", "dict", "any", "all", "sum"}
_READING |= {"min", "max", "enumerate", "str", "repr", "bool"}
"""Calls of Python's own that go through what they are given, and keep nothing of it."""


class _Taker(NamedTuple):
    """A function, by what it takes by place."""

    places: list[str]
    is_method: bool
    only_reads: set[str]


def only_read(tree: ast.Module) -> set[int]:
    """Parts of a file, by identity, that are looked up, looked for or gone through, no more."""
    read = set(_read_there(tree))
    takers = _takers(tree, read)
    bound = {n.id for n in of_kind(tree, ast.Name) if not isinstance(n.ctx, ast.Load)}
    bound |= {n.arg for n in of_kind(tree, ast.arg)}
    for call in of_kind(tree, ast.Call):
        match call.func:
            case ast.Name(id=name) if name not in bound:
                found = [taker for taker in takers[name] if not taker.is_method]
            case ast.Attribute(value=ast.Name(id="self" | "cls"), attr=name):
                found = takers[name]
            case _:
                continue
        for at, value in enumerate(call.args):
            if found and all(_only_reads(taker, at) for taker in found):
                read.add(id(value))
    return read


def _takers(tree: ast.Module, read: set[int]) -> dict[str, list[_Taker]]:
    """The functions of a file and the methods of its classes, by name."""
    found: dict[str, list[_Taker]] = defaultdict(list)
    classes = [n for n in nodes(tree) if isinstance(n, ast.ClassDef)]
    owners: list[ast.Module | ast.ClassDef] = [tree, *classes]
    for owner in owners:
        for node in (n for n in owner.body if isinstance(n, FUNCTIONS)):
            places = [a.arg for a in (*node.args.posonlyargs, *node.args.args)]
            used = {n.id for n in walk(node) if isinstance(n, ast.Name) and id(n) not in read}
            decorators = [ast.unparse(decorator) for decorator in node.decorator_list]
            is_known = {*decorators} <= {"staticmethod", "classmethod"}
            is_method = owner is not tree and "staticmethod" not in decorators
            only_reads = {*places} - used if is_known else set()
            found[node.name].append(_Taker(places, is_method, only_reads))
    return found


def _only_reads(taker: _Taker, at: int) -> bool:
    at += taker.is_method
    return at < len(taker.places) and taker.places[at] in taker.only_reads


def _read_there(tree: ast.Module) -> Iterator[int]:
    """What is read where it stands."""
    bound = {n.id for n in of_kind(tree, ast.Name) if not isinstance(n.ctx, ast.Load)}
    bound |= {n.arg for n in of_kind(tree, ast.arg)} | _named(tree)
    for node in nodes(tree):
        match node:
            case ast.Subscript(value=value, ctx=ast.Load()):
                yield id(value)
            case ast.Attribute(value=value, attr="get" | "items" | "keys" | "values" | "copy"):
                yield id(value)
            case ast.Attribute(value=value, attr="index" | "count"):
                yield id(value)
            case ast.Compare(ops=[ast.In() | ast.NotIn()], comparators=[value]):
                yield id(value)
            case ast.For(iter=value) | ast.AsyncFor(iter=value) | ast.comprehension(iter=value):
                yield id(value)
            case ast.Call(func=ast.Name(id=name), args=[value, *rest]) if name in _READING - bound:
                if not (rest and name in ("min", "max")):  # these may give back what they are given
                    yield id(value)
            case ast.Call(func=ast.Attribute(value=ast.Constant(), attr="join"), args=args):
                yield from map(id, args)
            case ast.Starred(value=value, ctx=ast.Load()) | ast.keyword(arg=None, value=value):
                yield id(value)
            case ast.Dict(keys=keys, values=values):
                yield from (id(v) for k, v in zip(keys, values, strict=True) if k is None)
            case _:
                pass


def _named(tree: ast.Module) -> set[str]:
    """Names of what a file defines and imports."""
    found = {n.name for n in nodes(tree) if isinstance(n, (*FUNCTIONS, ast.ClassDef))}
    return found | {alias.asname or alias.name for alias in of_kind(tree, ast.alias)}
