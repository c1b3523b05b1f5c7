"""Give what is left of an expression the parentheses that it needs in its place, and no other."""

import ast
from collections.abc import Collection, Iterator
from contextlib import suppress
from typing import Any, TypeVar, cast

import libcst as cst

from flagwright.core.wrapping.compound import expressions, is_spaced
from flagwright.core.wrapping.visitor import Transformer

_Node = TypeVar("_Node", bound=cst.CSTNode)
_ATOMS = (cst.Name, cst.Integer, cst.Float, cst.SimpleString, cst.Attribute, cst.Call)
_SHORT = (*_ATOMS, cst.Subscript, cst.List, cst.Dict, cst.Set, cst.FormattedString)


class Parentheses(Transformer):
    """Drops parentheses that only what was folded inside them needed: `round(x * (2))`."""

    def __init__(self) -> None:
        super().__init__()
        self._bare: dict[int, tuple[cst.CSTNode, cst.CSTNode]] = {}
        """What stands in parentheses that it does not need, and itself."""
        self._headings: set[int] = set()
        """What the headers of statements evaluate: each stands alone there."""
        self._loose: dict[int, cst.BaseExpression] = {}
        """What is left in parentheses that were there for what went."""

    def note_parentheses(self, node: cst.BaseExpression, found: cst.BaseExpression) -> None:
        """Remember what was given parentheses, where it can do without in most places."""
        if found is not node and isinstance(node, _ATOMS) and _is_one_line(found):
            self._bare[id(found)] = (found, node)

    def note_loose(self, found: cst.BaseExpression) -> None:
        """Remember what is left in parentheses, which may have been there for what went."""
        if len(found.lpar) == 1 and "\n" not in _code(found):
            self._loose[id(found)] = found

    def tight(self, node: _Node, before: str = "", after: str = "") -> _Node:
        """A line, or the test of a header, without such parentheses where it means the same.

        Args:
            before, after: What stands around it.
        """
        own = [part for part in _below(node) if id(part) in self._loose] if self._loose else []
        text, gone = _code(node), set[int]()
        for part in own:
            del self._loose[id(part)]
            if part is node or isinstance(part, _SHORT):
                with suppress(cst.CSTValidationError):  # `not(x)`
                    tried = _code(_bare(node, {*gone, id(part)}))
                    if _means_the_same(*(f"{before}{each}{after}" for each in (text, tried))):
                        gone.add(id(part))
        return _bare(node, gone) if gone else node

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


class _WithoutParentheses(cst.CSTTransformer):
    """Takes the parentheses off some expressions, which are known by identity."""

    def __init__(self, own: Collection[int]) -> None:
        super().__init__()
        self._own = own

    def on_leave(self, original_node: Any, updated_node: Any) -> Any:
        if id(original_node) not in self._own:
            return updated_node
        return updated_node.with_changes(lpar=(), rpar=())


def _bare(node: _Node, own: Collection[int]) -> _Node:
    return cast(_Node, node.visit(_WithoutParentheses(own)))


def _below(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """A node and all below it."""
    yield node
    for child in node.children:
        yield from _below(child)


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


def _means_the_same(one: str, other: str) -> bool:
    try:
        return ast.dump(ast.parse(one)) == ast.dump(ast.parse(other))
    except SyntaxError:
        return False


def _code(node: cst.CSTNode) -> str:
    return cst.Module([]).code_for_node(node)


def _is_one_line(node: cst.BaseExpression) -> bool:
    """Whether the parentheses around an expression hold no line end, and so no comment."""
    spaces = (node.lpar[0].whitespace_after, node.rpar[-1].whitespace_before)
    return len(node.lpar) == 1 and all(isinstance(s, cst.SimpleWhitespace) for s in spaces)
