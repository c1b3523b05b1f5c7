"""Splice the branches of checks that have been decided, and drop what marks give away."""

from collections.abc import Collection, Sequence
from typing import Any

import libcst as cst

from flagwright.core.wrapping import mark
from flagwright.core.wrapping.answer import Answers
from flagwright.core.wrapping.aside import set_aside_in, stepped_aside
from flagwright.core.wrapping.bodies import with_its_body
from flagwright.core.wrapping.defaults import with_its_defaults, without_defaults
from flagwright.core.wrapping.held_default import with_held
from flagwright.core.wrapping.importline import imports_alone, without_names
from flagwright.core.wrapping.listing import is_listing_line, without
from flagwright.core.wrapping.oneline import in_one_line
from flagwright.core.wrapping.taken import with_rest
from flagwright.core.wrapping.widen import without_parameters


class Fold(Answers):
    """Keeps the statements of one side."""

    def __init__(
        self,
        flag: str,
        *,
        on: bool,
        drops_dead: bool = False,
        spelled: Collection[str] = (),
        silent: Collection[int] = (),
        holders: Collection[str] | None = None,
    ) -> None:
        """`drops_dead` removes what follows an early return that has become certain."""
        super().__init__(flag, on=on, spelled=spelled, silent=silent, holders=holders)
        self._drops_dead = drops_dead
        self.given_away: set[str] = set()
        """Imported names that a mark gives to the other side."""
        self._below: list[cst.EmptyLine] = []
        """Comments at the end of a branch that was spliced, for what comes next."""
        self.aside: dict[str, str] = {}
        """Names that the old version imports or defines under an alias, by that alias."""

    def leave_If(self, original_node: cst.If, updated_node: cst.If) -> Any:
        """Fold an `elif` that has been decided; the first `if` goes with its block."""
        gap = _code(updated_node.whitespace_before_test)
        test = self.tight(self.truth(updated_node.test), f"if{gap}", ":pass")
        updated_node = updated_node.with_changes(test=test)
        orelse = updated_node.orelse
        if not isinstance(orelse, cst.If) or (answer := self._answer(orelse.test)) is None:
            return updated_node
        self.removed.append(orelse.body if not answer else orelse.orelse or cst.Pass())
        if answer:
            if not _code(orelse.body).strip(":\n ").removeprefix("pass"):
                return updated_node.with_changes(orelse=None)
            orelse = cst.Else(orelse.body, leading_lines=orelse.leading_lines)
            return updated_node.with_changes(orelse=orelse)
        return updated_node.with_changes(orelse=orelse.orelse)

    def leave_Assert(self, original_node: cst.Assert, updated_node: cst.Assert) -> Any:
        test = self.truth(updated_node.test)
        if self._answer(test):
            return cst.RemoveFromParent()
        return updated_node.with_changes(test=test)

    def leave_While(self, original_node: cst.While, updated_node: cst.While) -> cst.While:
        gap = _code(updated_node.whitespace_after_while)
        test = self.tight(self.truth(updated_node.test), f"while{gap}", ":pass")
        return updated_node.with_changes(test=test)

    def leave_MatchCase(
        self, original_node: cst.MatchCase, updated_node: cst.MatchCase
    ) -> cst.MatchCase:
        """A guard that holds goes, but where only a last case may be without one."""
        if updated_node.guard is None:
            return updated_node
        guard = self.truth(updated_node.guard)
        if self._answer(guard) and not _takes_all(updated_node.pattern):
            none = cst.SimpleWhitespace("")
            return updated_node.with_changes(
                guard=None, whitespace_before_if=none, whitespace_after_if=none
            )
        return updated_node.with_changes(guard=guard)

    def leave_Else(self, original_node: cst.Else, updated_node: cst.Else) -> Any:
        if not updated_node.body.body and original_node.body.body:
            return cst.RemoveFromParent()
        return updated_node

    def leave_IndentedBlock(
        self, original_node: cst.IndentedBlock, updated_node: cst.IndentedBlock
    ) -> cst.IndentedBlock:
        body = self._spliced(updated_node.body)
        return updated_node.with_changes(body=body, footer=[*self._left(), *updated_node.footer])

    def _left(self) -> list[cst.EmptyLine]:
        left, self._below = self._below, []
        return left

    def finished(self, module: cst.Module, body: Sequence[Any]) -> cst.Module:
        """The module with its folded statements.

        The lines above a first statement belong to the module in libcst; the marks among
        them are handed over.
        """
        header, first = list(module.header), body[:1]
        while first and any(mark.marks(header[-1:], self.flag)):
            lines = [header.pop(), *body[0].leading_lines]
            body = [body[0].with_changes(leading_lines=lines), *body[1:]]
        spliced = self._spliced(body)
        if spliced and first and self.removed[:1] and mark.lines_above(spliced[0]):
            spliced = without_gap(spliced) if first[0] not in spliced else spliced
        return module.with_changes(
            header=header, body=spliced, footer=[*self._left(), *module.footer]
        )

    def leave_SimpleStatementSuite(
        self, original_node: cst.SimpleStatementSuite, updated_node: cst.SimpleStatementSuite
    ) -> Any:
        return updated_node if updated_node.body else updated_node.with_changes(body=[cst.Pass()])

    def _spliced(self, body: Sequence[Any]) -> list[Any]:
        """A block with decided `if`s replaced by their branch, and marked statements gone."""
        found: list[Any] = []
        self.aside.update(stepped_aside(body, self.flag, on=self._on))
        for index, node in enumerate(body):
            marks = list(mark.marks(mark.lines_above(node), self.flag))
            away = [m for m in marks if m.side != "both" and (m.side == "on") != self._on]
            names = {name for m in away for name in m.names}
            if any(not m.names for m in away) or mark.goes_with_the_flag(node, marks):
                self.removed.append(node)
                continue
            if is_listing_line(node):
                node = without(node, names)  # noqa: PLW2901 # the same statement
            elif isinstance(node, cst.FunctionDef):
                node = self._of_one_version(node, marks)  # noqa: PLW2901 # the same statement
                node = in_one_line(node, self.flag, on=self._on)  # noqa: PLW2901 # the same
            elif names and imports_alone(node):
                self.given_away |= names
                parts = [part for p in node.body if (part := without_names(p, names))]
                node = node.with_changes(body=parts)  # noqa: PLW2901 # the same statement
            if any(m.side == "off" and not m.names for m in marks):
                self.aside.update(set_aside_in(node))
            if marks:
                lines = mark.unmarked(node.leading_lines, self.flag)
                node = node.with_changes(leading_lines=lines)  # noqa: PLW2901 # the same statement
            if self._below:
                lines = [*self._left(), *mark.lines_above(node)]
                node = node.with_changes(leading_lines=lines)  # noqa: PLW2901 # the same statement
            branch = self._branch(node)
            found += branch
            if self._drops_dead and branch != [node] and _is_early_exit(node, branch):
                self.removed += body[index + 1 :]
                break
        return found

    def _of_one_version(self, node: cst.FunctionDef, marks: Sequence[mark.Mark]) -> cst.FunctionDef:
        """A function with the parameters, the defaults and the body of one version alone."""
        both = [m for m in marks if m.side == "both"]
        away = [m for m in marks if m.side != "both" and (m.side == "on") != self._on]
        for found in both:
            node = with_its_body(node, found.plain)
        rest = {n for m in away for n in m.plain}
        for found in both:
            node = with_its_defaults(node, [n for n in found.defaults if n not in rest])
            node = with_rest(node, [n for n in found.defaults if n in rest])
            node = with_held(node, found.defaults)
        parameters, gone = without_parameters(node.params, rest)
        self.removed += gone
        parameters = without_defaults(parameters, {n for m in away for n in m.defaults})
        return node.with_changes(params=parameters) if away else node

    def _branch(self, node: Any) -> list[Any]:
        """What remains of one statement."""
        if isinstance(node, cst.While) and self._answer(node.test) is False:
            self.removed.append(node.body)
            return _lines(node.orelse.body, node.leading_lines) if node.orelse else []
        if isinstance(node, cst.Match) and (answer := self._answer(node.subject)) is not None:
            return self._case(node, answer)
        if isinstance(node, cst.With):
            return self._without_settings(node)
        if isinstance(node, cst.Try) and self._drops_dead and not node.body.body:
            return self._without_try(node)
        if not isinstance(node, cst.If) or (answer := self._answer(node.test)) is None:
            return [node]
        if answer:
            self.removed += [node.orelse] if node.orelse else []
            self._below = _comments_below(node.body)
            return _lines(node.body, node.leading_lines)
        self.removed.append(node.body)
        match node.orelse:
            case cst.Else(body=body, leading_lines=lines):
                self._below = _comments_below(body)
                return _lines(body, [*node.leading_lines, *lines])
            case cst.If() as other:
                lines = [*node.leading_lines, *other.leading_lines]
                return [other.with_changes(leading_lines=lines)]
            case _:
                return []

    def _without_settings(self, node: cst.With) -> list[Any]:
        """A `with` without what only sets the flag to the answer."""
        left = [item for item in node.items if item.asname or not self.sets(item.item)]
        if len(left) == len(node.items) or node.asynchronous:
            return [node]
        self.removed += [item.item for item in node.items if item not in left]
        if left:
            left[-1] = left[-1].with_changes(comma=node.items[-1].comma)
            return [node.with_changes(items=left)]
        self._below = _comments_below(node.body)
        return _lines(node.body, node.leading_lines)

    def _without_try(self, node: cst.Try) -> list[Any]:
        """What remains of a `try` of which the answer leaves nothing to try."""
        if node.orelse and node.finalbody:
            return [node]
        self.removed += node.handlers
        rest = node.orelse or node.finalbody
        self._below = [*_comments_below(node.body), *(_comments_below(rest.body) if rest else ())]
        return _lines(rest.body, node.leading_lines) if rest else []

    def _case(self, node: cst.Match, answer: bool) -> list[Any]:  # noqa: FBT001 # the answer
        """What remains of a `match` on an answer; all of it where a case asks for more."""
        for case in node.cases:
            match case:
                case cst.MatchCase(
                    pattern=cst.MatchSingleton(value=cst.Name(value="True" | "False" as word)),
                    guard=None,
                ):
                    is_taken = (word == "True") == answer
                case cst.MatchCase(pattern=cst.MatchAs(pattern=None, name=None), guard=None):
                    is_taken = True
                case _:
                    return [node]
            if is_taken:
                self.removed += [c.body for c in node.cases if c is not case]
                self._below = _comments_below(case.body)
                return _lines(case.body, [*node.leading_lines, *case.leading_lines])
        self.removed += [case.body for case in node.cases]
        return []


def _is_early_exit(node: Any, branch: Sequence[Any]) -> bool:
    """Whether an `if` became what always leaves the block."""
    last = branch[-1] if branch and isinstance(node, cst.If | cst.Match) else None
    leaves = cst.Return | cst.Raise | cst.Continue | cst.Break
    return isinstance(last, cst.SimpleStatementLine) and isinstance(last.body[-1], leaves)


def _lines(block: cst.BaseSuite, above: Sequence[cst.EmptyLine]) -> list[Any]:
    """The statements of a branch, under the lines that stood above its `if`."""
    if isinstance(block, cst.SimpleStatementSuite):
        return [cst.SimpleStatementLine(block.body, above, block.trailing_whitespace)]
    assert isinstance(block, cst.IndentedBlock)
    body: list[Any] = list(block.body)
    if not body or all(_is_pass(node) for node in body):
        return []
    body[0] = body[0].with_changes(leading_lines=[*above, *body[0].leading_lines])
    return body


def _comments_below(block: cst.BaseSuite) -> list[cst.EmptyLine]:
    """Comments below the last statement of a branch."""
    footer = block.footer if isinstance(block, cst.IndentedBlock) else ()
    return [line for line in footer if line.comment]


def without_gap(body: list[Any]) -> list[Any]:
    """A first statement has no blank lines above: those belong to the module."""
    if not body:
        return body
    lines = list(body[0].leading_lines)
    while lines and lines[0].comment is None:
        del lines[0]
    return [body[0].with_changes(leading_lines=lines), *body[1:]]


def _code(node: cst.CSTNode) -> str:
    return cst.Module([]).code_for_node(node)


def _is_pass(node: cst.CSTNode) -> bool:
    return isinstance(node, cst.SimpleStatementLine) and all(
        isinstance(s, cst.Pass) for s in node.body
    )


def _takes_all(pattern: cst.MatchPattern | None) -> bool:
    """Whether a pattern fits whatever there is."""
    match pattern:
        case cst.MatchAs(pattern=inner):
            return inner is None or _takes_all(inner)
        case cst.MatchOr(patterns=parts):
            return any(_takes_all(part.pattern) for part in parts)
        case _:
            return False
