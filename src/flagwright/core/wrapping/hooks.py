"""Tell what methods call of their own object: a class made from theirs may have it."""

import ast
from collections.abc import Iterator

from flagwright.core.wrapping.proof.importing import Reach
from flagwright.core.wrapping.proof.run import Run
from flagwright.core.wrapping.proof.running import Function
from flagwright.core.wrapping.tree import walk


def hooks_of(reach: Reach, run: Run, *, always: bool) -> set[str]:
    """What methods that run call of their own object: all of them, or what makes classes."""
    ran = [f for f in run.started.values() if reach.owner(f)]
    ran = [f for f in ran if always or reach.runs_with_its_class(f)]
    return {hook for function in ran for hook in _asked_of_itself(function)}


def _asked_of_itself(function: Function) -> Iterator[str]:
    """Attributes that a method uses of its first parameter, or of an object that it makes."""
    first = [a.arg for a in (*function.args.posonlyargs, *function.args.args)][:1]
    made = [name for node in walk(function) for name in _made(node)]
    for node in walk(function):
        if isinstance(node, ast.Attribute) and getattr(node.value, "id", "") in {*first, *made}:
            yield node.attr


def _made(node: ast.AST) -> Iterator[str]:
    """A name that gets what the class above makes: `made = super().__call__()`."""
    match node:
        case ast.Assign(
            targets=[ast.Name(name)],
            value=ast.Call(func=ast.Attribute(value=ast.Call(func=ast.Name("super")))),
        ):
            yield name
        case _:
            pass
