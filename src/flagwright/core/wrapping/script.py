"""Tell which statements of a script may stand behind a question: what runs only as `__main__`.

`if __name__ == "__main__":` runs nothing when its file is imported. What binds a name there gives
the file another name, so that only statements count that bind none. A whole block of one version
may bind what the other version has nowhere.
"""

import ast

import libcst as cst

from flagwright.core.wrapping.binding import bindings, names_in
from flagwright.core.wrapping.proof.running import is_main
from flagwright.core.wrapping.statement import Statement
from flagwright.core.wrapping.tree import walk

_BINDING = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Global, ast.Match)


def is_script(node: ast.AST, other: ast.Module | None = None) -> bool:
    """Whether a statement asks for the name of its file, and its block binds no name.

    Args:
        other: Of a block that only one version has, the other one: only its names count.
    """
    match node:
        case ast.If(test=ast.Compare(), orelse=[], body=body) if is_main(node):
            parts = [part for statement in body for part in walk(statement)]
            return not any(_binds(part) and not _is_free(part, other) for part in parts)
        case _:
            return False


def both_scripts(script: Statement, *, is_new: bool) -> tuple[Statement, Statement]:
    """A block that only one version has, and the same question above nothing for the other one."""
    node, tree = cst.ensure_type(script.node, cst.If), script.tree
    assert isinstance(tree, ast.If)
    bare = ast.copy_location(ast.If(test=tree.test, body=[], orelse=[]), tree)
    indent = getattr(node.body, "indent", None)
    other = Statement(node.with_changes(body=cst.IndentedBlock([], indent=indent)), (bare,))
    return (other, script) if is_new else (script, other)


def _is_free(node: ast.AST, other: ast.Module | None) -> bool:
    return other is not None and isinstance(node, ast.Name) and node.id not in names_in(other)


def _binds(node: ast.AST) -> bool:
    if isinstance(node, ast.ExceptHandler):
        return node.name is not None
    is_target = isinstance(getattr(node, "ctx", None), ast.Store | ast.Del)
    return is_target or isinstance(node, _BINDING) or any(True for _ in bindings(node))
