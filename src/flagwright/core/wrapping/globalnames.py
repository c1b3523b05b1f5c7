"""Tell whether a file that looks into its `globals()` finds only names that stand in it.

What no line of it imports or defines is not there, unless code brings it in under any name.
"""

import ast
from collections.abc import Iterator

from flagwright.core.wrapping.binding import names_in
from flagwright.core.wrapping.tree import nodes

_BRINGS = frozenset({"*", "exec", "setattr"})
"""What may bring a name into a file that does not stand in it."""


def asked_of_file(tree: ast.Module) -> set[int]:
    """Calls of `globals()`, by identity, where none gives what has a name from elsewhere."""
    calls = {id(node) for node in nodes(tree) if _is_of_file(node)}
    asked = {id(value) for node in nodes(tree) for value in _asked(node)}
    return calls if calls <= asked and not names_in(tree) & _BRINGS else set()


def _is_of_file(node: ast.AST) -> bool:
    match node:
        case ast.Call(func=ast.Name(id="globals" | "vars"), args=[], keywords=[]):
            return True
        case _:
            return False


def _asked(node: ast.AST) -> Iterator[ast.expr]:
    """What is only looked into: `globals()[name]`, `globals().items()`."""
    match node:
        case ast.Subscript(value=value, ctx=ast.Load()):
            yield value
        case ast.Attribute(value=value, attr="get" | "items" | "keys" | "values"):
            yield value
        case _:
            pass
