"""Tell how code may come upon a name that it does not write: by listing, or by a string.

What stands in a file for one side of a flag must not be found by the other side this way.
"""

import ast
from collections.abc import Iterator

from flagwright.core.wrapping.effect import FUNCTIONS, last_name
from flagwright.core.wrapping.tree import nodes

_ASKING = {"getattr", "hasattr", "attrgetter", "methodcaller"}
_LISTING = {"dir", "getmembers", "getmembers_static"}
_THIS = {"self", "cls"}


class Sight:
    """What one version of a file looks up at run time."""

    def __init__(self, tree: ast.Module | None) -> None:
        self._strings: set[str] = set()
        self._prefixes: set[str] = set()
        self._attributes: set[str] = set()
        self._asked_once: set[int] = set()
        """What stands for all members, where it is asked for one, or is given some."""
        self.lists_members = False
        """It lists what its classes have."""
        self.lists_subclasses = False
        self.sets_by_name = False
        """It sets attributes whose names it is given."""
        self.lists_module = False
        """It lists the names of its own module, or answers for those it lacks."""
        self.reads_annotations = False
        if tree is not None:
            stored = set(_stored_globals(tree))
            for node in nodes(tree):
                self._look(node, is_stored=id(node) in stored)
            self.lists_module |= any(
                isinstance(n, FUNCTIONS) and n.name == "__getattr__" for n in tree.body
            )

    def reads(self, name: str) -> bool:
        """Whether an attribute of this name is used at all."""
        return name in self._attributes

    def finds(self, name: str) -> bool:
        """Whether a member of this name may be found by a string.

        A name that comes from outside is not that of a private member.
        """
        known = filter(None, self._prefixes)
        outside = "" in self._prefixes and not name.startswith("_")
        return outside or name in self._strings or any(map(name.startswith, known))

    def _look(self, node: ast.AST, *, is_stored: bool) -> None:
        if isinstance(node, ast.Attribute):
            self._attributes.add(node.attr)
        self._asked_once.update(map(id, _asked_for_one(node)))
        match node:
            case ast.Attribute(attr="__subclasses__"):
                self.lists_subclasses = True
            case ast.Attribute(attr="__dict__", value=value):
                self.sets_by_name = True
                self.lists_members |= not _is_object(value) and id(node) not in self._asked_once
            case ast.Name(id="__annotations__") | ast.Attribute(attr="__annotations__"):
                self.reads_annotations = True
            case ast.Subscript(value=ast.Attribute(attr="modules")):
                self.lists_module |= "__name__" in ast.unparse(node)
            case ast.Constant(value=str(text)):
                self._strings.add(text)
            case ast.Call(func=func, args=args):
                self._look_at_call(last_name(func) or "", func, args, is_stored=is_stored)
            case _:
                pass

    def _look_at_call(
        self, name: str, func: ast.expr, args: list[ast.expr], *, is_stored: bool
    ) -> None:
        if name in _ASKING:
            self._look_for(args[1:2] if name in {"getattr", "hasattr"} else args, args)
        elif name in {"setattr", "update_wrapper"}:
            self.sets_by_name |= len(args) < 2 or not isinstance(args[1], ast.Constant)
        elif name in {"globals", "vars", "dir", "locals"} and not args:
            self.lists_module |= not is_stored and isinstance(func, ast.Name)
        elif name in _LISTING or (name == "vars" and not _is_object(args[0])):
            self.lists_members = True

    def _look_for(self, wanted: list[ast.expr], args: list[ast.expr]) -> None:
        for node in wanted:
            if not isinstance(node, ast.Constant) and (
                (prefix := _prefix(node)) or any(map(_is_self, args[:1]))
            ):
                self._prefixes.add(prefix)


def _asked_for_one(node: ast.AST) -> Iterator[ast.expr]:
    """Where members by name are asked for one that is spelled out, or are given some."""
    match node:
        case ast.Subscript(value=value, slice=ast.Constant()):
            yield value
        case ast.Subscript(value=value, ctx=ast.Store()):
            yield value
        case ast.Compare(left=ast.Constant(), ops=[ast.In() | ast.NotIn()], comparators=[value]):
            yield value
        case ast.Call(func=ast.Attribute(value=value, attr="get"), args=[ast.Constant(), *_]):
            yield value
        case ast.Call(func=ast.Attribute(value=value, attr="update" | "setdefault")):
            yield value
        case _:
            pass


def _prefix(node: ast.expr) -> str:
    """How a string that is put together certainly begins."""
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.BinOp(op=ast.Add(), left=left):
            return _prefix(left)
        case ast.BinOp(op=ast.Mod(), left=ast.Constant(value=str(text))):
            return text.partition("%")[0]
        case ast.JoinedStr(values=[first, *_]):
            return _prefix(first)
        case ast.Call(func=ast.Attribute(value=ast.Constant(value=str(text)), attr="format")):
            return text.partition("{")[0]
        case _:
            return ""


def _is_self(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id in _THIS


def _is_object(node: ast.expr) -> bool:
    """Whether what is asked has no members of a class in its `__dict__`."""
    return isinstance(node, ast.Name) and node.id == "self"


def _stored_globals(tree: ast.Module) -> Iterator[int]:
    """Calls of `globals()` that only set a name."""
    for node in nodes(tree):
        match node:
            case ast.Subscript(value=ast.Call() as call, ctx=ast.Store()):
                yield id(call)
            case ast.Call(func=ast.Attribute(value=ast.Call() as call, attr="update")):
                yield id(call)
            case _:
                pass
