"""Put what changes at the top of a program behind one question, where it stands.

    if client.is_enabled("new-tax"):
        report(rates, by="country")
    else:
        report(rates)

All of it is one run, from the first changed line to the last, so that the program asks once and
never does half of either version. Imports and definitions are there for both, where none stands
in between; else they belong to the run, too.
"""

import ast
from collections import Counter
from collections.abc import Sequence
from typing import cast

import libcst as cst

from flagwright.core.wrapping.effect import FUNCTIONS, Effects
from flagwright.core.wrapping.guard import FunctionMerge
from flagwright.core.wrapping.imports import is_future, is_import
from flagwright.core.wrapping.listing import is_listing
from flagwright.core.wrapping.match import Stretch, as_one, stretches
from flagwright.core.wrapping.outline import Moved, is_stub
from flagwright.core.wrapping.read import PLACEHOLDER
from flagwright.core.wrapping.statement import Statement, is_idle
from flagwright.core.wrapping.visitor import Transformer

Line = cst.SimpleStatementLine | cst.BaseCompoundStatement
AS_IT_STARTS = (
    "what the program does at its top is asked for where it runs, as the program starts: a switch "
    "after that changes nothing there"
)
_MOST_TWICE = 30
"""Lines that may stand there twice in any case."""
_AT_TOP = ast.Pass(lineno=1, end_lineno=1, col_offset=0, end_col_offset=0)


def asking_at_top(
    before: Sequence[Statement],
    after: Sequence[Statement],
    functions: FunctionMerge,
    effects: Effects,
    *,
    with_definitions: bool,
) -> tuple[Sequence[Statement], Sequence[Statement]]:
    """The statements of both versions, with one guard in both for all that changes there.

    As they are where nothing does, where it stands in several places, or these lie far apart.

    Args:
        with_definitions: Whether imports and definitions may belong to it.

    Raises:
        Moved: Where what was cut out of the text stands between the places.
    """
    belongs = _may_move if with_definitions else _is_plain
    old, new = ([s for s in side if belongs(s)] for side in (before, after))
    keys = [[tuple(effects.of(t) for t in s.trees) for s in side] for side in (old, new)]
    _, run, below = as_one([*stretches(old, new, *keys)], is_idle)
    if run is None or _is_mostly_same(run):
        return before, after
    rest = [s for part in below for s in part.before], [s for part in below for s in part.after]
    places = _place(before, run.before, rest[0]), _place(after, run.after, rest[1])
    if None in places:
        return before, after
    merged = functions.at_top(run.before, run.after)
    guard = [_for_both(cast(Line, line.visit(_Bare()))) for line in merged]
    sides: list[list[Statement]] = []
    for side, own, place in zip((before, after), (run.before, run.after), places, strict=True):
        assert place is not None
        sides.append([*side[:place], *guard, *side[place + len(own) :]])
    return sides[0], sides[1]


def _is_mostly_same(run: Stretch) -> bool:
    """Whether more lines of a run would stand there twice, as they are, than change in it."""
    old, new = (
        Counter(
            line.strip() for s in side for line in cst.Module([s.node]).code.strip().split("\n")
        )
        for side in (run.before, run.after)
    )
    same, every = (old & new).total(), old.total() + new.total()
    return same > max(_MOST_TWICE, every - 2 * same)


class _Bare(Transformer):
    """Leaves blank lines empty, which have no indentation at the top of a file."""

    def leave_EmptyLine(
        self, original_node: cst.EmptyLine, updated_node: cst.EmptyLine
    ) -> cst.EmptyLine:
        return updated_node if updated_node.comment else updated_node.with_changes(indent=False)


def _for_both(line: Line) -> Statement:
    """A merged line, which both versions have."""
    mark = ast.Expr(ast.Name(PLACEHOLDER, ast.Load()))
    return Statement(line, (ast.fix_missing_locations(ast.copy_location(mark, _AT_TOP)),))


def _place(
    side: Sequence[Statement], run: Sequence[Statement], below: Sequence[Statement]
) -> int | None:
    """Where a run stands among all statements, or would stand; none where it is not in one piece.

    A version that has none of it would have it above what stands below it, or at the end.
    """
    if not run:
        return next((n for n, s in enumerate(side) if below and s is below[0]), len(side))
    first = next(n for n, s in enumerate(side) if s is run[0])
    found = side[first : first + len(run)]
    if all(a is b for a, b in zip(found, run, strict=True)):
        return first
    last = next(n for n, s in enumerate(side) if s is run[-1])
    if any(is_stub(s.node) for s in side[first:last]):
        raise Moved
    return None


def _may_move(statement: Statement) -> bool:
    """Whether a statement may stand behind a question at all."""
    return not (is_idle(statement) or is_future(statement) or is_listing(statement.tree))


def _is_plain(statement: Statement) -> bool:
    """Whether a statement only runs: it brings no name from elsewhere, and defines none."""
    tree = statement.tree
    is_kept = isinstance(tree, (*FUNCTIONS, ast.ClassDef)) or is_stub(statement.node)
    return not (is_kept or is_idle(statement) or is_import(statement) or is_listing(tree))
