"""Read which names a file imports, and which it uses at all."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from flagwright.core.records.plan import Convention
from flagwright.core.wrapping.tree import nodes, of_kind


@dataclass(frozen=True)
class Binding:
    """One name that an import binds, and where it comes from."""

    name: str
    module: str
    attribute: str | None
    """None of a whole module; empty where `import a.b as a` binds `a.b` and not `a`."""

    @property
    def is_package(self) -> bool:
        """`import a.b` binds `a`, and several such imports share the name."""
        return self.attribute is None and self.module.partition(".")[0] == self.name


@dataclass(frozen=True)
class Shared:
    """What a file has together with others of a change."""

    own: frozenset[str] = frozenset()
    """Names whose old definition steps aside although other files import them."""
    taken: frozenset[Binding] = frozenset()
    """What the old version imports, of which another file lets the old definition step aside."""


NOTHING = Shared()


def bindings(node: ast.AST) -> Iterator[Binding]:
    """The names that one import statement binds, in its order; none for anything else."""
    if isinstance(node, ast.Import):
        for alias in node.names:
            root = alias.name.partition(".")[0]
            is_part = alias.asname == root != alias.name
            yield Binding(alias.asname or root, alias.name, "" if is_part else None)
    elif isinstance(node, ast.ImportFrom):
        source = "." * node.level + (node.module or "")
        for alias in node.names:
            yield Binding(alias.asname or alias.name, source, alias.name)


def top_bindings(tree: ast.Module) -> set[Binding]:
    """What the imports at the top level of a file bind."""
    return {binding for node in tree.body for binding in bindings(node)}


@lru_cache(maxsize=4)
def names_in(tree: ast.Module) -> frozenset[str]:
    """Every identifier of a file, whatever it is used for."""
    spelled = {getattr(n, f, None) for n in nodes(tree) for f in _SPELLING[n.__class__]}
    found = {value.partition(".")[0] for value in spelled if isinstance(value, str)}
    found.update(name for node in of_kind(tree, ast.Global) for name in node.names)
    found.update(name for node in of_kind(tree, ast.Nonlocal) for name in node.names)
    return frozenset(found)


class _Spelling(dict[type[ast.AST], tuple[str, ...]]):
    """Fields of a kind of node that may hold an identifier."""

    def __missing__(self, kind: type[ast.AST]) -> tuple[str, ...]:
        known = ("id", "name", "asname", "arg", "rest")
        self[kind] = found = tuple(field for field in known if field in kind._fields)
        return found


_SPELLING = _Spelling()


def mangled(owner: str, name: str) -> str:
    """What Python makes of a private member of a class: `_Box__size`; any other stays as it is."""
    is_private = name.startswith("__") and not name.endswith("__")
    return f"_{owner.lstrip('_')}{name}" if owner and is_private else name


def names_used(tree: ast.Module) -> set[str]:
    """Names that code reads; what stands in `__all__` is not a use."""
    return {node.id for node in of_kind(tree, ast.Name)}


def context_names(convention: Convention) -> frozenset[str]:
    """Names by which the check is told for whom it is asked."""
    tree = ast.parse(convention.context or "None", mode="eval")
    return frozenset(n.id for n in ast.walk(tree) if isinstance(n, ast.Name))


def binds(node: ast.AST, name: str) -> bool:
    """Whether a node other than an import gives a name a meaning."""
    match node:
        case ast.Name(id=found, ctx=ast.Store() | ast.Del()) | ast.arg(arg=found):
            return found == name
        case (
            ast.FunctionDef(name=found)
            | ast.AsyncFunctionDef(name=found)
            | ast.ClassDef(name=found)
        ):
            return found == name
        case ast.ExceptHandler(name=found) | ast.MatchAs(name=found) | ast.MatchStar(name=found):
            return found == name
        case ast.MatchMapping(rest=found):
            return found == name
        case ast.Global(names=names) | ast.Nonlocal(names=names):
            return name in names
        case _:
            return False
