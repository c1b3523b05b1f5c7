"""Tell whether whoever is handed a private function may ask what it is called.

With the flag off that would be `_total_off`: a framework makes the name of a command, a task
or an endpoint of it, and a helper of the repository may write it into a log.
"""

import ast
import builtins
import sys
from collections.abc import Collection, Iterator
from fnmatch import fnmatchcase

from flagwright.core.wrapping.dormant.bases import Bases
from flagwright.core.wrapping.dormant.origin import Origins
from flagwright.core.wrapping.effect import last_name
from flagwright.core.wrapping.reach import tells_a_name
from flagwright.core.wrapping.tree import nodes, of_kind

_OF_PYTHON = frozenset(sys.stdlib_module_names) | frozenset(vars(builtins))


def is_title_read(
    name: str, tree: ast.Module, states: Collection[Bases], running_calls: Collection[str]
) -> bool:
    """Whether a file hands a function to somebody who may ask for its name.

    Args:
        states: The repository, in each of its states.
        running_calls: Functions of others that only call what they are given, as patterns.
    """
    found = [call for call in of_kind(tree, ast.Call) if any(_given(call, name))]
    if not found:
        return False
    origins = Origins(tree)
    makers = _makers(tree)
    named = {o for call in found for o in _origins(call.func, origins, makers)}
    return any(
        _may_ask(origin, bases)
        for origin in named
        if not any(fnmatchcase(origin, pattern) for pattern in running_calls)
        for bases in states
    )


def _given(call: ast.Call, name: str) -> Iterator[ast.expr]:
    """Where a call is given something of a name, by itself or in a list."""
    waiting: list[ast.AST] = [*call.args, *(keyword.value for keyword in call.keywords)]
    while waiting:
        match waiting.pop():
            case ast.Name() | ast.Attribute() as value if last_name(value) == name:
                yield value
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


def _may_ask(origin: str, bases: Bases, depth: int = 3) -> bool:
    """Whether a name stands for what others wrote, or for what asks functions for their names."""
    if origin.partition(".")[0] in _OF_PYTHON:
        return False
    word, found = origin, bases.named(origin)
    while isinstance(found, str) and "." in word.lstrip("."):
        word = word[: word.rindex(".")]
        found = bases.named(word) if word.strip(".") else None
    if isinstance(found, str):
        return True
    tree = bases.tree(found.module) if found else bases.around(word)
    if tree is None or any(map(tells_a_name, nodes(tree))):
        return tree is not None
    origins, makers = Origins(tree), _makers(tree)
    # `app.task(f)` where another file has `app = Celery()`, or a function that hands `f` on.
    own = ast.Name(word.rpartition(".")[2], ast.Load())
    further = [*_handing(found.tree)] if found else [own]
    named = {o for func in further for o in _origins(func, origins, makers)}
    return depth > 0 and any(_may_ask(o, bases, depth - 1) for o in named if o[0] != ".")


def _handing(made: ast.AST) -> Iterator[ast.expr]:
    """What gets something that a function or a class is given."""
    given = {n.arg for n in ast.walk(made) if isinstance(n, ast.arg)} - {"self", "cls"}
    calls = [n for n in ast.walk(made) if isinstance(n, ast.Call)]
    return (call.func for call in calls if any(any(_given(call, name)) for name in given))
