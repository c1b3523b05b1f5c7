"""Tell of which classes all objects only lie somewhere while files are imported.

Such an object is called by nobody then. It is what a name of the file, or a member of a class,
is given, or a parameter by default, and nothing that runs uses that.
"""

import ast
from collections import defaultdict
from collections.abc import Iterator
from functools import lru_cache

from flagwright.core.wrapping.proof.classes import has_its_members_again
from flagwright.core.wrapping.proof.facts import fact
from flagwright.core.wrapping.proof.noting import Noting
from flagwright.core.wrapping.proof.run import Run
from flagwright.core.wrapping.proof.running import (
    Function,
    called_name,
    defaults,
    is_special,
)
from flagwright.core.wrapping.tree import of_kind, walk

_HOLDING = {"__defaults__", "__kwdefaults__"}
"""What shows the defaults of a function."""


_TO_CLASSES = {"__call__", "__self__", "__base__", "__bases__", "__mro__", "mro", "__subclasses__"}
_TO_CLASSES |= {"__objclass__", "__origin__", "__orig_bases__"}
"""What leads to a class that is not named there."""
_OF_CLASSES = {"__annotations__", "get_type_hints", "get_annotations", "signature", "registry"}
_OF_CLASSES |= {"__set_name__", "dispatch"}
"""What does so by a name that a file has anywhere."""
_LOADING = {"pickle", "copyreg", "marshal", "dill", "cloudpickle", "types"}
"""Modules that call, or make, a class of which they are told."""
_PLAIN_METACLASSES = ("type", "ABCMeta")
_WITH_CLASS = ("__init__", "__call__")
"""What a metaclass may have of its own that is followed: `__new__` has the class as a local."""


class Idle(Noting):
    """Knows what of a file lies idle."""

    def is_idle(self, run: Run, name: str) -> bool:
        """Whether nothing that runs uses a name but to make such objects, or for a base."""
        outside, family = self._outside, {name, *self._heirs(name)}
        if not outside.is_all or not outside.applied.isdisjoint(family | self._above(name)):
            return False
        if (run.lists and run.calls_stored) or "__call__" in run.attributes:
            return False
        if run.has_module or family & self.inner_classes & run.attributes:
            return False
        uses = [use for n in family for use in self._uses.get(n, ()) if use in run.reached]
        makers = self.idle_uses(run) if uses else set()
        if not all(use in makers or use in self._in_bases for use in uses):
            return False
        owners = (owner for n in family for owner in self._classes.get(n, ()))
        return not (
            any(owner.decorator_list for owner in owners)
            or run.by_text() & family
            or self.handing_on(run) & family
        )

    def made_through(self, run: Run, metaclass: str) -> set[str]:
        """Classes of the file that a metaclass makes, where it is used for nothing else.

        Its `__call__` runs where one of them is called, and not where they are made.
        """
        outside, owners = self._outside, self._classes.get(metaclass, ())
        used = outside.read | outside.called | outside.applied | run.by_text()
        if run.has_module or metaclass in used or not run.attributes.isdisjoint(_TO_CLASSES):
            return set()
        is_only_that = all(use in self._as_metaclass for use in self._uses.get(metaclass, ()))
        if not is_only_that or len(owners) != 1 or not self._leaves_classes(run, owners[0]):
            return set()
        if any(origin.partition(".")[0] in _LOADING for origin in self._foreign.values()):
            return set()
        if not _OF_CLASSES.isdisjoint(self._words_of_file):
            return set()
        made = {n for n, found in self._classes.items() if any(_is_by(o, metaclass) for o in found)}
        return made.union(*map(self._heirs, made))

    def _leaves_classes(self, run: Run, metaclass: ast.ClassDef) -> bool:
        """Whether no method of a metaclass may call a class that it gets, but its `__call__`.

        One may be put into a container of the file, of which nothing is called.
        """
        plain = all(called_name(base) in _PLAIN_METACLASSES for base in metaclass.bases)
        if not plain or metaclass.decorator_list:
            return False
        for method in metaclass.body:
            name = getattr(method, "name", "")
            if isinstance(method, ast.ClassDef) or (is_special(name) and name not in _WITH_CLASS):
                return False
            if not isinstance(method, Function) or name == "__call__":
                continue
            into = _kept_in(method)
            if into is None or method.decorator_list or (into and run.calls_stored):
                return False
            if into & (self._foreign.keys() | self._outside.read | self._outside.attributes):
                return False
            if not all(map(self._is_only_added_to, into)):
                return False
        return True

    def _is_only_added_to(self, container: str) -> bool:
        """Whether a name of the file is given something once and used at one place."""
        shared = [v for values in self._given.values() for v in values]
        given = self._given[container]
        is_one = len(given) == 1 and sum(value is given[0] for value in shared) == 1
        return is_one and len(self._uses[container]) == 2

    def may_be_made(self, name: str) -> bool:
        """Whether a name stands for a class of this file, or for something of another one."""
        return name in self._classes or name in self._foreign

    @fact
    def inner_classes(self) -> set[str]:
        """Classes in the body of others, which have them as attributes."""
        owners = [owner for found in self._classes.values() for owner in found]
        inner = ((owner, node) for owner in owners for node in walk(owner))
        return {n.name for owner, n in inner if isinstance(n, ast.ClassDef) and n is not owner}

    def handing_on(self, run: Run) -> set[str]:
        """Classes of the file of which a method runs that does more with its object than ask it."""
        started = (f for f in run.started.values() if _hands_itself_on(f))
        owners = {self._owners[id(f)].name for f in started if id(f) in self._owners}
        return owners.union(*map(self._heirs, owners))

    def is_base(self, node: ast.AST) -> bool:
        """Whether a class of the file is made from something, and this is where it is named."""
        return id(node) in self._in_bases

    def _above(self, name: str) -> set[str]:
        """Classes of the file that a class of it is made from."""
        return {base for base in self._bases & self._classes.keys() if name in self._heirs(base)}

    def idle_uses(self, run: Run) -> set[int]:
        """By identity, what is called, or only named, where nothing that runs uses the result."""
        outside, text = self._outside, run.by_text()
        used = run.called | (run.touched_there or run.touched) | run.stored | text
        used |= outside.read | outside.touched | (run.attributes if run.has_module else set())
        asked = run.attributes | run.read | used
        values = (
            [v for n, v in self._of_owners if n not in asked] if "__dict__" not in asked else []
        )
        if run.attributes.isdisjoint(_HOLDING):
            values += [value for f, value in self._by_default if id(f) not in run.started]
        waiting = {name: value for name, value in self.given_once() if name not in used}
        copied = {word for value in values for word in _copied(value)}
        while left := [n for n in waiting if self._loads[n] & run.reached <= copied]:
            held = [waiting.pop(name) for name in left]
            values += held
            copied.update(word for value in held for word in _copied(value))
        return {use for value in values for use in _used_by(value)}

    @fact
    def _uses(self) -> dict[str, list[int]]:
        """Where each name stands, by identity."""
        found: dict[str, list[int]] = defaultdict(list)
        for word in of_kind(self._tree, ast.Name):
            found[word.id].append(id(word))
        return found

    @fact
    def _words_of_file(self) -> set[str]:
        """Names of what it looks up, imports and defines."""
        asked = {node.attr for node in of_kind(self._tree, ast.Attribute)}
        return asked | self._names | {o.rpartition(".")[2] for o in self._foreign.values()}

    def given_once(self) -> Iterator[tuple[str, ast.expr]]:
        """Names of the file that are given something once, and that."""
        return (pair for pair in _assigned(self._tree.body) if len(self._given[pair[0]]) == 1)

    @fact
    def _loads(self) -> dict[str, set[int]]:
        """Where each name is read, by identity."""
        found: dict[str, set[int]] = defaultdict(set)
        for word in of_kind(self._tree, ast.Name):
            found[word.id] |= {id(word)} if isinstance(word.ctx, ast.Load) else set()
        return found

    @fact
    def _of_owners(self) -> list[tuple[str, ast.expr]]:
        """Members of classes, and what they are given."""
        owners = [owner for found in self._classes.values() for owner in found]
        plain = [o for o in owners if not o.decorator_list]
        plain = [o for o in plain if not has_its_members_again(o, self._classes)]
        given = (pair for owner in plain for pair in _assigned(owner.body))
        return [(name, value) for name, value in given if not is_special(name)]

    @fact
    def _by_default(self) -> list[tuple[Function, ast.expr]]:
        functions = [f for found in self._functions.values() for f in found]
        return [(f, value) for f in functions for _, value in defaults(f)]

    @fact
    def _as_metaclass(self) -> set[int]:
        owners = (owner for found in self._classes.values() for owner in found)
        return {id(k.value) for owner in owners for k in owner.keywords if k.arg == "metaclass"}

    @fact
    def _in_bases(self) -> set[int]:
        owners = (owner for found in self._classes.values() for owner in found)
        return {id(base) for owner in owners for base in owner.bases}


def _is_by(owner: ast.ClassDef, metaclass: str) -> bool:
    makers = (k.value for k in owner.keywords if k.arg == "metaclass")
    return any(isinstance(maker, ast.Name) and maker.id == metaclass for maker in makers)


def _assigned(body: list[ast.stmt]) -> Iterator[tuple[str, ast.expr]]:
    for node in body:
        match node:
            case (
                ast.Assign(targets=[ast.Name(name)], value=value)
                | ast.AnnAssign(target=ast.Name(name), value=ast.expr() as value)
            ):
                yield name, value
            case _:
                pass


def _copied(value: ast.expr) -> Iterator[int]:
    """By identity, the name of what a value is, or is a copy of: `KINDS[:]`."""
    match value:
        case ast.Name() | ast.Subscript(value=ast.Name(), slice=ast.Slice()):
            yield id(getattr(value, "value", value))
        case _:
            pass


def _used_by(value: ast.expr) -> Iterator[int]:
    """By identity, what a value is, or is made by a call of; so it is with what it displays."""
    match value:
        case ast.List(elts=parts) | ast.Tuple(elts=parts) | ast.Dict(values=parts):
            yield from (use for part in parts for use in _used_by(part))
        case ast.Call(func=func):
            yield id(func)
        case ast.Name() | ast.Attribute():
            yield id(value)
        case _:
            pass


@lru_cache(maxsize=8192)
def _kept_in(function: Function) -> set[str] | None:
    """Containers that a method adds its first parameter to; none where it does more with it."""
    first = [a.arg for a in (*function.args.posonlyargs, *function.args.args)][:1]
    inner = [part for statement in function.body for part in walk(statement)]
    asked = {id(n.value) for n in inner if isinstance(n, ast.Attribute)}
    found = set[str]()
    for node in inner:
        match node:
            case ast.Expr(
                value=ast.Call(
                    func=ast.Attribute(value=ast.Name(id=into), attr="add" | "append"),
                    args=[ast.Name() as value],
                    keywords=[],
                )
            ):
                found.add(into)
                asked.add(id(value))
            case _:
                pass
    words = [n for n in inner if isinstance(n, ast.Name) and [n.id] == first]
    own = {n.arg for n in walk(function.args) if isinstance(n, ast.arg)}
    own |= {n.id for n in inner if isinstance(n, ast.Name) and not isinstance(n.ctx, ast.Load)}
    is_left = first and found.isdisjoint(own) and all(id(word) in asked for word in words)
    if function.name == "__init__":  # what it also gets are the classes above
        passed = (n for n in inner if isinstance(n, ast.Call) and _is_above(n.func))
        handed = {id(part) for call in passed for part in walk(call)}
        others = {n.arg for n in walk(function.args) if isinstance(n, ast.arg)} - {*first}
        uses = (n for n in inner if isinstance(n, ast.Name) and n.id in others)
        is_left = is_left and all(id(use) in handed for use in uses)
    return found if is_left else None


def _is_above(func: ast.expr) -> bool:
    match func:
        case ast.Attribute(value=ast.Call(func=ast.Name("super"), args=[]), attr="__init__"):
            return True
        case _:
            return False


@lru_cache(maxsize=8192)
def _hands_itself_on(function: Function) -> bool:
    """Whether a method uses its first parameter otherwise than to ask it for something."""
    if any(getattr(d, "id", "") == "staticmethod" for d in function.decorator_list):
        return False  # it gets no object
    first = [a.arg for a in (*function.args.posonlyargs, *function.args.args)][:1]
    inner = [part for statement in function.body for part in walk(statement)]
    asked = {id(n.value) for n in inner if isinstance(n, ast.Attribute)}
    words = (n for n in inner if isinstance(n, ast.Name) and [n.id] == first)
    return any(id(word) not in asked for word in words)
