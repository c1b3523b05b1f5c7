"""Tell whether the calls that a change touches mean the same to two signatures.

The flag may be switched between a caller and the function, and a caller that was told to hand
over what the new version wants must not meet the old one, so a call that only one version takes
has to say so by itself. A call that is the same on both sides is that of its author.
"""

import ast
import builtins
from collections.abc import Collection, Iterable, Iterator, Mapping
from inspect import Parameter, Signature
from typing import NamedTuple

from flagwright.core.wrapping.effect import FUNCTIONS, Function, last_name
from flagwright.core.wrapping.telling import OneSided, Telling, told
from flagwright.core.wrapping.threedots import tree_of
from flagwright.core.wrapping.tree import nodes

_MAKES = ("__init__", "__new__")
_MAKERS = ("cls", "type", "__class__", "super")
"""What stands for a class, or an object of it, that is not named."""


class Called(NamedTuple):
    """A function, and how it may be called."""

    name: str
    classes: frozenset[str]
    """The class that it is a method of, with its heirs; empty for a function of a file."""
    kin: frozenset[str]
    """Those classes, and whatever any of them inherits from."""
    owner: str
    """That class."""
    is_static: bool
    """Whether it gets no object of its class."""


def telling(
    called: Called,
    old: Function,
    new: Function,
    files: Iterable[tuple[ast.Module, ast.Module]],
    first: int,
) -> Telling | None:
    """How the calls that are of one version of their file alone can be told from one another.

    One of both versions of a file may be one that ships without a flag: both have to take what
    it calls, or only the new one. What neither takes is a call of something else.

    Args:
        files: Both versions of each file that changes, its own first.
        first: How many parameters at the beginning are required by both versions.

    Returns:
        Nothing to tell where each of them means the same to both; none where one cannot be told.
    """
    if _taken(old.args) == _taken(new.args):
        return Telling()
    if called.name == "__call__":
        return None
    found: list[OneSided] = []
    for at, (before, after) in enumerate(files):
        calls = [[*_calls(tree, called, is_own=at == 0)] for tree in (before, after)]
        texts = [{ast.dump(call) for call in side} for side in calls]
        for call in (*calls[0], *calls[1]):
            sides = [ast.dump(call) in side for side in texts]
            is_certain = _is_certain(call, called)
            if all(sides) and not is_certain:
                continue
            if _is_same(call, called, old, new, is_of_both=all(sides)):
                continue
            taken = _takers(call, called, old, new)
            if not taken or taken == [True, True]:
                return None
            is_new, is_its_own = taken[1], any(taken) and sides[int(taken[1])]
            if is_its_own and (is_new or not all(sides)):
                found.append(OneSided(call, is_new=is_new, given=_skips(call, called)))
            elif is_certain:
                return None
    return told(found, old.args, new.args, first)


class Version(NamedTuple):
    """One version of a file."""

    tree: ast.Module
    other: ast.Module | None
    """The other version, where the file changes."""
    is_new: bool


def is_probed(called: Called, old: Function, new: Function, version: Version) -> bool:
    """Whether a file finds out by an error which calls a function takes.

    A call that only one version of the file has meets the same version of the function, and
    finds nothing out where that takes it.
    """
    tree, other, is_new = version
    tries = [(n, kinds) for n in nodes(tree) if isinstance(n, ast.Try) and (kinds := _caught(n))]
    inside = {id(part): kinds for n, kinds in tries for line in n.body for part in ast.walk(line)}
    both = {ast.dump(n) for n in nodes(other) if isinstance(n, ast.Call)} if other else set[str]()
    known = ([True, True], [False, False])
    for call in _calls(tree, called, is_own=False) if tries else ():
        kinds = inside.get(id(call), set())
        if "TypeError" in kinds or (kinds and _is_certain(call, called)):
            taken = _takers(call, called, old, new)
            is_alone = other is not None and ast.dump(call) not in both
            if taken not in known and not (is_alone and taken and taken[is_new]):
                return True
    return False


def _caught(node: ast.Try) -> set[str]:
    """The kinds of errors that a block catches, if that of a call that is not taken is one."""
    types = [handler.type for handler in node.handlers]
    kinds = [kind for type_ in types for kind in (getattr(type_, "elts", None) or [type_])]
    names = {"BaseException" if kind is None else last_name(kind) or "" for kind in kinds}
    return names & {"TypeError", "Exception", "BaseException"}


def _takers(call: ast.Call, called: Called, old: Function, new: Function) -> list[bool]:
    """Which versions take a call; nothing where it cannot be read."""
    starred = any(isinstance(a, ast.Starred) for a in call.args)
    if starred or any(not k.arg for k in call.keywords) or _hands_on(call, called):
        return []
    own = _skips(call, called)
    found = {
        skips: [_given(_signature(v.args, skips), call) is not None for v in (old, new)]
        for skips in (own, int(bool(called.classes)) - own)
    }
    return found[own] if any(found[own]) or not any(map(any, found.values())) else []


def _skips(call: ast.Call, called: Called) -> int:
    """How many parameters a call does not name: the object of a method."""
    return int(bool(called.classes) and not called.is_static and not _is_full(call, called))


def _taken(own: ast.arguments) -> list[object]:
    """What tells how a function may be called: no caller knows what `*args` is called in it."""
    by_name = [*own.args, *own.kwonlyargs]
    values = [ast.dump(value) if value else "" for value in (*own.defaults, *own.kw_defaults)]
    stars = [star is None for star in (own.vararg, own.kwarg)]
    return [len(own.posonlyargs), len(own.args), [a.arg for a in by_name], values, stars]


def _is_certain(call: ast.Call, called: Called) -> bool:
    """Whether a call that can be read is one of this function, and not of another of its name."""
    if any(isinstance(a, ast.Starred) for a in call.args) or any(not k.arg for k in call.keywords):
        return False
    match call.func:
        case ast.Name(id=name):
            return name == called.name or name in called.classes
        case ast.Attribute(value=ast.Name(id=held), attr=name):
            return name == called.name and (held in ("self", "cls") or held in called.classes)
        case _:
            return False


def changed(
    before: Mapping[str, bytes], after: Mapping[str, bytes], *, but: str
) -> Iterator[tuple[ast.Module, ast.Module]]:
    """Both versions of every file that a change touches; a file that is not there is empty."""
    for path in sorted({*before, *after} - {but}):
        texts = before.get(path, b""), after.get(path, b"")
        if texts[0] != texts[1]:
            yield tree_of(texts[0]), tree_of(texts[1])


def _calls(tree: ast.Module, called: Called, *, is_own: bool) -> Iterator[ast.Call]:
    """What may be calls of a function, or hand it on to be called."""
    upwards = {id(call) for call in _upwards(tree, called, is_own=is_own)}
    makes = called.name in _MAKES and called.classes
    names = {called.name, *(called.classes if makes else ()), *(_MAKERS if makes else ())}
    names |= {alias for node in nodes(tree) for alias in _aliases(node, called.name)}
    known = _definitions(tree) if makes else frozenset()
    for node in nodes(tree):
        if isinstance(node, ast.Call) and id(node) not in upwards:
            is_unknown = makes and not isinstance(node.func, ast.Name | ast.Attribute)
            is_local = makes and isinstance(node.func, ast.Name) and node.func.id not in known
            if last_name(node.func) in names or _hands_on(node, called) or is_unknown or is_local:
                yield node


def _upwards(tree: ast.Module, called: Called, *, is_own: bool) -> Iterator[ast.Call]:
    """Calls in a class of `super()`, and of a method of it: never one of the class itself.

    Nor one of a class that no object of this one is of.
    """
    classes = [n for n in nodes(tree) if isinstance(n, ast.ClassDef)]
    strangers = [n for n in classes if called.kin.isdisjoint(_classes_in(n))] if called.kin else []
    own = (n for n in classes if is_own and n.name == called.owner)
    for found, node in ((n, part) for n in (*own, *strangers) for part in ast.walk(n)):
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Call(func=ast.Name("super")) as up)):
                if not up.args or last_name(up.args[0]) == found.name:
                    yield from (node, up)
            case _:
                pass


def _classes_in(owner: ast.ClassDef) -> set[str]:
    return {node.name for node in ast.walk(owner) if isinstance(node, ast.ClassDef)}


def _hands_on(call: ast.Call, called: Called) -> bool:
    """Whether somebody else is given a function to call, with whatever arguments."""
    given = (*call.args, *(keyword.value for keyword in call.keywords))
    return called.name in {last_name(value) for value in given}


def _aliases(node: ast.AST, name: str) -> Iterator[str]:
    """Locals that are made of a function: `render = self.render`."""
    if isinstance(node, ast.Assign) and last_name(node.value) == name:
        yield from (t.id for t in node.targets if isinstance(t, ast.Name))


def _definitions(tree: ast.Module) -> frozenset[str]:
    """Names that a file imports or defines, and those of Python."""
    own = {n.name for n in nodes(tree) if isinstance(n, (*FUNCTIONS, ast.ClassDef))}
    lines = (n for n in nodes(tree) if isinstance(n, ast.Import | ast.ImportFrom))
    return frozenset({*own, *dir(builtins)} | {a.asname or a.name for n in lines for a in n.names})


def _is_same(
    call: ast.Call, called: Called, old: Function, new: Function, *, is_of_both: bool
) -> bool:
    """Whether both versions take a call, and what both have a name for is the same to them.

    Args:
        is_of_both: Whether whoever wrote it knew both, so that it is enough that they take it.
    """
    if _hands_on(call, called):
        return False
    skips = _skips(call, called)
    given = [_given(_signature(version.args, skips), call) for version in (old, new)]
    if given[0] is None or given[1] is None:
        return False
    names = [{a.arg for a in ast.walk(v.args) if isinstance(a, ast.arg)} for v in (old, new)]
    return is_of_both or all(
        given[0].get(name) == given[1].get(name) for name in names[0] & names[1]
    )


def _is_full(call: ast.Call, called: Called) -> bool:
    """Whether a method is called of its class, and so is given its object: `Box.open(box)`."""
    func = call.func
    is_of_class = isinstance(func, ast.Attribute) and last_name(func.value) in called.classes
    return is_of_class and not isinstance(getattr(func, "value", None), ast.Call)


def _given(signature: Signature, call: ast.Call) -> dict[str, object] | None:
    """What each parameter is in a call; none where the call is not taken, or cannot be read."""
    named = {k.arg: k.value for k in call.keywords if k.arg}
    if len(named) < len(call.keywords) or any(isinstance(a, ast.Starred) for a in call.args):
        return None
    try:
        return signature.bind(*call.args, **named).arguments
    except TypeError:
        return None


def _signature(own: ast.arguments, skips: int) -> Signature:
    """The parameters of a function, without some at its beginning."""
    optional = _optional(own)
    kinds = (
        (own.posonlyargs, Parameter.POSITIONAL_ONLY),
        (own.args, Parameter.POSITIONAL_OR_KEYWORD),
        ([own.vararg] if own.vararg else [], Parameter.VAR_POSITIONAL),
        (own.kwonlyargs, Parameter.KEYWORD_ONLY),
        ([own.kwarg] if own.kwarg else [], Parameter.VAR_KEYWORD),
    )
    found = [
        Parameter(a.arg, kind, default=None if a.arg in optional else Parameter.empty)
        for side, kind in kinds
        for a in side
    ]
    return Signature(found[skips:] if found and found[0].kind < Parameter.VAR_POSITIONAL else found)


def _optional(own: ast.arguments) -> Collection[str]:
    positional = [*own.posonlyargs, *own.args]
    by_name = zip(own.kwonlyargs, own.kw_defaults, strict=True)
    last = positional[len(positional) - len(own.defaults) :]
    return {a.arg for a in last} | {a.arg for a, value in by_name if value is not None}
