"""Find where the answer of a flag stays in the code as a value, once the flag is out of it.

A function that gave the answer gives `True` now. What goes by that has both sides still, and
only a person can tell what may go.
"""

import ast
from collections.abc import Collection, Iterator

from flagwright.core.wrapping.proof.answered import Answered
from flagwright.core.wrapping.proof.remains import without
from flagwright.core.wrapping.tree import children

_LONG = 60
_BOTH_SIDES = "what goes by that has both sides still"
_DECIDES = ast.If | ast.IfExp | ast.UnaryOp | ast.While
"""What an answer decides right there."""


def values(
    text: str,
    flag: str,
    *,
    on: bool,
    spelled: Collection[str],
    dropped: Collection[str],
    apart: Collection[str] = (),
) -> Iterator[tuple[int, str]]:
    """Lines of a text in which an answer stays, and as what.

    Args:
        spelled: Other ways in which the file names the flag, or asks for it.
        dropped: Those of them that go, too.
        apart: Functions and methods that stay as they are.
    """
    was = Answered(text, flag, spelled, on=on, apart=apart)
    left = without(was.module(), dropped)
    waiting: list[tuple[ast.AST, str]] = [
        (node, "") for node in reversed(left.body) if not was.is_silent(node)
    ]
    while waiting:
        node, around = waiting.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            around = node.name
        below = children(node)
        for child in below:
            if was.is_answer(child) and not isinstance(node, _DECIDES):
                assert isinstance(child, ast.Constant)
                yield child.lineno, _told(node, around, str(child.value))
        waiting += ((child, around) for child in reversed(below))


def _told(node: ast.AST, around: str, word: str) -> str:
    match node:
        case ast.BoolOp():
            code = ast.unparse(node)
            what = f"`{code}`" if len(code) <= _LONG else f"what has {word} there"
            if (word == "True") is isinstance(node.op, ast.Or):
                return f"{what} is decided for good: see whether the rest of it has to run"
            return f"{what} asks {word} for good: take that off if only the truth counts"
        case ast.comprehension():
            return f"`if {word}` is decided for good: see what is left to go through"
        case ast.match_case():
            return f"`if {word}` is decided for good: see which cases still count"
        case ast.Assert():
            return f"`assert {word}` fails for good: see what it kept from running"
        case ast.Return():
            return f"`{around}` gives {word} for good: {_BOTH_SIDES}"
        case ast.Assign(targets=[target]) | ast.AnnAssign(target=target):
            return f"`{ast.unparse(target)}` is {word} for good: {_BOTH_SIDES}"
        case ast.keyword(arg=str(name)):
            return f"`{name}` is {word} for good: {_BOTH_SIDES}"
        case _:
            return f"{word} stands there for good: {_BOTH_SIDES}"
