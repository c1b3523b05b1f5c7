"""Find where a file would ask for the flag while it is being imported.

Follows what runs at import by the names in it, and finds too much rather than too
little: a function counts as called wherever its name is read, unless it is only given
to code of somebody else, which is how handlers are registered, or to code of this file
that certainly only stores it.
"""

import ast
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import TypeGuard

from flagwright.core.wrapping.proof.classes import runs_with_its_class
from flagwright.core.wrapping.proof.names import Names
from flagwright.core.wrapping.proof.outside import Outside
from flagwright.core.wrapping.proof.running import (
    ACCESSORS,
    KEEPING,
    MAKING,
    NAMED,
    Function,
    bound_by,
    called_name,
    is_main,
    methods_held,
    names_of,
    operates,
    results_kept,
    root_of,
    running,
    special,
    stored_by,
)
from flagwright.core.wrapping.tree import nodes

_BY_NAME = {"globals", "locals", "vars", "getattr", "attrgetter", "methodcaller"}
"""Functions that find what has a name."""


_LIKE_FIELDS = re.compile("property|reify|lazy|memo|cache")
"""What decorators are called whose functions are read like fields: `cached_property`."""


def asks_at_import(
    tree: ast.Module,
    asking: Collection[ast.AST],
    running_calls: Collection[str],
    outside: Outside | None = None,
) -> list[int]:
    """Lines of checks that run at import: outside functions, or in functions reached there.

    Args:
        asking: The checks.
        running_calls: Functions of others that call what they are given, as patterns.
        outside: What other files do; none: not known.
    """
    if not asking:
        return []
    reached = Reach(tree, outside or Outside(), running_calls).nodes()
    return sorted({node.lineno for node in asking if id(node) in reached})  # type: ignore[attr-defined] # expressions


def spelled(tree: ast.Module, check: str) -> list[ast.AST]:
    """Where a check stands in a file, as it is spelled."""
    wanted = ast.parse(check, mode="eval").body
    text, kind = ast.dump(wanted), type(wanted)
    return [n for n in nodes(tree) if isinstance(n, kind) and ast.dump(n) == text]


@dataclass
class _Run:
    """What the code that runs at import does, as names."""

    called: set[str] = field(default_factory=set)
    """What is called, or given to something that calls it."""
    stored: set[str] = field(default_factory=set)
    """What is given to code that only stores it."""
    calls_stored: bool = False
    """Whether something is called of which it is not known what it is."""
    read: set[str] = field(default_factory=set)
    """Names that are read, but not to be given to code of somebody else."""
    strings: set[str] = field(default_factory=set)
    touched: set[str] = field(default_factory=set)
    """Whose attributes are used."""
    attributes: set[str] = field(default_factory=set)
    subscripted: set[str] = field(default_factory=set)
    special: set[str] = field(default_factory=lambda: set(MAKING))
    operates: bool = False


class Reach(Names):
    """Follows a file from what runs at import to the functions that it reaches."""

    def nodes(self) -> set[int]:
        """Identities of all nodes that run at import."""
        waiting = [n for node in self._tree.body if not is_main(node) for n in running(node)]
        reached, entered = set[int](), set[int]()
        run = _Run(
            called=set(self._outside.called),
            touched=set(self._outside.touched),
            read=set(self._outside.read),
            attributes=set(self._outside.attributes),
        )
        for name in self._outside.decorating:
            run.called |= self._results(name)
        while waiting:
            reached.update(map(id, waiting))
            self._add(run, waiting)
            started = [f for f in self._started(run) if id(f) not in entered]
            entered.update(map(id, started))
            waiting = [n for f in started for statement in f.body for n in running(statement)]
        return reached

    def _started(self, run: _Run) -> Iterator[Function]:
        """Functions that are called, given what runs."""
        members = self._members(run)
        run.attributes |= self._functions.keys() & members
        stored = run.stored if run.calls_stored else set()
        called = self._flow(run.called | members | stored | self._held(run))
        special = set(filter(_is_special, self._methods))
        for name in self._methods.keys() & (called | run.touched | run.attributes | special):
            run.attributes.update(method.attr for method in self._methods[name])
            run.touched.update(*(names_of(method.value) for method in self._methods[name]))
        touched = called | self._flow(run.touched)
        subscripted = self._flow(run.subscripted)
        for name, functions in self._functions.items():
            for function in functions:
                owner = self._owners.get(id(function))
                if owner is None:
                    starts = name in called
                elif runs_with_its_class(name, owner, self._classes):
                    starts = True
                elif name == "__class_getitem__":
                    starts = owner.name in subscripted
                elif _is_special(name):
                    operator = run.operates and name not in NAMED
                    starts = owner.name in called and (name in run.special or operator)
                else:
                    starts = name in run.attributes and owner.name in touched
                if starts:
                    yield function

    def _members(self, run: _Run) -> set[str]:
        """What the values of members are made of that are looked up, or that Python calls."""
        names = (n for n in self._values if n in run.attributes or _is_special(n))
        values = [value for name in names for value in self._values[name]]
        results = (self._results(called_name(value)) for value in values)
        return set().union(*map(names_of, values), *results)

    def _held(self, run: _Run) -> set[str]:
        """Names that hold methods, or functions as members, and that anything reads."""
        is_found = run.called & _BY_NAME or "__dict__" in run.attributes
        read = run.read | (run.strings if is_found else set())
        return read & {*self._methods, *self._static.values()}

    def _flow(self, names: set[str]) -> set[str]:
        """Names, with all that their values and bases are made of."""
        found, waiting = set(names), list(names)
        while waiting:
            name = waiting.pop()
            parts = [n for value in self._values.get(name, ()) for n in ast.walk(value)]
            results = {r for n in parts for r in self._results(called_name(n))}
            parts += [n for c in self._classes.get(name, ()) for b in c.bases for n in ast.walk(b)]
            parts += [n for c in self._classes.get(name, ()) for n in _factories(c)]
            more = ({n.id for n in parts if isinstance(n, ast.Name)} | results) - found
            found |= more
            waiting += more
        return found

    def _add(self, run: _Run, nodes: list[ast.AST]) -> None:
        kept = {id(value) for node in nodes for value in results_kept(node)}
        named = {id(method) for node in nodes for method in self._named_methods(node)}
        given = {id(name) for node in nodes for name in self._given_away(node)}
        for node in nodes:
            run.special |= special(node)
            run.operates |= operates(node)
            for target, value in bound_by(node):
                self._values[target].append(value)
            for target, value in stored_by(node):
                self._values[target].append(value)
            for decorator in getattr(node, "decorator_list", ()):
                if getattr(decorator, "attr", "") not in ACCESSORS:
                    self._decorate(run, node, decorator)
            match node:
                case ast.Call():
                    self._call(run, node)
                    if id(node) not in kept:
                        run.called |= self._results(called_name(node))
                case ast.Attribute() if id(node) in named:
                    pass
                case ast.Attribute(attr=name, value=value) if not self._is_foreign(value):
                    run.attributes.add(name)
                    run.touched |= names_of(value)
                case ast.Subscript(value=ast.Name(id=name)):
                    run.subscripted.add(name)
                case ast.Constant(value=str(text)):
                    run.strings.add(text)
                case _:
                    pass
        run.read |= {n.id for n in nodes if _is_read(n) and id(n) not in given}

    def _named_methods(self, node: ast.AST) -> Iterator[ast.Attribute]:
        """A method that only gets another name, and is not called by being looked up."""
        for name, method in methods_held(node, shows=id(node) in self._top):
            functions = self._functions.get(method.attr, ())
            decorators = {called_name(d) for f in functions for d in f.decorator_list}
            is_handed_on = name == method.attr and not any(map(_LIKE_FIELDS.search, decorators))
            if functions and (is_handed_on or decorators <= {"classmethod", "staticmethod"}):
                self._methods[name].append(method)
                yield method

    def _decorate(self, run: _Run, node: ast.AST, decorator: ast.expr) -> None:
        """A decorator is called, what it gives back as well, and it may call what it is above."""
        run.called |= names_of(getattr(decorator, "func", decorator))
        name = called_name(decorator)
        given = self._returned.get(name, set()) if isinstance(decorator, ast.Call) else {name}
        run.called |= given - {name}
        own = [f for n in given for f in self._functions.get(n, ())]
        text = ast.unparse(getattr(decorator, "func", decorator))
        decorated = {str(getattr(node, "name", ""))}
        if not all(map(self._keeps, own)) or text in self._outside.calling:
            run.called |= decorated
        elif own:
            run.stored |= decorated

    def _call(self, run: _Run, node: ast.Call) -> None:
        """What a call calls: itself, and through a function that does so."""
        root, name = root_of(node.func), called_name(node)
        if isinstance(node.func, ast.Name):
            run.called.add(root)
        elif not isinstance(node.func, ast.Attribute):
            kept = root in self._foreign and name not in KEEPING
            run.called |= {root} if kept else names_of(node.func)
        run.calls_stored |= self._is_unknown(node.func)
        if (name in KEEPING and root not in self._functions) or self._only_makes_a_member(node):
            return
        given = {n for a in node.args for n in names_of(a)}
        given |= {n for k in node.keywords for n in names_of(k.value)}
        if self._calls_what_it_is_given(node.func, root, name):
            run.called |= given
        elif root not in self._foreign and name in self._functions:
            run.stored |= given


def _is_read(node: ast.AST) -> TypeGuard[ast.Name]:
    return isinstance(node, ast.Name) and type(node.ctx) is ast.Load


def _is_special(name: str) -> bool:
    return name.startswith("__") and name.endswith("__")


def _factories(owner: ast.ClassDef) -> Iterator[ast.AST]:
    """What makes the values of the fields of a class."""
    for node in ast.walk(owner):
        if isinstance(node, ast.keyword) and node.arg in ("default_factory", "factory"):
            yield from ast.walk(node.value)
