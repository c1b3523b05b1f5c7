"""Unite the imports of two versions.

The new version's imports stay as they are written. What only the old one imported is
kept, marked, one statement each.
"""

import ast
from collections.abc import Collection, Sequence

import libcst as cst

from flagwright.core.wrapping.binding import Binding, bindings
from flagwright.core.wrapping.refusal import refuse
from flagwright.core.wrapping.statement import Statement


def is_import(statement: Statement) -> bool:
    """Whether a line does nothing but import."""
    return all(isinstance(tree, ast.Import | ast.ImportFrom) for tree in statement.trees)


def check_union(before: Sequence[Statement], after: Sequence[Statement]) -> None:
    """Refuse imports of one block that cannot stand side by side.

    Raises:
        CannotWrap: `name-clash` or `import-time`.
    """
    old = {b: tree for s in before for tree in s.trees for b in bindings(tree)}
    new = {b: tree for s in after for tree in s.trees for b in bindings(tree)}
    for binding in old.keys() ^ new.keys():
        line = (new.get(binding) or old[binding]).lineno
        if binding.name == "*" or binding.module == "__future__":
            because = f"`from {binding.module} import {binding.attribute}` changes the whole file"
            raise refuse(line, "import-time", because)
    for binding, tree in new.items():
        for other in old:
            packages = other.is_package and binding.is_package
            if (
                other.name == binding.name
                and other != binding
                and not packages
                and other not in new
            ):
                because = f"`{binding.name}` is imported from another place than before"
                raise refuse(tree.lineno, "name-clash", because)


def kept(statement: Statement, have: Collection[Binding]) -> list[cst.SimpleStatementLine]:
    """What an old import line binds and the new version does not, as lines of their own."""
    lines = []
    assert isinstance(statement.node, cst.SimpleStatementLine)
    for node, tree in zip(statement.node.body, statement.trees, strict=True):
        assert isinstance(node, cst.Import | cst.ImportFrom)
        if isinstance(node.names, cst.ImportStar):
            continue
        names = [
            alias.with_changes(comma=cst.MaybeSentinel.DEFAULT)
            for alias, binding in zip(node.names, bindings(tree), strict=True)
            if binding not in have
        ]
        if names:
            parts = {"lpar": None, "rpar": None} if isinstance(node, cst.ImportFrom) else {}
            lines.append(cst.SimpleStatementLine([node.with_changes(names=names, **parts)]))
    return lines
