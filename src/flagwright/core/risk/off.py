"""Tell whether a file does with its flags off what it did before.

Lines that stand under a check may run all the same: below `if not is_enabled(...)`, beside an
`or`. So each flag is answered with no in both versions, and what is left has to be one program.
"""

import ast
from collections.abc import Collection

from flagwright.core.risk.view import FileView
from flagwright.core.wrapping.proof.answered import Answered
from flagwright.errors import CannotWrap


def is_as_before(file: FileView, flags: Collection[str]) -> bool:
    """Whether both versions of a file are the same while these flags are off.

    Imports may differ: what runs under a check needs its own.
    """
    texts = (file.change.before or b"", file.change.after or b"")
    try:
        before, after = (_left(text.decode("utf-8-sig"), flags) for text in texts)
    except (SyntaxError, ValueError, RecursionError, MemoryError, CannotWrap):
        return False
    return before == after


def _left(text: str, flags: Collection[str]) -> str:
    """A version without its flags, as a value to compare."""
    for flag in sorted(flags):
        tree = Answered(text, flag, (), on=False).module()
        text = ast.unparse(ast.fix_missing_locations(tree))
    return ast.dump(_WithoutImports().visit(ast.parse(text)))


class _WithoutImports(ast.NodeTransformer):
    def visit_Import(self, node: ast.Import) -> None:
        return None

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        return None

    def visit_Pass(self, node: ast.Pass) -> None:
        return None
