"""Fold what the answer of one flag makes constant, and drop what its marks give away."""

from collections.abc import Collection, Sequence
from typing import Any

import libcst as cst

from flagwright.core.wrapping import mark
from flagwright.core.wrapping.aside import set_aside_in
from flagwright.core.wrapping.bodies import with_its_body
from flagwright.core.wrapping.held import asks, assigned_name, held
from flagwright.core.wrapping.listing import is_listing_line, without
from flagwright.core.wrapping.widen import without_parameters

Line = cst.SimpleStatementLine | cst.BaseCompoundStatement


class Fold(cst.CSTTransformer):
    """Replace checks by their answer, bottom up, and splice the branches that remain.

    Answers are found by identity: a `True` that somebody wrote is never folded.
    """

    def __init__(
        self, flag: str, *, on: bool, drops_dead: bool = False, spelled: Collection[str] = ()
    ) -> None:
        """Fold one side.

        Args:
            drops_dead: Whether to remove what follows an early return that became certain.
            spelled: Other ways in which this file names the flag or asks for it.
        """
        super().__init__()
        self._spelled = spelled
        self.flag, self._on, self._drops_dead = flag, on, drops_dead
        self._answers: dict[int, tuple[cst.CSTNode, bool]] = {}
        self._locals: list[dict[str, bool]] = []
        self.removed: list[cst.CSTNode] = []
        """Code that went away, for finding what only it used."""
        self.given_away: set[str] = set()
        """Imported names that a mark gives to the other side."""
        self.aside: dict[str, str] = {}
        """Names that the old version imports under an alias, by that alias."""

    # --- scopes and the locals that hold an answer

    def visit_FunctionDef(self, node: cst.FunctionDef) -> None:
        own, hidden = held(node, self.flag, self._spelled)
        outer = self._locals[-1] if self._locals else {}
        kept = {name: value for name, value in outer.items() if name not in hidden}
        self._locals.append(kept | {name: asked == self._on for name, asked in own.items()})

    def leave_FunctionDef(
        self, original_node: cst.FunctionDef, updated_node: cst.FunctionDef
    ) -> cst.FunctionDef:
        self._locals.pop()
        return updated_node

    def visit_Lambda(self, node: cst.Lambda) -> None:
        outer = self._locals[-1] if self._locals else {}
        params = {p.name.value for p in _params(node.params)}
        self._locals.append({name: v for name, v in outer.items() if name not in params})

    def leave_Lambda(self, original_node: cst.Lambda, updated_node: cst.Lambda) -> cst.Lambda:
        self._locals.pop()
        return updated_node

    def leave_SimpleStatementLine(
        self, original_node: cst.SimpleStatementLine, updated_node: cst.SimpleStatementLine
    ) -> Any:
        """Drop the assignment that held the answer."""
        body = [s for s in updated_node.body if not self._is_hoist(s)]
        if len(body) == len(updated_node.body):
            return updated_node
        if not body:
            return cst.RemoveFromParent()
        body[-1] = body[-1].with_changes(semicolon=cst.MaybeSentinel.DEFAULT)
        return updated_node.with_changes(body=body)

    def _is_hoist(self, node: cst.CSTNode) -> bool:
        if not self._locals or not (name := assigned_name(node)):
            return False
        value = node.value  # type: ignore[attr-defined] # an assignment
        return name in self._locals[-1] and self._answer(value) is not None

    # --- expressions

    def leave_Name(self, original_node: cst.Name, updated_node: cst.Name) -> cst.BaseExpression:
        if self._locals and original_node.value in self._locals[-1]:
            return self._constant(self._locals[-1][original_node.value])
        return updated_node

    def leave_Attribute(
        self, original_node: cst.Attribute, updated_node: cst.Attribute
    ) -> cst.BaseExpression:
        return updated_node.with_changes(attr=original_node.attr)

    def leave_Arg(self, original_node: cst.Arg, updated_node: cst.Arg) -> cst.Arg:
        return updated_node.with_changes(keyword=original_node.keyword)

    def leave_AssignTarget(
        self, original_node: cst.AssignTarget, updated_node: cst.AssignTarget
    ) -> cst.AssignTarget:
        return original_node if isinstance(original_node.target, cst.Name) else updated_node

    def leave_AnnAssign(
        self, original_node: cst.AnnAssign, updated_node: cst.AnnAssign
    ) -> cst.AnnAssign:
        return updated_node.with_changes(target=original_node.target)

    def leave_Call(self, original_node: cst.Call, updated_node: cst.Call) -> cst.BaseExpression:
        return self._asked(original_node, updated_node)

    def leave_Subscript(
        self, original_node: cst.Subscript, updated_node: cst.Subscript
    ) -> cst.BaseExpression:
        return self._asked(original_node, updated_node)

    def leave_Await(self, original_node: cst.Await, updated_node: cst.Await) -> cst.BaseExpression:
        answer = self._answer(updated_node.expression)
        return updated_node if answer is None else self._constant(answer)

    def leave_UnaryOperation(
        self, original_node: cst.UnaryOperation, updated_node: cst.UnaryOperation
    ) -> cst.BaseExpression:
        answer = self._answer(updated_node.expression)
        if answer is None or not isinstance(updated_node.operator, cst.Not):
            return updated_node
        return self._constant(not answer)

    def leave_BooleanOperation(
        self, original_node: cst.BooleanOperation, updated_node: cst.BooleanOperation
    ) -> cst.BaseExpression:
        """Fold on the left; on the right only where nothing else is skipped by it."""
        decides = isinstance(updated_node.operator, cst.Or)
        left, right = self._answer(updated_node.left), self._answer(updated_node.right)
        if left is not None:
            if left == decides:
                self.removed.append(updated_node.right)
                return self._constant(left)
            return updated_node.right
        if right is not None and right == decides and _is_quiet(updated_node.left):
            self.removed.append(updated_node.left)
            return self._constant(right)
        return updated_node

    def leave_IfExp(self, original_node: cst.IfExp, updated_node: cst.IfExp) -> cst.BaseExpression:
        answer = self._answer(updated_node.test)
        if answer is None:
            return updated_node
        taken, gone = updated_node.body, updated_node.orelse
        if not answer:
            taken, gone = gone, taken
        self.removed.append(gone)
        if updated_node.lpar and not taken.lpar:
            return taken.with_changes(lpar=updated_node.lpar, rpar=updated_node.rpar)
        return taken

    def leave_CompIf(self, original_node: cst.CompIf, updated_node: cst.CompIf) -> Any:
        return cst.RemoveFromParent() if self._answer(updated_node.test) else updated_node

    def _asked(
        self, original: cst.Call | cst.Subscript, updated: cst.BaseExpression
    ) -> cst.BaseExpression:
        if not asks(original, self.flag, self._spelled) and not self._is_own_check(original):
            return updated
        self.removed.append(original)
        return self._constant(self._on)

    def _is_own_check(self, node: cst.Call | cst.Subscript) -> bool:
        """Whether a call is one of a function that does nothing but ask."""
        match node:
            case cst.Call(func=cst.Name(value=name), args=[]):
                return f"{name}()" in self._spelled
            case _:
                return False

    def _constant(self, answer: bool) -> cst.Name:  # noqa: FBT001 # the answer is what it is about
        node = cst.Name(str(answer))
        self._answers[id(node)] = (node, answer)
        return node

    def _answer(self, node: cst.CSTNode | None) -> bool | None:
        held = self._answers.get(id(node))
        return None if held is None else held[1]

    def leave_Comparison(
        self, original_node: cst.Comparison, updated_node: cst.Comparison
    ) -> cst.BaseExpression:
        """Fold `is True`, `== False` and their kind."""
        answer = self._answer(updated_node.left)
        match updated_node.comparisons:
            case [
                cst.ComparisonTarget(
                    operator=cst.Is() | cst.Equal(),
                    comparator=cst.Name(value="True" | "False" as word),
                )
            ] if answer is not None:
                return self._constant(answer == (word == "True"))
            case _:
                return updated_node

    # --- statements

    def leave_Decorator(
        self, original_node: cst.Decorator, updated_node: cst.Decorator
    ) -> cst.Decorator:
        """What a decorator makes of an answer is for a person to say."""
        return original_node

    def leave_If(self, original_node: cst.If, updated_node: cst.If) -> Any:
        """Fold an `elif` that has been decided; the first `if` goes with its block."""
        orelse = updated_node.orelse
        if not isinstance(orelse, cst.If) or (answer := self._answer(orelse.test)) is None:
            return updated_node
        self.removed.append(orelse.body if not answer else orelse.orelse or cst.Pass())
        if answer:
            orelse = cst.Else(orelse.body, leading_lines=orelse.leading_lines)
            return updated_node.with_changes(orelse=orelse)
        return updated_node.with_changes(orelse=orelse.orelse)

    def leave_Assert(self, original_node: cst.Assert, updated_node: cst.Assert) -> Any:
        return cst.RemoveFromParent() if self._answer(updated_node.test) else updated_node

    def leave_Else(self, original_node: cst.Else, updated_node: cst.Else) -> Any:
        if _is_empty(updated_node.body) and not _is_empty(original_node.body):
            return cst.RemoveFromParent()
        return updated_node

    def leave_IndentedBlock(
        self, original_node: cst.IndentedBlock, updated_node: cst.IndentedBlock
    ) -> cst.IndentedBlock:
        return updated_node.with_changes(body=self._spliced(updated_node.body))

    def finished(self, module: cst.Module, body: Sequence[Any]) -> cst.Module:
        """The module with its folded statements.

        The lines above a first statement belong to the module in libcst; a mark among
        them is handed over.
        """
        header, first = list(module.header), body[:1]
        if first and any(mark.marks(header[-1:], self.flag)):
            line = header.pop()
            body = [first[0].with_changes(leading_lines=[line, *first[0].leading_lines]), *body[1:]]
        spliced = self._spliced(body)
        if spliced and first and self.removed[:1] and mark.lines_above(spliced[0]):
            spliced = without_gap(spliced) if first[0] not in spliced else spliced
        return module.with_changes(header=header, body=spliced)

    def leave_SimpleStatementSuite(
        self, original_node: cst.SimpleStatementSuite, updated_node: cst.SimpleStatementSuite
    ) -> Any:
        return updated_node if updated_node.body else updated_node.with_changes(body=[cst.Pass()])

    def _spliced(self, body: Sequence[Any]) -> list[Any]:
        """A block with decided `if`s replaced by their branch, and marked statements gone."""
        found: list[Any] = []
        for index, node in enumerate(body):
            marks = list(mark.marks(mark.lines_above(node), self.flag))
            away = [m for m in marks if m.side != "both" and (m.side == "on") != self._on]
            names = {name for m in away for name in m.names}
            if any(not m.names for m in away):
                self.removed.append(node)
                continue
            if is_listing_line(node):
                node = without(node, names)  # noqa: PLW2901 # the same statement
            elif isinstance(node, cst.FunctionDef):
                node = self._of_one_version(node, marks)  # noqa: PLW2901 # the same statement
            else:
                self.given_away |= names
            if any(m.side == "off" and not m.names for m in marks):
                self.aside.update(set_aside_in(node))
            if marks:
                lines = mark.unmarked(node.leading_lines, self.flag)
                node = node.with_changes(leading_lines=lines)  # noqa: PLW2901 # the same statement
            branch = self._branch(node)
            found += branch
            if self._drops_dead and branch != [node] and _is_early_exit(node, branch):
                self.removed += body[index + 1 :]
                break
        return found

    def _of_one_version(self, node: cst.FunctionDef, marks: Sequence[mark.Mark]) -> cst.FunctionDef:
        """A function with the parameters, and the body, of one version alone."""
        for found in marks:
            if found.side == "both":
                node = with_its_body(node, found.names)
        away = {
            n for m in marks if m.side != "both" and (m.side == "on") != self._on for n in m.names
        }
        parameters, gone = without_parameters(node.params, away)
        self.removed += gone
        return node.with_changes(params=parameters) if gone else node

    def _branch(self, node: Any) -> list[Any]:
        """What remains of one statement."""
        if isinstance(node, cst.While) and self._answer(node.test) is False:
            self.removed.append(node.body)
            return _lines(node.orelse.body, node.leading_lines) if node.orelse else []
        if not isinstance(node, cst.If) or (answer := self._answer(node.test)) is None:
            return [node]
        if answer:
            self.removed += [node.orelse] if node.orelse else []
            return _lines(node.body, node.leading_lines)
        self.removed.append(node.body)
        match node.orelse:
            case cst.Else(body=body, leading_lines=lines):
                return _lines(body, [*node.leading_lines, *lines])
            case cst.If() as other:
                lines = [*node.leading_lines, *other.leading_lines]
                return [other.with_changes(leading_lines=lines)]
            case _:
                return []


def _is_early_exit(node: Any, branch: Sequence[Any]) -> bool:
    """Whether an `if` without `else` became what always leaves the block."""
    last = branch[-1] if branch and isinstance(node, cst.If) and not node.orelse else None
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


def without_gap(body: list[Any]) -> list[Any]:
    """A first statement has no blank lines above: those belong to the module."""
    if not body:
        return body
    lines = list(body[0].leading_lines)
    while lines and lines[0].comment is None:
        del lines[0]
    return [body[0].with_changes(leading_lines=lines), *body[1:]]


def _params(parameters: cst.Parameters) -> list[cst.Param]:
    collected = [*parameters.posonly_params, *parameters.params, *parameters.kwonly_params]
    starred = (parameters.star_arg, parameters.star_kwarg)
    return [*collected, *(p for p in starred if isinstance(p, cst.Param))]


def _is_quiet(node: cst.BaseExpression) -> bool:
    """Whether skipping an expression loses no effect."""
    return isinstance(node, cst.Name | cst.SimpleString | cst.Integer)


def _is_empty(block: cst.BaseSuite) -> bool:
    return not block.body or all(_is_pass(node) for node in block.body)


def _is_pass(node: cst.CSTNode) -> bool:
    return isinstance(node, cst.SimpleStatementLine) and all(
        isinstance(s, cst.Pass) for s in node.body
    )
