"""Walk a libcst tree without a question at every attribute of every node.

The visitors of libcst look for a method for each kind of node and for each of its attributes,
by a name that they put together. Ours have methods for a few kinds, and none for attributes.
"""

from functools import cache
from typing import Any

import libcst as cst


@cache
def _methods(visitor: type, prefix: str) -> dict[type, str]:
    """The methods that a visitor itself has, by the kind of node."""
    names = (
        name
        for owner in visitor.__mro__
        if not owner.__module__.startswith("libcst")
        for name in vars(owner)
        if name.startswith(prefix)
    )
    return {getattr(cst, name.removeprefix(prefix)): name for name in names}


class Visitor(cst.CSTVisitor):
    """Looks at the nodes for which it has a method."""

    def __init__(self) -> None:
        super().__init__()
        self._visits = _methods(type(self), "visit_")

    def on_visit(self, node: cst.CSTNode) -> bool:
        name = self._visits.get(type(node))
        return name is None or getattr(self, name)(node) is not False

    def on_leave(self, original_node: cst.CSTNode) -> None:
        pass

    def on_visit_attribute(self, node: cst.CSTNode, attribute: str) -> None:
        pass

    def on_leave_attribute(self, original_node: cst.CSTNode, attribute: str) -> None:
        pass


class Transformer(cst.CSTTransformer):
    """Replaces the nodes for which it has a method."""

    def __init__(self) -> None:
        super().__init__()
        self._visits = _methods(type(self), "visit_")
        self._leaves = _methods(type(self), "leave_")

    def on_visit(self, node: cst.CSTNode) -> bool:
        name = self._visits.get(type(node))
        return name is None or getattr(self, name)(node) is not False

    def on_leave(self, original_node: Any, updated_node: Any) -> Any:
        name = self._leaves.get(type(original_node))
        return updated_node if name is None else getattr(self, name)(original_node, updated_node)

    def on_visit_attribute(self, node: cst.CSTNode, attribute: str) -> None:
        pass

    def on_leave_attribute(self, original_node: cst.CSTNode, attribute: str) -> None:
        pass
