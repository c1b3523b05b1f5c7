"""Give each version of a function a body of its own, for what one shared body would break.

That is the scope of a name, or whether the function is a generator. The new body becomes an
inner function, which the flag calls with the same arguments; so does the old one where it
must not share a scope either. Inside the function `super()`, private names and closures
mean what they meant, and nothing is added to a module or a class.
"""

import ast
import re
from collections.abc import Collection, Iterator
from enum import IntEnum
from itertools import takewhile
from typing import NamedTuple, cast

import libcst as cst

from flagwright.core.wrapping.apart import APART, Header
from flagwright.core.wrapping.binding import names_in
from flagwright.core.wrapping.effect import FUNCTIONS
from flagwright.core.wrapping.levels import moved
from flagwright.core.wrapping.mark import lines_above
from flagwright.core.wrapping.read import PLACEHOLDER
from flagwright.core.wrapping.refusal import refuse
from flagwright.core.wrapping.standin import check_inner, is_generator
from flagwright.core.wrapping.statement import Statement, suite
from flagwright.core.wrapping.telling import Telling

Line = cst.SimpleStatementLine | cst.BaseCompoundStatement


class Form(IntEnum):
    """How both versions stand in one function, from the smallest edit to the largest."""

    GUARDS = 0
    NEW_BODY = 1
    """The new body is an inner function, the old one stands in the `else`."""
    TWO_BODIES = 2


class Handing(NamedTuple):
    """What takes anything, and hands it to inner functions with parameters of their own."""

    header: Header
    telling: Telling


class Bodies:
    """The two bodies of one function.

    Raises:
        CannotWrap: `function-kind` or `scope`, where an inner function would be told apart.
    """

    def __init__(
        self,
        before: Statement,
        after: Statement,
        form: Form,
        trees: tuple[ast.Module, ast.Module],
        indent: str | None,
        handing: Handing | None = None,
    ) -> None:
        """Choose the names of the inner functions.

        Args:
            indent: That of new blocks; none for the one that the file has everywhere.
            handing: How calls are handed on; none where both have the same parameters.
        """
        assert isinstance(before.tree, FUNCTIONS)
        assert isinstance(after.tree, FUNCTIONS)
        check_inner(before.tree, after.tree, trees)
        self._before, self._after, self._indent = before, after, indent
        self._handing = handing
        yields = [is_generator(tree) for tree in (before.tree, after.tree)]
        self._yields = all(yields)
        two = yields == [True, False] or form is not Form.NEW_BODY
        sides = ("on", "off") if two else ("on",)
        taken = {name for tree in trees for name in names_in(tree)}
        self.names = tuple(_free(after.tree.name, side, taken) for side in sides)

    def dispatched(self, parameters: cst.Parameters | None) -> cst.FunctionDef:
        """The function with both bodies, and a placeholder where it asks.

        Args:
            parameters: A signature for both versions; none where it has not changed.
        """
        node = cst.ensure_type(self._after.node, cst.FunctionDef)
        docstring, new = _split(self._after)
        _, old = _split(self._before)
        if not new.body or not old.body:
            because = f"a version of `{node.name.value}` has no body of its own"
            raise refuse(self._after.line, "scope", because)
        on = self._inner(self._after, self.names[0], new)
        off = self._inner(self._before, self.names[1], old) if self.names[1:] else _lines(old)
        asked = self._handing.telling.question(PLACEHOLDER) if self._handing else PLACEHOLDER
        test = cst.If(
            cst.parse_expression(asked),
            cst.IndentedBlock(on, indent=self._indent),
            cst.Else(cst.IndentedBlock(_without_gap(off), indent=self._indent)),
            leading_lines=list(_gap(new.body[0])),
        )
        body = cst.IndentedBlock([*docstring, test], indent=self._indent)
        if self._handing:
            return _with_header(node, self._handing.header).with_changes(body=body)
        body = body.with_changes(header=_header(node))
        return node.with_changes(body=body, params=parameters or node.params)

    def _inner(self, version: Statement, name: str, body: cst.IndentedBlock) -> list[Line]:
        """One body as an inner function, and the line that calls it."""
        node = cst.ensure_type(version.node, cst.FunctionDef)
        header = node if self._handing else _with_header(node, Header(_bare(node.params), None))
        beside = _header(node) if self._handing else cst.TrailingWhitespace()
        inner = header.with_changes(
            name=cst.Name(name),
            decorators=(),
            leading_lines=(),
            lines_after_decorators=(),
            body=moved(body.with_changes(body=_without_gap(_lines(body)), header=beside), 1),
        )
        given = self._handing.header.params if self._handing else node.params
        call: cst.BaseExpression = cst.Call(cst.Name(name), list(forwarded(given)))
        if node.asynchronous:
            call = cst.Await(call)
        elif self._yields:
            call = cst.Yield(cst.From(call), lpar=[cst.LeftParen()], rpar=[cst.RightParen()])
        line = cst.SimpleStatementLine(
            [cst.Return(call)], leading_lines=[cst.EmptyLine(indent=False)]
        )
        return [inner, line]


def _free(name: str, side: str, taken: Collection[str]) -> str:
    free = f"{name.strip('_') or 'body'}_{side}"
    while free in taken:
        free += "_"
    return free


def _split(version: Statement) -> tuple[list[Line], cst.IndentedBlock]:
    """The docstring, and the block without it."""
    node = cst.ensure_type(version.node, cst.FunctionDef)
    assert isinstance(version.tree, FUNCTIONS)
    block = suite(node.body, version.tree.body)
    lines = [s.node for s in block.statements]
    documented = ast.get_docstring(version.tree, clean=False) is not None
    if documented and len(block.statements[0].trees) > 1:
        raise refuse(version.line, "scope", f"`{node.name.value}` has code beside its docstring")
    at = int(documented)
    inner = node.body if isinstance(node.body, cst.IndentedBlock) else cst.IndentedBlock([])
    bare = inner.with_changes(body=lines[at:], header=cst.TrailingWhitespace())
    return lines[:at], bare


def _lines(block: cst.IndentedBlock) -> list[Line]:
    return cast(list[Line], list(block.body))


def _header(node: cst.FunctionDef) -> cst.TrailingWhitespace:
    """What stands behind the colon, on its line."""
    found = getattr(node.body, "header", None)
    return cast(cst.TrailingWhitespace, found or cst.TrailingWhitespace())


def _gap(line: cst.CSTNode) -> list[cst.EmptyLine]:
    """The blank lines that a statement begins with."""
    return list(takewhile(lambda empty: empty.comment is None, lines_above(line)))


def _without_gap(lines: list[Line]) -> list[Line]:
    """A block begins with code or a comment."""
    above = lines[0].leading_lines[len(_gap(lines[0])) :]
    return [lines[0].with_changes(leading_lines=above), *lines[1:]]


def _with_header(node: cst.FunctionDef, header: Header) -> cst.FunctionDef:
    """A function in one line with other parameters."""
    gap = cst.SimpleWhitespace("")
    return node.with_changes(**header._asdict(), whitespace_before_params=gap)


def _bare(parameters: cst.Parameters) -> cst.Parameters:
    """The same parameters without defaults and annotations: every one of them is given."""
    sides = {
        side: [cst.Param(p.name) for p in getattr(parameters, side)]
        for side in ("posonly_params", "params", "kwonly_params")
    }
    stars: dict[str, cst.Param | cst.ParamStar] = {}
    if isinstance(parameters.star_arg, cst.Param):
        stars["star_arg"] = cst.Param(parameters.star_arg.name, star="*")
    elif parameters.kwonly_params:
        stars["star_arg"] = cst.ParamStar()
    if parameters.star_kwarg:
        stars["star_kwarg"] = cst.Param(parameters.star_kwarg.name, star="**")
    return cst.Parameters(**sides, **stars)  # type: ignore[arg-type] # each of its kind


def forwarded(parameters: cst.Parameters) -> Iterator[cst.Arg]:
    """The arguments that hand every parameter on."""
    for param in (*parameters.posonly_params, *parameters.params):
        yield cst.Arg(param.name)
    if isinstance(parameters.star_arg, cst.Param):
        yield cst.Arg(parameters.star_arg.name, star="*")
    bare = cst.SimpleWhitespace("")
    for param in parameters.kwonly_params:
        yield cst.Arg(param.name, keyword=param.name, equal=cst.AssignEqual(bare, bare))
    if parameters.star_kwarg:
        yield cst.Arg(parameters.star_kwarg.name, star="**")


def with_its_body(node: cst.FunctionDef, names: Collection[str]) -> cst.FunctionDef:
    """A function that does nothing but call one of `names` inside it, with that body instead."""
    if not isinstance(node.body, cst.IndentedBlock) or len(node.body.body) < 2:
        return node
    *docstring, inner, call = node.body.body
    if not isinstance(inner, cst.FunctionDef) or inner.name.value not in names:
        return node
    if not _calls(call, inner.name.value) or not isinstance(inner.body, cst.IndentedBlock):
        return node
    first, *rest = moved(inner.body, -1).body
    lines = [*lines_above(inner), *lines_above(first)]
    body = [*docstring, first.with_changes(leading_lines=lines), *rest]
    if APART not in names:
        return node.with_changes(body=inner.body.with_changes(body=body, header=node.body.header))
    header = node.body.header if node.body.header.comment else inner.body.header
    return inner.with_changes(
        name=node.name,
        decorators=node.decorators,
        leading_lines=node.leading_lines,
        lines_after_decorators=node.lines_after_decorators,
        body=inner.body.with_changes(body=body, header=header),
    )


def _calls(line: cst.CSTNode, name: str) -> bool:
    """Whether a line returns what a call of an inner function gives."""
    text = cst.Module([]).code_for_node(line).strip()
    return re.fullmatch(rf"return (await )?\(?(yield from )?{name}\(.*\)\)?", text) is not None
