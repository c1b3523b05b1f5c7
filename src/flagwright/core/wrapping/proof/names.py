"""Read what the names of a file stand for, and what it does with what it gives away.

Names are all that is known; where two things share one, it stands for both.
"""

import ast
import builtins
import copy
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator
from fnmatch import fnmatchcase
from typing import Any, Self

from flagwright.core.wrapping.proof.classes import called_in_body, is_of_objects
from flagwright.core.wrapping.proof.facts import fact
from flagwright.core.wrapping.proof.keeping import ERRORS, keeps
from flagwright.core.wrapping.proof.listed import given_classes
from flagwright.core.wrapping.proof.outside import Outside
from flagwright.core.wrapping.proof.results import Results
from flagwright.core.wrapping.proof.running import (
    ACCESSORS,
    Function,
    bound_by,
    called_name,
    defaults,
    is_special,
    names_of,
    root_of,
    running,
    stored_by,
)
from flagwright.core.wrapping.proof.types import for_types
from flagwright.core.wrapping.tree import members, nodes, walk

_TELLING = frozenset(
    {ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda, ast.Import, ast.ImportFrom}
    | {ast.Assign, ast.AnnAssign, ast.NamedExpr, ast.For, ast.comprehension, ast.withitem}
    | {ast.Match}
)
"""Nodes that say what a name stands for, but for attributes."""
APPLYING = {"apply", "callback", "imap", "map", "reduce", "sort", "starmap", "submit", "throw"}
"""Methods of any object that do."""


def heads_of(owner: ast.ClassDef) -> list[ast.expr]:
    """What a class is made from: bases, a metaclass, and what these are told."""
    return [*owner.bases, *(keyword.value for keyword in owner.keywords)]


class Names:
    """What the names of one file stand for."""

    def __init__(
        self, tree: ast.Module, outside: Outside, running_calls: Collection[str] = ()
    ) -> None:
        """Read what the names of a file stand for."""
        self._tree, self._outside, self._running_calls = tree, outside, running_calls
        self.facts: dict[str, Any] = {}
        """What the text alone says, for this and for what is told of others."""
        self._functions: dict[str, list[Function]] = defaultdict(list)
        self._classes: dict[str, list[ast.ClassDef]] = defaultdict(list)
        self._values: dict[str, list[ast.expr]] = defaultdict(list)
        self._foreign: dict[str, str] = {}
        self._near = set[str]()
        """What is imported from beside the file."""
        self._filled: dict[str, list[ast.expr]] = defaultdict(list)
        """What code that runs puts into them, or into a field."""
        self._methods: dict[str, list[ast.Attribute]] = defaultdict(list)
        """Methods by the name that holds them: `main = App.launch`, `ALL = [App.launch]`."""
        self._static: dict[int, str] = {}
        """Calls that only make a member of a function, and its name: `main = staticmethod(f)`."""
        self._top = set(map(id, tree.body))
        self._fields: Counter[str] = Counter()
        """Attributes that something is stored in, and how often."""
        self._given: dict[str, list[ast.expr]] = defaultdict(list)
        """What any assignment gives a name or attribute."""
        self._set: list[tuple[ast.expr, ast.expr]] = []
        """What `setattr` gives to attributes whose names it does not spell, and these names."""
        self._words = dict[str, ast.Name]()
        """What `_word` has made."""
        self._known_as = dict[str, list[ast.expr] | None]()
        """The decorators that names are known to stand for."""
        self._asked_about = set[str]()
        """Names of which `_only_decorates` is being asked."""
        self._kept_by, self._heirs_of = dict[str, set[str]](), dict[str, set[str]]()
        """What `_places` and `_heirs` have found."""
        self._names = {getattr(node, "name", "") for node in nodes(tree)}
        """What the file defines, whatever it is."""
        for node in nodes(tree):
            kind = node.__class__
            if kind in _TELLING:
                self._know(node)
            elif kind is ast.Attribute and node.ctx.__class__ is ast.Store:  # type: ignore[attr-defined] # an attribute
                self._fields[node.attr] += 1  # type: ignore[attr-defined] # the same
        known = self._functions.keys() | self._classes.keys() | self._foreign.keys()
        known |= {name for node in tree.body for name, _ in bound_by(node)}
        self._owners = {
            id(member): owner
            for owners in self._classes.values()
            for owner in owners
            for member in members(owner)
        }
        functions = [f for found in self._functions.values() for f in found]
        self._results = Results(functions, known, self._owners)
        for word, function in self._results.words.values():
            self._functions[word] = [function]
            self._values[word] += [
                d for d in function.decorator_list if not self._is_accessor(d, function.name)
            ]
        self._for_types = for_types(tree)
        """By identity, what Python never runs."""

    @fact
    def _bases(self) -> set[str]:
        """What classes of the file are made from."""
        owners = (owner for found in self._classes.values() for owner in found)
        used = (owner for owner in owners if id(owner) not in self._for_types)
        return {name for owner in used for head in heads_of(owner) for name in names_of(head)}

    @fact
    def _in_classes(self) -> set[int]:
        """What runs in the body of a class, where the methods above it are names."""
        owners = (owner for found in self._classes.values() for owner in found)
        return {id(node) for owner in owners for member in owner.body for node in running(member)}

    @fact
    def _called_in_bodies(self) -> dict[int, set[int]]:
        """Functions that the bodies of their classes call, and where, all by identity."""
        found: dict[int, set[int]] = defaultdict(set)
        for owner in {id(owner): owner for owner in self._owners.values()}.values():
            for node, name in called_in_body(owner):
                for function in self._functions.get(name, ()):
                    if self._owners.get(id(function)) is owner:
                        found[id(function)].add(id(node))
        return found

    @fact
    def _of_objects(self) -> dict[int, str]:
        """By what a special method is given in the body of a class: only its objects have it."""
        owners = (owner for found in self._classes.values() for owner in found)
        given = ((o, n) for o in owners for n in o.body if isinstance(n, ast.Assign))
        return {id(n.value): o.name for o, n in given if is_of_objects(n, o, self._classes)}

    def told(self, outside: Outside) -> Self:
        """The same file, not followed yet, with which others do something else."""
        found = copy.copy(self)
        found._outside = outside
        found._values = defaultdict(list, {name: [*held] for name, held in self._values.items()})
        found._known_as = {}
        found._methods, found._set, found._filled = defaultdict(list), [], defaultdict(list)
        return found

    def _know(self, node: ast.AST) -> None:
        for name, default in defaults(node):
            self._values[name].append(default)
        for name, value in (*bound_by(node), *stored_by(node)):
            self._given[name].append(value)
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                self._functions[name].append(node)
                self._values[name] += [
                    d for d in node.decorator_list if not self._is_accessor(d, name)
                ]
            case ast.ClassDef(name=name):
                self._classes[name].append(node)
            case ast.Import(names=names):
                for alias in names:
                    package = alias.name.partition(".")[0]
                    self._foreign[alias.asname or package] = alias.name if alias.asname else package
            case ast.ImportFrom(names=names, module=module, level=level):
                for alias in names:
                    self._near |= {alias.asname or alias.name} if level else set()
                    self._foreign[alias.asname or alias.name] = f"{module or ''}.{alias.name}"
            case ast.AnnAssign(target=ast.Name(id=name)):
                self._fields[name] += 1
            case ast.Assign(
                targets=[ast.Name(id=name)],
                value=ast.Call(func=ast.Name(id="staticmethod" | "classmethod")) as call,
            ):
                self._static[id(call)] = name
            case _:
                pass

    def _given_away(self, node: ast.AST) -> Iterator[ast.Name]:
        """Names that are only given to code of somebody else that does not call them."""
        if not isinstance(node, ast.Call):
            return
        if isinstance(node.func, ast.Name) and self._only_decorates(node.func.id):
            yield from (n for value in node.args for n in walk(value) if isinstance(n, ast.Name))
            return
        if self._stores(node) or self._only_makes_a_member(node):
            for value in (*node.args, *(k.value for k in node.keywords)):
                yield from (n for n in walk(value) if isinstance(n, ast.Name))

    def _stores(self, call: ast.Call) -> bool:
        """Whether a call is one of somebody else's code that calls nothing of what it is given."""
        root, name = root_of(call.func), called_name(call)
        return root in self._foreign and not self._calls_what_it_is_given(call.func, root, name)

    def _only_decorates(self, _: str) -> bool:
        """Whether all that a name stands for only keeps what it is put above."""
        return False

    def _only_makes_a_member(self, node: ast.Call) -> bool:
        known = (self._functions, self._classes, self._foreign, self._values)
        return id(node) in self._static and not any(called_name(node) in names for names in known)

    def _calls_what_it_is_given(
        self, func: ast.expr, root: str, name: str, *, of_classes: bool = False
    ) -> bool:
        if (origin := self._origin(func)) and any(
            fnmatchcase(origin, pattern) for pattern in self._running_calls
        ):
            return True
        if root in self._foreign:
            calls = isinstance(func, ast.Attribute) and name in APPLYING
            return calls or ast.unparse(getattr(func, "func", func)) in self._outside.calling
        if isinstance(func, ast.Attribute) and (own := self._functions.get(name)):
            return not all(self._keeps(f, of_classes=of_classes) for f in own)
        if isinstance(func, ast.Attribute) and name in APPLYING:
            return True
        if isinstance(func, ast.Name) and root in self._functions and root not in self._classes:
            own = self._functions[root]
            return not all(self._keeps(f, of_classes=of_classes) for f in own)
        is_member = isinstance(func, ast.Attribute) and not is_special(name)
        if is_member and self._is_made_elsewhere(root):
            return ast.unparse(func) in self._outside.calling
        is_own = root in self._functions or root in self._classes
        is_error = name == root in ERRORS and "*" not in self._foreign
        return is_own or (hasattr(builtins, root) and not is_error)

    def _is_made_elsewhere(self, name: str) -> bool:
        """Whether a decorator of somebody else makes something of a function: `@click.group()`.

        So does one of the repository that only passes on what somebody else makes.
        """
        functions = self._functions.get(name, ())
        is_one = bool(functions) and name not in self._classes and not self._given[name]
        heads = [d for f in functions for d in f.decorator_list[:1]]
        return is_one and len(heads) == len(functions) and all(map(self._is_elsewhere, heads))

    def _is_elsewhere(self, decorator: ast.expr) -> bool:
        """Whether a decorator, or what it gives back, is certainly made outside the repository."""
        name, func = root_of(decorator), getattr(decorator, "func", decorator)
        if self._is_strange(name) and ast.unparse(func) in self._outside.passing:
            return True
        if name in self._near or not self._is_strange(name):
            return False
        return self._foreign[name].partition(".")[0] not in {"", *self._outside.packages}

    def _origin(self, node: ast.expr, depth: int = 0) -> str:
        """Where what is called comes from, through one name that the file gives it."""
        match node:
            case ast.Name(id=name) if name in self._foreign:
                return self._foreign[name]
            case ast.Name(id=name) if len(self._values.get(name, ())) == 1 and not depth:
                return self._origin(self._values[name][0], 1)
            case ast.Attribute(value=value, attr=name):
                return f"{above}.{name}" if (above := self._origin(value, depth)) else ""
            case ast.Call(func=func):
                return self._origin(func, depth)
            case _:
                return ""

    def _keeps(self, function: Function, *, of_classes: bool = False) -> bool:
        is_method = id(function) in self._owners
        return keeps(function, self._given_away, is_method=is_method, of_classes=of_classes)

    @fact
    def _of_classes(self) -> set[int]:
        """By identity, calls at the top of the file that are only given plain classes of it."""
        return {id(call) for call in given_classes(self._tree)}

    def _is_accessor(self, decorator: ast.expr, name: str) -> bool:
        """Whether a decorator adds a function to the property of its name: `@total.setter`."""
        match decorator:
            case ast.Attribute(value=ast.Name() | ast.Attribute() as value, attr=accessor):
                is_own = getattr(value, "id", getattr(value, "attr", "")) == name
                return is_own and accessor in ACCESSORS and accessor not in self._names
            case _:
                return False

    def _is_strange(self, name: str) -> bool:
        """Whether a name is imported, and stands for nothing else."""
        known = (self._functions, self._classes, self._values)
        return name in self._foreign and not any(name in names for names in known)

    def _is_foreign(self, node: ast.expr) -> bool:
        return isinstance(node, ast.Name) and node.id in self._foreign
