"""Tell what a file does with a module that it gets by a text: what it writes out, or more.

`import_module(text).run()` reads nothing of a module but `run`. Followed are the module, what is
found in it by a name and all that it has, under each name that they get in a function. A module
that is put anywhere else may be looked into as a whole.
"""

import ast
import re
from collections.abc import Callable, Iterator, Mapping
from enum import IntEnum
from functools import cached_property
from typing import NamedTuple

from flagwright.core.wrapping.dormant.bringing import TEXT, Kind, Sources, above_each
from flagwright.core.wrapping.dormant.texts import may_look
from flagwright.core.wrapping.effect import FUNCTIONS, Function, last_name
from flagwright.core.wrapping.linking import tree_of
from flagwright.core.wrapping.tree import nodes

_HARMLESS = frozenset({"isinstance", "issubclass", "id", "type", "bool", "callable", "len"})
_HARMLESS |= {"ismodule", "isclass", "getfile", "getsourcefile", "getline", "FunctionType"}
"""What looks at a value and at no name that is in it, or only runs on with that."""
_SHOWING = frozenset({"print", "repr", "str", "import_module", "__import__", "exec_module"})
"""What shows no more of a module than its name, or cannot be given one."""
_THE_SAME = frozenset({"reload", "cast"})
_BY_NAME = frozenset({"getattr", "hasattr", "setattr", "delattr", "object", "attrgetter"})
_BY_NAME |= {"getattr_static", "__getattribute__", "__setattr__"}
"""What takes a module and a name, and what tests replace a member with: `patch.object`."""
_LISTING = frozenset({"dir", "getmembers", "getmembers_static"})
_RUNNING = frozenset({"eval", "exec"})
_PRIVATE = re.compile(r"_(?!_\w+__$)")
_IDLE = (ast.Expr, ast.Compare, ast.Assert, ast.If, ast.While, ast.UnaryOp, ast.Delete)
"""Where a value is only looked at, or dropped."""
_MOST = 40
"""Functions of a repository through which modules are followed."""


class Look(IntEnum):
    """How far a file looks into a module that it gets by a text."""

    NOT = 0
    BY_NAME = 1
    """For one name at a time, which something has to say: `getattr(module, name)`."""
    WHOLE = 2


def looks_of(
    path: str, modules: Mapping[str, bytes], is_aside: Callable[[str], bool]
) -> Iterator[tuple[str, Look]]:
    """How far other files look into the module at `path`, where they get it by a text.

    Args:
        is_aside: Says of a file that the application never runs it.

    Yields:
        Each file that does, and how.
    """
    givers: dict[str, Kind] = {}
    is_looking = any(may_look(text) for p, text in modules.items() if not is_aside(p))
    waiting = [p for p, t in modules.items() if TEXT.search(t) and p != path and not is_aside(p)]
    while waiting:
        more: dict[str, Kind] = {}
        for other in waiting:
            tree = tree_of(modules[other])
            found = Brought(tree, path, givers, may_look=is_looking) if tree else None
            yield other, found.look if found else Look(Look.WHOLE * is_looking)
            for name, kind in sorted(found.giving) if found else ():
                if givers.get(name) not in (kind, "module"):
                    more[name] = "module" if more.get(name) == "module" else kind
        givers |= more
        if len(givers) > _MOST:
            yield waiting[0], Look.WHOLE
            return
        words = b"|".join(re.escape(name.encode()) for name in sorted(more))
        called = re.compile(rb"\b(?:%b)\b" % words)
        waiting = [p for p, t in modules.items() if more and called.search(t) and p != path]


class Value(NamedTuple):
    """An expression, and what it may be."""

    node: ast.expr
    kind: Kind


class Brought:
    """One file, and what it does with modules that it gets by a text."""

    def __init__(
        self, tree: ast.Module, path: str, givers: Mapping[str, Kind], *, may_look: bool
    ) -> None:
        """Follow what the file gets.

        Args:
            path: The file of the module in question.
            givers: Functions of the repository that return such a module, or what is in one.
            may_look: Whether any file looks into anything; a module that is handed on is then
                taken to be that.
        """
        self._tree, self._may_look = tree, may_look
        self.look = Look.NOT
        self.giving: set[tuple[str, Kind]] = set()
        """Functions of the file that return such a module, or what is in one."""
        sources = Sources(tree, path, givers)
        self._note(Look.WHOLE if sources.are_read else Look.BY_NAME * sources.are_named)
        if sources.are_handed_on:
            self._lost("module")
        self._waiting = [Value(*found) for found in sources.found]
        seen: set[int] = set()
        while self._waiting:
            value = self._waiting.pop()
            if id(value.node) not in seen:
                seen.add(id(value.node))
                self._follow(value)

    @cached_property
    def _above(self) -> dict[int, ast.AST]:
        return above_each(self._tree)

    def _note(self, look: int) -> None:
        self.look = Look(max(self.look, look))

    def _goes_on(self, node: ast.AST, kind: Kind) -> None:
        if isinstance(node, ast.expr):
            self._waiting.append(Value(node, kind))

    def _lost(self, kind: Kind) -> None:
        """Take it that a value is looked into wherever it goes; what was found by a name is not."""
        if kind == "all" or (kind == "module" and self._may_look):
            self._note(Look.WHOLE)

    def _follow(self, value: Value) -> None:
        node = value.node
        above = self._above.get(id(node))
        match above:
            case (
                ast.Attribute(attr=name)
                | ast.Call(
                    args=[ast.expr(), ast.Constant(value=str(name)), *_],
                    func=ast.Name(id="getattr"),
                )
            ) if value.kind != "all":
                self._asked(value, above, name)
            case ast.Call():
                self._given(value, above)
            case ast.Attribute() | ast.Subscript() | ast.Compare() if value.kind == "all":
                self._of_all(above, node)
            case ast.Assign() | ast.AnnAssign() | ast.NamedExpr():
                self._assigned(value, above)
            case ast.IfExp() | ast.BoolOp() | ast.Await():
                self._goes_on(above, value.kind)
            case ast.Return():
                self._returned(value)
            case _ if isinstance(above, _IDLE):
                pass
            case ast.FormattedValue() if value.kind == "module":
                pass
            case _:
                self._lost(value.kind)

    def _asked(self, value: Value, above: ast.expr, name: str) -> None:
        """What is asked for a name that stands there."""
        if isinstance(above, ast.Call) and above.args[0] is not value.node:
            return
        if name == "__dict__":
            self._goes_on(above, "all")
        else:
            self._note(Look.WHOLE if name in _BY_NAME else Look.NOT)
            self._goes_on(above, "part")

    def _of_all(self, above: ast.expr, node: ast.expr) -> None:
        """What is asked of all the names of a module: one that is written, another one, or all."""
        key: ast.expr | None = None
        match above:
            case ast.Subscript(value=inner, slice=key) if inner is node:
                self._goes_on(above, "part")
            case ast.Attribute(attr="get" | "pop" | "setdefault"):
                call = self._above.get(id(above))
                key = call.args[0] if isinstance(call, ast.Call) and call.args else None
                if isinstance(call, ast.Call) and call.func is above:
                    self._goes_on(call, "part")
            case ast.Compare(ops=[ast.Is() | ast.IsNot()]):
                return
            case ast.Compare(left=key, ops=[ast.In() | ast.NotIn()]) if key is not node:
                pass
            case ast.Compare():
                key = None
            case _:
                pass
        is_written = isinstance(key, ast.Constant)
        self._note(Look.WHOLE if key is None else Look.NOT if is_written else Look.BY_NAME)

    def _given(self, value: Value, call: ast.Call) -> None:
        """A call that is given a value, or that calls it."""
        word, is_first = last_name(call.func), call.args[:1] == [value.node]
        name = call.args[1] if is_first and len(call.args) > 1 else None
        if call.func is value.node or word in _HARMLESS:
            return
        if word in _SHOWING and value.kind != "all":
            return
        if word in _THE_SAME:
            self._goes_on(call, value.kind)
        elif word in _RUNNING and not is_first and value.kind == "all":
            self._note(Look.BY_NAME)
        elif word == "vars" and is_first:
            self._goes_on(call, "all")
        elif word in _BY_NAME and (name is not None or isinstance(call.func, ast.Call)):
            self._note(Look.NOT if isinstance(name, ast.Constant) else Look.BY_NAME)
            self._goes_on(call, "part")
        elif word in _LISTING:
            self._note(Look.NOT if self._is_for_one(call) else Look.WHOLE)
        else:
            self._lost(value.kind)

    def _is_for_one(self, call: ast.Call) -> bool:
        """Whether a list of names is only asked for one: `"name" in dir(module)`."""
        match self._above.get(id(call)):
            case ast.Compare(left=ast.Constant(), ops=[ast.In() | ast.NotIn()]):
                return True
            case _:
                return False

    def _returned(self, value: Value) -> None:
        """Go on where the file calls the function, which others may call as well."""
        function = self._around(value.node)
        if function is None or function.decorator_list or value.kind == "all":
            self._lost(value.kind)
        elif function not in self._tree.body and not _PRIVATE.match(function.name):
            self._lost(value.kind)  # a method, which another file may call
        elif function.name != "__getattr__" or function not in self._tree.body:
            if function in self._tree.body:
                self.giving.add((function.name, value.kind))
            for node in nodes(self._tree):
                self._meant(node, function.name, value.kind)

    def _meant(self, node: ast.AST, name: str, kind: Kind) -> None:
        """Follow what a function or a method of the file itself gives where it is called."""
        match node:
            case (
                ast.Name(id=word, ctx=ast.Load())
                | ast.Attribute(value=ast.Name(id="self" | "cls"), attr=word, ctx=ast.Load())
            ) if word == name:
                call = self._above.get(id(node))
                if isinstance(call, ast.Call) and call.func is node:
                    self._goes_on(call, kind)
                else:
                    self._lost(kind)
            case _:
                pass

    def _assigned(self, value: Value, above: ast.Assign | ast.AnnAssign | ast.NamedExpr) -> None:
        for target in above.targets if isinstance(above, ast.Assign) else [above.target]:
            self._named(value, target)
        if isinstance(above, ast.NamedExpr):
            self._goes_on(above, value.kind)

    def _named(self, value: Value, target: ast.expr) -> None:
        """Follow what a name reads that gets a value, anywhere in the function.

        A name of the file, or of a class, may be read from elsewhere.
        """
        match target:
            case ast.Name(id=name):
                if self._around(value.node) is None:
                    self._lost(value.kind)
                for node in self._in_sight(value.node, name):
                    if isinstance(node, ast.Name) and node.id == name:
                        self._goes_on(node, value.kind)
            case ast.Subscript(value=ast.Attribute(attr="modules")):
                pass
            case _:
                self._lost(value.kind)

    def _in_sight(self, node: ast.AST, name: str) -> Iterator[ast.AST]:
        function = self._around(node)
        inside = [] if function is None else [*ast.walk(function)]
        shared = (n for n in inside if isinstance(n, ast.Global | ast.Nonlocal))
        is_local = function is not None and not any(name in n.names for n in shared)
        everywhere = inside if is_local else nodes(self._tree)
        yield from (n for n in everywhere if isinstance(getattr(n, "ctx", None), ast.Load))

    def _around(self, node: ast.AST) -> Function | None:
        """The function that a node stands in; none at the top, in a class and a lambda."""
        above = self._above.get(id(node))
        while above is not None and not isinstance(above, (*FUNCTIONS, ast.Lambda, ast.ClassDef)):
            above = self._above.get(id(above))
        return above if isinstance(above, FUNCTIONS) else None
