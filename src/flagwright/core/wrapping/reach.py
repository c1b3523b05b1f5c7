"""Tell whether whoever uses a name of a file, or of a class in it, can be told to use another.

What cannot be found for certain counts as a use that no rename reaches.
"""

import ast
import re
from collections.abc import Iterator, Set

from flagwright.core.wrapping.binding import binds
from flagwright.core.wrapping.effect import FUNCTIONS, last_name
from flagwright.core.wrapping.onlyread import only_read
from flagwright.core.wrapping.tree import nodes, of_kind

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.Assign | ast.AnnAssign
_FROZEN = {"frozenset", "tuple", "str", "int", "float", "bytes", "range", "compile", "Decimal"}
_FROZEN |= {"timedelta", "Path", "PurePath", "getenv", "join", "gettext_lazy", "format"}
_FROZEN |= {"getLogger", "get_logger", "datetime", "date", "timezone", "UUID", "Fraction"}
_FROZEN |= {"utcfromtimestamp", "fromtimestamp", "fromisoformat", "strptime"}
_FROZEN |= {"dedent", "cleandoc", "escape", "bool", "abs", "round"}
"""Calls whose result nobody changes, or that give everybody the same."""


def is_reached(
    name: str,
    owner: str,
    tree: ast.Module,
    definition: Definition,
    *,
    is_used: bool,
    unread: Set[int] = frozenset(),
) -> bool:
    """Whether a version uses a name, and in no other way than a rename reaches.

    Args:
        owner: The class that has it as a member; empty for a name of the file.
        is_used: Whether other files use it, so that this one need not.
        unread: Parts of annotations, by identity, that nobody reads.
    """
    own = {id(definition), *map(id, _targets(definition))}
    inside = set(map(id, ast.walk(definition)))
    receivers = set(_receivers(tree, owner)) if owner else set()
    for other in beside(name, owner, tree):
        own.update(id(member) for member in other.body if _is_called(member, name))
        receivers.update(_receivers(tree, other.name))
    used = {id(n) for n in nodes(tree) if id(n) not in own and _is_named(n, name)}
    is_for_types = not is_used and used - inside <= unread and _is_value(definition)
    spelled_for_types = inside | unread if is_for_types else set[int]()
    for node in nodes(tree):
        if id(node) in own:
            continue
        if binds(node, name) or (_spells(node, name) and id(node) not in spelled_for_types):
            return False
        if isinstance(node, ast.Name) and node.id == name and owner:
            return False
        match node:
            case ast.Attribute(value=value, attr=attribute, ctx=context) if attribute == name:
                if id(value) not in receivers or not isinstance(context, ast.Load):
                    return False
            case _:
                pass
    if not (is_used or used - inside):
        return False
    return is_for_types or may_be_two(definition, used, tree)


def _is_named(node: ast.AST, name: str) -> bool:
    return name in (getattr(node, "id", ""), getattr(node, "attr", ""))


def _is_value(definition: Definition) -> bool:
    return not isinstance(definition, FUNCTIONS)


def may_be_two(definition: Definition, used: Set[int], tree: ast.Module) -> bool:
    """Whether code that uses a definition cannot tell which of two it has, or that there are two.

    Args:
        used: The uses, by identity.
    """
    if not isinstance(definition, FUNCTIONS):
        return _is_frozen(definition.value) or used <= only_read(tree)
    called = {id(node.func) for node in nodes(tree) if isinstance(node, ast.Call)}
    return used <= called or not any(map(tells_a_name, nodes(tree)))


def holds_state(tree: ast.Module) -> str | None:
    """A name of a file whose value may change while it runs, so that two copies would differ."""
    read = only_read(tree)
    for node in nodes(tree):
        if isinstance(node, ast.Global):
            return node.names[0]
    for node in tree.body:
        if isinstance(node, ast.Assign | ast.AnnAssign) and not _is_frozen(node.value):
            names = {t.id for t in _targets(node) if isinstance(t, ast.Name)} - {"__all__"}
            loads = (n for n in nodes(tree) if isinstance(n, ast.Name) and id(n) not in read)
            used = (n.id for n in loads if isinstance(n.ctx, ast.Load) and n.id in names)
            if name := next(used, None):
                return name
    return None


def _is_frozen(value: ast.expr | None) -> bool:
    """Whether nobody can change a value, so that it does not matter that there are two."""
    return not any(
        isinstance(node, ast.List | ast.Dict | ast.Set | ast.ListComp | ast.DictComp | ast.SetComp)
        or (isinstance(node, ast.Call) and last_name(node.func) not in _FROZEN)
        for node in (ast.walk(value) if value else ())
    )


def tells_a_name(node: ast.AST) -> bool:
    """Whether code asks what a function is called; that of a class does not matter."""
    match node:
        case ast.Attribute(attr="co_name" | "__qualname__"):
            return True
        case ast.Attribute(attr="__name__", value=value):
            text = ast.unparse(value)
            return text != "cls" and "__class__" not in text and "type(" not in text
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name in ("wraps", "update_wrapper")
        case _:
            return False


def _targets(definition: Definition) -> list[ast.expr]:
    match definition:
        case ast.Assign(targets=targets):
            return targets
        case ast.AnnAssign(target=target):
            return [target]
        case _:
            return []


def _spells(node: ast.AST, name: str) -> bool:
    """Whether a name stands where no rename gets to: `"shop.tax:_rate"`, an import, a pattern."""
    match node:
        case ast.Constant(value=str(text)):
            return text == name or re.fullmatch(rf"[\w.:/]*[.:/]{name}", text) is not None
        case ast.alias(name=path, asname=alias):
            return name in (path, alias)
        case ast.MatchClass(kwd_attrs=attributes):
            return name in attributes
        case _:
            return False


def beside(name: str, owner: str, tree: ast.Module) -> list[ast.ClassDef]:
    """Classes of a file with a method of the same name, that nobody can mean for the owner's."""
    family = {heir.name for heir in _heirs(tree, owner)}
    return [
        node
        for node in tree.body
        if owner
        and isinstance(node, ast.ClassDef)
        and any(_is_called(member, name) for member in node.body)
        and family.isdisjoint(heir.name for heir in _heirs(tree, node.name))
    ]


def _is_called(member: ast.stmt, name: str) -> bool:
    return isinstance(member, FUNCTIONS) and member.name == name


def _heirs(tree: ast.Module, owner: str) -> Iterator[ast.ClassDef]:
    """A class of a file, and those made from it."""
    found = {owner}
    for node in tree.body:
        if not isinstance(node, ast.ClassDef):
            continue
        if found.intersection(base.id for base in node.bases if isinstance(base, ast.Name)):
            found.add(node.name)
        if node.name in found:
            yield node


def _receivers(tree: ast.Module, owner: str) -> Iterator[int]:
    """Names, by identity, that certainly stand for a class, or for an object of it: `self`."""
    for heir in _heirs(tree, owner):
        if sum(binds(node, heir.name) for node in nodes(tree)) == 1:
            yield from (id(n) for n in of_kind(tree, ast.Name) if n.id == heir.name)
        for member in heir.body:
            if isinstance(member, FUNCTIONS) and not _is_static(member):
                yield from _of_first(member)


def _is_static(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return any("static" in ast.unparse(decorator) for decorator in node.decorator_list)


def _of_first(method: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[int]:
    """Reads of the first parameter of a method that is bound nowhere else in it."""
    first = [a.arg for a in (*method.args.posonlyargs, *method.args.args)][:1]
    if first and sum(binds(node, first[0]) for node in ast.walk(method)) == 1:
        for node in ast.walk(method):
            if isinstance(node, ast.Name) and node.id == first[0]:
                yield id(node)
