"""Write both versions of one `from ... import ...` line as one, with a mark for the old names.

Taking the marked names out must give the new line back as it was written.
"""

from collections.abc import Collection, Sequence
from difflib import SequenceMatcher

import libcst as cst

from flagwright.core.wrapping.binding import Binding, bindings
from flagwright.core.wrapping.importline import without_names
from flagwright.core.wrapping.imports import is_import
from flagwright.core.wrapping.statement import Statement


def paired(
    before: Sequence[Statement], after: Sequence[Statement], have: Collection[Binding]
) -> tuple[list[Statement], list[tuple[Statement, cst.SimpleStatementLine, tuple[str, ...]]]]:
    """Old import lines that stay as they are, and new ones with what they hold of an old one.

    Args:
        have: What the new version imports, in whatever line.
    """
    alone: list[Statement] = []
    both: list[tuple[Statement, cst.SimpleStatementLine, tuple[str, ...]]] = []
    waiting = [s for s in after if is_import(s)]
    for statement in filter(is_import, before):
        pairs = ((other, united(statement, other, have)) for other in waiting)
        other, line = next(((o, line) for o, line in pairs if line), (None, None))
        if other is None or line is None:
            alone.append(statement)
        else:
            both.append((other, *line))
            waiting = [s for s in waiting if s is not other]
    return alone, both


def united(
    old: Statement, new: Statement, have: Collection[Binding]
) -> tuple[cst.SimpleStatementLine, tuple[str, ...]] | None:
    """The line with the names of both, and those that only the old version has.

    Args:
        have: What the new version imports, here or in another line.

    Returns:
        None where the two lines cannot be one.
    """
    here, there = _only_import(old), _only_import(new)
    if here is None or there is None or _source(here) != _source(there):
        return None
    bound = [list(bindings(statement.trees[0])) for statement in (old, new)]
    gone = {b for b in bound[0] if b not in have}
    kept = [b for b in bound[0] if b in gone or b in bound[1]]
    names = dict(zip([*bound[0], *bound[1]], [*_names(here), *_names(there)], strict=True))
    order = _merged(kept, bound[1])
    node = _with_names(there, [names[b] for b in order], here)
    off = tuple(b.name for b in order if b in gone)
    if any(names[b].asname for b in gone):
        return None
    line = cst.ensure_type(new.node, cst.SimpleStatementLine).with_changes(body=[node])
    back = without_names(node, set(off))
    if back is None or _code(back) != _code(there) or "#" in _code(node):
        return None
    return line, off


def _only_import(statement: Statement) -> cst.ImportFrom | None:
    """The import of a line that has nothing else, and names what it imports."""
    assert isinstance(statement.node, cst.SimpleStatementLine)
    match statement.node.body:
        case [cst.ImportFrom() as node] if not isinstance(node.names, cst.ImportStar):
            return node
        case _:
            return None


def _source(node: cst.ImportFrom) -> str:
    return "." * len(node.relative) + (_code(node.module) if node.module else "")


def _names(node: cst.ImportFrom) -> Sequence[cst.ImportAlias]:
    assert not isinstance(node.names, cst.ImportStar)
    return node.names


def _merged(old: list[Binding], new: list[Binding]) -> list[Binding]:
    """Both lists in one, each in its own order; where they disagree, the new one leads."""
    found: list[Binding] = []
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    for _, o1, o2, n1, n2 in matcher.get_opcodes():
        found += [b for b in old[o1:o2] if b not in new]
        found += new[n1:n2]
    return found


def _with_names(
    node: cst.ImportFrom, names: list[cst.ImportAlias], other: cst.ImportFrom
) -> cst.ImportFrom:
    """The import with these names, laid out as it is itself."""
    between: cst.Comma | cst.MaybeSentinel = cst.MaybeSentinel.DEFAULT
    if len(_names(node)) > 1:
        between = _names(node)[0].comma
    elif node.lpar and other.lpar:
        between = _names(other)[0].comma
    laid = [name.with_changes(comma=between) for name in names[:-1]]
    return node.with_changes(names=[*laid, names[-1].with_changes(comma=_names(node)[-1].comma)])


def _code(node: cst.CSTNode) -> str:
    return cst.Module([]).code_for_node(node)
