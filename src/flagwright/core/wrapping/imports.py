"""Unite the imports of two versions.

The new version's imports stay as they are written. What only the old one imported is
kept, marked, one statement each.
"""

import __future__

import ast
from collections.abc import Callable, Collection, Sequence
from typing import Any

import libcst as cst

from flagwright.core.wrapping.binding import Binding, bindings
from flagwright.core.wrapping.refusal import refuse
from flagwright.core.wrapping.respelled import Spelling
from flagwright.core.wrapping.statement import Statement

_LATE = Binding("annotations", "__future__", "annotations")


def is_import(statement: Statement) -> bool:
    """Whether a line does nothing but import."""
    return all(isinstance(tree, ast.Import | ast.ImportFrom) for tree in statement.trees)


def check_union(
    before: Sequence[Statement],
    after: Sequence[Statement],
    spelled: Spelling,
    *,
    annotations_are_idle: Callable[[], bool],
) -> None:
    """Refuse imports of one block that cannot stand side by side.

    Args:
        spelled: From where both versions spell them.
        annotations_are_idle: Whether it does not matter when annotations are evaluated.

    Raises:
        CannotWrap: `name-clash` or `import-time`.
    """
    old = {b: tree for s in before for tree in s.trees for b in bindings(tree)}
    new = {b: tree for s in after for tree in s.trees for b in bindings(tree)}
    for binding in old.keys() ^ new.keys():
        line = (new.get(binding) or old[binding]).lineno
        idle = binding == _LATE and annotations_are_idle()
        if binding.name == "*" or (_is_in_effect(binding) and not idle):
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
                and not spelled.is_same(other, binding)
            ):
                because = f"`{binding.name}` is imported from another place than before"
                raise refuse(tree.lineno, "name-clash", because)


def _is_in_effect(binding: Binding) -> bool:
    """Whether a binding is a `__future__` import of what Python does not do by itself yet."""
    if binding.module != "__future__":
        return False
    feature: __future__._Feature | None = getattr(__future__, binding.attribute or "", None)
    since = feature.getMandatoryRelease() if feature else None
    return since is None or since[:2] > (3, 7)


def is_future(statement: Statement) -> bool:
    """Whether a line imports from `__future__`, and so has to stay above all others."""
    return any(getattr(tree, "module", None) == "__future__" for tree in statement.trees)


def kept(statement: Statement, have: Collection[Binding]) -> list[cst.SimpleStatementLine]:
    """What an old import line binds and the new version does not, as lines of their own.

    A line of which all is kept stays as it was written: tools read the comment behind it.
    """
    lines = []
    assert isinstance(statement.node, cst.SimpleStatementLine)
    bound = [binding for tree in statement.trees for binding in bindings(tree)]
    is_whole = len(statement.trees) == 1 and not any(b in have or b.name == "*" for b in bound)
    if bound and is_whole:
        return [statement.node.with_changes(leading_lines=())]
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
            parts: dict[str, Any] = {"semicolon": cst.MaybeSentinel.DEFAULT}
            parts |= {"lpar": None, "rpar": None} if isinstance(node, cst.ImportFrom) else {}
            lines.append(cst.SimpleStatementLine([node.with_changes(names=names, **parts)]))
    return lines
