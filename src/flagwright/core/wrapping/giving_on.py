"""Tell whether code of a repository hands something to whoever would ask it for more.

A call of a file is followed to what it calls: to code of others, or to a file of the repository,
and from there on to where that hands on what it is given.
"""

import ast
import builtins
import sys
from collections.abc import Callable, Collection, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from flagwright.core.wrapping.dormant.bases import Bases
from flagwright.core.wrapping.dormant.origin import Origins
from flagwright.core.wrapping.effect import last_name
from flagwright.core.wrapping.tree import nodes, of_kind

OF_PYTHON = frozenset(sys.stdlib_module_names) | frozenset(vars(builtins))


class Asking(NamedTuple):
    """Who asks."""

    others: Callable[[str], bool]
    """Whether code from elsewhere does, by its dotted name."""
    files: Callable[[ast.Module], bool]
    """Whether a file of the repository does, whatever is handed to a function of it."""


def is_handed_to(name: str, tree: ast.Module, states: Collection[Bases], asking: Asking) -> bool:
    """Whether a file hands something of a name to somebody who may ask.

    Args:
        states: The repository as that file sees it, in each of its states.
    """
    found = calls_given(tree).get(name)
    if not found:
        return False
    origins, makers = _named(tree)
    named = {o for call in found for o in _origins(call.func, origins, makers)}
    return any(_may_ask(origin, bases, asking) for origin in named for bases in states)


@lru_cache(maxsize=256)
def calls_given(tree: ast.Module) -> dict[str, list[ast.Call]]:
    """The calls of a file by the names of what they are given."""
    found: dict[str, list[ast.Call]] = {}
    for call in of_kind(tree, ast.Call):
        for name in given(call):
            found.setdefault(name, []).append(call)
    return found


@lru_cache(maxsize=256)
def kept_names(tree: ast.Module) -> frozenset[str]:
    """Names of what a file keeps somewhere, or gives to what nobody knows."""
    origins, makers = _named(tree)
    found: set[str] = set()
    for node in nodes(tree):
        match node:
            case ast.Call(func=func):
                known = _origins(func, origins, makers)
                if not known or any(origin.startswith("functools.") for origin in known):
                    found |= given(node)
            case (
                ast.Assign(value=ast.expr() as value)
                | ast.AnnAssign(value=ast.expr() as value)
                | ast.NamedExpr(value=value)
                | ast.Return(value=ast.expr() as value)
                | ast.Yield(value=ast.expr() as value)
                | ast.Lambda(body=value)
                | ast.For(iter=value)
                | ast.comprehension(iter=value)
            ):
                found |= _inside([value])
            case ast.arguments(defaults=values, kw_defaults=more):
                found |= _inside([*values, *filter(None, more)])
            case _:
                pass
    return frozenset(found)


def given(call: ast.Call) -> set[str]:
    """Names of what a call is given, by itself or in a list."""
    return _inside([*call.args, *(keyword.value for keyword in call.keywords)])


def _inside(values: Sequence[ast.AST]) -> set[str]:
    """Names of some values, and of what is in a list of them; `Box()` is made."""
    waiting, found = [*values], set[str]()
    while waiting:
        match waiting.pop():
            case ast.Name(id=name) | ast.Attribute(attr=name):
                found.add(name)
            case ast.Call(func=func):
                found.add(f"{last_name(func)}()")
            case (
                ast.List()
                | ast.Tuple()
                | ast.Set()
                | ast.Dict()
                | ast.Starred()
                | ast.IfExp() as part
            ):
                waiting.extend(ast.iter_child_nodes(part))
            case _:
                pass
    return found


@lru_cache(maxsize=256)
def _named(tree: ast.Module) -> tuple[Origins, dict[str, list[ast.expr]]]:
    """What the names of a file stand for, and what makes its objects; many names are looked at."""
    return Origins(tree), _makers(tree)


def _makers(tree: ast.Module) -> dict[str, list[ast.expr]]:
    """What a file makes the objects with that it has by a name: `app = Flask(__name__)`."""
    found: dict[str, list[ast.expr]] = {}
    for node in nodes(tree):
        match node:
            case (
                ast.Assign(targets=[target], value=ast.Call(func=func))
                | ast.AnnAssign(target=target, value=ast.Call(func=func))
                | ast.withitem(context_expr=ast.Call(func=func), optional_vars=ast.expr() as target)
            ):
                found.setdefault(ast.unparse(target), []).append(func)
            case _:
                pass
    return found


def _origins(
    func: ast.expr, origins: Origins, makers: dict[str, list[ast.expr]], depth: int = 3
) -> set[str]:
    """Dotted names that a call may be of: `typer.Typer.command` for `app.command()(f)`."""
    match func:
        case ast.Call(func=inner):
            return _origins(inner, origins, makers, depth)
        case ast.Name() | ast.Attribute() if known := origins.of(func):
            return set(known)
        case ast.Name() | ast.Attribute() if depth and (made := makers.get(ast.unparse(func))):
            return {o for maker in made for o in _origins(maker, origins, makers, depth - 1)}
        case ast.Attribute(value=value, attr=word):
            return {f"{o}.{word}" for o in _origins(value, origins, makers, depth)}
        case _:
            return set()


def _may_ask(origin: str, bases: Bases, asking: Asking, depth: int = 3) -> bool:
    """Whether a name stands for somebody who asks, or for what hands on to such."""
    if origin.partition(".")[0] in OF_PYTHON:
        return asking.others(origin)
    word, found = origin, bases.named(origin)
    while isinstance(found, str) and "." in word.lstrip("."):
        word = word[: word.rindex(".")]
        found = bases.named(word) if word.strip(".") else None
    if isinstance(found, str):
        return asking.others(origin)
    tree = bases.tree(found.module) if found else bases.around(word)
    if tree is None or asking.files(tree):
        return tree is not None
    origins, makers = _named(tree)
    # `app.task(f)` where another file has `app = Celery()`, or a function that hands `f` on.
    own = ast.Name(word.rpartition(".")[2], ast.Load())
    further = [*_handing(found.tree)] if found else [own]
    named = {o for func in further for o in _origins(func, origins, makers)}
    return depth > 0 and any(_may_ask(o, bases, asking, depth - 1) for o in named if o[0] != ".")


def _handing(made: ast.AST) -> Iterator[ast.expr]:
    """What gets something that a function or a class is given."""
    own = {n.arg for n in ast.walk(made) if isinstance(n, ast.arg)} - {"self", "cls"}
    calls = [n for n in ast.walk(made) if isinstance(n, ast.Call)]
    return (call.func for call in calls if given(call) & own)
