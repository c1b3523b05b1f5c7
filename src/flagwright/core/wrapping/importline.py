"""Read and change which names one import line binds."""

from collections.abc import Collection
from typing import Any

import libcst as cst


def without_names(node: Any, gone: Collection[str]) -> Any:
    """An import statement without the names that went; none where nothing is left."""
    if isinstance(node.names, cst.ImportStar) or _module(node) == "__future__":
        return node
    names = [alias for alias in node.names if bound_name(alias) not in gone]
    if len(names) == len(node.names):
        return node
    if not names:
        return None
    if names[-1] is not node.names[-1]:
        names[-1] = names[-1].with_changes(comma=node.names[-1].comma)
    return node.with_changes(names=names)


def imports_alone(node: cst.CSTNode) -> bool:
    """Whether a line does nothing but import."""
    parts = node.body if isinstance(node, cst.SimpleStatementLine) else ()
    return bool(parts) and all(isinstance(part, cst.Import | cst.ImportFrom) for part in parts)


def bound_name(alias: cst.ImportAlias) -> str:
    """The name that one part of an import binds."""
    return alias.evaluated_alias or alias.evaluated_name.partition(".")[0]


def _module(node: Any) -> str | None:
    module = getattr(node, "module", None)
    return module.value if isinstance(module, cst.Name) else None
