"""Let two definitions of one private name stand in one file: the old one steps aside.

`def _total(a)` and `def _total(a, rate)` become `_total_off` and `_total`, and so do two
values of a constant. Every user in the old version is renamed before the merge, so that it
differs from the new version and asks for the flag itself, once a call. A function that asked
by itself would be wrong: the flag may be switched between the caller and it.

A public constant keeps its old value under its name, for whoever reads it from outside of the
repository, and it is the new one that steps aside, as `RATE_on`.
"""

import ast
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import lru_cache, partial
from typing import NamedTuple

from flagwright.core.wrapping.binding import mangled, names_in
from flagwright.core.wrapping.dormant.bases import Bases
from flagwright.core.wrapping.effect import FUNCTIONS, Effects, annotations_of, last_name
from flagwright.core.wrapping.frame import own_nodes
from flagwright.core.wrapping.never_run import is_aside
from flagwright.core.wrapping.policy import WrappingPolicy
from flagwright.core.wrapping.reach import Definition, beside, is_reached
from flagwright.core.wrapping.readers import is_in_words, may_be_read, may_be_told, may_read_itself
from flagwright.core.wrapping.titles import is_title_read
from flagwright.core.wrapping.tree import nodes, of_kind
from flagwright.core.wrapping.widen import can_widen

SUFFIX = "_off"
OF_THE_NEW = "_on"


class Twin(NamedTuple):
    """A name with two definitions."""

    name: str
    owner: str
    """The class that it is a member of; empty for a name of the file."""
    is_public: bool = False
    """Whether others may read it, so that the old definition keeps the name."""

    @property
    def alias(self) -> str:
        """What the definition is called that steps aside: the old one, of a public name the new."""
        return self.name + (OF_THE_NEW if self.is_public else SUFFIX)


def twins(
    before: ast.Module,
    after: ast.Module,
    effects: Effects,
    policy: WrappingPolicy,
    elsewhere: Sequence[Bases],
    shared: Collection[str] = (),
) -> tuple[Twin, ...]:
    """Names whose old definition steps aside.

    Args:
        elsewhere: The other files of the repository, in each of its states. Where none is
            known, a private name is taken to be used in its own file alone.
        shared: Names of which every other file that has one is known, and asks for itself.
    """
    found = doubtful(before, after, effects, policy, elsewhere)
    if not found:
        return ()
    unread = {part for tree in (before, after) for part in _unread(tree, effects)}
    reached = tuple(
        twin
        for twin, (old, new) in found.items()
        if (twin.name in shared or not any(_is_elsewhere(twin, b, policy) for b in elsewhere))
        and not any(b.texts.asks_for(twin.name) for b in elsewhere if twin.owner)
        and not (
            isinstance(old, FUNCTIONS)
            and any(
                is_title_read(twin.name, tree, elsewhere, policy.running_calls)
                for tree in (before, after)
            )
        )
        and all(
            is_reached(
                twin.name,
                twin.owner,
                tree,
                node,
                is_used=twin.name in shared,
                unread=frozenset() if twin.is_public else unread,
            )
            for tree, node in ((before, old), (after, new))
        )
        and twin.alias not in names_in(before) | names_in(after) | _attributes(before, after)
        and not any(_spells_out(tree, twin) for tree in (before, after))
    )
    while alone := [twin for twin in reached if not _is_whole(twin, reached, (before, after))]:
        reached = tuple(twin for twin in reached if twin not in alone)
    return reached


def _spells_out(tree: ast.Module, twin: Twin) -> bool:
    """Whether a file has what Python makes of a private member: `_Box__size`, or a part of it."""
    word = mangled(twin.owner, twin.name)
    if word == twin.name:
        return False
    texts = [node.value for node in of_kind(tree, ast.Constant) if isinstance(node.value, str)]
    return any(twin.name in text for text in texts) or word in names_in(tree) | _attributes(tree)


def _is_whole(twin: Twin, twins: Collection[Twin], trees: Iterable[ast.Module]) -> bool:
    """Whether other classes of the file with a method of this name have two of it as well."""
    others = (other.name for tree in trees for other in beside(twin.name, twin.owner, tree))
    return all(Twin(twin.name, other) in twins for other in others)


def _unread(tree: ast.Module, effects: Effects) -> Iterator[int]:
    """Parts of annotations, by identity, that nothing is known to read."""
    for function in (n for n in nodes(tree) if isinstance(n, FUNCTIONS)):
        found = [n.annotation for n in own_nodes(function) if isinstance(n, ast.AnnAssign)]
        if effects.is_plain(function):
            found += annotations_of(function)
        yield from (id(part) for annotation in found for part in ast.walk(annotation))


def doubtful(
    before: ast.Module,
    after: ast.Module,
    effects: Effects,
    policy: WrappingPolicy,
    elsewhere: Sequence[Bases],
) -> dict[Twin, tuple[Definition, Definition]]:
    """Internal names of which two definitions cannot be one, and these."""
    old, new = (_definitions(tree) for tree in (before, after))
    internal = {
        twin: (old[found], new[found])
        for found in sorted(old.keys() & new.keys())
        if (twin := _known(found, (before, after), (old[found], new[found]), policy, elsewhere))
    }
    found = {
        twin: (one, other)
        for twin, (one, other) in internal.items()
        if effects.of(one) != effects.of(other)
        and _needs_two(one, other, effects, policy.remembering_decorators)
    }
    while more := [twin for twin in internal.keys() - found if _is_made_of(internal[twin], found)]:
        found |= {twin: internal[twin] for twin in more}
    return {twin: found[twin] for twin in sorted(found)}


def _is_made_of(sides: Iterable[Definition], doubled: Iterable[Twin]) -> bool:
    """Whether a constant is made of others of the file that are two: `_WORDS = compile(_WORD)`."""
    names = {twin.name for twin in doubled if not twin.owner}
    return all(
        not isinstance(side, FUNCTIONS)
        and any(isinstance(n, ast.Name) and n.id in names for n in ast.walk(side.value or side))
        for side in sides
    )


def _needs_two(
    before: Definition, after: Definition, effects: Effects, cached: Collection[str]
) -> bool:
    """Whether two definitions of one name cannot be one.

    Args:
        cached: Decorators that remember results.
    """
    if isinstance(before, FUNCTIONS) and isinstance(after, FUNCTIONS):
        is_other = effects.decorators(before) != effects.decorators(after)
        if type(before) is not type(after) or is_other:
            return True
        if any(last_name(d) in cached for d in after.decorator_list):
            return bool(effects.of(before) != effects.of(after))
        is_other = effects.header(before) != effects.header(after)
        return is_other and not can_widen(before, after, effects)
    if isinstance(before, FUNCTIONS) or isinstance(after, FUNCTIONS):
        return False
    values = (before.value, after.value)
    return None not in values and len({effects.of(v) for v in values if v}) > 1


def _definitions(tree: ast.Module) -> dict[Twin, Definition]:
    """Functions and plain values that are defined once, at the top or in a class there."""
    found: dict[Twin, Definition] = {}
    counts: Counter[Twin] = Counter()
    for owner, node in _defined(tree):
        match node:
            case (
                ast.FunctionDef(name=name)
                | ast.AsyncFunctionDef(name=name)
                | ast.Assign(targets=[ast.Name(id=name)])
                | ast.AnnAssign(target=ast.Name(id=name), value=ast.expr())
            ):
                twin = Twin(name, owner)
                counts[twin] += 1
                found[twin] = node
            case _:
                pass
    return {twin: node for twin, node in found.items() if counts[twin] == 1}


def _defined(tree: ast.Module) -> Iterator[tuple[str, ast.stmt]]:
    for node in tree.body:
        yield "", node
        if isinstance(node, ast.ClassDef):
            yield from ((node.name, member) for member in node.body)


def _known(
    twin: Twin,
    trees: Iterable[ast.Module],
    sides: Iterable[Definition],
    policy: WrappingPolicy,
    elsewhere: Sequence[Bases],
) -> Twin | None:
    """A name that may be two: an internal one, or a public constant of a known repository."""
    if _is_internal(twin, trees, policy, elsewhere):
        return twin
    is_constant = not twin.owner and not any(isinstance(side, FUNCTIONS) for side in sides)
    is_special = twin.name.startswith("__") or twin.name.endswith((SUFFIX, OF_THE_NEW))
    may_stay = policy.keeps_public_values and is_constant and not is_special and elsewhere
    if not may_stay or any(may_read_itself(t) or is_in_words(twin.name, t) for t in trees):
        return None
    return twin._replace(is_public=True)


def _is_elsewhere(twin: Twin, bases: Bases, policy: WrappingPolicy) -> bool:
    """Whether another file may have a name; for a public one that is any file, tests as well."""
    if not twin.is_public and bases.mention(twin.name, twin.owner) is None:
        return False
    where = twin.name, bases.path, bases.modules
    alias = twin.alias if twin.is_public else ""
    aside = partial(is_aside, modules=bases.modules, policy=policy)
    is_read = bool(twin.owner) or may_be_read(*where, alias=alias, is_aside=aside)
    return is_read or may_be_told(*where)


def _is_internal(
    twin: Twin,
    trees: Iterable[ast.Module],
    policy: WrappingPolicy,
    elsewhere: Sequence[Bases],
) -> bool:
    """Whether nobody outside has a right to a name, as PEP 8 says, or the team.

    It is private by its spelling; or, for a name of a file, by that of the file or a folder
    around it, or because `__all__` is there without it.
    """
    if twin.name.startswith("__") and twin.name.endswith("__"):
        return False
    if twin.name.startswith("_"):
        return True
    if twin.owner:
        return False
    if elsewhere and all(policy.is_internal(bases.path, bases.modules) for bases in elsewhere):
        return True
    parts = [part for bases in elsewhere for part in re.split(r"[/.]", bases.path)]
    if any(part.startswith("_") and not part.startswith("__") for part in parts):
        return True
    lists = [_listed(tree) for tree in trees]
    return all(names is not None and twin.name not in names for names in lists)


@lru_cache(maxsize=4)
def _listed(tree: ast.Module) -> list[object] | None:
    """The names in `__all__`; none where there is no such plain list."""
    found = [
        node
        for node in of_kind(tree, ast.Name)
        if node.id == "__all__" and type(node.ctx) is ast.Store
    ]
    for node in tree.body:
        match node:
            case ast.Assign(
                targets=[ast.Name(id="__all__")],
                value=ast.List(elts=parts) | ast.Tuple(elts=parts),
            ) if len(found) == 1 and all(isinstance(part, ast.Constant) for part in parts):
                return [part.value for part in parts if isinstance(part, ast.Constant)]
            case _:
                pass
    return None


def _attributes(*trees: ast.Module) -> set[str]:
    return {node.attr for tree in trees for node in of_kind(tree, ast.Attribute)}
