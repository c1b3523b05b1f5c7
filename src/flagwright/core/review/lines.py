"""Cut a text into lines of coloured pieces in which nothing hides.

What could forge what is seen (terminal escapes, bidirectional marks, letters that look like
others) becomes a piece of its own, written out; what looks like a secret is masked. Joined
again, the pieces are the text, but for these.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from flagwright.core.patch import visible
from flagwright.core.review.masking import found_in, secrets

PLAIN, HIDDEN, ALIKE, MASKED = "", "hidden", "alike", "masked"

_ODD = re.compile(r"[^\t\x20-\x7e]")
_WORD = re.compile(r"\w+")


class Piece(NamedTuple):
    """Some characters of one kind: a colour, or one of the four above."""

    kind: str
    text: str
    why: str = ""
    """What a piece stands for, where it is not the text itself."""


Line = tuple[Piece, ...]
Cuts = list[tuple[int, str]]
"""Where a colour starts in a line, in order; the first at 0."""


def lines(text: str, *, is_python: bool, masks: Sequence[str] = ()) -> tuple[Line, ...]:
    """Every line of a text, without its newline; a text that ends with one has no line after it.

    Lines end at newlines only, so that a form feed or a lone return stays visible in one.
    """
    rows = text.split("\n")
    if rows and not rows[-1]:
        rows.pop()
    colours = _coloured(text) if is_python else []
    near = found_in(text, masks)
    return tuple(
        _line(row, colours[number] if colours else [(0, PLAIN)], near)
        for number, row in enumerate(rows)
    )


def spelt_out(found: Sequence[Line]) -> str:
    """Lines as plain text, with everything odd written out."""
    return "\n".join("".join(piece.text for piece in line) for line in found)


def secrets_in(found: Sequence[Line]) -> int:
    """How many values are masked."""
    return sum(piece.kind == MASKED for line in found for piece in line)


def _line(row: str, cuts: Cuts, masks: Sequence[str]) -> Line:
    """One line: colours by where they start, and what must be seen cut out of them."""
    marks = [*_masked(row, masks)] if masks else []
    if _ODD.search(row):
        marks += [mark for mark in _odd(row) if not any(a <= mark[0] < b for a, b, _ in marks)]
    made: list[Piece] = []
    at = 0
    for start, end, piece in sorted(marks, key=lambda mark: mark[0]):
        made += _between(row, at, start, cuts)
        made.append(piece)
        at = end
    made += _between(row, at, len(row), cuts)
    return tuple(made)


def _between(row: str, start: int, end: int, cuts: Cuts) -> Iterator[Piece]:
    for number, (begin, kind) in enumerate(cuts):
        until = cuts[number + 1][0] if number + 1 < len(cuts) else len(row)
        left, right = max(start, begin), min(end, until)
        if left < right:
            yield Piece(kind, row[left:right])


Mark = tuple[int, int, Piece]


def _masked(row: str, masks: Sequence[str]) -> Iterator[Mark]:
    for start, end in secrets(row, masks):
        told = f"{end - start} characters that look like a secret"
        yield start, end, Piece(MASKED, "•" * min(end - start, 12), told)


def _odd(row: str) -> Iterator[Mark]:
    alike = {
        at
        for word in _WORD.finditer(row)
        if not word[0].isascii()
        for at in _lookalikes(word[0], word.start())
    }
    for found in _ODD.finditer(row):
        char, at = found[0], found.start()
        shown = visible(char)
        if shown != char:
            yield at, at + 1, Piece(HIDDEN, shown, _name(char))
        elif char == "\xa0" or (char.isspace()):
            yield at, at + 1, Piece(HIDDEN, f"\\u{ord(char):04x}", _name(char))
        elif at in alike:
            yield at, at + 1, Piece(ALIKE, f"{char}U+{ord(char):04X}", _name(char))


def _lookalikes(word: str, offset: int) -> Iterator[int]:
    """Letters that are taken for others: compatible forms, and strangers among Latin ones."""
    letters = [char for char in word if char.isalpha()]
    has_latin = any(_name(char).startswith("LATIN") for char in letters)
    is_forged = bool(letters) and all(_is_ascii_alike(char) for char in letters)
    for at, char in enumerate(word):
        if char.isascii():
            continue
        folded = unicodedata.normalize("NFKC", char)
        is_latin = _name(char).startswith("LATIN")
        is_stranger = char.isalpha() and not is_latin and (has_latin or is_forged)
        is_twin = is_latin and _is_ascii_alike(char)
        if (folded != char and folded.isascii()) or is_stranger or is_twin:
            yield offset + at


@lru_cache(maxsize=4096)
def _is_ascii_alike(char: str) -> bool:
    """Whether Unicode's list of confusables has an ASCII letter or digit for it."""
    from confusable_homoglyphs.confusables import confusables_data

    twins = (twin["c"] for twin in confusables_data.get(char, ()))
    return any(len(twin) == 1 and twin.isascii() and twin.isalnum() for twin in twins)


@lru_cache(maxsize=4096)
def _name(char: str) -> str:
    return unicodedata.name(char, f"U+{ord(char):04X}")


# --- colour


def _coloured(text: str) -> list[Cuts]:
    """The colours of each line."""
    from pygments.lexers.python import PythonLexer

    rows: list[Cuts] = [[(0, PLAIN)]]
    column = 0
    for _, kind, value in PythonLexer().get_tokens_unprocessed(text):
        colour = _colour(kind)
        parts = value.split("\n")
        for number, part in enumerate(parts):
            if number:
                rows.append([(0, PLAIN)])
                column = 0
            if part and colour != rows[-1][-1][1]:
                if rows[-1][-1][0] == column:
                    rows[-1].pop()
                rows[-1].append((column, colour))
            column += len(part)
    return rows


@lru_cache(maxsize=256)
def _colour(kind: object) -> str:
    from pygments import token

    for family, colour in (
        (token.Comment, "comment"),
        (token.String, "string"),
        (token.Keyword, "keyword"),
        (token.Operator.Word, "keyword"),
        (token.Name.Decorator, "name"),
        (token.Name.Function, "name"),
        (token.Name.Class, "name"),
    ):
        if kind in family:
            return colour
    return PLAIN
