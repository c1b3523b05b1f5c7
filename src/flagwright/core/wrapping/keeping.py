"""Find what puts something where other code may find it: into a registry, or an attribute."""

import ast
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import NamedTuple

from flagwright.core.wrapping.effect import FUNCTIONS
from flagwright.core.wrapping.proof.filling import extended, fills, whole_names
from flagwright.core.wrapping.proof.running import bound_by, names_of, root_of
from flagwright.core.wrapping.tree import walk

_OF_CLASSES = {"cls", "mcs"}
_KEEPING = (ast.Call, ast.Assign, ast.AugAssign, ast.ClassDef, *FUNCTIONS)


class Keeping(NamedTuple):
    """A node by which something is put somewhere."""

    node: ast.AST
    into: ast.expr | None
    """What is filled; none where that is up to what is called."""
    callee: ast.expr | None
    """What is called, is a decorator, or is what a class is made from."""
    values: tuple[ast.expr, ...]
    """What is put there; empty for the definition of that name."""
    carried: frozenset[str]
    """Names in these, and in what their locals are."""
    kept: frozenset[str]
    """Names of the file in which the callee, if it is of the file, puts it."""

    locals: tuple[ast.expr, ...] = ()
    """What their locals are given."""
    itself: str = ""
    """The class of which an object puts itself there."""

    @property
    def nodes(self) -> list[ast.AST]:
        """What is put there, with all in it."""
        return [part for value in (*self.values, *self.locals) for part in walk(value)]

    def own(self) -> set[str]:
        """Names of the file that are filled."""
        return {*self.kept, *([self.into.id] if isinstance(self.into, ast.Name) else [])}


def keepings(
    tree: ast.Module,
    imported: Collection[str],
    known: Collection[str],
    places: Callable[[ast.expr], set[str]],
) -> Iterator[Keeping]:
    """All of a file.

    Args:
        imported: Names that the file imports, or makes by what it imports.
        known: All names of the file.
        places: Names of the file into which a function of it puts what it is given.
    """
    for top in tree.body:
        inner = walk(top)
        keeping = [node for node in inner if isinstance(node, _KEEPING)]
        is_local = isinstance(top, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        local = _locals(inner) if is_local and keeping else {}
        for node in keeping:
            for into, callee, values in _parts(node):
                kept = places(callee) if callee else set[str]()
                is_far = callee is not None and root_of(callee) in imported
                is_far |= into is not None and root_of(into) in known
                if not kept and not is_far:
                    continue
                given = _given(values, local)
                whole = set[str]().union(*map(whole_names, (*values, *given)))
                names = set[str]().union(*map(names_of, (*values, *given)))
                names |= set() if values else {getattr(node, "name", "")}
                owner = getattr(top, "name", "") if isinstance(top, ast.ClassDef) else ""
                names |= {owner} if owner and (whole & _OF_CLASSES or not values) else set()
                both = frozenset(names), frozenset(kept)
                itself = owner if "self" in whole else ""
                yield Keeping(node, into, callee, values, *both, given, itself)


def _given(
    values: tuple[ast.expr, ...], local: Mapping[str, list[ast.expr]]
) -> tuple[ast.expr, ...]:
    """What the locals that are put there are given by a name or a call."""
    names = {value.id for value in values if isinstance(value, ast.Name)}
    given = (value for name in sorted(names) for value in local.get(name, ()))
    return tuple(value for value in given if isinstance(value, ast.Name | ast.Call))


def _parts(
    node: ast.AST,
) -> Iterator[tuple[ast.expr | None, ast.expr | None, tuple[ast.expr, ...]]]:
    for into, value in fills(node):
        yield into, None, (value,)
    match node:
        case ast.Call(func=func, args=args, keywords=keywords) if args or keywords:
            yield None, func, (*args, *(keyword.value for keyword in keywords))
        case ast.ClassDef(name=name, bases=bases, keywords=keywords):
            yield None, ast.Name(name, ast.Load()), ()
            for head in (*bases, *(keyword.value for keyword in keywords)):
                yield None, head, ()
        case _:
            pass
    for decorator in getattr(node, "decorator_list", ()):
        yield None, decorator, ()
        if registry := extended(decorator):
            yield registry, None, ()


def _locals(inner: list[ast.AST]) -> dict[str, list[ast.expr]]:
    """What each name of a definition is given."""
    found: dict[str, list[ast.expr]] = {}
    for node in inner:
        for name, value in bound_by(node):
            found.setdefault(name, []).append(value)
    return found
