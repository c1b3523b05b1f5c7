"""Unite the two versions of `__all__`, so that both find the names they export."""

import ast
from collections.abc import Collection

import libcst as cst

from flagwright.core.wrapping.statement import Statement


def is_listing(tree: ast.stmt) -> bool:
    """Whether a statement is `__all__ = [...]` or `(...)` of plain strings."""
    match tree:
        case ast.Assign(targets=[ast.Name(id="__all__")], value=ast.List() | ast.Tuple() as value):
            return all(isinstance(e, ast.Constant) and isinstance(e.value, str) for e in value.elts)
        case _:
            return False


def one_sided(before: Statement, after: Statement) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The names that only the old line has, and those that only the new one has."""
    old, new = ([_name(e) for e in _elements(s.node)] for s in (before, after))
    return tuple(n for n in old if n not in new), tuple(n for n in new if n not in old)


def is_reordered(before: Statement, after: Statement) -> bool:
    """Whether the names that both lines have stand in another order."""
    old, new = ([_name(e) for e in _elements(s.node)] for s in (before, after))
    return [name for name in old if name in new] != [name for name in new if name in old]


def united(before: Statement, after: Statement) -> cst.SimpleStatementLine:
    """The new line, with the names that only the old one has behind those before them."""
    old, new = _elements(before.node), _elements(after.node)
    names = [_name(e) for e in new]
    at = 0
    for element in old:
        if _name(element) in names:
            at = next(i for i, e in enumerate(new) if _name(e) == _name(element)) + 1
            continue
        neighbour = new[at - 1] if at else (new[0] if new else element)
        comma = neighbour.comma if at < len(new) else cst.MaybeSentinel.DEFAULT
        if at and at == len(new):
            new[-1] = new[-1].with_changes(comma=_inner_comma(new))
            comma = neighbour.comma
        new.insert(at, cst.Element(element.value, comma=comma))
        at += 1
    return _with_elements(after.node, new)


def without(node: cst.SimpleStatementLine, gone: Collection[str]) -> cst.SimpleStatementLine:
    """The line without names that the file no longer has."""
    old = _elements(node)
    new = [element for element in old if _name(element) not in gone]
    if len(new) == len(old):
        return node
    if new and old[-1] is not new[-1]:
        new[-1] = new[-1].with_changes(comma=old[-1].comma)
    return _with_elements(node, new)


def is_listing_line(node: cst.CSTNode) -> bool:
    """The same question as `is_listing`, of a line as libcst holds it."""
    match node:
        case cst.SimpleStatementLine(
            body=[cst.Assign(targets=[cst.AssignTarget(target=cst.Name("__all__"))], value=value)]
        ) if isinstance(value, cst.List | cst.Tuple):
            return all(
                isinstance(e, cst.Element) and isinstance(e.value, cst.SimpleString)
                for e in value.elements
            )
        case _:
            return False


def _elements(node: cst.CSTNode) -> list[cst.Element]:
    value = _value(node)
    return [e for e in value.elements if isinstance(e, cst.Element)]


def _value(node: cst.CSTNode) -> cst.List | cst.Tuple:
    line = cst.ensure_type(node, cst.SimpleStatementLine)
    value = cst.ensure_type(line.body[0], cst.Assign).value
    assert isinstance(value, cst.List | cst.Tuple)
    return value


def _with_elements(node: cst.CSTNode, elements: list[cst.Element]) -> cst.SimpleStatementLine:
    value = _value(node)
    changed = node.with_deep_changes(value, elements=elements)
    return cst.ensure_type(changed, cst.SimpleStatementLine)


def _name(element: cst.Element) -> str:
    value = element.value
    return value.raw_value if isinstance(value, cst.SimpleString) else ""


def _inner_comma(elements: list[cst.Element]) -> cst.Comma | cst.MaybeSentinel:
    """The comma that stands between two names of this list."""
    return (
        elements[0].comma
        if len(elements) > 1
        else cst.Comma(cst.SimpleWhitespace(""), cst.SimpleWhitespace(" "))
    )
