"""Name the changed places of a file that do nothing at run time, and so need no flag.

Those are docstrings, and lines in which both versions have the same code: under other comments,
in another form, or with other annotations. Blank lines alone are no place.
"""

import ast
from collections.abc import Collection, Iterable, Iterator, Sequence
from difflib import SequenceMatcher
from functools import cached_property
from itertools import groupby
from typing import Any

from flagwright.core.records.change import Side
from flagwright.core.records.plan import Segment
from flagwright.core.wrapping.effect import FUNCTIONS, Effects, has_no_effect
from flagwright.core.wrapping.hunks import inside
from flagwright.core.wrapping.source import Source
from flagwright.core.wrapping.statement import first_line


def neutral_places(
    before: Source, after: Source, effects: Effects, others: Sequence[Segment]
) -> Iterator[Segment]:
    """The changed places without an effect, but for what other segments hold."""
    held = {n for s in others if s.side == "after" for n in range(s.line - 1, s.end_line)}
    old, new = _Version(before, effects), _Version(after, effects)
    matcher = SequenceMatcher(None, before.lines, after.lines)
    for tag, old_start, old_end, new_start, new_end in matcher.get_opcodes():
        gone, come = range(old_start, old_end), range(new_start, new_end)
        if tag == "equal" or held.issuperset(come or (new_start,)):
            continue
        is_same = old.does(gone) == new.does(come)
        told = [n for n in come if n not in held and (is_same or new.is_docstring(n))]
        yield from _segments(new.written(told), "after")
        if is_same and not come:
            yield from _segments(old.written(gone), "before")


class _Version:
    """One version of a file, asked by lines from 0."""

    def __init__(self, source: Source, effects: Effects) -> None:
        self._effects, self._lines, self._tree = effects, source.lines, source.tree
        self._local: set[int] = set()

    def does(self, lines: Iterable[int]) -> list[Any]:
        """What the statements in these lines do; of a function or class, what its header does."""
        there = [self._around(n) for n in lines if self._is_code(n)]
        statements = {id(node): node for node in there if node and not has_no_effect(node)}
        return [self._effect(node) for node in statements.values()]

    def is_docstring(self, line: int) -> bool:
        """Whether a line belongs to a text that nobody uses, or to what is for type checkers."""
        if not self._is_code(line):
            return False
        node = self._around(line)
        return node is not None and has_no_effect(node)

    def written(self, lines: Iterable[int]) -> list[int]:
        """Those of the lines that are not blank."""
        return [n for n in lines if self._lines[n].strip()]

    def _around(self, line: int) -> ast.stmt | None:
        """The innermost statement around a line."""
        found, is_local, body = None, False, iter(self._tree.body)
        while node := next((n for n in body if first_line(n) <= line + 1 <= _end(n)), None):
            found = node
            if is_local:
                self._local.add(id(node))
            if has_no_effect(node):
                break
            is_local = isinstance(node, FUNCTIONS) or (
                is_local and not isinstance(node, ast.ClassDef)
            )
            body = _statements_in(node)
        return found

    def _is_code(self, line: int) -> bool:
        text = self._lines[line].strip()
        return bool(text and not text.startswith("#")) or line in self._quoted

    @cached_property
    def _quoted(self) -> Collection[int]:
        """Lines that stand inside of a text."""
        return inside(self._lines, self._tree)

    def _effect(self, node: ast.stmt) -> Any:
        if isinstance(node, FUNCTIONS):
            return self._effects.header(node)
        if isinstance(node, ast.ClassDef):
            return (node.name, self._effects.class_header(node))
        return self._effects.of_local(node) if id(node) in self._local else self._effects.of(node)


def _end(node: ast.stmt) -> int:
    return node.end_lineno or node.lineno


def _statements_in(node: ast.AST) -> Iterator[ast.stmt]:
    """The statements right below one, those of its handlers and cases included."""
    for inner in ast.iter_child_nodes(node):
        if isinstance(inner, ast.stmt):
            yield inner
        elif isinstance(inner, ast.ExceptHandler | ast.match_case):
            yield from _statements_in(inner)


def _segments(lines: Sequence[int], side: Side) -> Iterator[Segment]:
    """One segment for each run of lines."""
    for _, run in groupby(enumerate(lines), lambda pair: pair[1] - pair[0]):
        found = [n for _, n in run]
        yield Segment(
            path="", line=found[0] + 1, end_line=found[-1] + 1, side=side, treatment="neutral"
        )
