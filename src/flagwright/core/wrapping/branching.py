"""Write a branch that only one version has into the `if` of both.

`elif new_tax_on and order.is_late:` adds one, `elif not new_tax_on and order.is_late:` keeps one
that is gone. Where little else of the statement is shared, it is left to a guard as a whole.
"""

import ast
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import NamedTuple, cast

import libcst as cst

from flagwright.core.wrapping import compound
from flagwright.core.wrapping.branches import otherwise
from flagwright.core.wrapping.compound import is_spaced
from flagwright.core.wrapping.effect import Effects
from flagwright.core.wrapping.heading import LEAST, are_alike, either, is_half_same, is_tight
from flagwright.core.wrapping.read import PLACEHOLDER
from flagwright.core.wrapping.statement import Statement, Suite

_LOOSE = cst.NamedExpr | cst.Lambda | cst.IfExp | cst.Yield
"""What binds less than `and`, unless it stands in parentheses; `or` does, too."""


class Branch(NamedTuple):
    """One test of a chain, and its block."""

    node: cst.If
    test: ast.expr
    block: Suite
    is_first: bool


Pair = tuple[Branch | None, Branch | None]
"""A branch as the old and the new version have it."""


def chain_of(before: Statement, after: Statement, effects: Effects) -> list[Pair]:
    """The branches of both versions, in one order; none where too little of them is shared."""
    if not isinstance(before.tree, ast.If) or not isinstance(after.tree, ast.If):
        return []
    old, new = ([*_branches(statement)] for statement in (before, after))
    keys = [[effects.of_local(branch.test) for branch in side] for side in (old, new)]
    chain: list[Pair] = []
    for step, i, end, j, stop in SequenceMatcher(
        None, keys[0], keys[1], autojunk=False
    ).get_opcodes():
        if step == "equal":
            chain += zip(old[i:end], new[j:stop], strict=True)
        else:
            chain += _replaced(old[i:end], new[j:stop], effects)
    of_one = [one or other for one, other in chain if not (one and other)]
    blocks = [(one.block, other.block) for one, other in chain if one and other]
    ends = compound.suites(before)[-1], compound.suites(after)[-1]
    is_loose = any(branch and _is_loose(branch.node.test) for branch in of_one)
    least = 1 if of_one and len(blocks) == min(len(old), len(new)) else LEAST
    return [] if is_loose or not are_alike([*blocks, ends], effects, least) else chain


def chained(
    chain: Sequence[Pair],
    after: Statement,
    blocks: Sequence[cst.BaseSuite],
    last: cst.BaseSuite | None,
    local: str,
) -> cst.If:
    """One `if` of such a chain.

    Args:
        blocks: That of each branch, merged where both versions have it.
        last: What runs where no test holds.
        local: The name that will hold the answer, where a branch has two tests.
    """
    rest: cst.If | cst.Else | None = None
    if last:
        own = next(
            (e for e in (_else_of(b) for both in chain[::-1] for b in both[::-1]) if e), None
        )
        rest = otherwise(last, own)
    for (old, new), block in reversed([*zip(chain, blocks, strict=True)]):
        branch = new or old
        assert branch is not None
        test = branch.node.test
        if old and new and differ(old, new):
            test = either(old.node.test, new.node.test, new.test.col_offset, local)
        elif not (old and new):
            answer: cst.BaseExpression = cst.Name(PLACEHOLDER)
            answer = answer if new else cst.UnaryOperation(cst.Not(), answer)
            test = cst.BooleanOperation(answer, cst.And(), test)
        above = () if branch.is_first else branch.node.leading_lines
        rest = branch.node.with_changes(test=test, body=block, orelse=rest, leading_lines=above)
    assert isinstance(rest, cst.If)
    return rest.with_changes(leading_lines=after.node.leading_lines)


def differ(old: Branch, new: Branch) -> bool:
    """Whether a branch of both versions has a test for each."""
    return ast.dump(old.test) != ast.dump(new.test)


def _replaced(old: Sequence[Branch], new: Sequence[Branch], effects: Effects) -> Iterator[Pair]:
    """Branches in the place of others: with a test of each version where the block is one."""
    for one in old:
        at = next((n for n, other in enumerate(new) if _are_one(one, other, effects)), None)
        if at is None:
            yield one, None
        else:
            yield from ((None, branch) for branch in new[:at])
            yield one, new[at]
            new = new[at + 1 :]
    yield from ((None, branch) for branch in new)


def _are_one(one: Branch, other: Branch, effects: Effects) -> bool:
    are_tight = is_tight(one.node.test) and is_tight(other.node.test) and is_spaced(other.node)
    return are_tight and is_half_same([(one.block, other.block)], effects)


def _else_of(branch: Branch | None) -> cst.Else | None:
    return branch.node.orelse if branch and isinstance(branch.node.orelse, cst.Else) else None


def _branches(statement: Statement) -> Iterator[Branch]:
    tests = iter(compound.branches(cast(ast.If, statement.tree)))
    blocks = iter(compound.suites(statement))
    node: cst.CSTNode | None = statement.node
    while isinstance(node, cst.If):
        yield Branch(node, next(tests)[0], next(blocks), node is statement.node)
        node = node.orelse


def _is_loose(node: cst.BaseExpression) -> bool:
    is_or = isinstance(node, cst.BooleanOperation) and isinstance(node.operator, cst.Or)
    return not node.lpar and (is_or or isinstance(node, _LOOSE))
