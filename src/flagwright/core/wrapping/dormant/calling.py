"""Tell whether a decorator of the repository does nothing with a function but call or mark it.

Then nobody gets to see through it how the function is declared.
"""

import ast
from collections.abc import Collection, Iterator

from flagwright.core.wrapping.dormant.origin import Origins
from flagwright.core.wrapping.effect import FUNCTIONS, Function

_COPY = ("functools.wraps", "functools.update_wrapper")
_ASK = ("callable", "inspect.is*function", "asyncio.iscoroutinefunction", "issubclass")
_NAMES = ("__name__", "__qualname__", "__doc__", "__module__")
_GIVE_IT = ("func", "mro")
"""What an object may have that gives the function, or the class, itself."""


def only_calls(
    function: Function, origins: Origins, *, is_made: bool, but: Collection[str] = ()
) -> bool:
    """Whether a decorator calls what it is above, marks it, or gives it back, and that is all.

    Args:
        but: Members of the class that it is above that it may not ask for.
        origins: The names of the file that the decorator stands in.
        is_made: Whether it is what a call gives back: `@retry(3)`.
    """
    if isinstance(function, ast.AsyncFunctionDef) or function.decorator_list:
        return False
    if is_made:
        inner = {node.name: node for node in function.body if isinstance(node, FUNCTIONS)}
        given = [node.value for node in _returns(function)]
        names = [value.id if isinstance(value, ast.Name) else "" for value in given]
        return bool(names) and all(
            n in inner and only_calls(inner[n], origins, is_made=False, but=but) for n in names
        )
    arguments = [*function.args.posonlyargs, *function.args.args]
    if len(arguments) != 1 or function.args.vararg or function.args.kwonlyargs:
        return False
    name = arguments[0].arg
    idle = {id(part) for node in ast.walk(function) for part in _idle(node, origins)}
    idle |= {id(value) for node in _returns(function) for value in _given(node.value)}
    idle |= {*_marked(function, {*but, *_GIVE_IT})}
    parts = [n for n in ast.walk(function) if isinstance(n, ast.Name) and n.id == name]
    return all(id(part) in idle and isinstance(part.ctx, ast.Load) for part in parts)


def _returns(function: Function) -> Iterator[ast.Return]:
    """What a function itself gives back, and not one inside it."""
    waiting: list[ast.AST] = [*function.body]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Return):
            yield node
        elif not isinstance(node, (*FUNCTIONS, ast.Lambda, ast.ClassDef)):
            waiting.extend(ast.iter_child_nodes(node))


def _given(value: ast.expr | None) -> Iterator[ast.expr]:
    """What an expression may be, as it stands there."""
    if isinstance(value, ast.IfExp):
        yield from (*_given(value.body), *_given(value.orelse))
    elif value is not None:
        yield value


def _idle(node: ast.AST, origins: Origins) -> Iterator[ast.AST]:
    """Where a function is called, or named."""
    match node:
        case ast.Call(func=func, args=args):
            yield func
            if origins.is_one_of(func, (*_COPY, *_ASK)):
                yield from args
        case ast.Attribute(value=value, attr=name) if name in _NAMES:
            yield value
        case _:
            pass


def _marked(function: Function, but: Collection[str]) -> Iterator[int]:
    """What gets, or is asked for, an attribute of its own that is not called: `f.route = path`."""
    called = {id(node.func) for node in ast.walk(function) if isinstance(node, ast.Call)}
    for node in ast.walk(function):
        match node:
            case ast.Attribute(value=ast.Name() as value, attr=name) if id(node) not in called:
                if not name.startswith("__") and name not in but:
                    yield id(value)
            case _:
                pass
