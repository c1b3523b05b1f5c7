"""Read what the statements of a scope give its names, whatever they are."""

import ast
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from flagwright.core.wrapping.effect import FUNCTIONS, Function
from flagwright.core.wrapping.linking import DEFINITIONS
from flagwright.core.wrapping.tree import nodes


class Noted(NamedTuple):
    """A type that an annotation gives."""

    node: ast.expr


Bound = ast.expr | Function | ast.ClassDef | Noted


def own_nodes(scope: ast.AST) -> Iterator[ast.AST]:
    """Nodes of a scope without those of the functions and classes inside it."""
    stack = list(ast.iter_child_nodes(scope))
    while stack:
        node = stack.pop()
        yield node
        if not isinstance(node, DEFINITIONS):
            stack.extend(ast.iter_child_nodes(node))


def bound_by(scope: ast.Module | Function | ast.ClassDef) -> Mapping[str, list[Bound]]:
    """What the statements of a scope give its names; for a file, `global` ones as well."""
    found: dict[str, list[Bound]] = {}
    for node in own_nodes(scope):
        for name, bound in _binding(node):
            found.setdefault(name, []).append(bound)
    for function in nodes(scope) if isinstance(scope, ast.Module) else ():
        if isinstance(function, FUNCTIONS):
            inner = [*own_nodes(function)]
            names = {name for n in inner if isinstance(n, ast.Global) for name in n.names}
            for name, bound in (each for n in inner if names for each in _binding(n)):
                if name in names:
                    found.setdefault(name, []).append(bound)
    return found


def _binding(node: ast.AST) -> Iterator[tuple[str, Bound]]:
    match node:
        case ast.Assign(targets=targets, value=value):
            yield from ((target.id, value) for target in targets if isinstance(target, ast.Name))
        case ast.AnnAssign(target=ast.Name(id=name), annotation=note, value=value):
            yield name, Noted(note)
            if value:
                yield name, value
        case ast.NamedExpr(target=ast.Name(id=name), value=value):
            yield name, value
        case ast.withitem(context_expr=value, optional_vars=ast.Name(id=name)):
            yield name, value
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            yield name, node
        case _:
            pass


def set_on_self(owner: ast.ClassDef, name: str) -> Iterator[tuple[Function, Bound]]:
    """What the methods of a class give an attribute of their object."""
    for function in owner.body:
        for node in own_nodes(function) if isinstance(function, FUNCTIONS) else ():
            match node:
                case ast.Assign(targets=targets, value=value) if any(
                    isinstance(t, ast.Attribute) and t.attr == name for t in targets
                ):
                    yield function, value  # type: ignore[misc]  # a function, as asked above
                case ast.AnnAssign(target=ast.Attribute(attr=attr), annotation=note) if (
                    attr == name
                ):
                    yield function, Noted(note)  # type: ignore[misc]  # likewise
                    if node.value:
                        yield function, node.value  # type: ignore[misc]  # likewise
                case _:
                    pass


def parameters_of(function: Function) -> dict[str, ast.expr | None]:
    """The parameters of a function, in order, with what annotates them."""
    given = function.args
    return {a.arg: a.annotation for a in (*given.posonlyargs, *given.args, *given.kwonlyargs)}
