"""Stand for a method on the side that does not have it: call the one that it overrides."""

import ast

import libcst as cst

from flagwright.core.wrapping.bodies import forwarded
from flagwright.core.wrapping.effect import FUNCTIONS
from flagwright.core.wrapping.statement import Statement


def handed_up(method: Statement) -> Statement:
    """The method with nothing in it but `return super().name(...)`, and its docstring."""
    node, tree = cst.ensure_type(method.node, cst.FunctionDef), method.tree
    assert isinstance(tree, FUNCTIONS)
    found: cst.BaseExpression = cst.Attribute(cst.Call(cst.Name("super")), node.name)
    if not any(getattr(decorator, "id", "") == "property" for decorator in tree.decorator_list):
        found = cst.Call(found, list(forwarded(node.params))[1:])
    if node.asynchronous:
        found = cst.Await(found)
    line = cst.SimpleStatementLine([cst.Return(found)])
    given_back = ast.parse(cst.Module([]).code_for_node(line)).body
    for part in ast.walk(given_back[0]):
        ast.copy_location(part, tree)
    has_docstring = ast.get_docstring(tree, clean=False) is not None
    body = [*node.body.body[: int(has_docstring)], line]
    fields = dict(ast.iter_fields(tree)) | {"body": [*tree.body[: int(has_docstring)], *given_back]}
    copied = ast.copy_location(type(tree)(**fields), tree)
    indented = cst.IndentedBlock(body, indent=getattr(node.body, "indent", None))
    return Statement(node.with_changes(body=indented), (copied,))
