"""Merge two bodies of one function: each changed run goes behind a check of the flag.

The check is a placeholder until the whole function is merged; only then is it known
whether one inline check will do or the answer must be kept in a local. With the flag
off what runs is exactly the old text, with it on exactly the new one.
"""

import ast
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import takewhile
from typing import Literal, cast

import libcst as cst

from flagwright.core.records.plan import Segment
from flagwright.core.wrapping import branching, compound, heading
from flagwright.core.wrapping.branches import guarded
from flagwright.core.wrapping.effect import FUNCTIONS, Effects
from flagwright.core.wrapping.match import Stretch, as_one, pairs, stretches
from flagwright.core.wrapping.oneline import with_mark
from flagwright.core.wrapping.outline import Moved, is_stub
from flagwright.core.wrapping.read import Reader, Reads
from flagwright.core.wrapping.refusal import refuse
from flagwright.core.wrapping.required import with_question
from flagwright.core.wrapping.shown import keeps_order
from flagwright.core.wrapping.statement import Statement, Suite, is_idle, suite

Line = cst.SimpleStatementLine | cst.BaseCompoundStatement
_NOT_ONCE = (*FUNCTIONS, ast.For, ast.AsyncFor, ast.While)
"""What may run a block of its own more than once, or later."""


@dataclass
class FunctionMerge:
    """Merges functions of one file; `segments` collects what became of each run."""

    flag: str
    effects: Effects
    reader: Reader
    default_indent: str
    segments: list[Segment] = field(default_factory=list)
    _as_one: bool = False
    """Whether all that changes in a function is one run, so that no local holds the answer."""
    _at_top: bool = False
    """Whether it is at the top of a file, where what is said of a type may be read."""

    def function(
        self, before: Statement, after: Statement, indent: str, required: Sequence[str] = ()
    ) -> cst.FunctionDef:
        """The merged function, which asks for the flag at most once a call.

        Args:
            required: Parameters without which a call is one of the old version.

        Raises:
            CannotWrap: `scope` or `function-kind`.
        """
        count = len(self.segments)
        node, reads = self._function(before, after, indent)
        assert isinstance(before.tree, FUNCTIONS)
        assert isinstance(after.tree, FUNCTIONS)
        is_asked_inside = self.reader.asked[0] in _code(node)
        if required and self.segments[count:] and (is_asked_inside or not reads):
            because = f"what is inside `{after.tree.name}` would not know whether it got them"
            raise refuse(after.line, "signature", because)
        if not reads:
            return node
        is_shown = self.reader.shows(after.tree)
        if is_shown and not required and reads.own and reads.need_a_local:
            del self.segments[count:]
            node, reads = replace(self, _as_one=True)._function(before, after, indent)
        reads.in_loop |= bool(required)
        node = self.reader.settle(node, after.tree, reads)
        if is_shown and not keeps_order(_code(node), before.tree, after.tree):
            because = f"`{after.tree.name}` would show its locals in another order"
            raise refuse(after.line, "scope", because)
        at = int(ast.get_docstring(after.tree, clean=False) is not None)
        return with_question(node, at, required) if required else node

    def script(self, before: Statement, after: Statement, indent: str) -> Line:
        """The merged block of a script, which asks where it runs, and once.

        Raises:
            CannotWrap: `convention` where it cannot ask there.
        """
        once = replace(self, _as_one=True)
        old, new = compound.suites(before)[0], compound.suites(after)[0]
        block = once._block(old, new, indent, Reads(), depth=0)
        assert isinstance(after.node, cst.If)
        return after.node.with_changes(body=self.reader.settle_script(block, after.line))

    def at_top(self, before: Sequence[Statement], after: Sequence[Statement]) -> Sequence[Line]:
        """What changes at the top of a program, which asks there, and once.

        Raises:
            CannotWrap: `convention` where it cannot ask there.
        """
        once = replace(self, _as_one=True, _at_top=True)
        block = cst.IndentedBlock(
            once._statements(before, after, self.default_indent, Reads(), depth=0)
        )
        settled = self.reader.settle_script(block, (after or before)[0].line)
        return cast(Sequence[Line], settled.body)

    def _function(
        self, before: Statement, after: Statement, indent: str
    ) -> tuple[cst.FunctionDef, Reads]:
        """The merged function, with placeholders where it asks."""
        node, old = after.node, before.node
        assert isinstance(node, cst.FunctionDef)
        assert isinstance(old, cst.FunctionDef)
        assert isinstance(before.tree, FUNCTIONS)
        assert isinstance(after.tree, FUNCTIONS)
        reads = Reads()
        old_body = suite(old.body, before.tree.body)
        body = self._block(old_body, suite(node.body, after.tree.body), indent, reads, depth=0)
        if reads.inner and reads.are_left_inside(before.tree, after.tree):
            body, reads = self.reader.settle_inside(body, reads), Reads()
        return with_mark(node.with_changes(body=body), old, node, self.flag), reads

    def _block(
        self, before: Suite, after: Suite, indent: str, reads: Reads, *, depth: int
    ) -> cst.BaseSuite:
        """Merge two blocks; `indent` is that of the block around, `depth` counts loops."""
        block = after.node or before.node
        inner = (block.indent if isinstance(block, cst.IndentedBlock) else None) or indent
        merged = self._statements(before.statements, after.statements, inner, reads, depth)
        if isinstance(after.node, cst.IndentedBlock):
            return after.node.with_changes(body=merged)
        if after.node and merged == [s.node for s in after.statements]:
            return after.node
        own = None if inner == self.default_indent else inner
        return cst.IndentedBlock(body=merged, indent=own)

    def _statements(
        self,
        before: Sequence[Statement],
        after: Sequence[Statement],
        indent: str,
        reads: Reads,
        depth: int,
    ) -> list[Line]:
        old = [s for s in before if not is_idle(s)]
        does = self.effects.of if self._at_top else self.effects.of_local
        keys = [[tuple(map(does, s.trees)) for s in side] for side in (old, after)]
        parts = [*stretches(old, after, *keys)]
        if self._as_one:
            above, run, below = as_one(parts, is_idle)
            one = self._one(run, indent, reads, depth) if run else []
            sides = ([s.node for part in side for s in part.after] for side in (above, below))
            return [*next(sides), *one, *next(sides)]
        merged: list[Line] = []
        for stretch in parts:
            if stretch.same:
                merged += [s.node for s in stretch.after]
            else:
                merged += self._changed(stretch, indent, reads, depth)
        return merged

    def _one(self, run: Stretch, indent: str, reads: Reads, depth: int) -> list[Line]:
        """All that changes in a block behind one question: inside one statement, or around it."""
        if any(is_stub(s.node) for s in (*run.before, *run.after)):
            raise Moved
        if len(run.before) == len(run.after) == 1 and not isinstance(run.after[0].tree, _NOT_ONCE):
            before, after, count, inner = *run.before, *run.after, len(self.segments), Reads()
            if self._header(before) == self._header(after):
                line = self._opened(before, after, indent, inner, depth)
                if not inner.need_a_local:
                    reads.own += 1
                    return [line]
                del self.segments[count:]
        return self._run(run, indent, reads, depth)

    def _changed(self, stretch: Stretch, indent: str, reads: Reads, depth: int) -> list[Line]:
        """Merge a changed run: statement by statement where headers agree, else as a whole."""
        if any(is_stub(s.node) for s in (*stretch.before, *stretch.after)):
            raise Moved
        keys = [[self._header(s) for s in side] for side in (stretch.before, stretch.after)]
        merged: list[Line] = []
        for part in stretches(stretch.before, stretch.after, *keys):
            if part.same:
                merged += [self._opened(b, a, indent, reads, depth) for b, a in pairs(part)]
            else:
                merged += self._apart(part, indent, reads, depth)
        return merged

    def _apart(self, part: Stretch, indent: str, reads: Reads, depth: int) -> list[Line]:
        """Statements whose headers differ: blocks that are much the same are kept once."""
        keys = [
            [heading.shape(s, self.effects) for s in side] for side in (part.before, part.after)
        ]
        merged: list[Line] = []
        rest = Stretch(same=False, before=(), after=())
        for group in stretches(part.before, part.after, *keys):
            both = pairs(group) if group.same else ()
            for before, after in both:
                node = heading.united(before, after, self.effects, self.reader.asked[1])
                if node is None:
                    rest = rest.joined((before,), (after,))
                    continue
                merged += self._rest(rest, indent, reads, depth)
                rest = Stretch(same=False, before=(), after=())
                merged.append(
                    self._under_both(before, Statement(node, after.trees), indent, reads, depth)
                )
            if not group.same:
                rest = rest.joined(group.before, group.after)
        return [*merged, *self._rest(rest, indent, reads, depth)]

    def _rest(self, part: Stretch, indent: str, reads: Reads, depth: int) -> list[Line]:
        """A run behind the flag; of an `if` that has other branches now only these."""
        if not len(part.before) == len(part.after) == 1:
            return self._run(part, indent, reads, depth)
        before, after = part.before[0], part.after[0]
        chain = branching.chain_of(before, after, self.effects)
        if not chain:
            return self._run(part, indent, reads, depth)
        blocks: list[cst.BaseSuite] = []
        for old, new in chain:
            if old and new:
                blocks.append(self._block(old.block, new.block, indent, reads, depth=depth))
                if branching.differ(old, new):
                    self._note(new.test.lineno, new.test.end_lineno or new.test.lineno, "after")
                    reads.own += 1
                    reads.in_loop = True
            elif branch := new or old:
                blocks.append(branch.node.body)
                end = branch.block.statements[-1].end_line
                self._note(branch.test.lineno, end, "after" if new else "before")
                reads.own += 1
                reads.in_loop |= depth > 0
        ends = compound.suites(before)[-1], compound.suites(after)[-1]
        last = self._block(*ends, indent, reads, depth=depth) if any(e.node for e in ends) else None
        return [branching.chained(chain, after, blocks, last, self.reader.asked[1])]

    def _under_both(
        self, before: Statement, after: Statement, indent: str, reads: Reads, depth: int
    ) -> Line:
        """A statement with a header of both versions, of which a local tells the right one."""
        end = min(block.statements[0].line for block in compound.suites(after) if block.statements)
        self._note(after.line, max(after.line, end - 1), "after")
        reads.own += 1
        reads.in_loop = True
        return self._opened(before, after, indent, reads, depth)

    def _header(self, statement: Statement) -> object:
        """A key that only statements with equal headers and as many blocks share."""
        if isinstance(statement.tree, FUNCTIONS):
            return ("def", self.effects.header(statement.tree))
        head = compound.header(statement, self.effects)
        blocks = compound.suites(statement)
        if head is None or any(isinstance(b.node, cst.SimpleStatementSuite) for b in blocks):
            return id(statement)
        return (head, len(blocks))

    def _opened(
        self, before: Statement, after: Statement, indent: str, reads: Reads, depth: int
    ) -> Line:
        """Merge inside two statements with equal headers."""
        if isinstance(after.tree, FUNCTIONS):
            node, inner = self._function(before, after, indent)
            if inner:
                reads.inner.append((node, after.tree, inner))
            return node
        depth += isinstance(after.tree, ast.For | ast.AsyncFor | ast.While)
        sides = zip(compound.suites(before), compound.suites(after), strict=True)
        blocks = [
            self._block(b, a, indent, reads, depth=depth) if a.node or b.node else None
            for b, a in sides
        ]
        assert isinstance(after.node, cst.BaseCompoundStatement)
        return compound.rebuilt(after.node, blocks)

    def _run(self, part: Stretch, indent: str, reads: Reads, depth: int) -> list[Line]:
        """Put one run behind the flag."""
        idle: list[Line] = [s.node for s in takewhile(is_idle, part.after)]
        new = part.after[len(idle) :]
        if not new and not part.before:
            return idle
        place = new or part.before
        self._note(place[0].line, place[-1].end_line, "after" if new else "before")
        reads.own += 1
        reads.in_loop |= depth > 0
        own = None if indent == self.default_indent else indent
        return [*idle, guarded([s.node for s in new], [s.node for s in part.before], own)]

    def _note(self, line: int, end_line: int, side: Literal["before", "after"]) -> None:
        self.segments.append(
            Segment(path="", line=line, end_line=end_line, side=side, treatment="guarded")
        )


def _code(node: cst.FunctionDef) -> str:
    return cst.Module([node]).code
