"""Write the `if` that has a run of both versions, with their comments where they belong."""

from collections.abc import Sequence
from itertools import groupby, takewhile

import libcst as cst

from flagwright.core.wrapping.read import PLACEHOLDER

Lines = Sequence[cst.EmptyLine]
Line = cst.SimpleStatementLine | cst.BaseCompoundStatement


def guarded(new: list[Line], old: list[Line], indent: str | None) -> cst.If:
    """`if <check>: new else: old`, or the half of it that is needed.

    Blank lines, and whole comments, that both runs have above them stay above the `if`;
    every other comment stays with its statement.
    """
    first = (new or old)[0].leading_lines
    count = _shared(first, old[0].leading_lines) if new and old else _gap(first)
    above = first[:count]
    if new:
        new = [new[0].with_changes(leading_lines=first[count:]), *new[1:]]
    if old:
        own = _without(old[0].leading_lines, _blocks(above))
        old = [old[0].with_changes(leading_lines=own[_gap(own) :]), *old[1:]]
    check = cst.Name(PLACEHOLDER)
    if not new:
        return cst.If(
            cst.UnaryOperation(cst.Not(), check),
            cst.IndentedBlock(old, indent=indent),
            leading_lines=above,
        )
    orelse = cst.Else(cst.IndentedBlock(old, indent=indent)) if old else None
    return cst.If(check, cst.IndentedBlock(new, indent=indent), orelse, leading_lines=above)


def otherwise(block: cst.BaseSuite, node: cst.Else | None = None) -> cst.If | cst.Else:
    """The `else` of an `if`: an `elif` where one guard is all that stands in it.

    Args:
        node: The `else` that the new version has.
    """
    above = node.leading_lines if node else ()
    match block:
        case cst.IndentedBlock(body=[cst.If(leading_lines=[]) as guard], footer=[]) if _asks(guard):
            body = guard.body.with_changes(header=block.header)
            return guard.with_changes(body=body, leading_lines=above)
        case _:
            return cst.Else(block) if node is None else node.with_changes(body=block)


def _asks(node: cst.If) -> bool:
    match node.test:
        case cst.Name(name) | cst.UnaryOperation(cst.Not(), cst.Name(name)):
            return name == PLACEHOLDER
        case _:
            return False


def _shared(new: Lines, old: Lines) -> int:
    """How many of the lines above a run go above the `if`: whole comments that both have.

    Half of a comment there, and the rest on each side, would be a sentence of nobody's.
    """
    count, theirs = _gap(new), _blocks(old)
    for block in _blocks(new):
        if block not in theirs:
            break
        count += len(block)
        count += _gap(new[count:])
    return count


def _blocks(lines: Lines) -> list[list[str]]:
    """The comments above a statement, each with all its lines; a blank line ends one."""
    runs = groupby(lines, key=lambda line: line.comment is not None)
    return [[line.comment.value for line in run if line.comment] for said, run in runs if said]


def _without(lines: Lines, blocks: list[list[str]]) -> list[cst.EmptyLine]:
    """Lines but for some whole comments, each as often as it is named."""
    left, kept = list(blocks), list[cst.EmptyLine]()
    for _, run in groupby(lines, key=lambda line: line.comment is not None):
        some = list(run)
        said = [line.comment.value for line in some if line.comment]
        if said in left:
            left.remove(said)
        else:
            kept += some
    return kept


def _gap(lines: Lines) -> int:
    """How many blank lines come first."""
    return sum(1 for _ in takewhile(lambda line: line.comment is None, lines))
