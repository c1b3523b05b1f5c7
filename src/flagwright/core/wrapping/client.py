"""Bring the flag client into a file, under a name that means nothing else there."""

import ast
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import takewhile

import libcst as cst

from flagwright.core.records.plan import Convention
from flagwright.core.wrapping.binding import (
    Binding,
    bindings,
    binds,
    context_names,
    names_in,
    names_used,
    top_bindings,
)
from flagwright.core.wrapping.refusal import refuse
from flagwright.core.wrapping.rename import Rename
from flagwright.core.wrapping.tree import nodes, of_kind

_BINDERS = {"globals", "vars", "locals", "setattr", "__dict__"}
_STRING = re.compile(r"""(?s)'{3}.*?'{3}|"{3}.*?"{3}|(['"])(?:\\.|(?!\1)[^\n\\])*\1""")
_IN_DOUBLE = re.compile(r"""(?<!\w)"([^"'\\]*)"(?!")""")


@dataclass(frozen=True)
class Client:
    """The check as it must be written in one file, and the import line it needs."""

    check: str
    import_line: str | None
    """None where the file has the import already."""
    needs: frozenset[str] = frozenset()
    """Parameters that a function must have in order to ask."""


def client_for(
    convention: Convention,
    flag: str,
    trees: Sequence[ast.Module],
    is_in_sight: Callable[[str], bool] = lambda _: False,
) -> Client:
    """Fit a convention into a file; a name that means something else there gets an alias.

    Args:
        trees: Both versions of the file; the new one last.
        is_in_sight: Whether other files would come upon a new name of the file.

    Raises:
        CannotWrap: `name-clash` or `convention`.
    """
    check, needs = convention.asking(flag), _not_imported(context_names(convention), trees)
    if not convention.import_line:
        _check_is_bound(check, needs, trees)
        return Client(check, None, needs)
    wanted = next(bindings(ast.parse(convention.import_line).body[0]))
    for tree in trees[-1].body:
        for binding in bindings(tree):
            same = (binding.module, binding.attribute) == (wanted.module, wanted.attribute)
            if same and not _is_taken(binding.name, binding, trees):
                return Client(_renamed(check, wanted.name, binding.name), None, needs)
    is_private = is_in_sight(wanted.name)
    is_free = not _is_taken(wanted.name, wanted, trees) and not _is_read_unbound(wanted, trees)
    if is_free and not is_private:
        return Client(check, convention.import_line, needs)
    if wanted.is_package and "." in wanted.module:
        because = f"`{wanted.name}`, which asks for the flag, means something else here"
        raise refuse(1, "name-clash", because)
    is_private |= any(b.name == "*" for tree in trees for n in tree.body for b in bindings(n))
    alias = f"{'_' * is_private}flags_{wanted.name.strip('_')}"
    while any(alias in names_in(tree) for tree in trees):
        alias += "_"
    source = (
        f"from {wanted.module} import {wanted.attribute}"
        if wanted.attribute
        else f"import {wanted.module}"
    )
    return Client(_renamed(check, wanted.name, alias), f"{source} as {alias}", needs)


def quoted_as_in(text: str, check: str) -> str:
    """A check with the quotes of a file, where nearly all of its strings have the same."""
    if text.count("'") < text.count('"') - 3 * text.count('"""'):  # most files: no need to look
        return check
    used = Counter(match[1] for match in _STRING.finditer(text))
    return _IN_DOUBLE.sub(r"'\1'", check) if used["'"] > 3 * used['"'] else check


def _is_taken(name: str, own: Binding, trees: Sequence[ast.Module]) -> bool:
    """Whether a name may come to mean something else than its own import at the top says."""
    is_mangled = name.startswith("__") and not name.endswith("__")
    return is_mangled or any(
        _is_set_by_text(name, tree)
        or _has_star_below(own, tree)
        or (name in names_in(tree) and any(_rebinds(n, name, own, tree) for n in nodes(tree)))
        for tree in trees
    )


def _rebinds(node: ast.AST, name: str, own: Binding, tree: ast.Module) -> bool:
    """Whether a node binds a name in another way than its own import at the top does."""
    for binding in bindings(node):
        if binding.name == name and (node not in tree.body or binding != own):
            return True
    return binds(node, name)


def _has_star_below(own: Binding, tree: ast.Module) -> bool:
    """Whether an `import *` below an import, or below where it would stand, may replace it."""
    if "*" not in names_in(tree):
        return False
    head = takewhile(lambda node: any(bindings(node)) or _is_text(node), tree.body)
    at = next((i for i, n in enumerate(tree.body) if own in bindings(n)), len(list(head)))
    below = (node for statement in tree.body[at:] for node in ast.walk(statement))
    return any(binding.name == "*" for node in below for binding in bindings(node))


def _is_text(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _is_set_by_text(name: str, tree: ast.Module) -> bool:
    """Whether a file may bind, or make up, a name that it spells: `globals()["name"] = ...`."""
    return _binds_by_text(tree) and any(n.value == name for n in of_kind(tree, ast.Constant))


@lru_cache(maxsize=4)
def _binds_by_text(tree: ast.Module) -> bool:
    at_top = (getattr(node, "name", "") for node in tree.body)
    return (
        "__getattr__" in at_top
        or any(node.id in _BINDERS for node in of_kind(tree, ast.Name))
        or any(node.attr in _BINDERS for node in of_kind(tree, ast.Attribute))
    )


def _is_read_unbound(wanted: Binding, trees: Sequence[ast.Module]) -> bool:
    """Whether a file reads a name that it does not import: a builtin, or somebody binds it."""
    return any(
        wanted.name in names_used(tree)
        and not any(wanted == binding for node in tree.body for binding in bindings(node))
        for tree in trees
    )


def _not_imported(names: Iterable[str], trees: Sequence[ast.Module]) -> frozenset[str]:
    """Names that an import at the top of both versions, and nothing else, gives a meaning."""
    return frozenset(
        name
        for name in names
        for tree in trees
        if name not in {binding.name for binding in top_bindings(tree)}
        or any(binds(node, name) for node in nodes(tree))
    )


def _check_is_bound(check: str, needs: Collection[str], trees: Sequence[ast.Module]) -> None:
    """Without an import line, the file itself must have the client, at its top level only."""
    import builtins

    names = {n.id for n in ast.walk(ast.parse(check, mode="eval")) if isinstance(n, ast.Name)}
    for name in sorted(names - set(needs) - set(dir(builtins))):
        if not all(any(name in _bound_at_top(node) for node in tree.body) for tree in trees):
            because = f"nothing in this file binds `{name}`, which asks, and no import is given"
            raise refuse(1, "convention", because)


def _bound_at_top(node: ast.stmt) -> set[str]:
    found = {binding.name for binding in bindings(node)}
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return found | {node.name}
    stores = (n for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store))
    return found | {n.id for n in stores}


def _renamed(check: str, name: str, alias: str) -> str:
    if name == alias:
        return check
    expression = cst.parse_expression(check)
    renamed = expression.visit(Rename({name: alias}))
    assert isinstance(renamed, cst.BaseExpression)
    return cst.Module([]).code_for_node(renamed)
