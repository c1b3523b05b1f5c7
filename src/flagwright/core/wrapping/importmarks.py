"""Mark the imports of a merged file of which their use alone would not tell the side."""

import libcst as cst

from flagwright.core.wrapping import mark
from flagwright.core.wrapping.binding import Binding, bindings, names_used, top_bindings
from flagwright.core.wrapping.outline import Outline
from flagwright.core.wrapping.project import projections
from flagwright.core.wrapping.source import Source, parse
from flagwright.core.wrapping.statement import Statement, statements


def with_import_marks(
    merged: cst.Module, outline: Outline, before: Source, after: Source, flag: str, moved: set[str]
) -> tuple[str, str, str]:
    """Mark the imports of which use alone would not tell the side.

    Args:
        moved: Names that each version imports from another place.

    Returns:
        The wrapped text, and what taking the flag out of it gives, off and on.
    """
    text = outline.filled(merged.code)
    wanted = [top_bindings(source.tree) for source in (before, after)]
    off, on = projections(text, flag, (False, True))
    off_tree = parse(off)
    found = [top_bindings(off_tree), top_bindings(parse(on))]
    lost = (wanted[0] - found[0]) | (wanted[1] - found[1])
    used = names_used(off_tree) - moved
    excess = {b for b in found[0] - wanted[0] if b.name not in used}
    if not lost and not excess:
        return text, off, on
    body = [
        _with_marks(statement, lost, excess, flag)
        for statement in statements(merged.body, parse(text).body)
    ]
    text = outline.filled(merged.with_changes(body=body).code)
    off, on = projections(text, flag, (False, True))
    return text, off, on


def _with_marks(
    statement: Statement, lost: set[Binding], excess: set[Binding], flag: str
) -> cst.SimpleStatementLine | cst.BaseCompoundStatement:
    """One statement of the wrapped file; an import gets the marks that it needs."""
    bound = [b for tree in statement.trees for b in bindings(tree)]
    node = statement.node
    if lost.intersection(bound) and not any(mark.marks(mark.lines_above(node), flag)):
        node = mark.marked(node, flag, mark.Mark("both"))
    if away := [b.name for b in bound if b in excess]:
        names = tuple(away) if len(away) < len(bound) else ()
        node = mark.marked(node, flag, mark.Mark("on", names))
    return node
