"""Find what gets another type and keeps its value: `sizes: Dict[str, int] = {}`, now `dict[...]`.

Where nobody reads it, such a type ships without a flag, as that of a parameter does.
"""

import ast
import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence

from flagwright.core.wrapping.binding import top_bindings
from flagwright.core.wrapping.dormant.bases import Bases
from flagwright.core.wrapping.dormant.heads import below
from flagwright.core.wrapping.dormant.named import stem_of
from flagwright.core.wrapping.dormant.sight import Sight
from flagwright.core.wrapping.dormant.typed import is_untyped
from flagwright.core.wrapping.policy import WrappingPolicy
from flagwright.core.wrapping.tree import nodes
from flagwright.core.wrapping.types_read import is_module_read

Given = ast.Assign | ast.AnnAssign
_WHOLE = {"globals", "locals", "vars", "dir", "__dict__", "modules", "getmembers", "render_doc"}
_WHOLE |= {"eval", "exec", "signature", "getfullargspec", "f_globals", "__globals__"}
_TOLD = re.compile(r"^__anno|otations__$")
_RUNNING = (ast.Call, ast.NamedExpr, ast.Await, ast.Yield, ast.YieldFrom)


def idle_types(
    trees: tuple[ast.Module, ast.Module], states: Sequence[Bases], policy: WrappingPolicy
) -> frozenset[str]:
    """The statements of which only a type changes that nobody reads, as `ast.dump` shows them.

    One that stands elsewhere in the file, too, is left out: it may be read there.

    Args:
        trees: The file as it was, and as it is.
        states: The repository, in each of its states.
    """
    classes = [_classes(tree) for tree in trees]
    old_names, new_names = map(top_bindings, trees)
    moved = {binding.name for binding in old_names ^ new_names}
    pairs = [
        (old, new, classes[0].get(name), classes[1].get(name))
        for name in ["", *(classes[0].keys() & classes[1].keys())]
        for old, new in _retyped(
            _block(name, trees[0], classes[0]), _block(name, trees[1], classes[1]), moved
        )
    ]
    if not pairs or any(map(may_look, trees)):
        return frozenset()
    found: Counter[str] = Counter()
    for old, new, was, is_now in pairs:
        owners = [owner for owner in (was, is_now) if owner]
        if _is_unread(trees, owners, states, policy, is_first=type(old) is not type(new)):
            found.update(ast.dump(node) for node in (old, new))
    every = Counter(
        ast.dump(node) for tree in trees for node in nodes(tree) if isinstance(node, ast.AnnAssign)
    )
    return frozenset(text for text, times in found.items() if every[text] == times)


def _retyped(
    old: Mapping[str, Given], new: Mapping[str, Given], moved: Collection[str]
) -> Iterator[tuple[Given, Given]]:
    """Statements of two blocks that give one name one value, and only one of them that type.

    Args:
        moved: Names that the file imports otherwise, so that one type may be another.
    """
    for name in old.keys() & new.keys():
        was, is_now = old[name], new[name]
        is_same = ast.dump(was) == ast.dump(is_now) and not _names(was) & set(moved)
        if is_same or _value(was) != _value(is_now):
            continue
        notes = (n.annotation for n in (was, is_now) if isinstance(n, ast.AnnAssign))
        if not any(isinstance(part, _RUNNING) for note in notes for part in ast.walk(note)):
            yield was, is_now


def _is_unread(
    trees: Sequence[ast.Module],
    owners: Sequence[ast.ClassDef],
    states: Sequence[Bases],
    policy: WrappingPolicy,
    *,
    is_first: bool,
) -> bool:
    """Whether nobody reads the types of a class, or those of the file itself.

    Args:
        is_first: Whether one version has no type there, and perhaps no `__annotations__`.
    """
    if not owners:
        if any(is_module_read(b, policy.annotation_readers) for b in states):
            return False
        listed = any(b.texts.lists_module(stem_of(b.path)) for b in states)
        listed = listed or any(Sight(tree).lists_module for tree in trees)
        return not (listed and is_first)
    if is_first and any(map(_lists, trees)):
        return False
    for bases in states:
        family = {owners[0].name} | below(bases.modules, owners[0].name)
        if is_first and bases.texts.lists(family, whole=True):
            return False
        if not all(is_untyped(owner, bases, policy) for owner in owners):
            return False
    return True


def may_look(tree: ast.Module) -> bool:
    """Whether a file reads types, or all that is in a scope, a class or a module."""
    if Sight(tree).reads_annotations:
        return True
    found = nodes(tree)
    words = {word for n in found for word in (getattr(n, "id", ""), getattr(n, "attr", ""))}
    texts = (n.value for n in found if isinstance(n, ast.Constant) and isinstance(n.value, str))
    return not words.isdisjoint(_WHOLE) or any(map(_TOLD.search, texts))


def _lists(tree: ast.Module) -> bool:
    sight = Sight(tree)
    return sight.lists_members() or sight.lists_module


def _classes(tree: ast.Module) -> dict[str, ast.ClassDef]:
    """The classes at the top of a file of which there is one."""
    every = [node for node in nodes(tree) if isinstance(node, ast.ClassDef)]
    times = Counter(node.name for node in every)
    top = (node for node in tree.body if isinstance(node, ast.ClassDef))
    return {node.name: node for node in top if times[node.name] == 1}


def _block(name: str, tree: ast.Module, classes: Mapping[str, ast.ClassDef]) -> dict[str, Given]:
    """What a block gives a value in one statement, by name."""
    body = classes[name].body if name else tree.body
    given = [(_name(node), node) for node in body if isinstance(node, Given)]
    times = Counter(word for word, _ in given)
    return {word: node for word, node in given if word and times[word] == 1}


def _name(node: Given) -> str:
    match node:
        case ast.Assign(targets=[ast.Name(id=name)]):
            return name
        case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr(), simple=1):
            return name
        case _:
            return ""


def _names(node: Given) -> set[str]:
    """What the type of a value is made of."""
    note = node.annotation if isinstance(node, ast.AnnAssign) else None
    return {part.id for part in ast.walk(note) if isinstance(part, ast.Name)} if note else set()


def _value(node: Given) -> str:
    return ast.dump(node.value) if node.value else ""
