"""Find names for types that get another meaning: `Rate = Union[int, float]`, now `int | Decimal`.

Where annotations alone have such a name, it ships without a flag, as they do themselves.
"""

import ast
from collections import Counter
from collections.abc import Iterator, Sequence, Set

from flagwright.core.wrapping.dormant.bases import Bases
from flagwright.core.wrapping.dormant.named import stem_of
from flagwright.core.wrapping.dormant.origin import Origins
from flagwright.core.wrapping.dormant.sight import Sight
from flagwright.core.wrapping.dormant.typed import is_untyped
from flagwright.core.wrapping.effect import (
    FUNCTIONS,
    Function,
    annotations_of,
    has_no_effect,
    is_accessor,
    last_name,
    names_met,
)
from flagwright.core.wrapping.linking import tree_of
from flagwright.core.wrapping.policy import WrappingPolicy
from flagwright.core.wrapping.retyped import may_look
from flagwright.core.wrapping.tree import nodes, walk
from flagwright.core.wrapping.types_read import are_read

_OF_TYPES = (
    *(ast.Name, ast.Attribute, ast.Subscript, ast.Tuple, ast.List, ast.Constant),
    *(ast.BinOp, ast.BitOr, ast.Load, ast.UnaryOp, ast.USub),
)
_BUILT = ("Union", "Optional", "Literal", "Callable")
_CAST = ("typing*.cast",)
"""What does nothing with the type that it is given."""


def idle_aliases(
    trees: tuple[ast.Module, ast.Module], states: Sequence[Bases], policy: WrappingPolicy
) -> dict[str, str]:
    """The statements that define such names, as `ast.dump` shows them, and the names.

    Args:
        trees: The file as it was, and as it is.
        states: The repository, in each of its states.
    """
    old, new = map(_aliases, trees)
    changed = {n for n in old.keys() & new.keys() if ast.dump(old[n]) != ast.dump(new[n])}
    if not changed or any(may_look(tree) for tree in trees):
        return {}
    users = _Users(trees, states, policy)
    idle = {name for name in changed if users.are_annotations(name)}
    return {ast.dump(found[name]): name for name in idle for found in (old, new)}


class _Users:
    """All that has a name of one file, in both states of a repository."""

    def __init__(
        self, trees: Sequence[ast.Module], states: Sequence[Bases], policy: WrappingPolicy
    ) -> None:
        self._trees, self._states, self._policy = trees, states, policy

    def are_annotations(self, name: str, seen: frozenset[str] = frozenset()) -> bool:
        """Whether nothing has a name but annotations that nobody reads.

        Where none has it either, it has to say itself that it is a type.
        """
        seen |= {name}
        if any(b.texts.lists_module(stem_of(b.path)) for b in self._states):
            return False
        times = 0
        for bases, tree in self._files(name):
            found = self._uses(name, tree, bases, seen)
            if found is None:
                return False
            times += found
        return times > 0 or all(_says_so(_aliases(tree).get(name)) for tree in self._trees)

    def _files(self, name: str) -> Iterator[tuple[Bases, ast.Module | None]]:
        for bases, own in zip(self._states, reversed(self._trees), strict=True):
            yield bases, own
            for path, text in bases.looking.items():
                if path != bases.path and name.encode() in text:
                    yield bases.seen_from(path), tree_of(text)

    def _uses(
        self, name: str, tree: ast.Module | None, bases: Bases, seen: frozenset[str]
    ) -> int | None:
        """How many annotations of a file, and types that these alone have, have a name.

        None where anything else has it, too.
        """
        if tree is None:
            return None
        uses = [node for node in nodes(tree) if _has(node, name)]
        is_own = name in _aliases(tree) or any(isinstance(node, ast.alias) for node in uses)
        if not is_own and not _imports_all(tree):
            uses = [node for node in uses if isinstance(node, ast.Attribute | ast.Constant)]
        if not uses:
            return 0
        if not {*names_met(tree)}.isdisjoint(self._policy.annotation_readers):
            return None
        if Sight(tree).reads_annotations:
            return None
        wanted = {id(node) for node in uses}
        idle = {id(part) for node in self._idle(tree, bases, wanted) for part in walk(node)}
        said = {id(part) for node in _unseen(tree) for part in walk(node)}
        for other, statement in _aliases(tree).items():
            parts = {id(part) for part in walk(statement)}
            is_there = other == name or any(id(n) in parts for n in uses)
            if is_there and (other in seen or self.are_annotations(other, seen)):
                (said if other == name else idle).update(parts)
        if not all(id(node) in idle or id(node) in said for node in uses):
            return None
        return sum(id(node) in idle for node in uses)

    def _idle(self, tree: ast.Module, bases: Bases, wanted: Set[int]) -> Iterator[ast.AST]:
        """Annotations that nobody reads, of those that have some parts."""
        origins = Origins(tree)
        owners = {id(m): n for n in nodes(tree) if isinstance(n, ast.ClassDef) for m in n.body}
        for node in nodes(tree):
            if isinstance(node, FUNCTIONS):
                having = [each for each in annotations_of(node) if _is_in(each, wanted)]
                if having and self._is_plain(node, origins):
                    owner = owners.get(id(node))
                    name = f"{owner.name}.{node.name}" if owner else node.name
                    is_read = are_read(name, [node], [bases], self._policy.annotation_readers)
                    yield from () if is_read else having
            elif isinstance(node, ast.AnnAssign) and _is_in(node.annotation, wanted):
                owner = owners.get(id(node))
                if owner is None or is_untyped(owner, bases, self._policy):
                    yield node.annotation

    def _is_plain(self, node: Function, origins: Origins) -> bool:
        """Whether no decorator of a function is known to look at its types."""
        calling = self._policy.calling_decorators
        return all(
            last_name(decorator) in self._policy.plain_decorators
            or is_accessor(decorator, node)
            or origins.is_one_of(getattr(decorator, "func", decorator), calling)
            for decorator in node.decorator_list
        )


def _is_in(annotation: ast.expr, wanted: Set[int]) -> bool:
    return any(id(part) in wanted for part in walk(annotation))


def _unseen(tree: ast.Module) -> Iterator[ast.AST]:
    """What never runs, or does nothing with a type."""
    origins = Origins(tree)
    for node in nodes(tree):
        match node:
            case ast.If() if has_no_effect(node):
                yield node
            case ast.Call(func=func, args=[kind, _]) if origins.is_one_of(func, _CAST):
                yield kind
            case ast.Assign(targets=[ast.Name("__all__")], value=ast.List() | ast.Tuple()):
                yield node
            case ast.ImportFrom(names=names):
                yield from (alias for alias in names if alias.asname in (None, alias.name))
            case _:
                pass


def _says_so(node: ast.stmt | None) -> bool:
    """Whether a statement is built of what only types are built of."""
    if isinstance(node, ast.AnnAssign):
        return True
    return isinstance(node, ast.Assign) and last_name(node.value) in _BUILT


def _imports_all(tree: ast.Module) -> bool:
    return any(isinstance(node, ast.alias) and node.name == "*" for node in nodes(tree))


def _has(node: ast.AST, name: str) -> bool:
    """Whether a node is, binds or spells a name."""
    words = (
        getattr(node, field, None) for field in ("id", "attr", "arg", "name", "asname", "rest")
    )
    if name in words or name in getattr(node, "names", ()):
        return True
    return isinstance(node, ast.Constant) and _spells(node.value, name)


def _spells(value: object, name: str) -> bool:
    """Whether a text is the name, or an annotation in a text that has it."""
    if not isinstance(value, str) or name not in value:
        return False
    return value == name or value.rpartition(".")[2] == name


def _aliases(tree: ast.Module) -> dict[str, ast.stmt]:
    """Names at the top of a file that one statement binds to what reads as a type."""
    found = {name: node for node in tree.body for name in _named(node)}
    if not found:
        return {}
    times = Counter(
        word
        for node in nodes(tree)
        for word in (getattr(node, "id", ""), getattr(node, "name", ""))
        if not isinstance(getattr(node, "ctx", None), ast.Load)
    )
    return {name: node for name, node in found.items() if times[name] == 1}


def _named(node: ast.stmt) -> Iterator[str]:
    match node:
        case ast.Assign(targets=[ast.Name(name)], value=value) if _is_type(value):
            yield name
        case ast.AnnAssign(target=ast.Name(name), annotation=kind, value=ast.expr() as value):
            is_said = isinstance(value, ast.Constant | ast.Name | ast.Attribute)
            if last_name(kind) == "TypeAlias" and (is_said or _is_type(value)):
                yield name
        case _:
            pass


def _is_type(value: ast.expr) -> bool:
    is_built = isinstance(value, ast.Subscript | ast.BinOp)
    return is_built and all(isinstance(part, _OF_TYPES) for part in ast.walk(value))
