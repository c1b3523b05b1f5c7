"""Tell where a name of a file comes from: an import, Python itself, or the file's own code."""

import ast
import builtins
import sys
from collections.abc import Collection, Iterator
from copy import copy
from fnmatch import fnmatchcase
from typing import Self

from flagwright.core.wrapping.effect import FUNCTIONS, Function
from flagwright.core.wrapping.tree import nodes

_LOOKING = ("unittest", "doctest", "test")
"""Packages of Python's own that look for what is made from their classes."""


class Origins:
    """The names that one version of a file binds outside its functions."""

    def __init__(self, tree: ast.Module) -> None:
        self._imports: dict[str, set[str]] = {}
        self._modules: set[str] = set()
        self._own: dict[str, list[ast.AST]] = {}
        self._has_star = False
        self._changed: set[str] = set()
        """Names of the file that stand for what it gives other attributes."""
        self.defers_annotations = any(
            isinstance(node, ast.ImportFrom)
            and node.module == "__future__"
            and any(alias.name == "annotations" for alias in node.names)
            for node in tree.body
        )
        for node in _outside_functions(tree.body):
            self._bind(node)
        for node in nodes(tree):
            match node:
                case ast.Global(names=names):
                    for name in names:
                        self._own.setdefault(name, []).append(node)
                case ast.Attribute(value=ast.Name(id=name), ctx=ast.Store() | ast.Del()):
                    self._changed.add(name)
                case ast.Call(func=ast.Name(id="setattr"), args=[ast.Name(id=name), *_]):
                    self._changed.add(name)
                case _:
                    pass

    def inside(self, owner: ast.ClassDef) -> Self:
        """The names as they are in the body of a class."""
        inner = copy(self)
        inner._own = dict(self._own)
        for name in bound_in(owner):
            inner._own[name] = []
        for node in _outside_functions(owner.body):
            inner._bind(node)
        return inner

    def _bind(self, node: ast.AST) -> None:
        match node:
            case ast.Import(names=names):
                for alias in names:
                    name = alias.asname or alias.name.partition(".")[0]
                    self._imports.setdefault(name, set()).add(alias.name if alias.asname else name)
                    self._modules.add(name)
            case ast.ImportFrom(names=names):
                source = "." * node.level + (node.module or "")
                for alias in names:
                    self._has_star |= alias.name == "*"
                    found = self._imports.setdefault(alias.asname or alias.name, set())
                    found.add(f"{source}{'.' * bool(node.module)}{alias.name}")
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                self._own.setdefault(name, []).append(value)
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                self._own.setdefault(name, []).append(value)
            case (
                ast.FunctionDef(name=name)
                | ast.AsyncFunctionDef(name=name)
                | ast.ClassDef(name=name)
            ):
                self._own.setdefault(name, []).append(node)
            case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
                self._own.setdefault(name, []).append(node)
            case (
                ast.ExceptHandler(name=str(name))
                | ast.MatchAs(name=str(name))
                | ast.MatchStar(name=str(name))
                | ast.MatchMapping(rest=str(name))
            ):
                self._own.setdefault(name, []).append(node)
            case _:
                pass

    def of(self, node: ast.expr) -> frozenset[str]:
        """Dotted names that an expression may stand for; none where the file made it itself."""
        match node:
            case ast.Name(id=name) if name not in self._own:
                if name in self._imports:
                    return frozenset(self._imports[name])
                known = hasattr(builtins, name) and not self._has_star
                return frozenset({name} if known else ())
            case ast.Attribute(value=value, attr=attribute):
                return frozenset(f"{origin}.{attribute}" for origin in self.of(value))
            case _:
                return frozenset()

    def is_one_of(self, node: ast.expr, patterns: Collection[str]) -> bool:
        """Whether an expression certainly is what one of the patterns names (`typing*.cast`)."""
        found = self.of(node)
        return bool(found) and all(any(fnmatchcase(o, p) for p in patterns) for o in found)

    def is_plainly_made(self, owner: ast.ClassDef) -> bool:
        """Whether a class says nothing of how it is made, or only that it may be abstract.

        Or which of its keys a dictionary with types needs.
        """
        has_keys = bool(owner.keywords) and self._has_keys(owner, ())
        return all(
            (k.arg == "metaclass" and self.is_one_of(k.value, ("abc.ABCMeta",)))
            or (has_keys and k.arg == "total" and isinstance(k.value, ast.Constant))
            for k in owner.keywords
        )

    def _has_keys(self, owner: ast.ClassDef, seen: tuple[ast.ClassDef, ...]) -> bool:
        """Whether a class is a `TypedDict`."""
        above = [o for base in owner.bases if (o := self.own_class(base)) and o not in seen]
        return any(self.is_one_of(base, ("typing*.TypedDict",)) for base in owner.bases) or any(
            self._has_keys(other, (*seen, owner)) for other in above
        )

    def is_of_python(self, node: ast.expr) -> bool:
        """Whether it comes from the standard library."""
        found = self.of(node)
        known = all(o.partition(".")[0] in sys.stdlib_module_names for o in found)
        return bool(found) and known and not self.is_changed(node)

    def is_changed(self, node: ast.expr) -> bool:
        """Whether the file itself sets attributes of what an expression begins with."""
        names = (n.id for n in ast.walk(node) if isinstance(n, ast.Name))
        return not self._changed.isdisjoint(names)

    def is_module(self, node: ast.expr) -> bool:
        """Whether it is a name bound by `import x` alone."""
        return isinstance(node, ast.Name) and node.id in self._modules and bool(self.of(node))

    def builtin(self, node: ast.expr) -> object:
        """What Python itself brings under a bare name; none for anything else."""
        found = isinstance(node, ast.Name) and self.of(node) == {node.id}
        return getattr(builtins, node.id, None) if found else None  # type: ignore[attr-defined] # a name

    def own_class(self, node: ast.expr) -> ast.ClassDef | None:
        """The class of this file that a bare name stands for, if nothing else is bound to it."""
        found = self._only(node)
        return found if isinstance(found, ast.ClassDef) else None

    def own_function(self, node: ast.expr) -> Function | None:
        """The function of this file that a bare name stands for, if nothing else is bound to it."""
        found = self._only(node)
        return found if isinstance(found, FUNCTIONS) else None

    def own_value(self, node: ast.expr) -> ast.expr | None:
        """The one value that this file gives to a bare name."""
        found = self._only(node)
        return found if isinstance(found, ast.expr) and not _is_target(found) else None

    def _only(self, node: ast.expr) -> ast.AST | None:
        name = node.id if isinstance(node, ast.Name) else ""
        found = [n for n in self._own.get(name, ()) if not _is_target(n)]
        bindings = [n for n in self._own.get(name, ()) if _is_target(n)]
        if len(found) != 1 or name in self._imports:
            return None
        is_alone = len(bindings) == isinstance(found[0], ast.expr)
        return found[0] if is_alone else None


def _is_target(node: ast.AST) -> bool:
    return isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load)


def _outside_functions(body: Collection[ast.stmt]) -> Iterator[ast.AST]:
    stack: list[ast.AST] = list(body)
    while stack:
        node = stack.pop()
        yield node
        if not isinstance(node, (*FUNCTIONS, ast.ClassDef, ast.Lambda)):
            stack.extend(ast.iter_child_nodes(node))


def bound_in(owner: ast.AST) -> set[str]:
    """Names that a class body binds, and attributes that its methods set on `self`."""
    found: set[str] = set()
    for node in ast.walk(owner):
        match node:
            case (
                ast.FunctionDef(name=name)
                | ast.AsyncFunctionDef(name=name)
                | ast.ClassDef(name=name)
            ):
                found.add(name)
            case ast.Name(id=name, ctx=ast.Store()) | ast.Attribute(attr=name, ctx=ast.Store()):
                found.add(name)
            case _:
                pass
    return found


def is_plain_base(origin: str, patterns: Collection[str]) -> bool:
    """Whether nothing runs, and nobody looks, when a class is made from one of others."""
    package = origin.partition(".")[0]
    of_python = package in sys.stdlib_module_names and package not in _LOOKING
    return of_python or any(fnmatchcase(origin, pattern) for pattern in patterns)
