"""Replace each check of one flag by its answer, and fold the expressions it makes constant."""

import ast
from collections.abc import Collection
from typing import Any

import libcst as cst

from flagwright.core.wrapping.held import asks, assigned_name, held, parameter_names
from flagwright.core.wrapping.parentheses import (
    Parentheses,
    in_parentheses,
    with_comment_of_body,
)
from flagwright.core.wrapping.quiet import is_quiet
from flagwright.core.wrapping.sound import set_to
from flagwright.core.wrapping.usage import KINDS, inner, more_than_answers


class Answers(Parentheses):
    """Puts the answer where a flag is asked for, bottom up.

    Answers are found by identity: a `True` that somebody wrote is never folded.
    """

    def __init__(
        self,
        flag: str,
        *,
        on: bool,
        spelled: Collection[str] = (),
        silent: Collection[int] = (),
        holders: Collection[str] | None = None,
    ) -> None:
        """Answer one flag.

        Args:
            spelled: Other ways in which this file names the flag or asks for it.
            silent: Identities of statements that do not mention it and need not be opened.
            holders: Names that are bound where it is mentioned; none: not known.
        """
        super().__init__()
        self._silent, self._holders = silent, holders
        self.flag, self._on, self._spelled = flag, on, spelled
        self.side = "on" if on else "off"
        self._answers: dict[int, tuple[cst.CSTNode, bool]] = {}
        self._weak: dict[int, tuple[cst.BooleanOperation, cst.BaseExpression]] = {}
        """`x and True`, `x or False`: where only the truth counts, `x` says the same."""
        self._settled: dict[int, tuple[cst.CSTNode, bool]] = {}
        """`x and False`, `x or True`: where only the truth counts, it is known."""
        self._more: dict[int, cst.CSTNode] = {}
        """Expressions that are more than an answer, so that none can stand for them."""
        self._locals: list[dict[str, bool]] = []
        self.removed: list[cst.CSTNode] = []
        """Code that went away, for finding what only it used."""

    def on_visit(self, node: cst.CSTNode) -> bool:
        if id(node) in self._silent:
            return False
        if type(node) in KINDS:
            for part in more_than_answers(node):
                self._more.update((id(given), given) for given in inner(part))
        return super().on_visit(node)

    def on_leave(self, original_node: Any, updated_node: Any) -> Any:
        if id(original_node) in self._silent:
            return updated_node
        return super().on_leave(original_node, updated_node)

    def visit_FunctionDef(self, node: cst.FunctionDef) -> None:
        if self._holders is not None and not self._holders:
            self._locals.append({})
            return
        own, hidden, more = held(node, self.flag, tuple(self._spelled))
        self._more.update((id(part), part) for value in more for part in inner(value))
        outer = self._locals[-1] if self._locals else {}
        kept = {name: value for name, value in outer.items() if name not in hidden}
        self._locals.append(kept | {name: asked == self._on for name, asked in own.items()})

    def leave_FunctionDef(
        self, original_node: cst.FunctionDef, updated_node: cst.FunctionDef
    ) -> cst.FunctionDef:
        self._locals.pop()
        self._loose.clear()
        return updated_node

    def visit_Lambda(self, node: cst.Lambda) -> None:
        outer = self._locals[-1] if self._locals else {}
        params = parameter_names(node.params)
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
            return self.tight(updated_node)
        if not body:
            return cst.RemoveFromParent()
        body[-1] = body[-1].with_changes(semicolon=cst.MaybeSentinel.DEFAULT)
        return updated_node.with_changes(body=body)

    def _is_hoist(self, node: cst.CSTNode) -> bool:
        if not self._locals or not (name := assigned_name(node)):
            return False
        value = node.value  # type: ignore[attr-defined] # an assignment
        return name in self._locals[-1] and self._answer(value) is not None

    def leave_Name(self, original_node: cst.Name, updated_node: cst.Name) -> cst.BaseExpression:
        if self._locals and original_node.value in self._locals[-1]:
            return self._constant(self._locals[-1][original_node.value])
        return updated_node

    def leave_NamedExpr(
        self, original_node: cst.NamedExpr, updated_node: cst.NamedExpr
    ) -> cst.BaseExpression:
        """`(on := check)` is the answer, where `on` is nothing else."""
        updated_node = updated_node.with_changes(target=original_node.target)
        answer = self._answer(updated_node.value)
        name = getattr(original_node.target, "value", "")
        if answer is None or not self._locals or name not in self._locals[-1]:
            return updated_node
        return self._constant(answer)

    def leave_Attribute(
        self, original_node: cst.Attribute, updated_node: cst.Attribute
    ) -> cst.BaseExpression:
        return updated_node.with_changes(attr=original_node.attr)

    def leave_AssignTarget(
        self, original_node: cst.AssignTarget, updated_node: cst.AssignTarget
    ) -> cst.AssignTarget:
        return original_node if isinstance(original_node.target, cst.Name) else updated_node

    def leave_AnnAssign(
        self, original_node: cst.AnnAssign, updated_node: cst.AnnAssign
    ) -> cst.AnnAssign:
        return updated_node.with_changes(target=original_node.target)

    def leave_Arg(self, original_node: cst.Arg, updated_node: cst.Arg) -> cst.Arg:
        kept = updated_node.with_changes(keyword=original_node.keyword)
        return super().leave_Arg(original_node, kept)

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
        if not isinstance(updated_node.operator, cst.Not):
            return updated_node
        expression = self.truth(updated_node.expression)
        answer = self._answer(expression)
        if answer is None:
            return updated_node.with_changes(expression=expression)
        return self._constant(not answer)

    def leave_BooleanOperation(
        self, original_node: cst.BooleanOperation, updated_node: cst.BooleanOperation
    ) -> cst.BaseExpression:
        """Fold on the left; on the right only where nothing else is skipped by it."""
        decides = isinstance(updated_node.operator, cst.Or)
        weak = self._weak.get(id(updated_node.left))
        if weak and isinstance(weak[0].operator, type(updated_node.operator)):
            updated_node = updated_node.with_changes(left=weak[1])
        left, right = self._answer(updated_node.left), self._answer(updated_node.right)
        if left is not None:
            if left == decides:
                self.removed.append(updated_node.right)
                return self._constant(left)
            found = self._in_place(updated_node.right, updated_node)
            if found is not updated_node.right:
                self.note_loose(found)
            return found
        settled = self._settled_as(updated_node.left)
        if settled is not None and settled != decides:
            self.removed.append(updated_node.left)
            return self._in_place(updated_node.right, updated_node)
        if right is not None and right != decides:
            self._weak[id(updated_node)] = (updated_node, updated_node.left)
        ends = decides in (right, self._settled_as(updated_node.right))
        if settled == decides or (ends and is_quiet(updated_node.left)):
            self._settled[id(updated_node)] = (updated_node, decides)
        return updated_node

    def truth(self, test: cst.BaseExpression) -> cst.BaseExpression:
        """An expression of which only the truth counts, without what decides nothing."""
        settled = self._settled_as(test)
        if settled is not None:
            self.removed.append(test)
            return self._constant(settled)
        weak = self._weak.get(id(test))
        if weak is None:
            return test
        node, left = weak
        found = left.with_changes(lpar=node.lpar, rpar=node.rpar) if node.lpar else left
        self.note_loose(found)
        return found

    def _settled_as(self, node: cst.CSTNode) -> bool | None:
        known = self._settled.get(id(node))
        return None if known is None else known[1]

    def leave_IfExp(self, original_node: cst.IfExp, updated_node: cst.IfExp) -> cst.BaseExpression:
        test = self.truth(updated_node.test)
        answer = self._answer(test)
        if answer is None:
            return updated_node.with_changes(test=test)
        taken, gone = updated_node.body, updated_node.orelse
        if not answer:
            taken, gone = gone, taken
        self.removed.append(gone)
        if self.stands_alone(original_node, taken):
            return taken
        around = with_comment_of_body(updated_node) if answer else updated_node
        found = self._in_place(taken, around)
        self.note_parentheses(taken, found)
        if found is not taken:
            self.note_loose(found)
        return found

    def _in_place(self, node: cst.BaseExpression, around: cst.BaseExpression) -> cst.BaseExpression:
        """What is left of an expression; what is known of it is known of it in parentheses, too."""
        found = in_parentheses(node, around)
        for known in (self._answers, self._settled):
            if id(node) in known:
                known[id(found)] = (found, known[id(node)][1])
        if weak := self._weak.get(id(node)):
            self._weak[id(found)] = (cst.ensure_type(found, cst.BooleanOperation), weak[1])
        return found

    def leave_CompIf(self, original_node: cst.CompIf, updated_node: cst.CompIf) -> Any:
        test = self.truth(updated_node.test)
        if self._answer(test):
            return cst.RemoveFromParent()
        return updated_node.with_changes(test=test)

    def _asked(
        self, original: cst.Call | cst.Subscript, updated: cst.BaseExpression
    ) -> cst.BaseExpression:
        if id(original) in self._more:
            return updated
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
        """Fold `is True`, `!= False` and their kind."""
        answer = self._answer(updated_node.left)
        match updated_node.comparisons:
            case [
                cst.ComparisonTarget(
                    operator=cst.Is() | cst.Equal() | cst.IsNot() | cst.NotEqual() as operator,
                    comparator=cst.Name(value="True" | "False" as word),
                )
            ] if answer is not None:
                is_same = answer == (word == "True")
                return self._constant(is_same == isinstance(operator, cst.Is | cst.Equal))
            case _:
                return updated_node

    def visit_Decorator(self, node: cst.Decorator) -> bool:
        """What a decorator makes of an answer is for a person to say."""
        return False

    def leave_Decorator(self, original_node: cst.Decorator, updated_node: cst.Decorator) -> Any:
        """Drop what only sets the flag to the answer."""
        has_comment = any(line.comment for line in original_node.leading_lines)
        if has_comment or not self.sets(original_node.decorator):
            return updated_node
        self.removed.append(original_node.decorator)
        return cst.RemoveFromParent()

    def sets(self, node: cst.CSTNode) -> bool:
        """Whether an expression sets the flag to the answer for a test."""
        if not isinstance(node, cst.Call):
            return False
        tree = ast.parse(cst.Module([]).code_for_node(node), mode="eval")
        return set_to(tree.body, self.flag, self._spelled) is self._on
