"""Tell whose objects a value may hold, as far as names and calls show."""

import ast
from collections.abc import Iterator

from flagwright.core.wrapping.chain import Chain
from flagwright.core.wrapping.linking import gives_objects
from flagwright.core.wrapping.part import Part
from flagwright.core.wrapping.proof.importing import Reach
from flagwright.core.wrapping.tree import walk

_ITSELF = {"self", "cls"}
"""What the methods of a class call its object, or it."""


def owners_of(
    chain: Chain, part: Part, reach: Reach, value: ast.expr, *, is_called: bool
) -> Iterator[str]:
    """Files of classes that a value names, or whose objects it may hold.

    Args:
        is_called: Whether a function that it is may be called for its result.
    """
    makers = {node.func for node in walk(value) if isinstance(node, ast.Call)}
    for node in walk(value):
        if own := chain.owned(part, node):
            if node in makers or gives_objects(own[1], chain.parts[own[0]].tree):
                yield own[0]
        elif isinstance(node, ast.Name) and node.id in _ITSELF:
            yield part.path
        elif isinstance(node, ast.Name):
            sources: list[ast.AST] = [*reach.made_of(node.id)]
            sources += part.functions.get(node.id, ()) if is_called or node in makers else ()
            for source in sources:
                if isinstance(source, ast.ClassDef):
                    yield part.path
                elif any(isinstance(inner, ast.Call) for inner in walk(source)):
                    yield from (own[0] for n in walk(source) if (own := chain.owned(part, n)))
