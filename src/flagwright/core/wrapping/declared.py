"""Tell whether anybody may notice how a function is declared, other than by a call.

A framework that reads the defaults of a function would find the one that stands for "left
out", and a caller that hands on `...` would be taken for one that leaves a parameter out.
"""

import ast
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cached_property, partial

from flagwright.core.wrapping.agreed import Called, Version, changed, is_probed, telling
from flagwright.core.wrapping.dormant.bases import Bases
from flagwright.core.wrapping.dormant.calling import only_calls
from flagwright.core.wrapping.dormant.heads import above, below
from flagwright.core.wrapping.dormant.named import stem_of
from flagwright.core.wrapping.dormant.origin import Origins
from flagwright.core.wrapping.effect import FUNCTIONS, Effects, Function, last_name, names_met
from flagwright.core.wrapping.handed import aliases, imported, is_given, is_handed_on, is_held
from flagwright.core.wrapping.inspecting import Looking, looks
from flagwright.core.wrapping.lasting import literal_of
from flagwright.core.wrapping.policy import WrappingPolicy
from flagwright.core.wrapping.telling import Telling
from flagwright.core.wrapping.threedots import file_with_dots, hands_on_dots, tree_of
from flagwright.core.wrapping.through import is_called_through
from flagwright.core.wrapping.tree import nodes

_ONLY_MARKS = ("final", "runtime_checkable", "total_ordering")
"""Decorators of classes that look at no method of theirs."""
_CHECKS_ALL = re.compile(
    rb"\bbeartype\.claw\b|\bbeartype_(?:this_)?packages?\b|\binstall_import_hook\b|\bmypycify\b"
)
"""What holds every function of a package to its annotations, defaults included."""
_CALLED_AS_GIVEN = ("__init__", "__new__", "__call__")
"""Special methods that get what a caller gave, and nothing from Python itself."""


@dataclass(frozen=True)
class Declared:
    """The functions of one file, in both versions, and who may look at them."""

    trees: tuple[ast.Module, ast.Module]
    effects: Effects
    policy: WrappingPolicy
    states: Sequence[Bases]
    """The repository, in each of its states; the file alone where none is known."""

    def reader_of(
        self, function: Function, *, has_dots: bool, is_exact: bool = False
    ) -> str | None:
        """Who may look at how a function of the new version is declared; none where nobody can.

        Args:
            function: Stands at the top of the file, or in a class there.
            has_dots: Whether `...` stands for what is left out; else it may only be left out.
            is_exact: Whether it takes the calls that it took, and no others.
        """
        name, owner = function.name, self._owner(function)
        if not self.effects.are_types_idle(function) or not self.is_called(function):
            return "what decorates it, or reads annotations in this file, may look at it"
        is_known = all(bases.path in bases.looking for bases in self.states)
        if not is_known and any(map(looks, self.trees)):
            return "this file looks at how functions are declared"
        is_special = name.startswith("__") and name.endswith("__")
        if is_special and name not in _CALLED_AS_GIVEN and not is_exact:
            return "Python itself calls it"
        if any(fnmatchcase(name, pattern) for pattern in self.policy.looked_up):
            return "others look for it by its name"
        word = owner.name if owner and name in _CALLED_AS_GIVEN else name
        on = partial(is_handed_on, name, is_member=owner is not None)
        if word == name and any(map(on, self.trees)):
            return "it is handed on as a value, and whoever gets it may look at it"
        if has_dots and any(map(hands_on_dots, self.trees)):
            return "this file hands on `...`, which stands for a parameter that is left out"
        if owner and (because := self._made_otherwise(name, owner)):
            return because
        called = name == "__call__"
        found = (self._reader_in(b, word, owner, is_called=called) for b in self.states)
        because = next(filter(None, found), None)
        return because or (next(filter(None, self._dots), None) if has_dots else None)

    def telling(self, old: Function, new: Function, first: int) -> Telling | None:
        """How the calls that the change touches are told from one another; none if they are not.

        Args:
            first: How many parameters at the beginning are required by both versions.
        """
        owner = self._owner(new)
        after, before = self.states
        files = [self.trees, *changed(before.looking, after.looking, but=after.path)]
        classes = {owner.name, *below(after.modules, owner.name)} if owner else set()
        is_static = "staticmethod" in map(last_name, new.decorator_list)
        name = owner.name if owner else ""
        kin = frozenset(above(after.modules, *classes) if classes else ())
        called = Called(new.name, frozenset(classes), kin, name, is_static)
        found = telling(called, old, new, files, first)
        if is_called_through(new.name, (before.looking, after.looking), files):
            return None
        probed = (is_probed(called, old, new, version) for version in self._catching(called))
        return None if found and any(found) and any(probed) else found

    def _catching(self, called: Called) -> Iterator[Version]:
        """Files that catch errors, and have a word for a function."""
        words = _words({called.name, *called.classes})
        yield from (Version(self.trees[at], self.trees[1 - at], bool(at)) for at in (0, 1))
        for bases, others in zip(self.states, reversed(self.states), strict=True):
            for path, text in bases.looking.items():
                if path != bases.path and b"except" in text and words.search(text):
                    other = others.looking.get(path, b"")
                    is_other = None if other == text else tree_of(other)
                    yield Version(tree_of(text), is_other, bases is self.states[0])

    def has_literal(self, tree: ast.Module, name: str, constant: str) -> bool:
        """Whether a name is a file of the repository with one plain constant, as it was.

        Nobody gets hold of that file as a whole, who might set what it has by any name.
        """
        origins = Origins(tree).of(ast.Name(name, ast.Load()))
        found = {literal_of(b.module(o), constant) for b in self.states for o in origins}
        if len(origins) != 1 or len(found) != 1 or None in found:
            return False
        word = min(origins).rpartition(".")[2]
        texts = {text for bases in self.states for text in bases.looking.values()}
        return not any(word.encode() in text and is_held(word, tree_of(text)) for text in texts)

    def is_called(self, function: Function) -> bool:
        """Whether each decorator of a function does nothing with it but call it."""
        return all(
            self.effects.is_plain_decorator(decorator, function) or self._only_calls(decorator)
            for decorator in function.decorator_list
        )

    def _only_calls(self, decorator: ast.expr, but: Collection[str] = ()) -> bool:
        """Whether the team knows that of a decorator, or its code is there and shows it.

        Args:
            but: Members of a class that it may not ask for.
        """
        is_made = isinstance(decorator, ast.Call)
        named = decorator.func if isinstance(decorator, ast.Call) else decorator
        origins = Origins(self.trees[-1])
        if origins.is_one_of(named, self.policy.calling_decorators):
            return True
        if own := origins.own_function(named):
            return only_calls(own, origins, is_made=is_made, but=but)
        found = [b.function(origin) for b in self.states for origin in origins.of(named)]
        return bool(found) and all(f and only_calls(*f, is_made=is_made, but=but) for f in found)

    @cached_property
    def _looking(self) -> dict[tuple[Bases, bool], Looking]:
        """The files of each state that look at how something is declared, a maker or not."""
        shows = self.policy.only_shows
        return {
            (bases, makes): Looking(
                {path: text for path, text in bases.looking.items() if not shows(path)}, makes=makes
            )
            for bases in self.states
            for makes in (False, True)
        }

    def _owner(self, function: Function) -> ast.ClassDef | None:
        classes = (n for n in nodes(self.trees[-1]) if isinstance(n, ast.ClassDef))
        place = function.lineno, function.name
        for owner in classes:
            for member in owner.body:
                if isinstance(member, FUNCTIONS) and (member.lineno, member.name) == place:
                    return owner
        return None

    def _made_otherwise(self, name: str, owner: ast.ClassDef) -> str | None:
        """Who makes a class, or is a base of it, of which it is not known what it looks at."""
        origins, known = Origins(self.trees[-1]), self.policy.calling_decorators
        is_marked = all(
            last_name(decorator) in _ONLY_MARKS
            or origins.is_one_of(getattr(decorator, "func", decorator), known)
            or self._only_calls(decorator, (name,))
            for decorator in owner.decorator_list
        )
        if not is_marked:
            return f"what makes `{owner.name}` may look at it"
        if not owner.bases and not owner.keywords:
            return None
        for bases in self.states:
            strangers = bases.strangers(owner.name, name)
            for origin in strangers or ():
                names = self.policy.looked_up_by(origin)
                if names is None:
                    names = () if _is_its_own(name) else ("*",)
                if any(fnmatchcase(name, pattern) for pattern in names):
                    return f"`{origin}`, which `{owner.name}` inherits from, may look at it"
            if strangers is None:
                return f"a base of `{owner.name}`, or what makes it, may look at it"
        return None

    def _reader_in(
        self, bases: Bases, name: str, owner: ast.ClassDef | None, *, is_called: bool
    ) -> str | None:
        """Another file that looks at how something is declared, and may mean this.

        Args:
            name: That of the class for what makes an object of it, or is called with one.
            is_called: Whether it is called with an object of its class, by `__call__`.
        """
        others = {path: text for path, text in bases.looking.items() if path != bases.path}
        family = below(bases.modules, owner.name) if owner else {stem_of(bases.path)}
        kin = {*family, *above(bases.modules, owner.name)} if owner else ()
        is_class = owner is not None and owner.name == name
        looking = self._looking[bases, is_class]
        names = {name, *family, *(_CALLED_AS_GIVEN if is_class else ())}
        if finder := looking.finder(names, kin):
            return f"{finder} looks at how whatever it finds is declared"
        near, own = _words(family | (_bases_of(owner) if owner else set())), _words([name])
        readers = _words(self.policy.annotation_readers)
        given = partial(is_given, family, is_called=is_called)
        if owner and looking.paths and any(map(given, self.trees)):
            return f"{looking.paths[0]} looks at how functions are declared, and may get it"
        for path, text in others.items():
            is_near, has_it = near.search(text) is not None, own.search(text) is not None
            is_read = bool(looking.paths) or readers.search(text) is not None
            tree = tree_of(text) if has_it or (is_read and is_near) else None
            if tree is None:
                continue
            is_read = bool(looking.paths) or (is_read and self._reads(tree))
            known = None if owner else imported(tree)
            words, more = {name, *aliases(tree, {name})}, {*family, *aliases(tree, family)}
            handed = has_it and (is_read or owner is None) and not is_class
            on = partial(is_handed_on, tree=tree, known=known, is_member=owner is not None)
            if (handed and any(map(on, words))) or (
                is_read and is_given(more, tree, known, is_called=is_called)
            ):
                return f"{path} hands it on as a value, and whoever gets it may look at it"
        return None

    def _reads(self, tree: ast.Module) -> bool:
        """Whether a file that has the word for a reader of annotations means one by it."""
        return not {"*", *self.policy.annotation_readers}.isdisjoint(names_met(tree))

    @cached_property
    def _dots(self) -> list[str | None]:
        """Another file of each state that hands on `...`, or has it checked."""
        return [self._meets_dots(bases) for bases in self.states]

    def _meets_dots(self, bases: Bases) -> str | None:
        """Another file that hands on `...`, or has it checked."""
        others = {path: text for path, text in bases.looking.items() if path != bases.path}
        for path, text in others.items():
            if _CHECKS_ALL.search(text):
                return f"{path} lets every value be checked, and `...` is none of them"
        if source := file_with_dots(others, bases.looking.values()):
            return f"{source} hands on `...`, which stands for a parameter that is left out"
        return None


def _is_its_own(name: str) -> bool:
    """Whether a method is that of its class, which a base from elsewhere does not look for."""
    return name.startswith("_") and not name.endswith("__")


def _words(words: Iterable[str]) -> re.Pattern[bytes]:
    return re.compile(rb"\b(?:" + "|".join(map(re.escape, sorted(words))).encode() + rb")\b")


def _bases_of(owner: ast.ClassDef) -> set[str]:
    return {name for base in owner.bases if (name := last_name(base))}
