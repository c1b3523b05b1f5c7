"""Read one file through which a check may be reached, and which of its names lead there."""

import ast
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from flagwright.core.wrapping.effect import FUNCTIONS, last_name
from flagwright.core.wrapping.keeping import Keeping, keepings
from flagwright.core.wrapping.linking import absolute, names_bound
from flagwright.core.wrapping.proof import lookup
from flagwright.core.wrapping.proof.filling import keeping_places
from flagwright.core.wrapping.proof.running import (
    Function,
    called_name,
    made_at_top,
    methods_held,
    root_of,
    set_by,
)
from flagwright.core.wrapping.tree import members, nodes, walk

_PLAIN_DECORATORS = {"overload", "staticmethod", "classmethod", "abstractmethod"}
"""What leaves a method one that runs when it is called, and not when it is read."""
Owned = tuple[str, str]
"""A file, and one of its names."""


class Statement(NamedTuple):
    """One statement of a file that gives something to names."""

    bound: set[str]
    names: set[str]
    """All that stand in it."""
    nodes: set[int]
    """By identity."""
    takes_any: bool
    """Whether it finds names of its own file by any text."""


@dataclass
class Part:
    """One file through which a check may be reached."""

    path: str
    module: str
    """Its name, by which it is imported."""
    tree: ast.Module
    imported: dict[str, str]
    """What its names stand for, in full."""
    several: dict[str, set[str]] = field(default_factory=dict)
    """What each may stand for that is imported from several places, in full."""
    names: set[str] = field(default_factory=set)
    """Those of its names that lead to the check."""
    _kept_by: dict[int, list[ast.expr]] = field(default_factory=dict)
    """What `kept_by` has found, by the identity of the function."""
    _places: dict[str, set[str]] = field(default_factory=dict)
    """What `places` has found."""
    above: dict[str, Owned] = field(default_factory=dict)
    """Bases of its classes, by what they are called in full, where other files define them."""

    @cached_property
    def nodes(self) -> tuple[ast.AST, ...]:
        """All nodes of the file."""
        return nodes(self.tree)

    @cached_property
    def statements(self) -> list[Statement]:
        """Those that give something to names of the file."""
        found = ((set(_bound(node)), node) for node in members(self.tree))
        plain = [_statement(bound, walk(node)) for bound, node in found if bound]
        known = self.imported.keys() | {name for statement in plain for name in statement.bound}
        kept = ((k.own() & known, k) for k in self.keeping)
        more = (_statement(b, k.nodes, {*k.carried, k.itself}) for b, k in kept if b)
        return [*plain, *more]

    @cached_property
    def bound(self) -> set[str]:
        """Names that the file gives something to."""
        shared = {name for n in self.nodes if isinstance(n, ast.Global) for name in n.names}
        return shared.union(*map(names_bound, members(self.tree)))

    @cached_property
    def hidden(self) -> set[str]:
        """Names that it gives something to anywhere, or that it imports from several places."""
        given = {n.id for n in self.nodes if isinstance(n, ast.Name) and type(n.ctx) is ast.Store}
        given |= {n.arg for n in self.nodes if isinstance(n, ast.arg)}
        return given | self.bound | self.several.keys()

    @cached_property
    def functions(self) -> dict[str, list[Function]]:
        """All functions of the file, by name."""
        found: dict[str, list[Function]] = defaultdict(list)
        for node in self.nodes:
            if isinstance(node, FUNCTIONS):
                found[node.name].append(node)
        return found

    @cached_property
    def methods(self) -> dict[str, list[Function]]:
        """By the name of each class, its methods."""
        found: dict[str, list[Function]] = defaultdict(list)
        for owner in (node for node in self.nodes if isinstance(node, ast.ClassDef)):
            found[owner.name] += (m for m in members(owner) if isinstance(m, FUNCTIONS))
        return found

    @cached_property
    def methods_of_all(self) -> set[str]:
        """What methods of its classes are called."""
        return {method.name for found in self.methods.values() for method in found}

    @cached_property
    def only_named(self) -> set[str]:
        """Attributes that it gives names which only others use: `get = shop.get` runs nothing."""
        used = {n.id for n in self.nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}
        held = (pair for node in self.tree.body for pair in methods_held(node, shows=False))
        looks = not used.isdisjoint({*lookup.LISTING, "eval", "exec"})
        return set() if looks else {method.attr for name, method in held if name not in used}

    def computes(self, attribute: str) -> bool:
        """Whether reading an attribute of this name may run code of the file, or not its method."""
        functions = self.functions.get(attribute, ())
        decorators = {last_name(d) for f in functions for d in f.decorator_list}
        return attribute in self.stored or not decorators <= _PLAIN_DECORATORS

    @cached_property
    def stored(self) -> set[str]:
        """Attributes that the file gives something to, those of its classes as well."""
        found = (n for n in self.nodes if isinstance(n, ast.Attribute))
        owners = (n for n in self.nodes if isinstance(n, ast.ClassDef))
        given = [m for o in owners for m in members(o) if isinstance(m, ast.Assign | ast.AnnAssign)]
        stored = {node.attr for node in found if isinstance(node.ctx, ast.Store)}
        return stored.union(*map(names_bound, given))

    @cached_property
    def texts(self) -> set[str]:
        """Texts that it has, which may be names."""
        found = (n.value for n in self.nodes if isinstance(n, ast.Constant))
        return {text for text in found if isinstance(text, str) and text.isidentifier()}

    @cached_property
    def renamed(self) -> set[str]:
        """Names that it gives to something that has one already, or to a lambda."""
        given = [node for node in members(self.tree) if isinstance(node, ast.Assign)]
        held = [n for n in given if isinstance(n.value, ast.Name | ast.Attribute | ast.Lambda)]
        return {name for node in held for name in names_bound(node)}

    @cached_property
    def keeping(self) -> list[Keeping]:
        """All that puts something where others may find it."""
        made = {n for n, call in made_at_top(self.tree) if root_of(call.func) in self.imported}
        known = self.bound | self.imported.keys()
        return list(keepings(self.tree, self.imported.keys() | made, known, self.places))

    def kept_by(self, function: Function) -> list[ast.expr]:
        """Where a function of the file, or one that it gives back, puts what it is given."""
        if id(function) not in self._kept_by:
            self._kept_by[id(function)] = keeping_places(function, self.functions)
        return self._kept_by[id(function)]

    def places(self, func: ast.expr) -> set[str]:
        """Names of the file into which a function, or a class as it is made, puts something."""
        name = called_name(func)
        if name not in self._places:
            found = [*self.functions.get(name, ()), *self.methods.get(name, ())]
            kept = (into for f in found for into in self.kept_by(f))
            names = {into.id for into in kept if isinstance(into, ast.Name)}
            self._places[name] = names & (self.bound | self.imported.keys())
        return self._places[name]

    @cached_property
    def decorators(self) -> list[tuple[set[str], ast.expr]]:
        """All decorators, each with the names that its statement binds."""
        return [
            (set(names_bound(statement)), decorator)
            for statement in members(self.tree)
            for node in walk(statement)
            for decorator in getattr(node, "decorator_list", ())
        ]

    @cached_property
    def decorating(self) -> set[int]:
        """All of them, by identity."""
        return {id(decorator) for _, decorator in self.decorators}

    @cached_property
    def classes(self) -> list[ast.ClassDef]:
        """All classes of the file that are made from something."""
        found = (n for n in self.nodes if isinstance(n, ast.ClassDef))
        return [n for n in found if n.bases or n.keywords]

    @cached_property
    def chains(self) -> dict[ast.AST, str]:
        """What expressions stand for in full that begin with an imported name."""
        pairs = ((n, _in_full(n, self.imported)) for n in self.nodes)
        return {node: dotted for node, dotted in pairs if dotted}

    @cached_property
    def lookups(self) -> dict[ast.AST, str]:
        """What nodes that look names up by any text ask for these, in full."""
        pairs = ((n, _asked_for_any(n)) for n in self.nodes)
        found = {n: absolute(value, self.imported) for n, value in pairs if value}
        return {node: dotted for node, dotted in found.items() if dotted}

    def prefer(self, is_wanted: Callable[[str], bool]) -> None:
        """Let names stand for what is wanted, of the places that they are imported from."""
        for name, found in self.several.items():
            used = [(n, d) for n, d in self.chains.items() if isinstance(n, ast.expr)]
            ends = {d.removeprefix(self.imported[name]) for n, d in used if root_of(n) == name}
            wanted = sorted(d for d in found if any(is_wanted(d + end) for end in {"", *ends}))
            if wanted and self.imported[name] not in wanted:
                self.imported[name] = wanted[0]
                self.__dict__.pop("chains", None)
                self.__dict__.pop("lookups", None)

    def take(self, name: str, dotted: str) -> None:
        """Let one more name of the file stand for something."""
        if name not in self.imported:
            self.imported[name] = dotted
            self.__dict__.pop("chains", None)


def _in_full(node: ast.AST, imported: Mapping[str, str]) -> str:
    found = absolute(node, imported) if isinstance(node, ast.expr) else ""
    return (
        _in_full(node.value, imported) if isinstance(node, ast.Subscript) and not found else found
    )


def _asked_for_any(node: ast.AST) -> ast.expr | None:
    match node:
        case ast.Attribute(value=value, attr="__dict__"):
            return value
        case ast.Call(func=ast.Name("vars"), args=[value]):
            return value
        case _:
            asked = lookup.asked_for(node)
            return asked[0] if asked and lookup.written(asked[1]) is None else None


def _statement(
    bound: set[str], inner: Collection[ast.AST], more: Collection[str] = ()
) -> Statement:
    names = {n.id for n in inner if isinstance(n, ast.Name)}
    takes_any = any(map(lookup.takes_any, inner))
    return Statement(bound, names.union(more), set(map(id, inner)), takes_any)


def leading_to(part: Part, using: Collection[ast.AST], names: Collection[str] = ()) -> set[str]:
    """Names of a file through which some of its nodes, or of its other names, can be reached."""
    wanted = set(map(id, using))
    found = {*names}
    rest = part.statements
    size = -1
    while len(found) > size:
        size, left = len(found), []
        for statement in rest:
            is_near = bool(found) and statement.takes_any
            is_near |= not (
                found.isdisjoint(statement.names) and wanted.isdisjoint(statement.nodes)
            )
            if not is_near:
                left.append(statement)
            else:
                found |= statement.bound
        rest = left
    return found


def _bound(node: ast.stmt) -> Iterator[str]:
    """Names to which a statement gives something, or a function of it that runs."""
    yield from names_bound(node)
    yield from (n for part in walk(node) if isinstance(part, ast.Global) for n in part.names)
    if isinstance(node, ast.Expr):
        yield from (n.id for _ in set_by(node.value) for n in walk(node) if isinstance(n, ast.Name))
    targets = [node.target] if isinstance(node, ast.For | ast.AsyncFor) else []
    if isinstance(node, ast.With | ast.AsyncWith):
        targets = [item.optional_vars for item in node.items if item.optional_vars]
    yield from (n.id for t in targets for n in ast.walk(t) if isinstance(n, ast.Name))
