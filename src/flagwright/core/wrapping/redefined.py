"""Tell type checkers what is meant, where the form of a wrapped file would be reported.

A variable that both versions annotate is one: under `if new_tax_on: total: int = 1` and
`else: total: int = 2` mypy reports `no-redef`. The second line says that it is meant, and for which
flag, so that this goes with the flag.
"""

import ast
import io
import re
import tokenize
from collections.abc import Collection, Iterator, Sequence

from flagwright.core.wrapping.frame import functions_of
from flagwright.core.wrapping.tree import parsed
from flagwright.core.wrapping.typechecked import reported

_LINE_ENDS = (tokenize.NL, tokenize.NEWLINE)


def with_comments(text: str, flag: str, asked: Collection[str]) -> str:
    """The wrapped text with a comment on each line of which type checkers report the form.

    Args:
        asked: What a guard has in its test: the check, or the local that holds the answer.
    """
    tree, lines = parsed(text), text.split("\n")
    whole = re.compile("|".join(rf"(?<!\w){re.escape(word)}(?!\w)" for word in asked))
    near = ((n, line) for n, line in enumerate(lines, 1) if any(word in line for word in asked))
    asking = {number for number, line in near if whole.search(line)}
    again = {number for _, own in functions_of(tree) for number in _again(own, asking)}
    codes = dict(reported(tree, lines, flag, asking)) | {line: ["no-redef"] for line in again}
    for number in codes.keys() & _open_ends(text) if codes else ():
        line = lines[number - 1]
        bare = line.removesuffix("\r")
        lines[number - 1] = bare + _comment(flag, ", ".join(codes[number])) + line[len(bare) :]
    return "\n".join(lines)


def without_comments(text: str, flag: str) -> str:
    """The text without these comments; what somebody wrote behind one stays."""
    if _comment(flag, "").partition("]")[2] not in text:
        return text
    comment = re.escape(_comment(flag, "CODES")).replace("CODES", "[a-z, -]+")
    pattern = re.compile(rf"{comment}(?: (.*?))?(?=\r?$)", re.MULTILINE)
    return pattern.sub(lambda found: f"  # {found[1]}" if found[1] else "", text)


def _comment(flag: str, codes: str) -> str:
    return f"  # type: ignore[{codes}]  # flag {flag}"


def _again(own: Sequence[ast.AST], asking: Collection[int]) -> Iterator[int]:
    """Lines in a guard of one function that annotate what a line above annotates, too."""
    annotated = [node for node in own if isinstance(node, ast.AnnAssign)]
    if len(annotated) < 2:
        return
    guards = (node for node in own if isinstance(node, ast.If) and node.lineno in asking)
    guarded = {id(part) for guard in guards for part in ast.walk(guard)}
    seen = set[str]()
    for node in sorted(annotated, key=lambda node: (node.lineno, node.col_offset)):
        target = ast.unparse(node.target)
        if target in seen and id(node) in guarded:
            yield node.lineno
        seen.add(target)


def _open_ends(text: str) -> set[int]:
    """Lines behind which a comment can stand, and none does."""
    found, commented = set[int](), set[int]()
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type in _LINE_ENDS:
            found.add(token.start[0])
        elif token.type == tokenize.COMMENT:
            commented.add(token.start[0])
    return found - commented
