"""Put an import line where a person would have put it, so that a sorter of imports agrees."""

import sys
from bisect import bisect
from collections.abc import Collection, Sequence
from itertools import takewhile

import libcst as cst
from libcst.helpers import get_full_name_for_node

Line = cst.SimpleStatementLine | cst.BaseCompoundStatement


def with_line(body: Sequence[Line], text: str, own: Collection[str] = ()) -> list[Line]:
    """Put an import line among those of its package, or below all imports at the top of a file.

    Args:
        own: Words in the names of the repository's modules.
    """
    line = cst.ensure_type(cst.parse_statement(text), cst.SimpleStatementLine)
    head = _head(body)
    if sorted_in := _sorted_in(body[:head], line):
        return [*sorted_in, *body[head:]]
    rest = list(body[head:])
    is_close = bool(rest) and not _is_apart(rest[0])
    below = bool(head) and not is_close and not _follows(line, body[head - 1], own)
    if not head and is_close:
        gap = 1 if isinstance(rest[0], cst.SimpleStatementLine) else 2
        lines = [*[cst.EmptyLine(indent=False)] * gap, *rest[0].leading_lines]
        rest[0] = rest[0].with_changes(leading_lines=lines)
    return [*body[:head], line.with_changes(leading_lines=[cst.EmptyLine()] * below), *rest]


def _head(body: Sequence[Line]) -> int:
    """How many statements the docstring and the imports below it are."""
    at = 0
    for index, node in enumerate(body):
        if not (_is_import(node) or (index == 0 and _is_docstring(node))):
            break
        at = index + 1
    return at


def _sorted_in(head: Sequence[Line], line: cst.SimpleStatementLine) -> list[Line] | None:
    """The imports with a new one in its place, where those of its package stand in order."""
    if own_section := _above_relative(head, line):
        return own_section
    own, found = _from(line), [_from(node) for node in head]
    package = [bool(own and name) and _top(name) == _top(own) for name in found]
    last = max((index for index, is_own in enumerate(package) if is_own), default=-1)
    first = last
    while first > 0 and package[first - 1] and not _is_apart(head[first]):
        first -= 1
    run = [name.casefold() for name in found[first : last + 1]]
    at = first + bisect(run, own.casefold())
    if last < 0 or run != sorted(run) or any(map(_is_star, head[at:])):
        return None
    if at > first:
        return [*head[:at], line, *head[at:]]
    gap = head[first].leading_lines
    if any(blank.comment for blank in gap):
        return None
    below = head[first].with_changes(leading_lines=())
    return [*head[:first], line.with_changes(leading_lines=gap), below, *head[first + 1 :]]


def _above_relative(head: Sequence[Line], line: cst.SimpleStatementLine) -> list[Line] | None:
    """The imports with a new one above those that are relative to the package of the file.

    A section of its own, where sorters put the package by its name. None where it has one
    already, or no relative imports stand at the end, apart from the others.
    """
    relative = [*takewhile(_is_relative, reversed(head))]
    at = len(head) - len(relative)
    is_own = any(_top(_module(node)) == _top(_module(line)) for node in head)
    if not relative or is_own or any(map(_is_star, relative)):
        return None
    gap = head[at].leading_lines
    if not at or not gap or any(blank.comment for blank in gap):
        return None
    return [*head[:at], line.with_changes(leading_lines=gap), *head[at:]]


def _is_apart(node: Line) -> bool:
    """Whether a blank line stands above, and not just a comment."""
    return any(line.comment is None for line in node.leading_lines)


def _is_relative(node: Line) -> bool:
    part = node.body[0] if isinstance(node, cst.SimpleStatementLine) else None
    return isinstance(part, cst.ImportFrom) and bool(part.relative)


def _follows(line: cst.SimpleStatementLine, above: Line, own: Collection[str]) -> bool:
    """Whether an import belongs right below another statement, without a blank line."""
    tops = [_top(_module(node)) for node in (above, line)]
    standard = [top in sys.stdlib_module_names for top in tops]
    ours = [not top or top in own for top in tops] if own else [False, False]
    return _is_import(above) and standard[0] == standard[1] and ours[0] == ours[1]


def _top(module: str) -> str:
    return module.partition(".")[0]


def _module(node: Line) -> str:
    """What an import line names first; empty for a relative import, and what is none."""
    part = node.body[0] if isinstance(node, cst.SimpleStatementLine) else None
    return part.names[0].evaluated_name if isinstance(part, cst.Import) else _from(node)


def _from(node: Line) -> str:
    """What a line takes names from by `from`; empty as above."""
    part = node.body[0] if isinstance(node, cst.SimpleStatementLine) else None
    if isinstance(part, cst.ImportFrom) and part.module and not part.relative:
        return get_full_name_for_node(part.module) or ""
    return ""


def _is_star(node: Line) -> bool:
    return isinstance(node, cst.SimpleStatementLine) and any(
        isinstance(part, cst.ImportFrom) and isinstance(part.names, cst.ImportStar)
        for part in node.body
    )


def _is_import(node: Line) -> bool:
    return isinstance(node, cst.SimpleStatementLine) and all(
        isinstance(part, cst.Import | cst.ImportFrom) for part in node.body
    )


def _is_docstring(node: Line) -> bool:
    match node:
        case cst.SimpleStatementLine(
            body=[cst.Expr(value=cst.SimpleString() | cst.ConcatenatedString()), *_]
        ):
            return True
        case _:
            return False
