"""Name the changed places of a file that do nothing at run time, and so need no flag.

Those are docstrings, and lines in which both versions have the same code: under other comments,
in another form, or with other annotations. Blank lines alone are no place.
"""

import ast
from collections.abc import Iterable, Iterator, Sequence
from difflib import SequenceMatcher
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
        self._effects, self._lines = effects, source.lines
        self._quoted = inside(self._lines, source.tree)
        self._around: list[ast.stmt | None] = [None] * len(self._lines)
        self._local: set[int] = set()
        self._place(source.tree.body, is_local=False)

    def does(self, lines: Iterable[int]) -> list[Any]:
        """What the statements in these lines do; of a function, what its header does."""
        there = [self._around[n] for n in lines if self._is_code(n)]
        statements = {id(node): node for node in there if node and not has_no_effect(node)}
        return [self._effect(node) for node in statements.values()]

    def is_docstring(self, line: int) -> bool:
        """Whether a line belongs to a text that nobody uses, or to what is for type checkers."""
        node = self._around[line]
        return self._is_code(line) and node is not None and has_no_effect(node)

    def written(self, lines: Iterable[int]) -> list[int]:
        """Those of the lines that are not blank."""
        return [n for n in lines if self._lines[n].strip()]

    def _place(self, body: Sequence[ast.stmt], *, is_local: bool) -> None:
        """Note for each line the innermost statement around it."""
        waiting = [(node, is_local) for node in body]
        while waiting:
            node, is_local = waiting.pop()
            first, last = first_line(node) - 1, node.end_lineno or node.lineno
            self._around[first:last] = [node] * (last - first)
            if is_local:
                self._local.add(id(node))
            is_local = isinstance(node, FUNCTIONS) or (
                is_local and not isinstance(node, ast.ClassDef)
            )
            if not has_no_effect(node):
                waiting += [(inner, is_local) for inner in _statements_in(node)]

    def _is_code(self, line: int) -> bool:
        text = self._lines[line].strip()
        return line in self._quoted or bool(text and not text.startswith("#"))

    def _effect(self, node: ast.stmt) -> Any:
        if isinstance(node, FUNCTIONS):
            return self._effects.header(node)
        return self._effects.of_local(node) if id(node) in self._local else self._effects.of(node)


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
