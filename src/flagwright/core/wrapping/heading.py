"""Give a compound statement the headers of both versions, where the blocks below are much the same.

`if new_tax_on:` around two copies of a block of thirty lines hides the one word that changed.
An expression of a header is evaluated where it stands, and once, so either version's may stand
there: `if is_due(item) if new_tax_on else item.due:`. A header that differs in anything else,
in a target, in the number of branches, is left to a guard around the whole statement.
"""

import ast
from collections.abc import Hashable, Sequence
from typing import Any

import libcst as cst

from flagwright.core.wrapping import compound
from flagwright.core.wrapping.compound import expressions, is_spaced, with_expressions
from flagwright.core.wrapping.effect import Effects
from flagwright.core.wrapping.match import pairs, stretches
from flagwright.core.wrapping.read import PLACEHOLDER
from flagwright.core.wrapping.statement import Statement, Suite

_MOST = 2
"""Expressions of one header that may differ."""
LEAST = 2
"""Lines in blocks that are short enough to stand twice are fewer."""
_WIDTH = 88
"""Longer lines are broken."""
_LOOSE = cst.Tuple | cst.NamedExpr | cst.Lambda | cst.IfExp | cst.Yield | cst.GeneratorExp
"""What binds less than a conditional expression, unless it stands in parentheses."""


Both = tuple[Suite, Suite]
"""One block as the old and the new version have it."""


def united(
    before: Statement, after: Statement, effects: Effects, local: str
) -> cst.BaseCompoundStatement | None:
    """The new statement with both headers; none where that is not what a person would write.

    Args:
        local: The name that will hold the answer.
    """
    node = after.node
    assert isinstance(node, cst.BaseCompoundStatement)
    if shape(before, effects) != shape(after, effects):
        return None
    blocks = [*zip(compound.suites(before), compound.suites(after), strict=True)]
    if not are_alike(blocks, effects):
        return None
    old, new = (expressions(s.node) for s in (before, after))
    meant = [[effects.of_local(tree) for tree in _trees(s)] for s in (before, after)]
    differ = [one != other for one, other in zip(*meant, strict=True)]
    changed = [
        part for parts in zip(old, new, differ, strict=True) if parts[2] for part in parts[:2]
    ]
    if sum(differ) > _MOST or not is_spaced(node) or not all(map(is_tight, changed)):
        return None
    own = [both for both, is_new in zip(blocks, differ, strict=False) if is_new]
    if isinstance(node, cst.If) and not all(is_half_same([both], effects) for both in own):
        return None
    parts = zip(old, new, _trees(after), differ, strict=True)
    return with_expressions(
        node,
        [either(o, n, tree.col_offset, local) if is_new else n for o, n, tree, is_new in parts],
    )


def shape(statement: Statement, effects: Effects) -> Hashable:
    """What headers have in common that differ in expressions alone; unlike any other's, if none."""
    of, count = effects.of_local, len(compound.suites(statement))
    match statement.tree:
        case ast.If() | ast.While():
            return (type(statement.tree).__name__, count)
        case ast.For() | ast.AsyncFor() as loop:
            return (type(loop).__name__, count, of(loop.target))
        case ast.With() | ast.AsyncWith() as block:
            names = [item.optional_vars and of(item.optional_vars) for item in block.items]
            return (type(block).__name__, tuple(names))
        case ast.Try() | ast.TryStar() as attempt:
            handlers = tuple((h.type is None, h.name) for h in attempt.handlers)
            ends = bool(attempt.orelse), bool(attempt.finalbody)
            return (type(attempt).__name__, handlers, *ends)
        case ast.Match(cases=cases):
            return ("match", *((of(c.pattern), c.guard and of(c.guard)) for c in cases))
        case _:
            return id(statement)


def _trees(statement: Statement) -> list[ast.expr]:
    """The expressions of a header in the order of `expressions`."""
    tree: Any = statement.tree
    match tree:
        case ast.If():
            tests = [test for test, _ in compound.branches(tree)]
            return tests[: len(expressions(statement.node))]
        case ast.While():
            return [tree.test]
        case ast.For() | ast.AsyncFor():
            return [tree.iter]
        case ast.With() | ast.AsyncWith():
            return [item.context_expr for item in tree.items]
        case ast.Try() | ast.TryStar():
            return [handler.type for handler in tree.handlers if handler.type]
        case _:
            return [tree.subject]


def are_alike(blocks: Sequence[Both], effects: Effects, least: int = LEAST) -> bool:
    """Whether there are some lines in the blocks, and at least half of them stand in both."""
    are_short = any(isinstance(b.node, cst.SimpleStatementSuite) for both in blocks for b in both)
    return not are_short and is_half_same(blocks, effects, least=least)


def is_half_same(blocks: Sequence[Both], effects: Effects, least: int = 0) -> bool:
    """Whether at least half of the lines in the blocks, and of so many, stand in both."""
    same = sum(_same_lines(*both, effects) for both in blocks)
    sides = zip(*blocks, strict=True)
    most = max(sum(_lines(block.statements) for block in side) for side in sides)
    return least <= most <= 2 * same


def _same_lines(before: Suite, after: Suite, effects: Effects) -> int:
    blocks = before.statements, after.statements
    keys = [[tuple(effects.of_local(t) for t in s.trees) for s in block] for block in blocks]
    found = (part for part in stretches(*blocks, *keys) if part.same)
    return sum(_lines([new]) for part in found for _, new in pairs(part))


def _lines(statements: Sequence[Statement]) -> int:
    return sum(statement.end_line - statement.line + 1 for statement in statements)


def is_tight(node: cst.BaseExpression) -> bool:
    """Whether an expression can stand beside `if` and `else` as it is written."""
    if isinstance(node, _LOOSE) and not node.lpar:
        return False
    code = _code(node)
    return "\n" not in code or bool(node.lpar and "#" not in code)


def either(old: cst.BaseExpression, new: cst.BaseExpression, column: int, local: str) -> cst.IfExp:
    """The one or the other, in a line if it is short, else in five."""
    either = cst.IfExp(body=new, test=cst.Name(PLACEHOLDER), orelse=old)
    line = f"{_code(new)} if {local} else {_code(old)}:"
    is_plain = column + len(line) <= _WIDTH and not any(map(_needs_a_line, (new, old)))
    if "\n" in line or is_plain:
        return either
    space = cst.ParenthesizedWhitespace(indent=True, last_line=cst.SimpleWhitespace("    "))
    return either.with_changes(
        lpar=[cst.LeftParen(whitespace_after=space)],
        whitespace_before_if=space,
        whitespace_before_else=space,
        rpar=[cst.RightParen(whitespace_before=cst.ParenthesizedWhitespace(indent=True))],
    )


def _needs_a_line(node: cst.BaseExpression) -> bool:
    """Whether it takes a second look to see where an expression ends before `if` or `else`."""
    is_truth = isinstance(node, cst.BooleanOperation | cst.UnaryOperation | cst.Comparison)
    return is_truth and not node.lpar


def _code(node: cst.CSTNode) -> str:
    return cst.Module([]).code_for_node(node)
