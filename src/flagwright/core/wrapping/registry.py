"""Find the registries of other files into which a file puts what leads to a check.

A decorator or function of another file may keep what it is given, and so may a method of an
object that another file has: whoever calls what is kept there runs it.
"""

import ast
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import NamedTuple

from flagwright.core.wrapping.keeping import Keeping
from flagwright.core.wrapping.linking import is_class
from flagwright.core.wrapping.part import Part
from flagwright.core.wrapping.proof.filling import kept_and_handed
from flagwright.core.wrapping.proof.running import Function, called_name, root_of
from flagwright.core.wrapping.tree import members

Find = Callable[[str], tuple[Part, str] | None]
"""Tells the file, and the name in it, that something stands for which is called so in full."""
_DEEPEST = 4
_HANDED = 2
"""Files to which something is followed that functions hand on."""
WITH_HEIRS = {"__init_subclass__", "__new__", "__init__", "__post_init__"}
"""What may put a class somewhere as it is made, or an object of it."""


class Registry(NamedTuple):
    """A name that holds what others put there, or into an object that it stands for."""

    part: Part
    name: str


class Filled(NamedTuple):
    """What is filled, and how that is reached."""

    registries: list[Registry]
    ways: list[Registry]
    """Names by which others come to it."""


class Registries:
    """Finds them."""

    def __init__(
        self, find: Find, stars: Callable[[Part], Iterable[str]], packages: Collection[str]
    ) -> None:
        """Nothing is found yet.

        Args:
            stars: Modules from which a file imports `*`.
            packages: The topmost names of the repository.
        """
        self._find, self._stars, self.packages = find, stars, packages
        self._known: dict[tuple[str, int], Filled] = {}
        self._made: dict[str, dict[str, list[ast.expr]]] = {}
        """What `_made_from` has found, by file."""

    def filled(self, part: Part, keeping: Keeping) -> Filled:
        """What one node of a file fills."""
        func = getattr(keeping.callee, "func", keeping.callee)
        dotted = part.chains.get(func, "") if keeping.into is None and func else ""
        is_class = isinstance(keeping.node, ast.ClassDef)
        at = (dotted, is_class) if dotted and not is_class else (part.path, id(keeping))
        if at not in self._known:
            self._known[at] = self._filled(part, keeping)
        return self._known[at]

    def _filled(self, part: Part, keeping: Keeping) -> Filled:
        found, ways = list[Registry](), list[Registry]()
        if keeping.into is not None:
            held = self.meant(part, keeping.into)
            found += [one for one in held if not is_class(one.name, one.part.tree)]
        if keeping.callee is not None:
            decorators = getattr(keeping.node, "decorator_list", ())
            is_head = isinstance(keeping.node, ast.ClassDef) and keeping.callee not in decorators
            for other, owner, function in self._all(part, keeping.callee, ways):
                if is_head and function.name not in WITH_HEIRS:
                    continue
                for into in kept_and_handed(function)[0] if owner else other.kept_by(function):
                    if isinstance(into, ast.Name):
                        if into.id not in other.bound | other.imported.keys():
                            continue
                        named = self.meant(other, into) or [Registry(other, into.id)]
                        found, ways = found + named, ways + named
                    elif owner and not is_head:
                        found += [way for way in ways if way.name != owner]
        elif keeping.into is not None:
            ways += found
        return Filled(found, ways if found else [])

    def _all(
        self, part: Part, callee: ast.expr, ways: list[Registry]
    ) -> Iterator[tuple[Part, str, Function]]:
        """Functions that a call may mean, and those of other files to which they hand it on."""
        waiting, seen = [(part, callee, 0)], set[int]()
        while waiting:
            here, func, depth = waiting.pop()
            for other, owner, function in self.functions(here, func, ways):
                if id(function) in seen:
                    continue
                seen.add(id(function))
                yield other, owner, function
                handed = kept_and_handed(function)[1] if depth < _HANDED else []
                far = (f for f in handed if root_of(f) in other.imported)
                waiting += ((other, f, depth + 1) for f in far)

    def meant(self, part: Part, node: ast.AST) -> list[Registry]:
        """What an expression of a file stands for, where another file gives something to it."""
        name = str(getattr(node, "id", ""))
        dotted = part.chains.get(node, "") or part.imported.get(name, "")
        is_known = dotted or not name or name in part.bound
        stars = () if is_known else self._stars(part)
        full = [dotted] if dotted else [f"{star}.{name}" for star in stars]
        return [Registry(*found) for one in full if (found := self._find(one))]

    def functions(
        self, part: Part, callee: ast.expr, ways: list[Registry]
    ) -> Iterator[tuple[Part, str, Function]]:
        """Functions that a call may mean, each with its file and the class that has it."""
        func = callee.func if isinstance(callee, ast.Call) else callee
        for other, name in self.meant(part, func):
            if name in other.methods:
                made = self.methods(other, name, "")
                yield from (found for found in made if found[2].name in WITH_HEIRS)
            else:
                yield from ((other, "", f) for f in other.functions.get(name, ()))
        if isinstance(func, ast.Attribute):
            value = func.value
            owners = self.meant(part, value)
            if isinstance(value, ast.Name) and value.id not in part.imported:
                owners = [Registry(part, value.id)]
            for other, name in owners:
                ways.append(Registry(other, name))
                yield from self.methods(other, name, func.attr)

    def methods(
        self, part: Part, name: str, method: str, depth: int = 0
    ) -> Iterator[tuple[Part, str, Function]]:
        """Methods of a class, or of that of an object; all where none is named."""
        if depth == _DEEPEST:
            return
        found = [m for m in part.methods.get(name, ()) if not method or m.name == method]
        yield from ((part, name, m) for m in found)
        for head in self._made_from(part).get(name, ()):
            inner = [Registry(part, called_name(head))] if isinstance(head, ast.Name) else []
            for other, upper in self.meant(part, head) or inner:
                yield from self.methods(other, upper, method, depth + 1)

    def _made_from(self, part: Part) -> Mapping[str, list[ast.expr]]:
        """By name, what makes an object of a file, and what a class of it is made from."""
        if part.path not in self._made:
            found: dict[str, list[ast.expr]] = defaultdict(list)
            for name, heads in map(_heads, members(part.tree)):
                found[name] += heads
            self._made[part.path] = found
        return self._made[part.path]


def _heads(node: ast.stmt) -> tuple[str, list[ast.expr]]:
    """The name that a class or an object is given, and what makes it; empty for the rest."""
    match node:
        case ast.ClassDef(name=name, bases=bases, keywords=keywords):
            return name, [*bases, *(k.value for k in keywords if k.arg == "metaclass")]
        case (
            ast.Assign(targets=[ast.Name(name)], value=ast.Call(func=func))
            | ast.AnnAssign(target=ast.Name(name), value=ast.Call(func=func))
        ):
            return name, [func]
        case _:
            return "", []
