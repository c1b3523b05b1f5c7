"""Tell what a file looks up whenever it is imported, so that looking it up again adds nothing."""

import ast
from collections.abc import Iterable, Iterator
from functools import lru_cache

from flagwright.core.wrapping.dormant.origin import Origins, bound_in
from flagwright.core.wrapping.effect import FUNCTIONS
from flagwright.core.wrapping.tree import nodes

IN_DOUBT = (
    ast.Lambda | ast.IfExp | ast.BoolOp | ast.Compare
    | ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp
)  # fmt: skip
"""What may leave a part of itself out, or looks it up in a scope of its own."""


@lru_cache(maxsize=4)
def looked_up(tree: ast.Module) -> frozenset[str]:
    """Attributes of names (`web.Request`) in what is always made: heads of definitions, values.

    Those of a name that a class binds for its own body are left out, and so are annotations
    that are never evaluated.
    """
    is_typed = not Origins(tree).defers_annotations
    own = {name for n in nodes(tree) if isinstance(n, ast.ClassDef) for name in bound_in(n)}
    found = {word for part in _made(tree.body, is_typed=is_typed) for word in _certain(part)}
    return frozenset(word for word in found if word.partition(".")[0] not in own)


def _made(body: Iterable[ast.stmt], *, is_typed: bool) -> Iterator[ast.expr]:
    """Expressions of the head of each definition outside functions, and values of names."""
    for node in body:
        if isinstance(node, ast.ClassDef):
            yield from (*node.decorator_list, *node.bases, *(k.value for k in node.keywords))
            yield from _made(node.body, is_typed=is_typed)
        elif isinstance(node, FUNCTIONS):
            arguments = node.args
            values = (*node.decorator_list, *arguments.defaults, *arguments.kw_defaults)
            yield from filter(None, values)
            if is_typed:
                named = (n for n in ast.walk(arguments) if isinstance(n, ast.arg))
                yield from filter(None, (node.returns, *(arg.annotation for arg in named)))
        elif isinstance(node, ast.Assign | ast.AnnAssign) and node.value:
            yield node.value


def _certain(expression: ast.expr) -> Iterator[str]:
    waiting: list[ast.AST] = [expression]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Attribute):
            yield ast.unparse(node)
        if not isinstance(node, IN_DOUBT):
            waiting.extend(ast.iter_child_nodes(node))
