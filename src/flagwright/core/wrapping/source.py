"""Read one version of a Python file, and refuse what no parser should be given.

libcst ends the process on deep nesting and hangs on some patterns, so what is too
deep is refused before it gets there. Text and bytes both come out as they went in:
byte order mark, coding cookie and line ends included.
"""

import ast
import io
import re
import sys
import tokenize
from dataclasses import dataclass
from itertools import accumulate
from operator import sub

from flagwright.core.wrapping.refusal import refuse
from flagwright.core.wrapping.tree import depth, of_kind, parsed
from flagwright.errors import CannotWrap

BOM = "\N{ZERO WIDTH NO-BREAK SPACE}"
MAX_BRACKETS = 100
MAX_PATTERN_DEPTH = 8
MAX_NESTING = 150
"""Levels of the syntax tree; `a + b + ...` is one level a term."""
_BRACKETS = re.compile(r"[][(){}]")


@dataclass(frozen=True, eq=False)
class Source:
    """A file that can be parsed by everything we use."""

    text: str
    """Without the byte order mark."""
    tree: ast.Module
    encoding: str | None
    """None where text was given, so that text is given back."""
    bom: bool

    @property
    def lines(self) -> list[str]:
        """Lines as the parser counts them, with their ends."""
        pieces = self.text.split("\n")
        return [piece + "\n" for piece in pieces[:-1]] + [pieces[-1]] * bool(pieces[-1])

    def like(self, text: str) -> str | bytes:
        """Give a new text the form of this one.

        Raises:
            CannotWrap: If the text has characters that the encoding of this file lacks.
        """
        if self.encoding is None:
            return BOM * self.bom + text
        try:
            return b"\xef\xbb\xbf" * self.bom + text.encode(self.encoding)
        except UnicodeEncodeError as error:
            raise refuse(1, "unparsable", f"{self.encoding} cannot hold both versions") from error


def read(content: str | bytes, *, max_kb: int) -> Source:
    """Decode, check and parse one version of a file.

    Raises:
        CannotWrap: `unparsable` or `too-complex`.
    """
    if len(content) > max_kb * 1024:
        raise refuse(1, "too-complex", f"the file is larger than {max_kb} kB")
    text, encoding = (content, None) if isinstance(content, str) else _decode(content)
    bom = text.startswith(BOM)
    text = text.removeprefix(BOM)
    if re.search(r"\r(?!\n)", text):
        raise refuse(1, "unparsable", "it has a carriage return that ends no line")
    _check_brackets(text)
    tree = parse(text)
    _check_depth(tree)
    return Source(text, tree, encoding, bom)


def parse(text: str) -> ast.Module:
    """The tree of a file.

    Raises:
        CannotWrap: `unparsable` or `too-complex`.
    """
    try:
        return parsed(text)
    except SyntaxError as error:
        running = f"{sys.version_info.major}.{sys.version_info.minor}"
        because = f"it is no valid Python {running} ({error.msg})"
        if left := re.search(r"(?m)^<{7} ", text):
            because = f"it holds a merge conflict (line {text.count(chr(10), 0, left.start()) + 1})"
        raise refuse(max(error.lineno or 1, 1), "unparsable", because) from error
    except ValueError as error:
        raise refuse(1, "unparsable", f"it is not valid Python ({error})") from error
    except (RecursionError, MemoryError) as error:
        raise refuse(1, "too-complex", "it is nested too deeply") from error


def _decode(content: bytes) -> tuple[str, str]:
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(content).readline)
        encoding = "utf-8" if encoding == "utf-8-sig" else encoding
        return content.decode(encoding), encoding
    except (SyntaxError, UnicodeDecodeError, LookupError) as error:
        raise refuse(1, "unparsable", f"its bytes cannot be decoded ({error})") from error


def _check_brackets(text: str) -> None:
    """Count every bracket, and only where that is too many, without those in strings."""
    if _depth(_BRACKETS.findall(text)) <= MAX_BRACKETS:
        return
    try:
        tokens = tokenize.generate_tokens(io.StringIO(text).readline)
        brackets = [token.string for token in tokens if token.string in {*"()[]{}"}]
    except (tokenize.TokenError, SyntaxError):
        return  # the parser says what is wrong
    if _depth(brackets) > MAX_BRACKETS:
        raise refuse(1, "too-complex", f"brackets nest deeper than {MAX_BRACKETS}")


def _depth(brackets: list[str]) -> int:
    """How deep brackets nest; one that closes nothing does not count."""
    heights = list(accumulate((1 if bracket in "[({" else -1 for bracket in brackets), initial=0))
    deepest: int = max(map(sub, heights, accumulate(heights, min)))
    return deepest


def _check_depth(tree: ast.Module) -> None:
    """Walk without recursion; deep trees are what this looks for."""
    if depth(tree) <= MAX_NESTING and not of_kind(tree, ast.Match):
        return
    stack: list[tuple[ast.AST, int, int]] = [(tree, 0, 0)]
    while stack:
        node, level, patterns = stack.pop()
        patterns = patterns + 1 if isinstance(node, ast.pattern) else 0
        if level > MAX_NESTING or patterns > MAX_PATTERN_DEPTH:
            raise _too_deep(node)
        stack.extend((child, level + 1, patterns) for child in ast.iter_child_nodes(node))


def _too_deep(node: ast.AST) -> CannotWrap:
    return refuse(getattr(node, "lineno", 1), "too-complex", "the code is nested too deeply")
