"""Tell whether a file hands a function, a class or a module on, so that others may look at it."""

import ast
import sys
from collections.abc import Collection, Iterator

from flagwright.core.wrapping.dormant.origin import Origins
from flagwright.core.wrapping.effect import FUNCTIONS, last_name
from flagwright.core.wrapping.frame import own_nodes
from flagwright.core.wrapping.meant import meanings
from flagwright.core.wrapping.tree import nodes

_ONLY_ASK = ("isinstance", "issubclass", "super", "cast", "TypeVar", "hasattr", "getattr")
"""Calls that only look which class they are given, or for one name."""
_LOOK_OR_KEEP = {"inspect", "pydoc", "doctest", "unittest", "typing", "dataclasses", "functools"}
_LOOK_OR_KEEP |= {"enum", "abc", "types", "weakref", "copy", "pickle", "importlib", "xmlrpc"}
"""Modules of Python with functions that look at what they are given, or give it back."""
_CALLING = frozenset(sys.stdlib_module_names) - _LOOK_OR_KEEP
"""Modules of Python that only call what they are given: `shutil.rmtree(onerror=f)`."""
_OF_PACKAGES = ("metadata", "resources")
"""What `importlib` has that finds no module."""
_CALL = ("map", "filter", "sorted", "min", "max")
"""Functions of Python itself that only call one that they are given."""


def imported(tree: ast.Module) -> set[str] | None:
    """Names that a file imports; none where it may have a module or a name in another way."""
    names = {a.asname or a.name.partition(".")[0] for a in _imports(tree)}
    finding = {"*", "import_module", "pkgutil"} | (
        set() if _asks_for_files(tree) else {"importlib"}
    )
    return None if names & finding or _asks_for_modules(tree) else names


def _asks_for_files(tree: ast.Module) -> bool:
    """Whether a file has `importlib` for what belongs to a package: its version or its files."""
    attributes = [n for n in nodes(tree) if isinstance(n, ast.Attribute)]
    idle = {id(n.value) for n in attributes if n.attr in _OF_PACKAGES}
    used = (n for n in nodes(tree) if isinstance(n, ast.Name) and n.id == "importlib")
    loads = any(node.attr == "entry_points" for node in attributes)
    return not loads and all(id(name) in idle for name in used)


def _asks_for_modules(tree: ast.Module) -> bool:
    """Whether a file may find a module by its name: in `sys.modules`."""
    others = {a.asname for a in _imports(tree) if a.name == "sys" and a.asname}
    idle = {id(value) for node in nodes(tree) for value in _asked_for_another(node, "modules")}
    return any(a.name == "modules" for a in _imports(tree)) or any(
        isinstance(n, ast.Name) and n.id in {"sys", "__import__", *others} and id(n) not in idle
        for n in nodes(tree)
    )


def _asked_for_another(node: ast.AST, but: str) -> Iterator[ast.expr]:
    """What is asked for a member by a name that stands there: `getattr(sys, "frozen", False)`."""
    match node:
        case (
            ast.Attribute(value=value, attr=name)
            | ast.Call(
                func=ast.Name("getattr" | "hasattr"),
                args=[value, ast.Constant(value=str(name)), *_],
            )
        ):
            yield from [value] if name != but and not name.startswith("__") else []
        case _:
            pass


def aliases(tree: ast.Module, names: Collection[str]) -> set[str]:
    """Other names by which a file imports some."""
    return {a.asname for a in _imports(tree) if a.asname and a.name.rpartition(".")[2] in names}


def _imports(tree: ast.Module) -> Iterator[ast.alias]:
    for node in nodes(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield from node.names


def _is_of(node: ast.expr, known: Collection[str] | None) -> bool:
    """Whether an expression begins with one of some names; none: whatever it begins with."""
    while isinstance(node, ast.Attribute):
        node = node.value
    return known is None or (isinstance(node, ast.Name) and node.id in known)


def is_handed_on(
    name: str,
    tree: ast.Module,
    known: Collection[str] | None = None,
    *,
    is_member: bool = False,
) -> bool:
    """Whether a version uses a name other than by calling it, or a local that it is given.

    Args:
        known: What it may be found in; none where it is a member of whatever object.
        is_member: Whether it is found in an object, or stands in the body of its class.
    """
    others = ("local", "file") if is_member else ("local",)
    called = {id(node.func) for node in nodes(tree) if isinstance(node, ast.Call)}
    idle = called | {id(value) for value in _called_aliases(name, tree, called)}
    idle |= {id(value) for value in _only_called(name, tree)}
    idle |= {id(value) for node in nodes(tree) for value in _asked_for_member(node)}
    idle |= {id(node) for node, meaning in meanings(name, tree) if meaning in others}
    return any(
        name in (getattr(node, "id", ""), getattr(node, "attr", ""))
        and id(node) not in idle
        and _is_of(node, known)
        for node in nodes(tree)
        if isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Load)
    )


def _asked_for_member(node: ast.AST) -> Iterator[ast.expr]:
    """What is asked for a member: the module `serve` in `serve.serve()` and `serve.log`.

    A function has none of its own but what begins with `__`, and gives itself on by some.
    """
    match node:
        case ast.Attribute(value=ast.Name() as value, attr=name):
            yield from [value] if not name.startswith("__") else []
        case _:
            pass


def _only_called(name: str, tree: ast.Module) -> Iterator[ast.expr]:
    """Where a call of something that Python brings is given a name, and only calls it."""
    found = [
        (node.func, value)
        for node in nodes(tree)
        if isinstance(node, ast.Call)
        for value in (*node.args, *(keyword.value for keyword in node.keywords))
        if isinstance(value, ast.Name | ast.Attribute) and last_name(value) == name
    ]
    origins = Origins(tree) if found else None
    for func, value in found:
        found_in = origins.of(func) if origins else frozenset()
        is_plain = all(o in _CALL or o.partition(".")[0] in _CALLING for o in found_in)
        if found_in and is_plain:
            yield value


def _called_aliases(name: str, tree: ast.Module, called: Collection[int]) -> Iterator[ast.expr]:
    """What locals are made of that are only called: `render = self.render`."""
    names = (n for n in nodes(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load))
    read = {n.id for n in names if id(n) not in called}
    inner = [n for f in nodes(tree) if isinstance(f, FUNCTIONS) for n in own_nodes(f)]
    shared = {n for node in nodes(tree) if isinstance(node, ast.Global) for n in node.names}
    for node in inner:
        match node:
            case ast.Assign(targets=[ast.Name(id=alias)], value=ast.Name() | ast.Attribute()):
                is_meant = last_name(node.value) == name
                if is_meant and alias not in read | shared:
                    yield node.value
            case _:
                pass


def is_given(
    names: Collection[str],
    tree: ast.Module,
    known: Collection[str] | None = None,
    *,
    is_called: bool = False,
) -> bool:
    """Whether a version does more with a class or a module than ask for it, or call it.

    Another name of a class that is one of those in question hands nothing on by itself.

    Args:
        known: What a module may be found in; none for a class.
        is_called: Whether an object of the class matters as well.
    """
    parts = (n for n in nodes(tree) if not (is_called and isinstance(n, ast.Call)))
    idle = {id(part) for node in parts for part in _only_named(node)}
    idle |= {id(value) for node in tree.body for value in _renamed(node, names)}
    return any(
        last_name(node) in names and id(node) not in idle and _is_of(node, known)
        for node in nodes(tree)
        if isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Load)
    )


def is_held(module: str, tree: ast.Module) -> bool:
    """Whether a file has a module, by the last word of its name, for more than its members."""
    names = {module, *aliases(tree, {module})}
    everything = (n for n in nodes(tree) if isinstance(n, ast.Attribute) and n.attr == "__dict__")
    return any(last_name(n.value) in names for n in everything) or is_given(names, tree)


def _renamed(node: ast.stmt, names: Collection[str]) -> Iterator[ast.expr]:
    """What gets one of some names at the top of a file: `Request = server.Request`."""
    match node:
        case ast.Assign(targets=[ast.Name(id=name)], value=ast.Name() | ast.Attribute() as value):
            yield from [value] if name in names else []
        case _:
            pass


def _only_named(node: ast.AST) -> Iterator[ast.AST]:
    """Where a class or a module is only named: called, a type, a base, what has a member."""
    match node:
        case ast.Call(func=func):
            yield func
            if last_name(func) in _ONLY_ASK:
                yield from (part for argument in node.args for part in ast.walk(argument))
        case ast.Attribute(value=value):
            yield value
        case ast.ExceptHandler(type=ast.expr() as kind) | ast.AnnAssign(annotation=kind):
            yield from ast.walk(kind)
        case ast.arg(annotation=ast.expr() as kind) | ast.Subscript(slice=kind):
            yield from ast.walk(kind)
        case ast.FunctionDef(returns=ast.expr() as kind):
            yield from ast.walk(kind)
        case ast.AsyncFunctionDef(returns=ast.expr() as kind):
            yield from ast.walk(kind)
        case ast.ClassDef(bases=bases):
            yield from (part for base in bases for part in ast.walk(base))
        case ast.Compare(left=left, comparators=others):
            yield from (left, *others)
        case _:
            pass
