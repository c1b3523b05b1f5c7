"""Cut a text down to what one step has to open, and put the rest back byte for byte.

A definition that nobody opens becomes a stub of two lines with its name and its indentation.
Its syntax tree stays whole, so that only the costly parser sees less.
"""

import ast
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from flagwright.core.wrapping.source import Source
from flagwright.core.wrapping.statement import first_line

_WORD = "__flagwright_"
_STUB = re.compile(rf"[^\n]*\n[ \t\f]*{_WORD}(\d+)__(?=\r?(?:\n|\Z))")
Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
_Block = tuple[Sequence[ast.stmt], Sequence[str]]
"""The statements of a file or a class, and the lines of the whole text."""


class Outline:
    """What was cut out of the versions of one file."""

    def __init__(self) -> None:
        self._cut: list[str] = []

    def of(self, text: str, closed: Iterable[ast.stmt]) -> str:
        """The text with a stub for each closed definition.

        Args:
            closed: Statements of the file, or of a class in it, that nobody will open.
                Those that are no definitions stay as they are.
        """
        if _WORD in text:
            return text
        lines = text.split("\n")
        found: list[str] = []
        done = 0
        for node in sorted(closed, key=first_line):
            if isinstance(node, Definition) and _has_block(node, lines):
                first, last = first_line(node), node.end_lineno or node.lineno
                inner = lines[first_line(node.body[0]) - 1]
                found += [
                    *lines[done : first - 1],
                    *self._stub(node, lines[first - 1 : last], inner),
                ]
                done = last
        return "\n".join([*found, *lines[done:]])

    def _stub(self, node: Definition, lines: Sequence[str], inner: str) -> tuple[str, str]:
        end = "\r" * lines[-1].endswith("\r")
        head = f"class {node.name}:" if isinstance(node, ast.ClassDef) else f"def {node.name}():"
        self._cut.append("\n".join(lines).removesuffix("\r"))
        marker = f"{_WORD}{len(self._cut) - 1}__"
        return f"{_indent(lines[0])}{head}{end}", f"{_indent(inner)}{marker}{end}"

    def filled(self, text: str) -> str:
        """A text that was made from outlines, with what they left out."""
        return _STUB.sub(lambda found: self._cut[int(found[1])], text)


def unchanged(before: Source, after: Source) -> list[tuple[Definition, Definition]]:
    """Definitions with the same text in the same place: by class, name and ordinal.

    Of a class that is the same its members are not told.
    """
    sides = (before.tree.body, before.text.split("\n")), (after.tree.body, after.text.split("\n"))
    return list(_unchanged(*sides))


def _unchanged(before: _Block, after: _Block) -> Iterator[tuple[Definition, Definition]]:
    (old_body, old_lines), (new_body, new_lines) = before, after
    old, new = _named(old_body), _named(new_body)
    for key, node in new.items():
        if key not in old:
            continue
        if _lines(old[key], old_lines) == _lines(node, new_lines):
            yield old[key], node
        elif isinstance(node, ast.ClassDef) and isinstance(old[key], ast.ClassDef):
            yield from _unchanged((old[key].body, old_lines), (node.body, new_lines))


def _named(body: Iterable[ast.stmt]) -> dict[tuple[str, int], Definition]:
    seen: Counter[str] = Counter()
    found: dict[tuple[str, int], Definition] = {}
    for node in body:
        if isinstance(node, Definition):
            found[node.name, seen[node.name]] = node
            seen[node.name] += 1
    return found


def _lines(node: ast.stmt, lines: Sequence[str]) -> Sequence[str]:
    return lines[first_line(node) - 1 : node.end_lineno]


def _has_block(node: Definition, lines: Sequence[str]) -> bool:
    """Whether the body stands on lines of its own."""
    first = node.body[0]
    return bool(getattr(first, "decorator_list", ())) or first.col_offset == len(
        _indent(lines[first.lineno - 1])
    )


def _indent(line: str) -> str:
    return line[: len(line) - len(line.lstrip(" \t\f"))]
