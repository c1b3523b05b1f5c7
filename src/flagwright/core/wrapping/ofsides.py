"""Tell which lines of a wrapped text hold something of one side alone, or of both at once."""

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import takewhile

from flagwright.core.wrapping.statement import first_line
from flagwright.core.wrapping.tree import nodes, walk

Lines = Sequence[str]
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def one_sided(tree: ast.Module, marks: Mapping[int, str]) -> Iterator[range]:
    """Lines, from 0, of statements that the old version does not have, as their mark says."""
    for node in nodes(tree):
        if isinstance(node, ast.stmt):
            first = first_line(node) - 1
            if marks.get(first - 1, "").endswith(": on"):
                yield range(first - 1, node.end_lineno or node.lineno)


def new_guards(tree: ast.Module, lines: Lines, flag: str) -> Iterator[range]:
    """Lines, from 0, of what only the new version does, with the blank ones above: they go too."""
    check = re.compile(rf"""["']{re.escape(flag)}["']""")
    answers = _answers(tree, lines, flag)
    for node in nodes(tree):
        if isinstance(node, ast.If) and not node.orelse:
            at = node.lineno - 1
            is_asked = check.search(lines[at]) or getattr(node.test, "id", "") in answers
            if is_asked and not lines[at].lstrip().startswith("if not "):
                above = takewhile(lambda n: not lines[n].strip(), range(at - 1, -1, -1))
                yield range(min(above, default=at), node.end_lineno or node.lineno)


def headers(tree: ast.Module, marks: Mapping[int, str]) -> Iterator[range]:
    """Lines, from 0, of signatures that serve both sides, as the mark above them says."""
    for node in nodes(tree):
        if isinstance(node, _FUNCTIONS):
            first = first_line(node) - 1
            if marks.get(first - 1, "").endswith(")"):
                yield range(first, first_line(node.body[0]) - 1)


def inner_headers(tree: ast.Module, marks: Mapping[int, str]) -> Iterator[range]:
    """Lines, from 0, of signatures inside of one that serves both: they are a place of no line."""
    for node in nodes(tree):
        if isinstance(node, _FUNCTIONS):
            mark = marks.get(first_line(node) - 2, "")
            names = {*re.findall(r"\w+", mark.partition(": both (")[2])}
            for inner in walk(node) if names else ():
                if (
                    isinstance(inner, ast.FunctionDef | ast.AsyncFunctionDef)
                    and inner.name in names
                ):
                    yield range(inner.lineno - 1, first_line(inner.body[0]) - 1)


def asked(tree: ast.Module, lines: Lines, flag: str) -> Iterator[int]:
    """Lines, from 0, that ask for the flag once for a whole call: no version has them."""
    for node in nodes(tree):
        if isinstance(node, ast.Assign) and re.search(
            rf"""["']{re.escape(flag)}["']""", lines[node.lineno - 1]
        ):
            yield node.lineno - 1


def _answers(tree: ast.Module, lines: Lines, flag: str) -> set[str]:
    """Locals that hold the answer for a whole call."""
    at = {*asked(tree, lines, flag)}
    stores = (n for n in nodes(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store))
    return {n.id for n in stores if n.lineno - 1 in at}


def of_both(tree: ast.Module, lines: Lines, flag: str) -> Iterator[range]:
    """Lines, from 0, of headers that evaluate something on the one side or the other."""
    names = _answers(tree, lines, flag)
    for node in nodes(tree) if names else ():
        if isinstance(node, ast.IfExp) and getattr(node.test, "id", "") in names:
            first, last = node.lineno - 1, node.end_lineno or node.lineno
            is_in_brackets = lines[first - 1].rstrip().endswith("(")
            yield range(first - 1, last + 1) if is_in_brackets else range(first, last)


def imports(
    lines: Lines, off: Lines, tree: ast.Module, marks: Mapping[int, str]
) -> Iterator[range]:
    """Lines, from 0, of imports at the top that may hold names of both sides."""
    sources = {line.partition(" import ")[0] for line in off if line.startswith("from ")}
    for node in tree.body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            first, last = node.lineno - 1, node.end_lineno or node.lineno
            mark = marks.get(first - 1, "")
            source = lines[first].partition(" import ")[0]
            is_shared = source in sources if not mark else mark.endswith((")", ": off"))
            if is_shared:
                yield range(first - bool(mark), last)
