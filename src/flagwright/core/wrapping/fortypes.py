"""Tell which imports for type checkers the old code still names.

Such a block runs nothing, so the new one stands for both versions. But where old code stays
beside the new, a checker must find the names in its annotations.
"""

import ast
import re
from collections.abc import Iterator, Sequence

from flagwright.core.wrapping.binding import Binding, bindings, binds
from flagwright.core.wrapping.compound import suites
from flagwright.core.wrapping.effect import last_name
from flagwright.core.wrapping.imports import is_import
from flagwright.core.wrapping.refusal import refuse
from flagwright.core.wrapping.source import Source
from flagwright.core.wrapping.statement import Statement
from flagwright.core.wrapping.tree import nodes

_MODULES = ("typing", "typing_extensions")
_SCOPES = (
    *(ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda),
    *(ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp),
)
_TYPING = {(module, None) for module in _MODULES}


def check_blocks(before: Source, after: Source) -> None:
    """Refuse a block that changes under a `TYPE_CHECKING` that may be true.

    Raises:
        CannotWrap: `import-time`.
    """
    if "TYPE_CHECKING" not in before.text + after.text:
        return
    if block := another_test_that_changes(before.tree, after.tree):
        because = f"`{ast.unparse(block.test)}` may be true when the program runs"
        raise refuse(block.lineno, "import-time", because)


def blocks(
    before: Sequence[Statement], after: Sequence[Statement]
) -> tuple[Statement, Statement] | None:
    """The block for type checkers of each version; none where one has none, or several.

    A block that both have as it is does not count.
    """
    old, new = _of_one_side(before, after)
    return (old[0], new[0]) if len(old) == len(new) == 1 else None


def _of_one_side(
    before: Sequence[Statement], after: Sequence[Statement]
) -> tuple[list[Statement], list[Statement]]:
    """The blocks for type checkers that only one version has."""
    sides = [
        {ast.dump(s.tree): s for s in side if _is_for_types(s.tree)} for side in (before, after)
    ]
    old, new = (
        [s for text, s in own.items() if text not in other] for own, other in (sides, sides[::-1])
    )
    return old, new


def lonely(
    before: Sequence[Statement], after: Sequence[Statement], trees: tuple[ast.Module, ast.Module]
) -> Statement | None:
    """The block of the old version, where the new one has none and old code needs it."""
    old, new = _of_one_side(before, after)
    if len(old) != 1 or new:
        return None
    return old[0] if needed(suites(old[0])[0].statements, trees) else None


def another_test_that_changes(before: ast.Module, after: ast.Module) -> ast.If | None:
    """A block of the new version, or a lost one, under a `TYPE_CHECKING` that may be true."""
    sides = [[n for n in nodes(tree) if _is_for_types(n)] for tree in (before, after)]
    texts = [{ast.dump(node) for node in side} for side in sides]
    if texts[0] == texts[1] or all(map(_is_of_typing, (before, after))):
        return None
    changed = [n for side in sides for n in side if ast.dump(n) not in texts[0] & texts[1]]
    return changed[-1] if changed else None  # type: ignore[return-value] # an `if`


def _is_of_typing(tree: ast.Module) -> bool:
    """Whether every `TYPE_CHECKING` of a file is that of `typing`, or plainly false."""
    found = [b for node in nodes(tree) for b in bindings(node)]
    modules = {b.name for b in found if (b.module, b.attribute) in _TYPING}
    own = {"TYPE_CHECKING", *modules}
    known = _TYPING | {(module, "TYPE_CHECKING") for module in _MODULES}
    others = [b for b in found if b.name in own and (b.module, b.attribute) not in known]
    stars = [b for b in found if b.name == "*" and b.module not in _MODULES]
    false = {id(target) for node in nodes(tree) for target in _set_to_false(node)}
    asked = [n for n in nodes(tree) if isinstance(n, ast.Name | ast.Attribute) and _is_named(n)]
    top = {id(node): node for node in _at_top(tree)}
    there = top.values() if all(id(node) in top for node in asked) else nodes(tree)
    rebound = (binds(node, name) for node in there if id(node) not in false for name in own)
    if others or stars or any(rebound):
        return False
    sources = [node.value for node in asked if isinstance(node, ast.Attribute)]
    return all(isinstance(value, ast.Name) and value.id in modules for value in sources)


def _at_top(tree: ast.Module) -> Iterator[ast.AST]:
    """What runs in the scope of a file, or binds a name of it: a local `t` is no module `t`."""
    waiting: list[ast.AST] = [*tree.body]
    while waiting:
        node = waiting.pop()
        yield node
        if isinstance(node, _SCOPES):
            inner = [*ast.walk(node)]
            yield from (n for n in inner if isinstance(n, ast.Global))
            yield from (n.target for n in inner if isinstance(n, ast.NamedExpr))
        else:
            waiting.extend(ast.iter_child_nodes(node))


def _set_to_false(node: ast.AST) -> Sequence[ast.expr]:
    match node:
        case ast.Assign(targets=targets, value=ast.Constant(False)):
            return targets
        case ast.AnnAssign(target=target, value=ast.Constant(False)):
            return [target]
        case _:
            return ()


def _is_named(node: ast.expr) -> bool:
    return last_name(node) == "TYPE_CHECKING"


def _is_for_types(tree: ast.AST) -> bool:
    return isinstance(tree, ast.If) and not tree.orelse and _is_named(tree.test)


def needed(before: Sequence[Statement], trees: tuple[ast.Module, ast.Module]) -> set[Binding]:
    """What old imports bind that the new version does not have, and that old code names."""
    imported = {b for s in before if is_import(s) for tree in s.trees for b in bindings(tree)}
    bound = {b.name for node in nodes(trees[1]) for b in bindings(node)}
    gone = {b for b in imported if b.name not in bound}
    return {b for b in gone if any(_names(node, b.name) for node in nodes(trees[0]))}


def _names(node: ast.AST, name: str) -> bool:
    match node:
        case ast.Name(id=found):
            return found == name
        case ast.Constant(value=str(text)):
            return name in text and re.search(rf"\b{name}\b", text) is not None
        case _:
            return False
