"""Tell whether every line outside changed definitions, and every comment, is still there."""

import ast
import io
import tokenize
from collections import Counter
from collections.abc import Collection, Iterator

from flagwright.core.wrapping.proof.equal import Version


def lost(
    before: Version, after: Version, wrapped: str, moved: Collection[str], *, may_indent: bool
) -> str | None:
    """What a wrapped text has not kept of the new version; none where all of it is there.

    Args:
        moved: Names that the old version has from elsewhere; statements that use one change.
        may_indent: Whether lines between two changed ones may stand in a block with these.
    """
    text = "\n".join(after.lines)
    if not _line_ends(wrapped) <= _line_ends(text):
        return "it has other line ends"
    touched = _touched(before, after)
    for node in after.tree.body if moved else ():
        touched |= set(_touches(node, after)) if not _names(node).isdisjoint(moved) else set()
    kept = [line for i, line in enumerate(after.lines, 1) if i not in touched and line.strip()]
    written = wrapped.split("\n")
    if may_indent:
        kept, written = ([line.strip() for line in side] for side in (kept, written))
    rest = iter(written)
    if not all(line in rest for line in kept):  # each below the one before
        return "a line outside the change is lost"
    if _with_hashes(text) - _with_hashes(wrapped) and _comments(text) - _comments(wrapped):
        return "a comment is lost"
    return None


def _touched(before: Version, after: Version) -> set[int]:
    """Lines of the new version inside top-level statements that the old one has not."""
    same_text = Counter(_look(before, node) for node in before.tree.body)
    found: set[int] = set()
    for node in after.tree.body:
        look = _look(after, node)
        if same_text[look]:
            same_text[look] -= 1
        else:
            found.update(_touches(node, after))
    return found


def _touches(node: ast.stmt, version: Version) -> Iterator[int]:
    """The lines of a statement, and those below it that are indented: comments that end it."""
    yield from _lines(node)
    for number in range((node.end_lineno or node.lineno) + 1, len(version.lines) + 1):
        line = version.lines[number - 1]
        if line.strip() and not (line[0].isspace() and line.lstrip().startswith("#")):
            return
        yield number


def _lines(node: ast.stmt) -> range:
    return range(node.lineno, (node.end_lineno or node.lineno) + 1)


def _names(node: ast.stmt) -> set[str]:
    found = {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}
    return found | {n.attr for n in ast.walk(node) if isinstance(n, ast.Attribute)}


def _look(version: Version, node: ast.stmt) -> str:
    text = version.text(node)
    return "\n".join(text) if isinstance(text, list) else ast.dump(node)


def _with_hashes(text: str) -> Counter[str]:
    """Lines that may have a comment: where all of them are there, none is lost."""
    return Counter(line.strip() for line in text.split("\n") if "#" in line)


def _comments(text: str) -> Counter[str]:
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    return Counter(token.string for token in tokens if token.type == tokenize.COMMENT)


def _line_ends(text: str) -> set[str]:
    return {"\r\n" if line.endswith("\r") else "\n" for line in text.split("\n")[:-1]}
