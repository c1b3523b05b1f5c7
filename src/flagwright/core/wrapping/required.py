"""Let a call that lacks what only the new version requires be one of the old version.

`def f(a)` and `def f(a, b)` become `def f(a, b=...)`, which asks `new_tax_on = <check> and b is
not ...`. So a caller that has not read the flag yet, or read it before it was switched, still
gets what it asked for.
"""

import ast
import re
from collections.abc import Collection, Sequence

import libcst as cst

from flagwright.core.wrapping import mark
from flagwright.core.wrapping.effect import FUNCTIONS
from flagwright.core.wrapping.statement import first_line
from flagwright.core.wrapping.tree import nodes, parsed


def with_question(node: cst.FunctionDef, at: int, names: Sequence[str]) -> cst.FunctionDef:
    """A function whose answer, in a local, is yes only where some parameters are given.

    Args:
        at: The place of that local in the body.
    """
    body = list(node.body.body)
    line = cst.ensure_type(body[at], cst.SimpleStatementLine)
    asked = cst.ensure_type(line.body[0], cst.Assign)
    value = asked.value
    for name in names:
        is_given = cst.ComparisonTarget(cst.IsNot(), cst.Ellipsis())
        comparison = cst.Comparison(cst.Name(name), [is_given])
        value = cst.BooleanOperation(value, cst.And(), comparison)
    body[at] = line.with_changes(body=[asked.with_changes(value=value)])
    return node.with_changes(body=node.body.with_changes(body=body))


def without_questions(text: str, flag: str) -> str:
    """A wrapped text that asks for the flag alone: what remains of either side is the same."""
    if not re.search(rf"# flag {re.escape(flag)}: off \([^)]*=\)", text):
        return text
    lines = text.split("\n")
    for node in nodes(parsed(text)):
        if isinstance(node, FUNCTIONS) and (names := _required(lines, first_line(node), flag)):
            at = int(ast.get_docstring(node, clean=False) is not None)
            if at < len(node.body):
                _shorten(lines, node.body[at], names)
    return "\n".join(lines)


def _required(lines: Sequence[str], first: int, flag: str) -> set[str]:
    """Parameters that only the new version has, and that it requires, by the marks above."""
    found = list(mark.marks_above(lines, first, flag))
    on = {name for m in found if m.side == "on" for name in m.plain}
    return on & {name for m in found if m.side == "off" for name in m.defaults}


def _shorten(lines: list[str], node: ast.stmt, names: Collection[str]) -> None:
    """Take ` and b is not ...` off the value of a line; a comment behind it stays."""
    match node:
        case ast.Assign(value=ast.BoolOp(op=ast.And(), values=[_, *tests]) as value) if (
            node.lineno == node.end_lineno
        ):
            wanted = [f"{name} is not ..." for name in names]
            tail = "".join(f" and {ast.unparse(test)}" for test in tests).encode()
            line, end = lines[node.lineno - 1].encode(), value.end_col_offset or 0
            is_asked = sorted(map(ast.unparse, tests)) == sorted(wanted)
            if is_asked and line[:end].endswith(tail):
                lines[node.lineno - 1] = (line[:end].removesuffix(tail) + line[end:]).decode()
        case _:
            pass
