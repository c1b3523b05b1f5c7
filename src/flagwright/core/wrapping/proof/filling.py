"""Read what code puts into containers and objects: what a registry holds, whoever fills it.

Names are all that is known of a container; that of a field is the field's.
"""

import ast
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from flagwright.core.wrapping.proof.running import Function, called_name, names_of, set_by
from flagwright.core.wrapping.tree import walk

_VOID = {"append", "appendleft", "add", "insert", "extend", "extendleft", "update", "put"}
_VOID |= {"put_nowait", "push"}
_FILLING = _VOID | {"setdefault", "register"}
"""Methods that put what they are given into a container."""
_DEEPEST = 3
"""Functions through which something is followed that they hand on."""


class Fill(NamedTuple):
    """Something is put somewhere."""

    into: ast.expr
    """A name, or an attribute."""
    value: ast.expr


def fills(node: ast.AST) -> Iterator[Fill]:
    """What one node puts into containers, or stores in objects."""
    match node:
        case ast.Call(func=ast.Attribute(value=value, attr=name), args=args, keywords=keywords) if (
            name in _FILLING and (into := _holder(value))
        ):
            yield from (Fill(into, found) for found in (*args, *(k.value for k in keywords)))
        case ast.Call(args=[owner, *_]):
            into = _holder(owner)
            yield from (Fill(into, value) for _, value in set_by(node) if into)
        case ast.Assign(targets=targets, value=value):
            yield from (Fill(into, value) for t in targets if (into := _part_of(t)))
        case ast.AugAssign(target=target, value=value) if into := _holder(target):
            yield Fill(into, value)
        case _:
            pass


def extended(decorator: ast.expr) -> ast.expr | None:
    """What gets the function below it: `show` of `@show.register(int)`."""
    match decorator:
        case (
            ast.Attribute(value=ast.Name() | ast.Attribute() as into, attr="register")
            | ast.Call(
                func=ast.Attribute(value=ast.Name() | ast.Attribute() as into, attr="register")
            )
        ):
            return into
        case _:
            return None


def only_filled(node: ast.AST) -> Iterator[ast.Attribute]:
    """Fields of which a node uses nothing: something is put into them, or looked for there."""
    into: ast.expr | None = None
    match node:
        case ast.Compare(ops=[ast.In() | ast.NotIn()], comparators=[value]):
            into = value
        case ast.Call(func=ast.Name("len"), args=[value]):
            into = value
        case ast.Expr(value=ast.Call(func=ast.Attribute(value=value, attr=name))) if name in _VOID:
            into = _holder(value)
        case ast.Assign(targets=[ast.Subscript(value=value)]):
            into = _holder(value)
        case _:
            return
    if isinstance(into, ast.Attribute):
        yield into


def name_of(into: ast.expr) -> str:
    """What something is called that is filled."""
    return str(getattr(into, "attr", getattr(into, "id", "")))


def whole_names(value: ast.expr) -> set[str]:
    """Names in a value of which it has more than an attribute."""
    inner = walk(value)
    parts = {id(node.value) for node in inner if isinstance(node, ast.Attribute)}
    return {n.id for n in inner if isinstance(n, ast.Name) and id(n) not in parts}


def _part_of(target: ast.expr) -> ast.expr | None:
    """What is filled by giving a value to a part of it."""
    match target:
        case ast.Subscript(value=value):
            return _holder(value)
        case ast.Attribute():
            return target
        case _:
            return None


def _holder(value: ast.expr) -> ast.expr | None:
    """What holds a container: `names` in `names["a"]` and in `names.setdefault("a", [])`."""
    while isinstance(value, ast.Subscript | ast.Call):
        if isinstance(value, ast.Subscript):
            value = value.value
        elif isinstance(value.func, ast.Attribute):
            value = value.func.value
        else:
            return None
    return value if isinstance(value, ast.Name | ast.Attribute) else None


def keeping_places(
    function: Function, functions: Mapping[str, Sequence[Function]]
) -> list[ast.expr]:
    """Where a function, or one that it hands on to, puts what it is given.

    Args:
        functions: Those of the file, by name.
    """
    direct, handing = kept_and_handed(function)
    found, reached = [*direct], {function}
    for _ in range(_DEEPEST):
        called = {name for func in handing if (name := called_name(func))}
        new = {f for name in called for f in functions.get(name, ())} - reached
        handing = []
        for inner in sorted(new, key=lambda f: f.lineno):
            kept, handed = kept_and_handed(inner)
            found += kept
            handing += handed
        reached |= new
    return found


@lru_cache(maxsize=8192)
def kept_and_handed(function: Function) -> tuple[list[ast.expr], list[ast.expr]]:
    """Where a function itself puts what it is given, and to what it hands that on."""
    inner = walk(function)
    filling = [fill for node in inner for fill in fills(node)]
    calls = [node for node in inner if isinstance(node, ast.Call) and (node.args or node.keywords)]
    declared = {name for node in inner if isinstance(node, ast.Global) for name in node.names}
    if not filling and not calls and not declared:
        return [], []
    carried = _carried(function, inner)
    found = [into for into, value in filling if not names_of(value).isdisjoint(carried)]
    for node in inner if declared else ():
        match node:
            case ast.Assign(targets=[ast.Name(name) as target], value=value) if name in declared:
                found += [target] if names_of(value) & carried else []
            case _:
                pass
    handing = [c.func for c in calls if any(names_of(v) & carried for v in _given(c))]
    return found, handing


def _given(call: ast.Call) -> list[ast.expr]:
    return [*call.args, *(keyword.value for keyword in call.keywords)]


def _carried(function: Function, inner: list[ast.AST]) -> set[str]:
    """Names of a function through which what it is given may be put somewhere."""
    found = {n.arg for n in inner if isinstance(n, ast.arg)}
    waiting: list[tuple[str, set[str]]] = []
    for node in inner:
        match node:
            case (
                ast.Assign(targets=[ast.Name(name)], value=value)
                | ast.For(target=ast.Name(name), iter=value)
            ):
                waiting.append((name, names_of(value)))
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                waiting += [(name, names_of(node))] if node is not function else []
            case _:
                pass
    size = 0
    while len(found) > size:
        size = len(found)
        found |= {name for name, names in waiting if not names.isdisjoint(found)}
    return found
