"""Tell whether a call asks a flag client, by where what it calls comes from.

A name is followed through the files of the repository to a client that the policy knows; a
function of the repository counts where it hands the flag's name on to one, as it is, and does not
say yes where nothing is known of the flag. What only sounds like a question
(`.active().values_list("id")`) leads to no client.
"""

import ast
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from functools import cache
from typing import NamedTuple

from flagwright.core.wrapping.assigned import (
    Bound,
    Noted,
    bound_by,
    own_nodes,
    parameters_of,
    set_on_self,
)
from flagwright.core.wrapping.effect import FUNCTIONS, Function
from flagwright.core.wrapping.linking import DEFINITIONS, imported_by, tree_of
from flagwright.core.wrapping.sound import flag_name, unknown_is_yes
from flagwright.core.wrapping.tree import nodes

_PLAIN = (ast.Dict, ast.List, ast.Tuple, ast.Set, ast.JoinedStr, ast.ListComp, ast.DictComp)
"""What a function may return that is no answer of yes or no."""


class Scope(NamedTuple):
    """Where code stands: its file, and the class and functions around it, the outermost first."""

    path: str
    functions: tuple[Function, ...] = ()
    owner: ast.ClassDef | None = None


class _Own(NamedTuple):
    """A function or class of the repository, or an object of the class."""

    node: Function | ast.ClassDef
    scope: Scope
    is_made: bool = False


_Value = str | _Own
"""What a name may stand for; text is where it comes from, in full, calls looked through."""


class Clients:
    """The functions of one repository that answer whether a flag is on."""

    def __init__(
        self, files: Mapping[str, bytes], modules: Mapping[str, str], known: Collection[str]
    ) -> None:
        """Read no file before something is asked of it.

        Args:
            modules: Paths of the files by dotted name.
            known: Functions of clients, as patterns of where they come from.
        """
        self._files, self._modules, self._known = files, modules, known
        self._open: set[tuple[int, Scope]] = set()
        self._found: dict[tuple[int, Scope], tuple[_Value, ...]] = {}
        self._ends: dict[str, str] = {}
        self._kept: list[ast.AST] = []  # trees of annotations: an identity must not be used again
        self.tree, self._names, self._imports = (
            cache(self._read),
            cache(bound_by),
            cache(self._into),
        )

    def asking(self, text: str, scope: Scope) -> ast.expr | None:
        """A call that stands nowhere yet, if it would ask a client for the flag that it names."""
        call = ast.parse(text, mode="eval").body
        self._kept.append(call)
        return call if self.ask(call, scope) else None

    def ask(self, call: ast.AST, scope: Scope) -> bool:
        """Whether a call asks a client for the flag that it names."""
        call = call.value if isinstance(call, ast.Await) else call
        try:
            return isinstance(call, ast.Call) and any(
                self._answers(value) for value in self._values(call.func, scope)
            )
        except RecursionError:
            return False

    def is_own(self, call: ast.AST, scope: Scope) -> bool:
        """Whether a call calls a function of the repository."""
        return any(True for _ in self.called(call, scope))

    def called(self, call: ast.AST, scope: Scope) -> Iterator[tuple[Function, Scope]]:
        """The functions of the repository that a call may mean, each with the scope inside it."""
        call = call.value if isinstance(call, ast.Await) else call
        try:
            found = self._values(call.func, scope) if isinstance(call, ast.Call) else ()
        except RecursionError:
            return
        for one in found:
            if isinstance(one, _Own) and isinstance(one.node, FUNCTIONS):
                yield one.node, one.scope._replace(functions=(*one.scope.functions, one.node))

    def origins(self, node: ast.expr, scope: Scope) -> tuple[str, ...]:
        """Where an expression comes from, as far as it is not made by the repository itself."""
        return tuple(value for value in self._values(node, scope) if isinstance(value, str))

    def is_bound_once(self, name: str, path: str) -> bool:
        """Whether a name of a file keeps the one value that other files may import."""
        tree = self.tree(path)
        return tree is not None and not any(
            isinstance(node, ast.Global) and name in node.names for node in nodes(tree)
        )

    def _answers(self, value: _Value) -> bool:
        if isinstance(value, str):
            return any(fnmatchcase(value, pattern) for pattern in self._known)
        return isinstance(value.node, FUNCTIONS) and self._hands_on(value.node, value.scope)

    def _hands_on(self, function: Function, scope: Scope) -> bool:
        """Whether a function gives the answer of a client for the name that it is given."""
        inner = scope._replace(functions=(*scope.functions, function))
        key = (id(function), inner)
        if key in self._open:
            return False
        self._open.add(key)
        own = list(own_nodes(function))
        given = set(parameters_of(function))
        is_answer = not any(
            isinstance(node, ast.Yield | ast.YieldFrom)
            or (isinstance(node, ast.Return) and isinstance(node.value, _PLAIN))
            for node in own
        )
        asks = is_answer and any(
            isinstance(node, ast.Call)
            and _is_given(node, given)
            and not unknown_is_yes(node, function)
            and self.ask(node, inner)
            for node in own
        )
        self._open.remove(key)
        return asks

    def _values(self, node: ast.expr, scope: Scope) -> tuple[_Value, ...]:
        """What an expression may stand for; nothing where that is not known."""
        key = (id(node), scope)
        if key in self._open:
            return ()
        if key not in self._found:
            self._open.add(key)
            try:
                self._found[key] = tuple(dict.fromkeys(self._read_values(node, scope)))
            finally:
                self._open.remove(key)
        return self._found[key]

    def _read_values(self, node: ast.expr, scope: Scope) -> Iterator[_Value]:
        match node:
            case ast.Name(id=name):
                yield from self._named(name, scope)
            case ast.Attribute(value=owner, attr=name):
                for value in self._values(owner, scope):
                    yield from self._member(value, name)
            case ast.Call(func=called):
                for value in self._values(called, scope):
                    yield from self._result(value)
            case ast.Await(value=inner) | ast.NamedExpr(value=inner):
                yield from self._values(inner, scope)
            case ast.BoolOp(values=parts):
                for part in parts:
                    yield from self._values(part, scope)
            case ast.IfExp(body=one, orelse=other):
                yield from (*self._values(one, scope), *self._values(other, scope))
            case _:
                pass

    def _named(self, name: str, scope: Scope) -> Iterator[_Value]:
        for place, function in reversed([*enumerate(scope.functions)]):
            around = scope._replace(functions=scope.functions[: place + 1])
            parameters = parameters_of(function)
            if name in parameters:
                owner = scope.owner if scope.owner and function in scope.owner.body else None
                if owner and name == next(iter(parameters)):
                    yield _Own(owner, Scope(scope.path), is_made=True)
                elif note := parameters[name]:
                    yield from self._noted(note, around)
                return
            if found := self._names(function).get(name):
                yield from self._of(found, around)
                return
        tree = self.tree(scope.path)
        if tree is None:
            return
        if found := self._names(tree).get(name):
            yield from self._of(found, Scope(scope.path))
        else:
            imports = self._imports(scope.path)
            stars = [origin.removesuffix("*") + name for origin in imports.get("*", ())]
            for origin in imports.get(name, stars):
                yield from self._imported(origin)

    def _of(self, found: Collection[Bound], scope: Scope) -> Iterator[_Value]:
        for bound in found:
            if isinstance(bound, Noted):
                yield from self._noted(bound.node, scope)
            elif isinstance(bound, ast.expr):
                yield from self._values(bound, scope)
            else:
                yield _Own(bound, scope)

    def _noted(self, note: ast.expr, scope: Scope) -> Iterator[_Value]:
        """Objects of the types that an annotation names: `Client`, `"Client | None"`."""
        if isinstance(note, ast.Constant) and isinstance(note.value, str):
            try:
                note = ast.parse(note.value, mode="eval").body
            except (SyntaxError, ValueError, RecursionError, MemoryError):
                return
            self._kept.append(note)
        for part in ast.walk(note):
            if isinstance(part, ast.Name | ast.Attribute):
                for value in self._values(part, scope):
                    yield from self._result(value)

    def _imported(self, origin: str) -> Iterator[_Value]:
        """What a dotted name stands for: something of the repository's files, or of others."""
        if found := _longest(origin, self._modules):
            yield from self._inside(origin, *found)
            return
        yield origin
        if found := _longest(origin, self._endings()):  # a folder of the repository is on the path
            yield from self._inside(origin, *found)

    def _inside(self, origin: str, path: str, names: Sequence[str]) -> Iterator[_Value]:
        if not names:
            yield origin
            return
        values = [*self._named(names[0], Scope(path))]
        for name in names[1:]:
            values = [found for value in values for found in self._member(value, name)]
        yield from values

    def _member(self, value: _Value, name: str) -> Iterator[_Value]:
        if isinstance(value, str):
            yield from self._imported(f"{value}.{name}")
            return
        owner, scope, _ = value
        if not isinstance(owner, ast.ClassDef):
            return
        inside = scope._replace(owner=owner)
        if found := self._names(owner).get(name):
            for bound in found:
                is_method = isinstance(bound, DEFINITIONS)
                yield from self._of([bound], inside if is_method else scope)
        set_here = [*set_on_self(owner, name)]
        for function, given in set_here:
            yield from self._of([given], inside._replace(functions=(function,)))
        if not found and not set_here:
            for base in owner.bases:
                for above in self._values(base, scope):
                    yield from self._member(above, name)

    def _result(self, value: _Value) -> Iterator[_Value]:
        """What a call gives."""
        if isinstance(value, str):
            yield value
        elif isinstance(value.node, ast.ClassDef):
            if not value.is_made:
                yield value._replace(is_made=True)
        else:
            inner = value.scope._replace(functions=(*value.scope.functions, value.node))
            for node in own_nodes(value.node):
                if isinstance(node, ast.Return) and node.value:
                    yield from self._values(node.value, inner)

    def _endings(self) -> Mapping[str, str]:
        """Paths by what their dotted names end with, where that is the end of no other."""
        if not self._ends:
            seen = Counter(ending for name in self._modules for ending in _ends(name))
            self._ends = {
                ending: path
                for name, path in self._modules.items()
                for ending in _ends(name)
                if seen[ending] == 1
            }
        return self._ends

    def _read(self, path: str) -> ast.Module | None:
        return tree_of(self._files[path])

    def _into(self, path: str) -> Mapping[str, list[str]]:
        """What the imports of a file, wherever they stand, bind."""
        tree = self.tree(path)
        name = next(name for name, known in self._modules.items() if known == path)
        package = name if path.endswith("__init__.py") else name.rpartition(".")[0]
        found: dict[str, list[str]] = {}
        for bound, origin in imported_by(tree, package) if tree else ():
            found.setdefault(bound, []).append(origin)
        return found


def _is_given(call: ast.Call, parameters: Collection[str]) -> bool:
    """Whether a call names no flag itself, but is handed a parameter as it is."""
    values = [*call.args, *(keyword.value for keyword in call.keywords)]
    names_none = not any(flag_name(value) for value in values)
    return names_none and any(isinstance(v, ast.Name) and v.id in parameters for v in values)


def _longest(origin: str, modules: Mapping[str, str]) -> tuple[str, list[str]] | None:
    """The file of the longest module that a dotted name begins with, and what follows."""
    parts = origin.split(".")
    ends = range(len(parts), 0, -1)
    found = ((modules.get(".".join(parts[:end])), parts[end:]) for end in ends)
    return next(((path, rest) for path, rest in found if path), None)


def _ends(name: str) -> list[str]:
    parts = name.split(".")
    return [".".join(parts[start:]) for start in range(1, len(parts))]
