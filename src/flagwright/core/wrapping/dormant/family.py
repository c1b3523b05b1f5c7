"""Tell whether making a class, and those made from it, looks at none of their attributes.

A metaclass, a decorator, or a base that hears of what is made from it may read every one. What
the repository does not show counts as if it did.
"""

import ast
import re
from abc import ABCMeta
from collections.abc import Iterator
from functools import lru_cache, partial

from flagwright.core.wrapping.dormant.bases import Bases
from flagwright.core.wrapping.dormant.heads import below, heads, may_be_both
from flagwright.core.wrapping.dormant.ofpython import class_of_python
from flagwright.core.wrapping.dormant.sight import Sight
from flagwright.core.wrapping.dormant.state import Definition
from flagwright.core.wrapping.effect import FUNCTIONS

_QUIET = re.compile(r"(?:typing|typing_extensions)\.Generic|abc\.ABC|.*(?:Error|Exception)")
"""Bases of others that are known to leave the attributes alone."""
_KEEPING = ("append", "add", "setdefault", "insert")


def why_not_quiet(owner: str, name: str, bases: Bases) -> str | None:
    """Why the making of a class of the file, or of one made from it, may read an attribute.

    Args:
        name: The attribute.
        bases: One state of the repository.
    """
    seen: set[int] = set()
    for heir, state in _family(owner, bases):
        for made, makes in state.above(heir):
            if isinstance(made, Definition):
                if id(made.tree) in seen:
                    continue
                seen.add(id(made.tree))
            if because := _why_not(made, name, state, makes=makes):
                return f"{because}, which may look at all of `{heir}`"
    return None


def looks_for(owner: str, name: str, bases: Bases) -> bool:
    """Whether a class of another file, above one of this file, may put a name together.

    Args:
        owner: The class of this file.
        name: A member that it has.
        bases: One state of the repository.
    """
    has = partial(may_be_both, bases.modules, other=owner)
    above = (made for made, _ in bases.above(owner) if isinstance(made, Definition))
    modules = (bases.tree(module) for module in {made.module for made in above})
    return any(tree and _sight(tree).finds(name, has, of_heirs=True) for tree in modules)


def _family(owner: str, bases: Bases) -> Iterator[tuple[str, Bases]]:
    """A class of the file and all that are made from it, each with the file that it stands in."""
    yield owner, bases
    names = below(bases.modules, owner) - {owner}
    states = {bases.path: bases}
    for path, heir, _ in heads(bases.looking):
        if heir in names:
            if path not in states:
                states[path] = bases.seen_from(path)
            yield heir, states[path]


def _why_not(made: Definition | str | None, name: str, state: Bases, *, makes: bool) -> str | None:
    if makes and made != "abc.ABCMeta":
        return "something else makes one of its classes"
    if made is None:
        return "nobody can tell what a base is"
    if isinstance(made, str):
        is_quiet = makes or _QUIET.fullmatch(made) or _is_quiet_in_python(made, name)
        return None if is_quiet else f"it is made from `{made}`"
    tree = made.tree
    if not isinstance(tree, ast.ClassDef) or tree.decorator_list:
        return f"`{tree.name}` has a decorator"
    if any(getattr(base, "id", "") == "type" for base in tree.bases):
        return f"`{tree.name}` makes classes"
    methods = {m.name: m for m in tree.body if isinstance(m, FUNCTIONS)}
    if name in methods:
        return f"`{tree.name}` has a method `{name}`"
    hook = methods.get("__init_subclass__")
    if hook is not None and not _only_keeps(hook):
        return f"`{tree.name}` is told of what is made from it"
    module = state.tree(made.module)
    has = partial(may_be_both, state.modules, other=tree.name)
    if module is None or _sight(module).lists_members(has):
        return f"the file of `{tree.name}` lists members"
    return None


@lru_cache(maxsize=64)
def _sight(tree: ast.Module) -> Sight:
    return Sight(tree)


def _is_quiet_in_python(origin: str, name: str) -> bool:
    found = class_of_python(origin)
    if found is None or type(found) not in (type, ABCMeta):
        return False
    hears = any("__init_subclass__" in vars(c) for c in found.__mro__ if c is not object)
    return not hears and name not in getattr(found, "__abstractmethods__", ())


def _only_keeps(hook: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Whether what hears of new classes only asks them for what it names, and keeps them."""
    first = [a.arg for a in (*hook.args.posonlyargs, *hook.args.args)][:1]
    asked: set[int] = set()
    for node in ast.walk(hook):
        match node:
            case ast.Attribute(value=value) if not node.attr.startswith("__"):
                asked.add(id(value))
            case ast.Attribute(value=value, attr="__name__" | "__qualname__" | "__module__"):
                asked.add(id(value))
            case ast.Assign(targets=[ast.Subscript()], value=value):
                asked.add(id(value))
            case ast.Call(func=ast.Attribute(attr=word), args=args) if word in _KEEPING:
                asked.update(map(id, args))
            case ast.Call(func=ast.Name("issubclass"), args=args):
                asked.update(map(id, args))
            case _:
                pass
    uses = [n for n in ast.walk(hook) if isinstance(n, ast.Name) and [n.id] == first]
    return bool(first) and all(id(n) in asked for n in uses)
