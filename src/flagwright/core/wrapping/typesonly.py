"""Find imports that go, or come, and of which only types that nobody reads made use.

They need no flag, as these types need none: `from typing_extensions import Self` for `-> Self`.
Keeping one would keep what it does, and a package that is not installed stops the whole file.
What the repository itself has is no such import, since loading a file of it may do anything.
"""

import ast
import re
import sys
from collections.abc import Collection, Iterator, Sequence

from flagwright.core.wrapping.binding import Binding, bindings, top_bindings
from flagwright.core.wrapping.dormant.bases import Bases
from flagwright.core.wrapping.dropped import still_imports
from flagwright.core.wrapping.effect import Effects, annotations_of, has_no_effect
from flagwright.core.wrapping.policy import WrappingPolicy
from flagwright.core.wrapping.tree import nodes


def only_types_change(
    before: ast.Module,
    after: ast.Module,
    effects: Effects,
    elsewhere: Sequence[Bases],
    policy: WrappingPolicy,
) -> bool:
    """Whether two versions do the same but for imports for types, of which one has more.

    Args:
        elsewhere: The repository, in each of its states; none where it is not known.
    """
    sides = [top_bindings(tree) for tree in (before, after)]
    other = sides[0] ^ sides[1]
    if not other or not all(_is_from_elsewhere(b, elsewhere) for b in other):
        return False
    whole = {_top(b) for b in sides[0] & sides[1] if b.attribute is None}
    if any("." in b.module and _top(b) in whole for b in other):  # loading one sets `top.module`
        return False
    names = {b.name for b in other}
    trees = (before, after)
    is_of_attributes = any(effects.has_idle_type(node) for tree in trees for node in nodes(tree))
    used = {word for tree in trees for word in _used(tree, effects, whole=is_of_attributes)}
    if names & used or any(b.shows(n, policy.is_test) for b in elsewhere for n in names):
        return False
    left = {node.id for node in nodes(after) if isinstance(node, ast.Name)}
    if left & ({b.name for b in sides[0]} - {b.name for b in sides[1]}):
        return False
    return bool(effects.of(_without(before, other)) == effects.of(_without(after, other)))


def kept_imports(
    imported: Sequence[set[Binding]], wrapped: ast.Module, states: Sequence[Bases]
) -> Iterator[str]:
    """What a file goes on importing from others for its old code, once nothing new needs it.

    Args:
        imported: What the old version imports, and the new one.
    """
    old, new = imported
    had = {_top(binding) for binding in new}
    kept = (b for b in (old & top_bindings(wrapped)) - new if _is_from_elsewhere(b, states))
    found = {_top(b) for b in kept} - had - sys.stdlib_module_names
    for name in sorted(found):
        yield f"{still_imports(name)}, with the flag on, too: keep that installed so long"


def _top(binding: Binding) -> str:
    return binding.module.partition(".")[0]


def _is_from_elsewhere(binding: Binding, states: Sequence[Bases]) -> bool:
    """Whether an import is of what neither the repository nor a `__future__` has."""
    top = _top(binding)
    if binding.name == "*" or top in ("", "__future__"):
        return False
    if top in sys.stdlib_module_names:
        return True
    paths = [path for bases in states for path in bases.modules]
    return bool(states) and not any(top in path.removesuffix(".py").split("/") for path in paths)


def _used(tree: ast.Module, effects: Effects, *, whole: bool) -> Iterator[str]:
    """Words of a file but for those of types that nobody reads.

    Args:
        whole: Whether those of parameters are left out, too. What parameters alone name can be
            imported from both places; what attributes name, in the body of a class, cannot.
    """
    waiting: list[tuple[ast.AST, bool]] = [(tree, False)]
    idle: set[int] = set()
    while waiting:
        node, in_function = waiting.pop()
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                if effects.is_plain(node):
                    found = annotations_of(node) if whole else filter(None, [node.returns])
                    idle |= {id(annotation) for annotation in found}
                in_function = True
            case ast.AnnAssign() if in_function or effects.has_idle_type(node):
                idle.add(id(node.annotation))
            case ast.ClassDef():
                in_function = False
            case ast.Name(id=word) | ast.Attribute(attr=word):
                yield word
            case ast.Constant(value=str(text)):
                yield from re.findall(r"\w+", text)
            case _:
                pass
        waiting += [
            (n, in_function)
            for n in ast.iter_child_nodes(node)
            if id(n) not in idle and not has_no_effect(n)
        ]


def _without(tree: ast.Module, away: Collection[Binding]) -> ast.Module:
    """A file without what some imports at its top bind."""
    body: list[ast.stmt] = []
    for node in tree.body:
        if not isinstance(node, ast.Import | ast.ImportFrom):
            body.append(node)
            continue
        pairs = zip(node.names, bindings(node), strict=True)
        kept = [alias for alias, binding in pairs if binding not in away]
        if len(kept) == len(node.names):
            body.append(node)
        elif kept:
            fields = dict(ast.iter_fields(node)) | {"names": kept}
            body.append(ast.copy_location(type(node)(**fields), node))
    return ast.Module(body, tree.type_ignores)
