"""Rename what code reads: never an import, a keyword, nor an attribute unless it is a member."""

from collections.abc import Collection, Mapping

import libcst as cst

from flagwright.core.wrapping.visitor import Transformer


class Rename(Transformer):
    """Gives names their new spelling."""

    def __init__(self, names: Mapping[str, str], members: Collection[str] = ()) -> None:
        """`members` are those of the names that attributes have."""
        super().__init__()
        self._names, self._members = names, members

    def visit_Import(self, node: cst.Import) -> bool:
        return False

    def visit_ImportFrom(self, node: cst.ImportFrom) -> bool:
        return False

    def leave_Name(self, original_node: cst.Name, updated_node: cst.Name) -> cst.Name:
        name = self._names.get(original_node.value)
        return updated_node.with_changes(value=name) if name else updated_node

    def leave_Attribute(
        self, original_node: cst.Attribute, updated_node: cst.Attribute
    ) -> cst.Attribute:
        if original_node.attr.value in self._members:
            return updated_node
        return updated_node.with_changes(attr=original_node.attr)

    def leave_Arg(self, original_node: cst.Arg, updated_node: cst.Arg) -> cst.Arg:
        return updated_node.with_changes(keyword=original_node.keyword)
