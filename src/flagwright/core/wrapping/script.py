"""Tell which statements of a script may stand behind a question: what runs only as `__main__`.

`if __name__ == "__main__":` runs nothing when its file is imported. What binds a name there gives
the file another name, so that only statements count that bind none.
"""

import ast

from flagwright.core.wrapping.binding import bindings
from flagwright.core.wrapping.proof.running import is_main
from flagwright.core.wrapping.tree import walk

_BINDING = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Global, ast.Match)


def is_script(node: ast.AST) -> bool:
    """Whether a statement asks for the name of its file, and its block binds no name."""
    match node:
        case ast.If(test=ast.Compare(), orelse=[], body=body) if is_main(node):
            return not any(_binds(part) for statement in body for part in walk(statement))
        case _:
            return False


def _binds(node: ast.AST) -> bool:
    if isinstance(node, ast.ExceptHandler):
        return node.name is not None
    is_target = isinstance(getattr(node, "ctx", None), ast.Store | ast.Del)
    return is_target or isinstance(node, _BINDING) or any(True for _ in bindings(node))
