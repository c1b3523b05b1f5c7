"""Find the blocks that only a type checker reads: Python never runs them."""

import ast
from collections.abc import Iterator

from flagwright.core.wrapping.proof.running import called_name
from flagwright.core.wrapping.tree import nodes, walk

_NAME = "TYPE_CHECKING"
_MODULES = ("typing", "typing_extensions")


def for_types(tree: ast.Module) -> set[int]:
    """By identity, blocks under `TYPE_CHECKING`, with all in them but an `else`.

    There are none where the name may stand for something else than that of `typing`.
    """
    blocks = [n for n in tree.body if isinstance(n, ast.If) and called_name(n.test) == _NAME]
    if not blocks or any(_may_be_true(node) for node in nodes(tree)):
        return set()
    false = {id(part) for node in tree.body for part in _set_to_false(node)}
    stored = (n for n in nodes(tree) if isinstance(n, ast.Name) and n.id == _NAME)
    if any(not isinstance(n.ctx, ast.Load) and id(n) not in false for n in stored):
        return set()
    inner = (part for block in blocks for statement in block.body for part in walk(statement))
    return {*map(id, blocks), *map(id, inner)}


def _may_be_true(node: ast.AST) -> bool:
    match node:
        case ast.ImportFrom(module=module, names=names):
            bound = {alias.asname or alias.name for alias in names}
            return module not in _MODULES and not bound.isdisjoint({_NAME, "*"})
        case ast.Attribute(attr=name, ctx=ast.Store() | ast.Del()):
            return name == _NAME
        case ast.Global(names=names):
            return _NAME in names
        case _:
            return False


def _set_to_false(node: ast.stmt) -> Iterator[ast.expr]:
    match node:
        case ast.Assign(targets=targets, value=ast.Constant(False)):
            yield from targets
        case ast.AnnAssign(target=target, value=ast.Constant(False)):
            yield target
        case _:
            pass
