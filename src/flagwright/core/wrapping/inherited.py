"""Stand for a method on the side that does not have it: call the one that it overrides.

Where it is not known whether there is one, the method finds out: `hasattr(super(), name)`. Without
one it can only have been called by code of its own side, for which it runs: it is no guard, and a
person is told so.
"""

import ast

import libcst as cst

from flagwright.core.wrapping.bodies import forwarded
from flagwright.core.wrapping.effect import FUNCTIONS
from flagwright.core.wrapping.read import PLACEHOLDER
from flagwright.core.wrapping.statement import Statement, suite


def handed_up(method: Statement) -> Statement:
    """The method with nothing in it but `return super().name(...)`, and its docstring."""
    node, tree = cst.ensure_type(method.node, cst.FunctionDef), method.tree
    assert isinstance(tree, FUNCTIONS)
    line = _upwards(node, tree)
    given_back = ast.parse(cst.Module([]).code_for_node(line)).body
    for part in ast.walk(given_back[0]):
        ast.copy_location(part, tree)
    has_docstring = ast.get_docstring(tree, clean=False) is not None
    body = [*node.body.body[: int(has_docstring)], line]
    fields = dict(ast.iter_fields(tree)) | {"body": [*tree.body[: int(has_docstring)], *given_back]}
    copied = ast.copy_location(type(tree)(**fields), tree)
    indented = cst.IndentedBlock(body, indent=getattr(node.body, "indent", None))
    return Statement(node.with_changes(body=indented), (copied,))


def asking_upwards(
    method: Statement, indent: str | None, *, on: bool, is_sure: bool = False
) -> cst.FunctionDef:
    """The method with a line more: on the side that does not have it, another one may be meant.

    Args:
        indent: That of new blocks; none for the one that the file has everywhere.
        on: Whether the method is of the new version.
        is_sure: Whether there is another one.
    """
    node, tree = cst.ensure_type(method.node, cst.FunctionDef), method.tree
    assert isinstance(tree, FUNCTIONS)
    asked: cst.BaseExpression = cst.Name(PLACEHOLDER)
    asked = cst.UnaryOperation(cst.Not(), asked) if on else asked
    is_there = cst.parse_expression(f'hasattr(super(), "{node.name.value}")')
    test = asked if is_sure else cst.BooleanOperation(asked, cst.And(), is_there)
    upwards = cst.If(test, cst.IndentedBlock([_upwards(node, tree)], indent=indent))
    block = suite(node.body, tree.body)
    lines = [statement.node for statement in block.statements]
    at = int(ast.get_docstring(tree, clean=False) is not None)
    body = [*lines[:at], upwards, *lines[at:]]
    held = node.body if isinstance(node.body, cst.IndentedBlock) else cst.IndentedBlock([])
    return node.with_changes(body=held.with_changes(body=body))


def _upwards(
    node: cst.FunctionDef, tree: ast.FunctionDef | ast.AsyncFunctionDef
) -> cst.SimpleStatementLine:
    """`return super().name(...)`, as the method was called."""
    found: cst.BaseExpression = cst.Attribute(cst.Call(cst.Name("super")), node.name)
    if not any(getattr(decorator, "id", "") == "property" for decorator in tree.decorator_list):
        found = cst.Call(found, list(forwarded(node.params))[1:])
    if node.asynchronous:
        found = cst.Await(found)
    return cst.SimpleStatementLine([cst.Return(found)])
