"""Notice failures that used to be handled or refused, and no longer are.

Python by comparing handlers, raises and checks of both syntax trees over the whole change,
so that code which moved to another file is not a loss; other languages by text.
"""

import ast
from collections.abc import Iterator, Sequence
from typing import Literal

from flagwright.core.records.change import Side
from flagwright.core.records.score import Finding
from flagwright.core.risk.occurrence import Occurrence, in_text, occurrence, without
from flagwright.core.risk.rule import Signal, TextRule
from flagwright.core.risk.syntax import Touched, begins_on
from flagwright.core.risk.view import FileView

Loss = Literal["handler_removed", "raise_removed", "check_removed"]
Gain = Literal["broadened", "swallowed"]
ErrorHandling = Signal[Loss | Gain, TextRule]

BROAD = frozenset({"", "Exception", "BaseException"})
LOSSES = ("handler_removed", "raise_removed", "check_removed")


def see(files: Sequence[FileView], settings: ErrorHandling) -> Iterator[Finding]:
    """Report losses where they stood before, and broad or silent handlers where they stand now."""
    source = [file for file in files if file.is_source]
    rules = settings.named()
    came = [*_in_python(source, "after"), *in_text(source, "after", rules)]
    went = [*_in_python(source, "before"), *in_text(source, "before", rules)]
    gained = [item for item in without(came, went) if item.rule not in LOSSES]
    lost = [item for item in _lost(came, went) if item.rule in LOSSES]
    for item in [*gained, *lost]:
        if item.rule in rules:
            yield item.finding("error_handling", rules[item.rule])


def _lost(came: Sequence[Occurrence], went: Sequence[Occurrence]) -> Iterator[Occurrence]:
    """A loss that another of the same rule replaces in the same file is an edit, not a loss."""
    new = [*without(came, went)]
    for item in without(went, came):
        twin = next((one for one in new if (one.rule, one.path) == (item.rule, item.path)), None)
        if twin:
            new.remove(twin)
        else:
            yield item


def _in_python(files: Sequence[FileView], side: Side) -> Iterator[Occurrence]:
    for file in files:
        for touch in file.touched(side) if file.parsed else ():
            for rule, key in _noticed(touch, file, side):
                yield occurrence(rule, file, side, touch.line, key=key)


def _noticed(touch: Touched, file: FileView, side: Side) -> Iterator[tuple[Loss | Gain, str]]:
    node = touch.node
    if isinstance(node, ast.ExceptHandler):
        caught = file.source(side, node.type) if node.type else ""
        if begins_on(touch, file.lines(side)):
            yield "handler_removed", caught
            if caught in BROAD and not _raises_again(node):
                yield "broadened", caught
        if _is_silent(node.body):
            yield "swallowed", caught
    elif not begins_on(touch, file.lines(side)):
        return
    elif isinstance(node, ast.Raise):
        yield "raise_removed", file.source(side, node)
    elif isinstance(node, ast.Assert) or (isinstance(node, ast.If) and _is_guard(node)):
        yield "check_removed", file.source(side, node.test)


def _raises_again(node: ast.ExceptHandler) -> bool:
    return any(isinstance(inner, ast.Raise) for inner in ast.walk(node))


def _is_silent(body: Sequence[ast.stmt]) -> bool:
    return all(
        isinstance(statement, ast.Pass | ast.Continue)
        or (isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant))
        for statement in body
    )


def _is_guard(node: ast.If) -> bool:
    """`if bad: return` without an else."""
    return len(node.body) == 1 and isinstance(node.body[0], ast.Return) and not node.orelse
