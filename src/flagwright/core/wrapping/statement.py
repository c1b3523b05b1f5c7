"""Hold each statement twice: as libcst writes it, and as the standard library reads it.

The two trees of one text are walked side by side, so that a statement has its exact
text, its line and its meaning at once, and no position has to be looked up.
"""

import ast
from collections.abc import Sequence
from dataclasses import dataclass

import libcst as cst

from flagwright.core.wrapping.effect import has_no_effect
from flagwright.core.wrapping.refusal import refuse


@dataclass(frozen=True, eq=False)
class Statement:
    """One line of small statements, or one compound statement."""

    node: cst.SimpleStatementLine | cst.BaseCompoundStatement
    trees: tuple[ast.stmt, ...]

    @property
    def tree(self) -> ast.stmt:
        """The first (and mostly only) statement of the line."""
        return self.trees[0]

    @property
    def line(self) -> int:
        """First line, that of the first decorator included."""
        return first_line(self.tree)

    @property
    def end_line(self) -> int:
        """Last line."""
        return self.trees[-1].end_lineno or self.line


@dataclass(frozen=True, eq=False)
class Suite:
    """The statements of one block, and the block itself; an absent `else` has no node."""

    node: cst.BaseSuite | None
    statements: tuple[Statement, ...]


def is_idle(statement: Statement) -> bool:
    """Whether a line does nothing when it runs."""
    return all(has_no_effect(tree) for tree in statement.trees)


def first_line(node: ast.stmt) -> int:
    """First line of a statement, that of its first decorator included."""
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return min(node.lineno, *(d.lineno for d in decorators)) if decorators else node.lineno


def statements(
    nodes: Sequence[cst.BaseStatement | cst.BaseSmallStatement], trees: Sequence[ast.stmt]
) -> tuple[Statement, ...]:
    """Pair the nodes of one block with its syntax trees."""
    found = []
    rest = list(trees)
    for node in nodes:
        taken = len(node.body) if isinstance(node, cst.SimpleStatementLine) else 1
        assert isinstance(node, cst.SimpleStatementLine | cst.BaseCompoundStatement)
        found.append(Statement(node, tuple(rest[:taken])))
        del rest[:taken]
    if rest or any(not statement.trees for statement in found):
        line = trees[0].lineno if trees else 1
        raise refuse(line, "unparsable", "two parsers read it differently")
    return tuple(found)


def suite(node: cst.BaseSuite, trees: Sequence[ast.stmt]) -> Suite:
    """Pair one block; a block on the line of its header becomes a line of its own."""
    if isinstance(node, cst.SimpleStatementSuite):
        line = cst.SimpleStatementLine(node.body, trailing_whitespace=node.trailing_whitespace)
        return Suite(node, statements([line], trees))
    assert isinstance(node, cst.IndentedBlock)
    return Suite(node, statements(node.body, trees))


def absent() -> Suite:
    """The `else` that a statement does not have."""
    return Suite(None, ())
