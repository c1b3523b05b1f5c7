"""Tell which statements of a script may stand behind a question: what runs only as `__main__`.

`if __name__ == "__main__":` runs nothing when its file is imported. What binds a name there gives
the file another name, so that the other version must have that name nowhere, or bind it there, too.
"""

import ast
from collections.abc import Iterator

import libcst as cst

from flagwright.core.wrapping.binding import bindings, names_in
from flagwright.core.wrapping.proof.running import is_main
from flagwright.core.wrapping.statement import Statement
from flagwright.core.wrapping.tree import walk

_DEFINING = (
    *(ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef),
    *(ast.Global, ast.Match, ast.AnnAssign, ast.Delete),
)


def is_script(node: ast.AST, other: ast.Module, beside: ast.AST | None = None) -> bool:
    """Whether a statement asks for the name of its file, and may run behind a question.

    Args:
        other: The other version of the file.
        beside: The block of that version which this one would stand beside.
    """
    match node:
        case ast.If(test=ast.Compare(), orelse=[], body=body) if is_main(node):
            bound = {name for statement in body for name in _bound(statement)}
            shared = {*_bound(beside)} - {"*"} if beside else set[str]()
            return bound.isdisjoint({"*", *names_in(other)} - shared)
        case _:
            return False


def are_scripts(old: ast.AST, new: ast.AST, trees: tuple[ast.Module, ast.Module]) -> bool:
    """Whether two such blocks may stand beside each other."""
    return is_script(old, trees[1], new) and is_script(new, trees[0], old)


def both_scripts(script: Statement, *, is_new: bool) -> tuple[Statement, Statement]:
    """A block that only one version has, and the same question above nothing for the other one."""
    node, tree = cst.ensure_type(script.node, cst.If), script.tree
    assert isinstance(tree, ast.If)
    bare = ast.copy_location(ast.If(test=tree.test, body=[], orelse=[]), tree)
    indent = getattr(node.body, "indent", None)
    other = Statement(node.with_changes(body=cst.IndentedBlock([], indent=indent)), (bare,))
    return (other, script) if is_new else (script, other)


def _bound(node: ast.AST) -> Iterator[str]:
    """Names that some code gives a file; `*` for what may not stand behind a question there."""
    for part in walk(node):
        if isinstance(part, _DEFINING):
            yield "*"
        elif isinstance(part, ast.ExceptHandler) and part.name:
            yield part.name
        elif isinstance(part, ast.Name) and not isinstance(part.ctx, ast.Load):
            yield part.id
        yield from (binding.name for binding in bindings(part))
