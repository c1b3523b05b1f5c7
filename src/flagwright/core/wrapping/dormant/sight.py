"""Tell how code may come upon a name that it does not write: by listing, or by a string.

What stands in a file for one side of a flag must not be found by the other side this way.
"""

import ast
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator
from functools import cached_property

from flagwright.core.wrapping.binding import bindings, binds
from flagwright.core.wrapping.dormant.itself import is_self, looks_of_objects
from flagwright.core.wrapping.dormant.origin import Origins
from flagwright.core.wrapping.effect import FUNCTIONS, Function, last_name
from flagwright.core.wrapping.tree import nodes

_ASKING = {"getattr", "hasattr", "attrgetter", "methodcaller"}
_LISTING = {"dir", "getmembers", "getmembers_static"}
_SCOPES = {"globals", "vars", "locals"}
_TYPES = {"__annotations__", "get_type_hints", "get_annotations"}


class Sight:
    """What one version of a file looks up at run time."""

    def __init__(self, tree: ast.Module | None) -> None:
        self._tree = tree
        self._strings: dict[str, int] = {}
        """The line on which each stands first."""
        self._prefixes: defaultdict[str, set[tuple[str, str]]] = defaultdict(set)
        """How names that are put together begin and end, by the class that is asked for them.

        Empty where that may be any.
        """
        self._asked: dict[tuple[str, tuple[str, str]], int] = {}
        """Where such a name is asked for first, by that class and its ends."""
        self._attributes: set[str] = set()
        self._asked_once: set[int] = set()
        """What stands for all members, where it is asked for one, or is given some."""
        self._listed: dict[str, int] = {}
        """Classes of which it lists what they have, and where first; empty for any."""
        self.lists_subclasses = False
        self.sets_by_name = False
        """It sets attributes whose names it is given."""
        self.lists_module = False
        """It lists the names of its own module, or answers for those it lacks."""
        self._asks_module = False
        """It asks its own module for names that it spells out."""
        self._answers = False
        """It answers for names that its module lacks: for some that it spells out, or for any."""
        self.reads_annotations = False
        if tree is not None:
            stored = set(_stored_globals(tree))
            for node in nodes(tree):
                self._look(node, is_stored=id(node) in stored)
            for node in tree.body:
                if isinstance(node, FUNCTIONS) and node.name == "__getattr__":
                    self._answers = True
                    self.lists_module |= not _answers_for_some(node, tree)

    def reads(self, name: str) -> bool:
        """Whether an attribute of this name is used at all."""
        return name in self._attributes

    def spells(self, name: str) -> bool:
        """Whether a name stands in a string: it may be looked for in whatever holds members."""
        return name in self._strings

    def lists_members(self, has: Callable[[str], bool] = lambda _: True) -> bool:
        """Whether it lists what its classes have.

        Args:
            has: Whether an object of a class, by its name, may have the member in question.
        """
        return any(not owner or has(owner) for owner in self._listed)

    def finds(
        self, name: str, has: Callable[[str], bool] = lambda _: True, *, of_heirs: bool = False
    ) -> bool:
        """Whether a member of this name may be found by a string.

        A name that comes from outside is not that of a private member.

        Args:
            has: Whether an object of a class, by its name, may have the member.
            of_heirs: Whether the member is one of a class of another file, which may spell
                out there how its name begins.
        """
        ends = {
            e for owner, some in self._prefixes.items() if not owner or has(owner) for e in some
        }
        outside = ("", "") in ends and not name.startswith("_")
        known = ends - {("", "")}
        put_together = any(
            name.startswith(first)
            and name.endswith(last)
            and (first or of_heirs or self._may_begin(name.removesuffix(last)))
            for first, last in known
        )
        return outside or name in self._strings or put_together

    def place(self, name: str, has: Callable[[str], bool] = lambda _: True) -> int | None:
        """The first line that may come upon a member of this name, by a list or a string."""
        lists = [line for owner, line in self._listed.items() if not owner or has(owner)]
        spelled = [self._strings[name]] if name in self._strings else []
        asks = [
            line
            for (owner, (first, last)), line in self._asked.items()
            if (not owner or has(owner)) and name.startswith(first) and name.endswith(last)
        ]
        return min(lists or spelled or asks, default=None)

    def _may_begin(self, start: str) -> bool:
        """Whether a name that is put together may begin so: as a private one, if it says so."""
        return not start.startswith("_") or start in self._strings

    def finds_in_module(self, name: str) -> bool:
        """Whether a name of the module may be found by a string."""
        asks = self._asks_module or self._answers
        return self.lists_module or (asks and name in self._strings)

    def answers_for(self, name: str) -> bool:
        """Whether its module may answer for a name that is not bound in it."""
        return self._answers and self.finds_in_module(name)

    @cached_property
    def _own(self) -> dict[int, str]:
        return looks_of_objects(self._tree) if self._tree else {}

    def _look(self, node: ast.AST, *, is_stored: bool) -> None:
        if isinstance(node, ast.Attribute):
            self._attributes.add(node.attr)
        self._asked_once.update(map(id, _asked_for_one(node)))
        match node:
            case ast.Attribute(attr="__subclasses__"):
                self.lists_subclasses = True
            case ast.Attribute(attr="__dict__", value=value):
                self.sets_by_name = True
                if not _is_object(value) and id(node) not in self._asked_once:
                    self._listed.setdefault(self._own.get(id(node), ""), node.lineno)
            case ast.Name(id=name) | ast.Attribute(attr=name) if name in _TYPES:
                self.reads_annotations = True
            case ast.Subscript(value=ast.Attribute(attr="modules")):
                self.lists_module |= "__name__" in ast.unparse(node)
            case ast.Constant(value=str(text)):
                self.reads_annotations |= text in _TYPES
                self._strings.setdefault(text, node.lineno)
            case ast.Call(func=func, args=args):
                is_asked = id(node) in self._asked_once
                self._asks_module |= is_asked and last_name(func) in _SCOPES
                is_idle = is_stored or is_asked
                self._look_at_call(node, last_name(func) or "", args, is_idle=is_idle)
            case _:
                pass

    def _look_at_call(
        self, call: ast.Call, name: str, args: list[ast.expr], *, is_idle: bool
    ) -> None:
        if name in _ASKING:
            wanted = args[1:2] if name in {"getattr", "hasattr"} else args
            owner = self._own.get(id(call)) if any(map(is_self, args[:1])) else None
            self._look_for(wanted, owner)
        elif name in {"setattr", "update_wrapper"}:
            self.sets_by_name |= len(args) < 2 or not isinstance(args[1], ast.Constant)
        elif name in {*_SCOPES, "dir"} and not args:
            self.lists_module |= not is_idle and isinstance(call.func, ast.Name)
        elif (
            name in _LISTING or (name == "vars" and not _is_object(args[0]))
        ) and not self._is_of_python(args[:1]):
            self._listed.setdefault(self._own.get(id(call), ""), call.lineno)

    def _is_of_python(self, listed: Collection[ast.expr]) -> bool:
        """Whether what is listed is a module that Python brings: `dir(signal)`."""
        match listed:
            case [ast.Name(id=name) as node] if self._tree:
                every = nodes(self._tree)
                top = set(map(id, self._tree.body))
                inside = (b for n in every if id(n) not in top for b in bindings(n))
                again = any(binds(n, name) for n in every) or name in {b.name for b in inside}
                origins = Origins(self._tree)
                return origins.is_module(node) and origins.is_of_python(node) and not again
            case _:
                return False

    def _look_for(self, wanted: list[ast.expr], owner: str | None) -> None:
        for node in wanted:
            ends = _ends(node)
            if not isinstance(node, ast.Constant) and (any(ends) or owner is not None):
                self._prefixes[owner or ""].add(ends)
                self._asked.setdefault((owner or "", ends), node.lineno)


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
        case ast.Assign(targets=[ast.Attribute(attr="__dict__")], value=value):
            yield value  # an object gets only what another one holds itself
        case _:
            pass


def _answers_for_some(function: Function, tree: ast.Module) -> bool:
    """Whether the `__getattr__` of a module only answers for names that it spells out."""
    *tests, last = function.body
    return isinstance(last, ast.Raise) and all(
        isinstance(node, ast.If) and not node.orelse and _names_some(node.test, function, tree)
        for node in tests
        if not isinstance(node, ast.Expr | ast.Import | ast.ImportFrom)
    )


def _names_some(test: ast.expr, function: Function, tree: ast.Module) -> bool:
    """Whether a test compares the first parameter with strings: one by one, or in a display."""
    names = [argument.arg for argument in function.args.args]
    match test:
        case ast.Compare(left=ast.Name(name), ops=[ast.Eq()], comparators=[ast.Constant()]):
            return [name] == names
        case ast.Compare(left=ast.Name(name), ops=[ast.In()], comparators=[among]):
            return [name] == names and _is_spelled_out(among, tree)
        case _:
            return False


def _is_spelled_out(node: ast.expr, tree: ast.Module) -> bool:
    """Whether a container, or the one that a name of the file stands for, holds plain strings."""
    match node:
        case ast.Name(name):
            uses = [n for n in nodes(tree) if isinstance(n, ast.Name) and n.id == name]
            reads = {id(n.comparators[0]) for n in nodes(tree) if isinstance(n, ast.Compare)}
            reads |= {
                id(n.value)
                for n in nodes(tree)
                if isinstance(n, ast.Subscript) and isinstance(n.ctx, ast.Load)
            }
            stores = [n for n in uses if not isinstance(n.ctx, ast.Load)]
            values = [
                n.value for n in tree.body if isinstance(n, ast.Assign) and n.targets == stores
            ]
            only = all(n in stores or id(n) in reads for n in uses)
            return only and len(values) == 1 and _is_spelled_out(values[0], tree)
        case (
            ast.Dict(keys=parts)
            | ast.Tuple(elts=parts)
            | ast.List(elts=parts)
            | ast.Set(elts=parts)
        ):
            return all(isinstance(part, ast.Constant) for part in parts)
        case _:
            return False


def _ends(node: ast.expr) -> tuple[str, str]:
    """How a string that is put together certainly begins, and how it ends."""
    match node:
        case ast.Constant(value=str(text)):
            return text, text
        case ast.BinOp(op=ast.Add(), left=left, right=right):
            return _ends(left)[0], _ends(right)[1]
        case ast.BinOp(op=ast.Mod(), left=ast.Constant(value=str(text))):
            return text.partition("%")[0], ""
        case ast.JoinedStr(values=[first, *_, last]):
            return _ends(first)[0], _ends(last)[1]
        case ast.JoinedStr(values=[first]):
            return _ends(first)
        case ast.Call(func=ast.Attribute(value=ast.Constant(value=str(text)), attr="format")):
            return text.partition("{")[0], text.rpartition("}")[2]
        case _:
            return "", ""


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
