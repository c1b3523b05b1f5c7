"""Give what is left of an expression the parentheses that it needs in its place, and no other."""

from typing import TypeVar

import libcst as cst

from flagwright.core.wrapping.compound import expressions, is_spaced
from flagwright.core.wrapping.visitor import Transformer

_Node = TypeVar("_Node", bound=cst.CSTNode)
_ATOMS = (cst.Name, cst.Integer, cst.Float, cst.SimpleString, cst.Attribute, cst.Call)


class Parentheses(Transformer):
    """Drops parentheses that only what was folded inside them needed: `round(x * (2))`."""

    def __init__(self) -> None:
        super().__init__()
        self._bare: dict[int, tuple[cst.CSTNode, cst.CSTNode]] = {}
        """What stands in parentheses that it does not need, and itself."""
        self._headings: set[int] = set()
        """What the headers of statements evaluate: each stands alone there."""

    def note_parentheses(self, node: cst.BaseExpression, found: cst.BaseExpression) -> None:
        """Remember what was given parentheses, where it can do without in most places."""
        if found is not node and isinstance(node, _ATOMS) and _is_one_line(found):
            self._bare[id(found)] = (found, node)

    def stands_alone(self, original: cst.IfExp, taken: cst.BaseExpression) -> bool:
        """Whether what is left of a header needs none of the parentheses that held both sides."""
        if id(original) not in self._headings or "#" in _code(original):
            return False
        return "\n" not in _code(taken)

    def visit_If(self, node: cst.If) -> None:
        self._note_headings(node)

    def visit_While(self, node: cst.While) -> None:
        self._note_headings(node)

    def visit_For(self, node: cst.For) -> None:
        self._note_headings(node)

    def visit_With(self, node: cst.With) -> None:
        self._note_headings(node)

    def visit_Try(self, node: cst.Try) -> None:
        self._note_headings(node)

    def visit_TryStar(self, node: cst.TryStar) -> None:
        self._note_headings(node)

    def visit_Match(self, node: cst.Match) -> None:
        self._note_headings(node)

    def _note_headings(self, node: cst.BaseCompoundStatement) -> None:
        if is_spaced(node):
            self._headings.update(map(id, expressions(node)))

    def leave_Arg(self, original_node: cst.Arg, updated_node: cst.Arg) -> cst.Arg:
        return self._with_bare(updated_node, "value")

    def leave_Element(self, original_node: cst.Element, updated_node: cst.Element) -> cst.Element:
        return self._with_bare(updated_node, "value")

    def leave_BinaryOperation(
        self, original_node: cst.BinaryOperation, updated_node: cst.BinaryOperation
    ) -> cst.BinaryOperation:
        return self._with_bare(self._with_bare(updated_node, "left"), "right")

    def _with_bare(self, node: _Node, part: str) -> _Node:
        held = self._bare.get(id(getattr(node, part)))
        return node.with_changes(**{part: held[1]}) if held else node


def in_parentheses(node: cst.BaseExpression, around: cst.BaseExpression) -> cst.BaseExpression:
    """An expression in the place of another one, in the parentheses that this one had."""
    if around.lpar and not node.lpar:
        return node.with_changes(lpar=around.lpar, rpar=around.rpar)
    return node


def with_comment_of_body(node: cst.IfExp) -> cst.IfExp:
    """A choice of which the body is left: what is said behind the other branch goes with that."""
    own = node.whitespace_before_if
    end = node.rpar[-1].whitespace_before if node.rpar else None
    if not isinstance(own, cst.ParenthesizedWhitespace):
        return node
    if not isinstance(end, cst.ParenthesizedWhitespace):
        return node
    end = end.with_changes(first_line=own.first_line, empty_lines=own.empty_lines)
    last = node.rpar[-1].with_changes(whitespace_before=end)
    return node.with_changes(rpar=[*node.rpar[:-1], last])


def _code(node: cst.CSTNode) -> str:
    return cst.Module([]).code_for_node(node)


def _is_one_line(node: cst.BaseExpression) -> bool:
    """Whether the parentheses around an expression hold no line end, and so no comment."""
    spaces = (node.lpar[0].whitespace_after, node.rpar[-1].whitespace_before)
    return len(node.lpar) == 1 and all(isinstance(s, cst.SimpleWhitespace) for s in spaces)
