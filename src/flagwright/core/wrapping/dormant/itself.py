"""Find where an object looks into itself, and of which class it is.

`getattr(self, name)` in a method comes upon the members of the class of that method, of those
that inherit from it, and of those that they are made of; never upon others.
"""

import ast
from collections.abc import Iterator

from flagwright.core.wrapping.binding import binds
from flagwright.core.wrapping.effect import FUNCTIONS, Function, last_name
from flagwright.core.wrapping.tree import nodes

_THIS = {"self", "cls"}


def looks_of_objects(tree: ast.Module) -> dict[int, str]:
    """Calls with what a function is given as `self`, by identity, and its class where it is plain.

    So is `self.__dict__` in such a method.
    """
    return dict.fromkeys(_given_themselves(tree), "") | dict(_asking_themselves(tree))


def is_self(node: ast.expr) -> bool:
    """Whether an expression is called what a method calls its object, or its class."""
    return isinstance(node, ast.Name) and node.id in _THIS


def _asking_themselves(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Calls of a method that look for a name in its own object, and the class of the method."""
    handed = {
        (n.value.id, n.attr)
        for n in nodes(tree)
        if isinstance(n, ast.Attribute) and isinstance(n.value, ast.Name)
    }
    for owner in (n for n in nodes(tree) if isinstance(n, ast.ClassDef)):
        for method in owner.body:
            if (
                isinstance(method, FUNCTIONS)
                and (owner.name, method.name) not in handed
                and _keeps_itself(method)
            ):
                found = (n for n in ast.walk(method) if _looks_into_itself(n))
                yield from ((id(node), owner.name) for node in found)


def _looks_into_itself(node: ast.AST) -> bool:
    """Whether a call or `__dict__` is of `self`, or of its class."""
    match node:
        case ast.Call(args=[value, *_]) | ast.Attribute(value=value, attr="__dict__"):
            return is_self(value) or _is_own_class(value)
        case _:
            return False


def _is_own_class(node: ast.expr) -> bool:
    match node:
        case ast.Attribute(value=value, attr="__class__"):
            return is_self(value)
        case ast.Call(func=ast.Name(id="type"), args=[value]):
            return is_self(value)
        case _:
            return False


def _given_themselves(tree: ast.Module) -> Iterator[int]:
    """Calls with a parameter of a function around them that is called `self` or `cls`."""
    for function in nodes(tree):
        if not isinstance(function, (*FUNCTIONS, ast.Lambda)):
            continue
        given = {n.arg for n in ast.walk(function.args) if isinstance(n, ast.arg)} & _THIS
        for node in ast.walk(function) if given else ():
            if isinstance(node, ast.Call) and node.args and given & set(_names(node.args[0])):
                yield id(node)


def _names(node: ast.expr) -> Iterator[str]:
    return (part.id for part in ast.walk(node) if isinstance(part, ast.Name))


def _keeps_itself(method: Function) -> bool:
    """Whether `self` is the first parameter of a method, and nothing else in it."""
    first = [a.arg for a in (*method.args.posonlyargs, *method.args.args)][:1]
    meanings = [name for node in ast.walk(method) for name in _THIS if binds(node, name)]
    return meanings == first and "staticmethod" not in map(last_name, method.decorator_list)
