"""Write the `if` that has a run of both versions, with their comments where they belong."""

import libcst as cst

from flagwright.core.wrapping.read import PLACEHOLDER

Line = cst.SimpleStatementLine | cst.BaseCompoundStatement


def guarded(new: list[Line], old: list[Line], indent: str | None) -> cst.If:
    """`if <check>: new else: old`, or the half of it that is needed.

    Blank lines and comments that both runs have above them stay above the `if`;
    every other comment stays with its statement.
    """
    first = (new or old)[0].leading_lines
    count = _shared(new, old)
    above = first[:count]
    moved = {line.comment.value for line in above if line.comment}
    if new:
        new = [new[0].with_changes(leading_lines=first[count:]), *new[1:]]
    if old:
        own = [line for line in old[0].leading_lines if not _is_in(line, moved)]
        while own and own[0].comment is None:
            del own[0]
        old = [old[0].with_changes(leading_lines=own), *old[1:]]
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


def _shared(new: list[Line], old: list[Line]) -> int:
    """How many of the lines above a run go above the `if`."""
    first = (new or old)[0].leading_lines
    theirs = (
        {line.comment.value for line in old[0].leading_lines if line.comment}
        if new and old
        else set()
    )
    count = 0
    for line in first:
        if line.comment and line.comment.value not in theirs:
            break
        count += 1
    return count


def _is_in(line: cst.EmptyLine, comments: set[str]) -> bool:
    return line.comment is not None and line.comment.value in comments
