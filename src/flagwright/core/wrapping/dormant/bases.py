"""Follow the bases of a class into other files of the repository.

Only what the repository shows for certain counts: a base that is bound twice, computed, or
comes from elsewhere may have any member.
"""

import ast
import re
from collections.abc import Collection, Iterator
from functools import partial
from typing import NamedTuple

from flagwright.core.wrapping.binding import binds, mangled, names_in
from flagwright.core.wrapping.dormant.heads import below, heads, may_be_both
from flagwright.core.wrapping.dormant.maker import asks_for_others
from flagwright.core.wrapping.dormant.ofpython import python_lacks
from flagwright.core.wrapping.dormant.origin import Origins, bound_in, is_plain_base
from flagwright.core.wrapping.dormant.sight import Sight
from flagwright.core.wrapping.dormant.state import Definition, State
from flagwright.core.wrapping.dormant.tuples import tuple_lacks
from flagwright.core.wrapping.effect import FUNCTIONS, Function, last_name

OF_EVERY_OBJECT = frozenset({"__str__", "__repr__"})
"""What Python gives every object, so that `super()` always has it."""
_WITHOUT_MEMBERS = ("abc.ABC", "typing*.Protocol", "typing*.Generic")


Where = tuple[str, Origins, bool]
"""A module, what the names of its file stand for, and whether it is a package."""


class Method(NamedTuple):
    """A method of a class, and what the names of its file stand for."""

    tree: Function
    origins: Origins


class Bases(State):
    """The classes of one state of a repository."""

    def lack(self, origin: str, name: str) -> bool:
        """Whether a class, and all that it is made from, certainly has no member of a name.

        Args:
            origin: Where the class comes from, as the file says: `shop.base.Page`, `.base.Page`.
        """
        return self._lacks(self._absolute(origin, self._module, self._is_package), name, ())

    def are_plain(
        self,
        origin: str,
        patterns: Collection[str],
        asked: frozenset[str],
        seen: tuple[str, ...] = (),
    ) -> bool:
        """Whether making a class from one of the repository certainly runs nothing.

        Args:
            origin: Where the class comes from, as the file says: `shop.base.Page`, `.base.Page`.
            patterns: Classes of others that are known to be plain.
            asked: The methods that it may run.
        """
        origin = self._absolute(origin, self._module, self._is_package)
        module, _, attribute = origin.rpartition(".")
        found = self._known(module)
        if found is None or origin in seen:
            return is_plain_base(origin, patterns)
        _, origins, is_package = found
        word = ast.Name(attribute, ast.Load())
        owner = origins.own_class(word)
        if owner is None:
            known = origins.of(word)
            other = self._absolute(min(known, default=""), module, is_package)
            return len(known) == 1 and self.are_plain(other, patterns, asked, (*seen, origin))
        if asked & bound_in(owner):
            return False
        if not origins.is_plainly_made(owner):
            return False
        made = [(base, origins.builtin(_bare(base))) for base in owner.bases]
        others = [b for b, of in made if not isinstance(of, type) or of is type]
        named = [self._named(b, (module, origins, is_package)) for b in others]
        further = partial(self.are_plain, patterns=patterns, asked=asked, seen=(*seen, origin))
        return all(len(names) == 1 and further(min(names)) for names in named)

    def mention(self, name: str, owner: str) -> str | None:
        """Another file that has a name, or what a private one of a class is made to; no test."""
        words = {name.encode(), mangled(owner, name).encode()}
        pattern = re.compile(rb"\b(?:" + b"|".join(sorted(words)) + rb")\b")
        for path, text in self.looking.items():
            is_other = name.encode() in text and path != self.path
            if is_other and pattern.search(text) and not self._is_anothers(path, name, owner):
                return path
        return None

    def _is_anothers(self, path: str, name: str, owner: str) -> bool:
        """Whether a file has a member of this name, but only of classes of its own."""
        found = self._known(self._name(path))
        if not owner or found is None:
            return False
        tree = found[0]
        classes = {node.name for node in ast.walk(tree) if isinstance(node, ast.ClassDef)}
        if owner in names_in(tree) or classes & below(self._modules, owner):
            return False
        for node in ast.walk(tree):
            match node:
                case ast.Attribute(value=ast.Name(id="self" | "cls")):
                    pass
                case ast.Attribute(attr=word) if word in (name, mangled(owner, name)):
                    return False
                case ast.Constant(value=word) if word in (name, mangled(owner, name)):
                    return False
                case _:
                    pass
        return True

    def mixed(self, owner: str, name: str) -> str | None:
        """Another file with a class that inherits from an owner, and from what may have a name."""
        for path, heir, family in self.texts.mixed(owner):
            module = self._name(path)
            found = self._known(module)
            tree = found[1].own_class(ast.Name(heir, ast.Load())) if found else None
            if found is None or tree is None or name in bound_in(tree):
                return path
            others = [base for base in tree.bases if last_name(base) not in family]
            if not all(self._base_lacks(b, name, (), (module, *found[1:])) for b in others):
                return path
        return None

    def heirs(self, owner: str) -> Iterator[tuple[str, set[str]]]:
        """Classes of other files with a base of this name: path and name, and their members."""
        found = {path for path, _, bases in heads(self._modules, owner) if owner in bases}
        for path in sorted(found - {self.path}):
            known = self._known(self._name(path))
            for node in ast.walk(known[0]) if known else ():
                if isinstance(node, ast.ClassDef) and owner in map(last_name, node.bases):
                    yield f"{path}: {node.name}", bound_in(node)

    def strangers(self, owner: str, name: str = "") -> set[str] | None:
        """Where the bases of a class come from that the repository does not have.

        Args:
            name: A member, which what makes the class in the repository must not come upon.

        Returns:
            Dotted names; none where it is not clear what a base is.
        """
        strangers = set[str]()
        for made, makes in self.above(owner):
            if isinstance(made, str):
                strangers |= set() if makes else {made}
            elif (
                made is None
                or not isinstance(made.tree, ast.ClassDef)
                or not self._is_plainly_made(made.tree, made[1:], name)
            ):
                return None
        return strangers

    def watches(self, owner: str) -> bool:
        """Whether a class, or one above it in the repository, sees what is made from it."""
        found = [made for made, _ in self.above(owner)]
        return found[0] is None or any(isinstance(m, Definition) and _sees_heirs(m) for m in found)

    def above(self, owner: str) -> Iterator[tuple[Definition | str | None, bool]]:
        """A class of the file, and what it is made from: each one, and whether it makes classes.

        A name stands for what the repository does not have, and none for what is not clear.
        """
        found = self._known(self._module)
        tree = found[1].own_class(ast.Name(owner, ast.Load())) if found else None
        start = Definition(tree, self._module, *found[1:]) if found and tree else None
        waiting: list[tuple[Definition | str | None, bool]] = [(start, False)]
        seen = set[int]()
        while waiting:
            made, makes = waiting.pop()
            yield made, makes
            if not isinstance(made, Definition) or not isinstance(made.tree, ast.ClassDef):
                continue
            seen.add(id(made.tree))
            heads = [(_bare(base), makes) for base in made.tree.bases]
            makers = (k.value for k in made.tree.keywords if not isinstance(k.value, ast.Constant))
            heads += [(maker, True) for maker in makers]
            for node, is_maker in heads:
                if isinstance(made.origins.builtin(node), type):
                    continue
                names = self._named(node, made[1:])
                for one in map(self.definition, names):
                    is_seen = isinstance(one, Definition) and id(one.tree) in seen
                    waiting += [] if is_seen else [(one, is_maker)]
                waiting += [] if len(names) == 1 else [(None, is_maker)]

    def inherited(self, owner: str, name: str) -> Method | None:
        """The method that a class of the file would have if its own body had none."""
        found = self._known(self._module)
        tree = found[1].own_class(ast.Name(owner, ast.Load())) if found else None
        if found is None or tree is None:
            return None
        return self._handed_down(tree, name, (), (self._module, *found[1:]))

    def _method(self, origin: str, name: str, seen: tuple[str, ...]) -> Method | None:
        found = self._class(origin)
        if found is None or origin in seen:
            return None
        owner, where = found
        known = self._known(where[0])
        sight = Sight(known[0] if known else None)
        has = partial(may_be_both, self._modules, other=owner.name)
        if owner.decorator_list or sight.lists_members(has) or sight.spells(name):
            return None
        if name not in bound_in(owner):
            return self._handed_down(owner, name, (*seen, origin), where)
        own = [n for n in owner.body if isinstance(n, FUNCTIONS) and n.name == name]
        bound = [n for n in ast.walk(owner) if binds(n, name) or _sets(n, name)]
        return Method(own[0], where[1]) if len(own) == len(bound) == 1 else None

    def _handed_down(
        self,
        owner: ast.ClassDef,
        name: str,
        seen: tuple[str, ...],
        where: Where,
    ) -> Method | None:
        origins = where[1]
        bases = [
            b
            for b in owner.bases
            if origins.builtin(b) is not object and not origins.is_one_of(b, _WITHOUT_MEMBERS)
        ]
        if not origins.is_plainly_made(owner):
            return None
        if len(bases) > 1:
            first = self._named(bases[0], where)
            found = self._class(min(first)) if len(first) == 1 else None
            others = [b for b in bases if not self._base_lacks(b, name, seen, where)]
            bases = bases[:1] if found and name in bound_in(found[0]) else others
        if len(bases) != 1:
            return None
        origin = self._named(bases[0], where)
        return self._method(min(origin), name, seen) if len(origin) == 1 else None

    def _lacks(self, origin: str, name: str, seen: tuple[str, ...]) -> bool:
        module, _, attribute = origin.rpartition(".")
        found = self._known(module)
        if found is None or origin in seen:
            return found is None and python_lacks(origin, name)
        tree, origins, is_package = found
        word = ast.Name(attribute, ast.Load())
        owner = origins.own_class(word)
        if owner is None:
            others = origins.of(word)
            return len(others) == 1 and self._lacks(
                self._absolute(min(others), module, is_package), name, (*seen, origin)
            )
        sight, has = Sight(tree), partial(may_be_both, self._modules, other=owner.name)
        finds = sight.finds(name, has, of_heirs=True)
        if sight.lists_members(has) or finds or name in bound_in(owner):
            return False
        if {"__getattr__", "__getattribute__"} & bound_in(owner):
            return False
        if not self._is_plainly_made(owner, (module, origins, is_package), name):
            return False
        return not owner.decorator_list and all(
            self._base_lacks(base, name, (*seen, origin), (module, origins, is_package))
            for base in owner.bases
        )

    def _base_lacks(self, base: ast.expr, name: str, seen: tuple[str, ...], where: Where) -> bool:
        plain = base.value if isinstance(base, ast.Subscript) else base
        if tuple_lacks(base, name, where[1]):
            return True
        builtin = where[1].builtin(plain)
        if isinstance(builtin, type) or where[1].is_one_of(plain, _WITHOUT_MEMBERS):
            return not hasattr(builtin or object, name) or name in OF_EVERY_OBJECT
        found = self._named(base, where)
        return len(found) == 1 and self._lacks(min(found), name, seen)

    def _is_plainly_made(self, owner: ast.ClassDef, where: Where, name: str) -> bool:
        """Whether what makes a class never comes upon a member."""
        makers = [k.value for k in owner.keywords if k.arg == "metaclass"]
        found = [self._class(origin) for maker in makers for origin in self._named(maker, where)]
        is_known = found and name and len(found) == len(owner.keywords)
        return where[1].is_plainly_made(owner) or bool(
            is_known and all(each and asks_for_others(each[0], each[1][1], name) for each in found)
        )

    def _class(self, origin: str) -> tuple[ast.ClassDef, Where] | None:
        found = self.definition(origin)
        if not isinstance(found, Definition) or not isinstance(found.tree, ast.ClassDef):
            return None
        return found.tree, found[1:]

    def _named(self, base: ast.expr, where: Where) -> set[str]:
        """What a base may be called in full; more than one name, or none, where it is not clear."""
        module, origins, is_package = where
        base = base.value if isinstance(base, ast.Subscript) else base
        if isinstance(base, ast.Name) and origins.own_class(base) is not None:
            return {f"{module}.{base.id}"}
        return {self._absolute(name, module, is_package) for name in origins.of(base)}


def _bare(base: ast.expr) -> ast.expr:
    """`Generic` of `Generic[T]`."""
    return base.value if isinstance(base, ast.Subscript) else base


def _sees_heirs(made: Definition) -> bool:
    is_plain = isinstance(made.tree, ast.ClassDef) and made.origins.is_plainly_made(made.tree)
    return not is_plain or "__init_subclass__" in bound_in(made.tree)


def _sets(node: ast.AST, name: str) -> bool:
    return (
        isinstance(node, ast.Attribute) and node.attr == name and not isinstance(node.ctx, ast.Load)
    )
