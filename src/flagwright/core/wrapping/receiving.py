"""Find what code does with an object that it is given, whatever file that code stands in.

A function that a call names is followed, with those to which it hands the object on. Where no
function is named, what may be called counts: methods of that name in the files that are
imported from, functions that are named but not called, all functions of what a callee is from.
"""

import ast
import builtins
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from flagwright.core.wrapping.giving import Giving
from flagwright.core.wrapping.looking import looks_up
from flagwright.core.wrapping.part import Part
from flagwright.core.wrapping.proof.returned import handed_back
from flagwright.core.wrapping.proof.running import Function, is_special, leaves, root_of
from flagwright.core.wrapping.registry import WITH_HEIRS, Registries
from flagwright.core.wrapping.tree import members, walk
from flagwright.core.wrapping.typed import without_types

_DEEPEST = 4
Receiver = tuple[Part, str, Function | ast.Lambda]
"""The file of what gets something, the class that has it, and itself."""


class Looked(NamedTuple):
    """What is looked up of an object."""

    attributes: set[str]
    special: set[str]


class Receiving:
    """Finds what calls look up of what they give."""

    def __init__(self, registries: Registries) -> None:
        """Nothing is found yet."""
        self._registries = registries
        self._methods: dict[tuple[str, str], list[Receiver]] = {}
        """By file and name, methods of what it imports that are called so."""
        self._any: dict[str, list[tuple[Part, str]]] = {}
        """What files name and do not call."""

    def forget(self) -> None:
        """Names of files stand for more than before."""
        self._methods, self._any = {}, {}

    def looked_up(self, part: Part, giving: Giving) -> Looked:
        """What gets some values looks up of them, or a function that gets them from there."""
        found, seen = Looked(set(), set()), set[int]()
        first = (r for callee in giving.callees for r in self._called(part, callee))
        others = (r for value in self._given_beside(part, giving) for r in self._named(part, value))
        by_python = (r for value in giving.objects for r in self._by_python(part, value))
        waiting: list[tuple[Iterable[Receiver], int]] = [(first, 0), (others, 0), (by_python, 0)]
        while waiting:
            receivers, depth = waiting.pop()
            for other, owner, function in receivers:
                if id(function) in seen:
                    continue
                seen.add(id(function))
                one = looks_up(function)
                found.attributes.update(one.attributes)
                found.special.update(one.special)
                if one.by_text and not depth:
                    found.attributes.update(other.texts, part.texts)
                calls = one.calls if depth < _DEEPEST else ()
                waiting += ((self._known(other, owner, c), depth + 1) for c in calls)
        return found

    def _given_beside(self, part: Part, giving: Giving) -> list[ast.expr]:
        """What else a call is given: where others get one class alone, that gets nothing."""
        is_alone = bool(giving.callees) and self._is_one_class(part, giving.callees[0], giving)
        return [] if is_alone else giving.others

    def _is_one_class(self, part: Part, func: ast.expr, giving: Giving) -> bool:
        root, known = root_of(func), self._registries
        package = "" if root in part.hidden else part.imported.get(root, "").partition(".")[0]
        named = [v for v in giving.others if any(isinstance(n, ast.Name) for n in walk(v))]
        meant = known.meant(part, named[0]) if len(named) == 1 else []
        is_plain = isinstance(func, ast.Name | ast.Attribute) and package not in known.packages
        return is_plain and bool(package and meant) and all(n in o.methods for o, n in meant)

    def _called(self, part: Part, func: ast.expr) -> Iterator[Receiver]:
        """What is called first: if nobody can tell, what may have that name."""
        found = [*self._receivers(part, func)]
        yield from found
        known, name = self._registries, func.attr if isinstance(func, ast.Attribute) else ""
        if found or self._is_certain(part, func):
            return
        yield from self._methods_of_imported(part, name) if name else ()
        if not name or name in part.stored:
            for other, word in self._uncalled(part, root_of(func)):
                yield from ((other, "", f) for f in other.functions.get(word, ()))
                made = () if word in other.methods else (word,)
                yield from (r for one in made for r in known.methods(other, one, "__call__"))

    def _is_certain(self, part: Part, func: ast.expr) -> bool:
        """Whether it is known what is called, and it gives nothing to any other function."""
        known, root, is_attribute = self._registries, root_of(func), isinstance(func, ast.Attribute)
        if not is_attribute and (root in part.functions or root in part.methods):
            return True
        if root in part.imported:
            is_class = any(n in o.methods for o, n in known.meant(part, func))
            return is_class or part.imported[root].partition(".")[0] not in {*known.packages, ""}
        return not is_attribute and hasattr(builtins, root)

    def _methods_of_imported(self, part: Part, name: str) -> list[Receiver]:
        """Methods of a name that classes have which a file imports."""
        known = self._registries
        if (part.path, name) not in self._methods:
            given = (own for word in part.imported for own in known.meant(part, ast.Name(word)))
            owners = ((other, owner) for other, owner in given if owner in other.methods)
            made = (known.methods(other, owner, name) for other, owner in owners)
            self._methods[part.path, name] = [receiver for found in made for receiver in found]
        return self._methods[part.path, name]

    def _uncalled(self, part: Part, name: str) -> list[tuple[Part, str]]:
        """What a name of a file may stand for: what binds it has, or is named and not called."""
        own = [s for s in part.statements if name in s.bound] if name in part.bound else []
        if own:
            within = set[int]().union(*(statement.nodes for statement in own))
            words = (node for node in part.chains if id(node) in within)
            return [found for node in words for found in self._registries.meant(part, node)]
        if part.path not in self._any:
            called = {n.func for n in part.nodes if isinstance(n, ast.Call)}
            words = (node for node in part.chains if node not in called)
            meant = (found for node in words for found in self._registries.meant(part, node))
            self._any[part.path] = [*{(other.path, n): (other, n) for other, n in meant}.values()]
        return self._any[part.path]

    def _known(self, part: Part, owner: str, func: ast.expr) -> Iterator[Receiver]:
        """Functions that a call certainly means."""
        yield from self._registries.functions(part, func, [])
        yield from self._near(part, owner, func)

    def _receivers(self, part: Part, func: ast.expr) -> Iterator[Receiver]:
        """Those, and what an object or the result of a call may be."""
        known = self._registries
        func = without_types(known, part, func)
        found = [*self._known(part, "", func)]
        yield from found
        for other, name in known.meant(part, func):
            if name in other.methods:
                made = known.methods(other, name, "")
                yield from (m for m in made if is_special(m[2].name))
            elif not found:
                yield from known.methods(other, name, "__call__")
                yield from _all_of(other)
        if isinstance(func, ast.Attribute) and not found:
            for other, _ in known.meant(part, func.value):
                named = other.functions.get(func.attr, ())
                yield from ((other, "", function) for function in named)
                if func.attr in other.stored:
                    yield from _all_of(other)
        elif found and isinstance(func, ast.Call):
            yield from (one for made in found for one in self._made_by(*made))
        elif not isinstance(func, ast.Name | ast.Attribute):
            for other in {o.path: o for n in walk(func) for o, _ in known.meant(part, n)}.values():
                yield from _all_of(other)

    def _made_by(self, part: Part, _: str, function: Function | ast.Lambda) -> Iterator[Receiver]:
        """Functions that another one gives back."""
        for name in handed_back(function) if isinstance(function, Function) else ():
            yield from ((part, "", f) for f in part.functions.get(name, ()))
            yield from self._registries.functions(part, ast.Name(name), [])

    def _named(self, part: Part, value: ast.expr) -> Iterator[Receiver]:
        """Functions, and objects that can be called, in a value."""
        inner = walk(value)
        held = {id(n.value) for n in inner if isinstance(n, ast.Attribute)}
        held |= {id(n.func) for n in inner if isinstance(n, ast.Call)}
        words = (n for n in inner if isinstance(n, ast.Name | ast.Attribute) and id(n) not in held)
        for node in words:
            for other, name in self._registries.meant(part, node):
                if name in other.functions or name in other.methods or name in other.renamed:
                    yield from self._receivers(part, node)
                yield from self._registries.methods(other, name, "__call__")
            for other, name in self._standing_for(part, getattr(node, "id", "")):
                yield from ((other, "", function) for function in other.functions.get(name, ()))
                made = self._registries.methods(other, name, "")
                yield from (found for found in made if is_special(found[2].name))

    def _standing_for(self, part: Part, name: str) -> Iterator[tuple[Part, str]]:
        """What a name of a file is given as it is, or a display that it is given has."""
        for node in members(part.tree) if name in part.bound else ():
            match node:
                case ast.Assign(targets=[ast.Name(own)], value=value) if own == name:
                    for leaf in leaves(value):
                        yield from self._registries.meant(part, leaf)
                case _:
                    pass

    def _by_python(self, part: Part, value: ast.expr) -> Iterator[Receiver]:
        """Methods of an object of another file that Python calls, or that a property has."""
        for other, name in self._registries.meant(part, value):
            own = (m for found in other.methods.values() for m in found)
            made = self._registries.methods(other, name, "")
            for receiver in (*made, *((other, "", method) for method in own)):
                if is_special(receiver[2].name) or receiver[2].decorator_list:
                    yield receiver

    def _near(self, part: Part, owner: str, func: ast.expr) -> Iterator[Receiver]:
        """What stands in the same file or class, and a method of an object made on the spot."""
        known = self._registries
        match func:
            case ast.Name(id=name) if name not in part.imported:
                yield from ((part, "", f) for f in part.functions.get(name, ()))
                made = known.methods(part, name, "")
                yield from (found for found in made if found[2].name in WITH_HEIRS)
            case ast.Attribute(value=ast.Call(func=made_by), attr=method):
                for other, name in known.meant(part, made_by):
                    yield from known.methods(other, name, method)
            case ast.Attribute(value=ast.Name(), attr=method) if owner:
                yield from known.methods(part, owner, method)
            case _:
                pass


def _all_of(part: Part) -> Iterator[Receiver]:
    """All functions of a file."""
    yield from ((part, "", f) for found in part.functions.values() for f in found)
    yield from ((part, "", node) for node in part.nodes if isinstance(node, ast.Lambda))
