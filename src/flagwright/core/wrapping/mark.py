"""Write and read the one comment that says to which side of a flag a statement belongs.

`# flag NAME: on` stands above what only the new code has, `: off` above what only the old
code had. Above an import or `__all__`, `: on (a, b)` means these names alone; above an
import, `: both` means that it stays whatever uses it. Above a function, `: on (a, b)` are
parameters of one side (`*a` and `**a` as well), `: on (a=)` is a parameter that only that side
has a default for, and `: both (a=)` one whose defaults stand in the body, or what the other side
makes of it; `: both (f_on)` are the inner functions that hold its bodies, with `*` among them
if each of these has parameters of its own. Above a class or an assignment, `: both` alone means
that it gives an attribute the value of either side, and goes with the flag.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import takewhile
from typing import Literal, NamedTuple, TypeVar, cast

import libcst as cst

Side = Literal["on", "off", "both"]
Line = TypeVar("Line", bound=cst.SimpleStatementLine | cst.BaseCompoundStatement)
_NAME = r"(?:\*{0,2}\w+=?|\*)"
_MARK = re.compile(
    rf"# flag (?P<flag>\S+): (?P<side>on|off|both)(?: \((?P<names>{_NAME}(?:, {_NAME})*)\))?"
)


class Mark(NamedTuple):
    """A side, and the names that it holds for; none: for the whole statement."""

    side: Side
    names: tuple[str, ...] = ()

    @property
    def plain(self) -> tuple[str, ...]:
        """Names that stand for themselves, and not for a default."""
        return tuple(name for name in self.names if not name.endswith("="))

    @property
    def defaults(self) -> tuple[str, ...]:
        """Parameters of which the mark is about the default."""
        return tuple(name.removesuffix("=") for name in self.names if name.endswith("="))


def marked(node: Line, flag: str, mark: Mark) -> Line:
    """The statement with a mark right above it."""
    names = f" ({', '.join(mark.names)})" if mark.names else ""
    comment = cst.Comment(f"# flag {flag}: {mark.side}{names}")
    lines = [*lines_above(node), cst.EmptyLine(comment=comment)]
    return cast(Line, node.with_changes(leading_lines=lines))


def lines_above(node: cst.CSTNode) -> Sequence[cst.EmptyLine]:
    """Comments and blank lines that libcst keeps with a statement."""
    lines: Sequence[cst.EmptyLine] = getattr(node, "leading_lines", ())
    return lines


def marks(lines: Iterable[cst.EmptyLine], flag: str) -> Iterator[Mark]:
    """The marks for this flag among the lines above a statement."""
    for line in lines:
        if (match := _read(line)) and match["flag"] == flag:
            names = match["names"]
            yield Mark(cast(Side, match["side"]), tuple(names.split(", ")) if names else ())


def marks_above(lines: Sequence[str], first: int, flag: str) -> Iterator[Mark]:
    """The marks for this flag in the comments above a line, which is counted from 1."""
    above = takewhile(lambda line: line.strip().startswith("#"), reversed(lines[: first - 1]))
    yield from marks((cst.EmptyLine(comment=cst.Comment(line.strip())) for line in above), flag)


def unmarked(lines: Iterable[cst.EmptyLine], flag: str) -> list[cst.EmptyLine]:
    """The lines above a statement without the marks for this flag."""
    return [line for line in lines if not (match := _read(line)) or match["flag"] != flag]


def goes_with_the_flag(node: cst.CSTNode, marks: Iterable[Mark]) -> bool:
    """Whether a class, or a line that calls it, is there for both sides, and for neither alone."""
    is_kind = isinstance(node, cst.ClassDef) or (
        isinstance(node, cst.SimpleStatementLine) and isinstance(node.body[0], cst.Assign)
    )
    return is_kind and any(mark.side == "both" and not mark.names for mark in marks)


def _read(line: cst.EmptyLine) -> re.Match[str] | None:
    return _MARK.fullmatch(line.comment.value) if line.comment else None
