"""Let two definitions of one private name stand in one file: the old one steps aside.

`def _total(a)` and `def _total(a, rate)` become `_total_off` and `_total`, and so do two
values of a constant. Every user in the old version is renamed before the merge, so that it
differs from the new version and asks for the flag itself, once a call. A function that asked
by itself would be wrong: the flag may be switched between the caller and it.
"""

import ast
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from flagwright.core.wrapping.binding import names_in
from flagwright.core.wrapping.dormant.bases import Bases
from flagwright.core.wrapping.effect import FUNCTIONS, Effects, last_name
from flagwright.core.wrapping.policy import WrappingPolicy
from flagwright.core.wrapping.reach import Definition, is_reached
from flagwright.core.wrapping.tree import nodes
from flagwright.core.wrapping.widen import can_widen

SUFFIX = "_off"


class Twin(NamedTuple):
    """A name with two definitions."""

    name: str
    owner: str
    """The class that it is a member of; empty for a name of the file."""
    alias: str
    """What the old definition is called."""
    is_called_otherwise: bool
    """Whether who calls one definition cannot call the other, which no base does, then."""


def twins(
    before: ast.Module,
    after: ast.Module,
    effects: Effects,
    policy: WrappingPolicy,
    elsewhere: Sequence[Bases],
) -> tuple[Twin, ...]:
    """Names whose old definition steps aside.

    Args:
        elsewhere: The other files of the repository, in each of its states. Where none is
            known, a private name is taken to be used in its own file alone.
    """
    old, new = (_definitions(tree) for tree in (before, after))
    wanted = [
        Twin(*key, _alias(*key, (before, after)), _is_called_otherwise(old[key], new[key], effects))
        for key in sorted(old.keys() & new.keys())
        if _is_internal(*key, (before, after), elsewhere)
        and effects.of(old[key]) != effects.of(new[key])
        and _needs_two(old[key], new[key], effects, policy.remembering_decorators)
    ]
    return tuple(
        twin
        for twin in wanted
        if not any(b.mention(twin.name, twin.owner, policy.is_test) for b in elsewhere)
        and not any(b.texts.asks_for(twin.name) for b in elsewhere if twin.owner)
        and is_reached(twin.name, twin.owner, before, old[twin[:2]])
        and is_reached(twin.name, twin.owner, after, new[twin[:2]])
        and twin.alias not in names_in(before) | names_in(after) | _attributes(before, after)
    )


def _needs_two(
    before: Definition, after: Definition, effects: Effects, cached: Collection[str]
) -> bool:
    """Whether two definitions of one name cannot be one.

    Args:
        cached: Decorators that remember results.
    """
    if isinstance(before, FUNCTIONS) and isinstance(after, FUNCTIONS):
        decorators = [[effects.of_local(d) for d in f.decorator_list] for f in (before, after)]
        if type(before) is not type(after) or decorators[0] != decorators[1]:
            return True
        if effects.header(before) != effects.header(after):
            return not can_widen(before, after, effects)
        remembers = any(last_name(d) in cached for d in after.decorator_list)
        return remembers and effects.of(before) != effects.of(after)
    if isinstance(before, FUNCTIONS) or isinstance(after, FUNCTIONS):
        return False
    values = (before.value, after.value)
    return None not in values and len({effects.of(v) for v in values if v}) > 1


def _alias(name: str, owner: str, trees: Iterable[ast.Module]) -> str:
    """What the old definition is called: as Python mangles it where bases may have any name."""
    classes = [n for tree in trees for n in nodes(tree) if isinstance(n, ast.ClassDef)]
    own = [node for node in classes if node.name == owner]
    bases = {last_name(base) for node in own for base in node.bases}
    heirs = any(owner in map(last_name, node.bases) for node in classes)
    holds_another = any(len(_classes(node)) > 1 for node in own)
    is_mangled = bases and not heirs and not holds_another and owner.strip("_")
    return f"_{name}{SUFFIX}" if is_mangled and not name.startswith("__") else name + SUFFIX


def _classes(node: ast.ClassDef) -> list[ast.AST]:
    return [n for n in ast.walk(node) if isinstance(n, ast.ClassDef)]


def _is_called_otherwise(before: Definition, after: Definition, effects: Effects) -> bool:
    if not isinstance(before, FUNCTIONS) or not isinstance(after, FUNCTIONS):
        return False
    old, new = (_counts(node) for node in (before, after))
    return effects.header(before) != effects.header(after) and (old[1] < new[0] or new[1] < old[0])


def _counts(method: ast.FunctionDef | ast.AsyncFunctionDef) -> tuple[float, float]:
    """How many values whoever calls a method has to give it, and how many it takes."""
    args = method.args
    is_static = any(last_name(decorator) == "staticmethod" for decorator in method.decorator_list)
    own = len([*args.posonlyargs, *args.args]) - (not is_static)
    least = own - len(args.defaults) + args.kw_defaults.count(None)
    most = own + len(args.kwonlyargs)
    return least, float("inf") if args.vararg or args.kwarg else most


def _definitions(tree: ast.Module) -> dict[tuple[str, str], Definition]:
    """Functions and plain values that are defined once, at the top or in a class there.

    Returns:
        Each by its name and that of its class.
    """
    found: dict[tuple[str, str], Definition] = {}
    counts: Counter[tuple[str, str]] = Counter()
    for owner, node in _defined(tree):
        match node:
            case (
                ast.FunctionDef(name=name)
                | ast.AsyncFunctionDef(name=name)
                | ast.Assign(targets=[ast.Name(id=name)])
                | ast.AnnAssign(target=ast.Name(id=name), value=ast.expr())
            ):
                counts[name, owner] += 1
                found[name, owner] = node
            case _:
                pass
    return {key: node for key, node in found.items() if counts[key] == 1}


def _defined(tree: ast.Module) -> Iterator[tuple[str, ast.stmt]]:
    for node in tree.body:
        yield "", node
        if isinstance(node, ast.ClassDef):
            yield from ((node.name, member) for member in node.body)


def _is_internal(
    name: str, owner: str, trees: Iterable[ast.Module], elsewhere: Sequence[Bases]
) -> bool:
    """Whether nobody outside has a right to a name, as PEP 8 says.

    It is private by its spelling; or, for a name of a file, by that of the file or a folder
    around it, or because `__all__` is there without it.
    """
    if name.startswith("__") and name.endswith("__"):
        return False
    if name.startswith("_"):
        return True
    if owner:
        return False
    parts = [part for bases in elsewhere for part in re.split(r"[/.]", bases.path)]
    if any(part.startswith("_") and not part.startswith("__") for part in parts):
        return True
    lists = [_listed(tree) for tree in trees]
    return all(names is not None and name not in names for names in lists)


@lru_cache(maxsize=4)
def _listed(tree: ast.Module) -> list[object] | None:
    """The names in `__all__`; none where there is no such plain list."""
    found = [
        node
        for node in nodes(tree)
        if isinstance(node, ast.Name) and node.id == "__all__" and type(node.ctx) is ast.Store
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
    return {n.attr for tree in trees for n in nodes(tree) if isinstance(n, ast.Attribute)}
