"""Cut a text down to what one step has to open, and put the rest back byte for byte.

What nobody opens becomes a stub of one line. Its syntax trees stay whole, so that only the
costly parser sees less.
"""

import ast
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

import libcst as cst

from flagwright.core.wrapping.effect import has_no_effect
from flagwright.core.wrapping.source import Source
from flagwright.core.wrapping.statement import first_line

_WORD = "__flagwright_"
_STUB = re.compile(rf"^([^\n]*){_WORD}(\d+)__(?=\r?$)", re.MULTILINE)
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
_Block = tuple[Sequence[ast.stmt], Sequence[str]]
"""The statements of a file, a class or a function, and the lines of the whole text."""


class Moved(Exception):
    """What was cut out of a text would have to be opened, or to stand elsewhere."""


class Outline:
    """What was cut out of the versions of one file."""

    def __init__(self) -> None:
        self._cut: list[tuple[str, str]] = []

    def of(self, text: str, closed: Iterable[Sequence[ast.stmt]]) -> str:
        """The text with a stub for each closed run.

        Args:
            closed: Runs of neighbours in the file, or in a class in it, that nobody will open.
                What shares a line stays; what stands between two of them goes with the second.
        """
        if _WORD in text:
            return text
        lines = text.split("\n")
        found: list[str] = []
        done, around = 0, ""
        for run in sorted(closed, key=lambda run: first_line(run[0])):
            first, last = first_line(run[0]), run[-1].end_lineno or run[-1].lineno
            if not _stands_alone(run, lines):
                continue
            above, indent = lines[done : first - 1], _indent(lines[first - 1])
            if not done or indent != around or any(map(_is_code, above)):
                found += above
                above = []
            last = last if indent else _with_comments(last, lines)
            cut = "\n".join([*above, *lines[first - 1 : last]]).removesuffix("\r")
            self._cut.append((indent, cut))
            end = "\r" * lines[last - 1].endswith("\r")
            found.append(f"{indent}{_WORD}{len(self._cut) - 1}__{end}")
            done, around = last, indent
        return "\n".join([*found, *lines[done:]])

    def filled(self, text: str) -> str:
        """A text that was made from outlines, with what they left out.

        Raises:
            Moved: Where some of that would be indented otherwise.
        """
        return _STUB.sub(self._put_back, text)

    def _put_back(self, found: re.Match[str]) -> str:
        indent, cut = self._cut[int(found[2])]
        if found[1] != indent:
            raise Moved
        return cut


def opened(
    before: Source, after: Source, same: Sequence[tuple[ast.stmt, ast.stmt]]
) -> tuple[Outline, cst.Module, cst.Module]:
    """Both versions of a file for rewriting, without what is the same in them."""
    outline, versions = Outline(), (before, after)
    texts = [outline.of(v.text, ([pair[n]] for pair in same)) for n, v in enumerate(versions)]
    old, new = map(cst.parse_module, texts)
    if old.default_indent != new.default_indent:
        old, new = (cst.parse_module(version.text) for version in versions)
    return outline, old, new


def is_stub(node: cst.CSTNode) -> bool:
    """Whether a statement stands for what was cut out of a text."""
    match node:
        case cst.SimpleStatementLine(body=[cst.Expr(value=cst.Name(value=name))]):
            return str(name).startswith(_WORD)
        case _:
            return False


@lru_cache(maxsize=2)
def unchanged(before: Source, after: Source) -> tuple[tuple[ast.stmt, ast.stmt], ...]:
    """Definitions with the same text in the same place: by class, name and ordinal.

    And plain assignments, by name where it is assigned once, and blocks such as `if` and `try`
    whose text is there once. Of a class that is the same its members are not told.
    """
    sides = (before.tree.body, before.text.split("\n")), (after.tree.body, after.text.split("\n"))
    return tuple(_unchanged(*sides))


def _unchanged(before: _Block, after: _Block) -> Iterator[tuple[ast.stmt, ast.stmt]]:
    (old_body, old_lines), (new_body, new_lines) = before, after
    old, new = _named(old_body, old_lines), _named(new_body, new_lines)
    for key in filter(old.__contains__, new):
        pair = old[key], new[key]
        if _lines(pair[0], old_lines) == _lines(pair[1], new_lines):
            yield pair
        elif isinstance(pair[0], ast.ClassDef) and isinstance(pair[1], ast.ClassDef):
            yield from _unchanged((pair[0].body, old_lines), (pair[1].body, new_lines))


def ends(before: Source, after: Source) -> list[tuple[ast.stmt, ast.stmt]]:
    """What functions that change begin and end with in both versions, signatures being the same.

    Told are statements of several lines, but for docstrings.
    """
    sides = (before.tree.body, before.text.split("\n")), (after.tree.body, after.text.split("\n"))
    return list(_ends(*sides))


def _ends(before: _Block, after: _Block) -> Iterator[tuple[ast.stmt, ast.stmt]]:
    (old_body, old_lines), (new_body, new_lines) = before, after
    old, new = _named(old_body, old_lines), _named(new_body, new_lines)
    for key in filter(old.__contains__, new):
        one, other = old[key], new[key]
        if _lines(one, old_lines) == _lines(other, new_lines):
            continue
        if isinstance(one, ast.ClassDef) and isinstance(other, ast.ClassDef):
            yield from _ends((one.body, old_lines), (other.body, new_lines))
        elif isinstance(one, _FUNCTIONS) and isinstance(other, _FUNCTIONS):
            heads = (_head(one, old_lines), _head(other, new_lines))
            bodies = (one.body, old_lines), (other.body, new_lines)
            if heads[0] == heads[1]:
                yield from _shared(*bodies)


def _shared(before: _Block, after: _Block) -> Iterator[tuple[ast.stmt, ast.stmt]]:
    """Statements that two blocks begin and end with."""
    old, new = ([_lines(node, lines) for node in body] for body, lines in (before, after))
    short = min(len(old), len(new))
    first = next((n for n in range(short) if old[n] != new[n]), short)
    last = next((n for n in range(short - first) if old[-1 - n] != new[-1 - n]), short - first)
    near = [*range(first), *range(-last, 0)]
    pairs = [(before[0][n], after[0][n]) for n in near if len(old[n]) > 1]
    yield from (pair for pair in pairs if not has_no_effect(pair[0]))


def _head(node: ast.stmt, lines: Sequence[str]) -> Sequence[str]:
    """The lines of a function above its body."""
    assert isinstance(node, _FUNCTIONS)
    return lines[first_line(node) - 1 : first_line(node.body[0]) - 1]


def _named(body: Iterable[ast.stmt], lines: Sequence[str]) -> dict[tuple[str, int], ast.stmt]:
    seen: Counter[str] = Counter()
    found: dict[tuple[str, int], ast.stmt] = {}
    values: dict[str, list[ast.stmt]] = {}
    for node in body:
        match node:
            case (
                ast.FunctionDef(name=name)
                | ast.AsyncFunctionDef(name=name)
                | ast.ClassDef(name=name)
            ):
                found[name, seen[name]] = node
                seen[name] += 1
            case ast.Assign(targets=[ast.Name(id=name)]) if name != "__all__":
                values.setdefault(name, []).append(node)
            case ast.If() | ast.Try() | ast.With() | ast.For() | ast.While():
                if not has_no_effect(node):
                    values.setdefault("\n".join(_lines(node, lines)), []).append(node)
            case _:
                pass
    return found | {(f"{name} =", 0): same[0] for name, same in values.items() if len(same) == 1}


def _lines(node: ast.stmt, lines: Sequence[str]) -> Sequence[str]:
    return lines[first_line(node) - 1 : node.end_lineno]


def _stands_alone(run: Sequence[ast.stmt], lines: Sequence[str]) -> bool:
    """Whether nothing but a comment stands beside a run on its first and last line."""
    first, last = first_line(run[0]), lines[(run[-1].end_lineno or 1) - 1]
    is_first = run[0].lineno > first or run[0].col_offset == len(_indent(lines[first - 1]))
    return is_first and last.encode()[run[-1].end_col_offset :].strip()[:1] in (b"", b"#")


def _with_comments(last: int, lines: Sequence[str]) -> int:
    """The last line of a run, or of comments that end the file: libcst loses indented ones."""
    if any(map(_is_code, lines[last:])):
        return last
    indented = (n for n, line in enumerate(lines, 1) if n > last and line.strip() and _indent(line))
    return max(indented, default=last)


def _is_code(line: str) -> bool:
    return line.strip()[:1] not in ("", "#")


def _indent(line: str) -> str:
    return line[: len(line) - len(line.lstrip(" \t\f"))]
