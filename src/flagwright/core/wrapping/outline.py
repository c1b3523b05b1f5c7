"""Cut a text down to what one step has to open, and put the rest back byte for byte.

What nobody opens becomes a stub of one line. Its syntax trees stay whole, so that only the
costly parser sees less.
"""

import ast
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from flagwright.core.wrapping.proof.running import is_main
from flagwright.core.wrapping.source import Source
from flagwright.core.wrapping.statement import first_line

_WORD = "__flagwright_"
_STUB = re.compile(rf"^[^\n]*{_WORD}(\d+)__(?=\r?$)", re.MULTILINE)
Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
_Block = tuple[Sequence[ast.stmt], Sequence[str]]
"""The statements of a file or a class, and the lines of the whole text."""


class Outline:
    """What was cut out of the versions of one file."""

    def __init__(self) -> None:
        self._cut: list[str] = []

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
            self._cut.append("\n".join([*above, *lines[first - 1 : last]]).removesuffix("\r"))
            end = "\r" * lines[last - 1].endswith("\r")
            found.append(f"{indent}{_WORD}{len(self._cut) - 1}__{end}")
            done, around = last, indent
        return "\n".join([*found, *lines[done:]])

    def filled(self, text: str) -> str:
        """A text that was made from outlines, with what they left out."""
        return _STUB.sub(lambda found: self._cut[int(found[1])], text)


def unchanged(before: Source, after: Source) -> list[tuple[ast.stmt, ast.stmt]]:
    """Definitions with the same text in the same place: by class, name and ordinal.

    And plain assignments, by name where it is assigned once, and what a script does. Of a class
    that is the same its members are not told.
    """
    sides = (before.tree.body, before.text.split("\n")), (after.tree.body, after.text.split("\n"))
    return list(_unchanged(*sides))


def _unchanged(before: _Block, after: _Block) -> Iterator[tuple[ast.stmt, ast.stmt]]:
    (old_body, old_lines), (new_body, new_lines) = before, after
    old, new = _named(old_body), _named(new_body)
    for key in filter(old.__contains__, new):
        pair = old[key], new[key]
        if _lines(pair[0], old_lines) == _lines(pair[1], new_lines):
            yield pair
        elif isinstance(pair[0], ast.ClassDef) and isinstance(pair[1], ast.ClassDef):
            yield from _unchanged((pair[0].body, old_lines), (pair[1].body, new_lines))


def _named(body: Iterable[ast.stmt]) -> dict[tuple[str, int], ast.stmt]:
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
            case ast.If() if is_main(node):
                values.setdefault("__main__", []).append(node)
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


def _is_code(line: str) -> bool:
    return line.strip()[:1] not in ("", "#")


def _indent(line: str) -> str:
    return line[: len(line) - len(line.lstrip(" \t\f"))]
