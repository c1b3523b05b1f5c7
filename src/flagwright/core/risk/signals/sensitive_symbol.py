"""Notice changed code that works with what people steal, lose or sue over.

Python by its identifiers and by the names of the functions and classes around them;
other languages by the words on the changed lines.
"""

import ast
import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from flagwright.core.records.change import Side
from flagwright.core.records.score import Finding
from flagwright.core.risk.evidence import quote
from flagwright.core.risk.occurrence import COMMENT_MARKS
from flagwright.core.risk.rule import Signal, WordRule
from flagwright.core.risk.syntax import Definition, Touched, begins_on
from flagwright.core.risk.view import FileView

SensitiveSymbol = Signal[str, WordRule]

_IDENTIFIER = re.compile(r"[^\W\d]\w*")
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def see(files: Sequence[FileView], settings: SensitiveSymbol) -> Iterator[Finding]:
    """Find each rule once in a file, at the first changed line that shows it."""
    for file in files:
        if not file.is_source:
            continue
        symbols = [*_symbols(file)]
        for name, rule in settings.rules.items():
            words = tuple(f"_{word}_" for word in rule.words)
            place = next(
                (
                    (line, side, symbol)
                    for line, side, symbol in symbols
                    if any(word in _snake(symbol) for word in words)
                ),
                None,
            )
            if place:
                yield Finding(
                    rule=f"sensitive_symbol.{name}",
                    points=rule.points,
                    path=file.path,
                    line=place[0],
                    side=place[1],
                    evidence=quote(place[2]),
                )


@lru_cache(maxsize=10_000)
def _snake(symbol: str) -> str:
    """`HTTPAuthToken` becomes `_http_auth_token_`."""
    return f"_{_HUMP.sub('_', symbol).lower()}_"


def _symbols(file: FileView) -> Iterator[tuple[int, Side, str]]:
    sides: tuple[Side, ...] = ("after", "before")
    for side in sides:
        if file.parsed:
            for touch in file.touched(side):
                for symbol in _named(touch, file, side):
                    yield touch.line, side, symbol
            continue
        for number, line in file.lines(side).items():
            if not line.lstrip().startswith(COMMENT_MARKS):
                for match in _IDENTIFIER.finditer(line):
                    yield number, side, match[0]


def _named(touch: Touched, file: FileView, side: Side) -> Iterator[str]:
    node = touch.node
    if isinstance(node, Definition):
        yield node.name
    elif begins_on(touch, file.lines(side)):
        match node:
            case ast.Name(id=name) | ast.Attribute(attr=name) | ast.arg(arg=name):
                yield name
            case ast.keyword(arg=str(name)) | ast.alias(name=name):
                yield name
