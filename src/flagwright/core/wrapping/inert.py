"""Tell which parts of a header do nothing at run time, whatever stands below it.

`class Box(object):` makes the same class as `class Box:`, where `object` is Python's own. Beside
other bases it has a place among them, and a metaclass is given what stands there.
"""

import ast
from collections.abc import Collection, Iterator

from flagwright.core.wrapping.binding import bindings, binds
from flagwright.core.wrapping.tree import nodes

_OF_TEXTS = {"exec", "__build_class__"}
"""What may give any name another meaning, or look at how a class is made."""
_BY_TEXT = {"globals", "locals", "vars", "setattr", "__dict__", "__builtins__", "modules"}


def is_of_object(node: ast.ClassDef) -> bool:
    """Whether a class says of itself that it is an object, and nothing else."""
    match node:
        case ast.ClassDef(bases=[ast.Name(id="object")], keywords=[]):
            return not getattr(node, "type_params", ())
        case _:
            return False


def renames_object(tree: ast.Module) -> bool:
    """Whether `object` may be anything else in a file than Python's own."""
    found = nodes(tree)
    words = {*_words(found)}
    imported = {b.name for n in found for b in bindings(n)}
    is_said = any(isinstance(n, ast.Constant) and n.value == "object" for n in found)
    return (
        not words.isdisjoint(_OF_TEXTS)
        or (is_said and not words.isdisjoint(_BY_TEXT))
        or any(binds(n, "object") or _imports(n) or _sets_object(n, imported) for n in found)
    )


def _words(found: tuple[ast.AST, ...]) -> Iterator[str]:
    for node in found:
        if isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.Attribute):
            yield node.attr


def _imports(node: ast.AST) -> bool:
    """Whether an import may bind it; what `builtins` has is Python's own."""
    found = [b for b in bindings(node) if b.name in ("object", "*")]
    return any((b.module, b.attribute) != ("builtins", "object") for b in found)


def _sets_object(node: ast.AST, imported: Collection[str]) -> bool:
    """Whether a node may give a module the name, such as `builtins`."""
    match node:
        case ast.Attribute(attr="object", ctx=ast.Store(), value=ast.Name(id=name)):
            return name in imported
        case ast.Attribute(attr="object", ctx=ast.Store()):
            return True
        case _:
            return False
