"""Tell whose objects a value may hold, as far as names and calls show."""

import ast

from flagwright.core.wrapping.chain import Chain
from flagwright.core.wrapping.linking import gives_objects
from flagwright.core.wrapping.part import Part
from flagwright.core.wrapping.proof.importing import Reach
from flagwright.core.wrapping.tree import walk

_ITSELF = {"self", "cls"}
"""What the methods of a class call its object, or it."""


class Owners:
    """Finds them, for the code of one file as far as it is followed."""

    def __init__(self, chain: Chain, part: Part, reach: Reach) -> None:
        self._chain, self._part, self._reach = chain, part, reach
        self._named: dict[tuple[str, bool], set[str]] = {}
        """What `_of_name` has found."""

    def of(self, value: ast.expr, *, is_called: bool) -> set[str]:
        """Files of classes that a value names, or whose objects it may hold.

        Args:
            is_called: Whether a function that it is may be called for its result.
        """
        inner, found = walk(value), set[str]()
        makers = {node.func for node in inner if isinstance(node, ast.Call)}
        for node in inner:
            if own := self._chain.owned(self._part, node):
                if node in makers or gives_objects(own[1], self._chain.parts[own[0]].tree):
                    found.add(own[0])
            elif isinstance(node, ast.Name) and node.id in _ITSELF:
                found.add(self._part.path)
            elif isinstance(node, ast.Name):
                found |= self._of_name(node.id, is_called=is_called or node in makers)
        return found

    def _of_name(self, name: str, *, is_called: bool) -> set[str]:
        """The same of all that a name of the file may stand for."""
        if (name, is_called) not in self._named:
            sources: list[ast.AST] = [*self._reach.made_of(name)]
            sources += self._part.functions.get(name, ()) if is_called else ()
            self._named[name, is_called] = set().union(*map(self._of_source, sources))
        return self._named[name, is_called]

    def _of_source(self, source: ast.AST) -> set[str]:
        if isinstance(source, ast.ClassDef):
            return {self._part.path}
        inner = walk(source)
        if not any(isinstance(node, ast.Call) for node in inner):
            return set()
        return {own[0] for node in inner if (own := self._chain.owned(self._part, node))}
