"""Find the flags that a change already ships behind, and those next to it."""

import ast
from collections.abc import Collection, Iterator, Sequence
from copy import copy

from flagwright.core.records.change import Side
from flagwright.core.risk.syntax import Definition, span, statements
from flagwright.core.risk.view import FileView
from flagwright.core.risk.waiting import waiting
from flagwright.core.wrapping.checks import FlagCheck, sure_checks_of

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
SIDES: tuple[Side, ...] = ("after", "before")


def governing(files: Sequence[FileView]) -> tuple[str, ...] | None:
    """Name the flags under which every changed line runs; none where a line runs without."""
    if not files or not all(file.parsed for file in files):
        return None
    names: set[str] = set()
    for file in files:
        found = _governing(file)
        if found is None:
            return None
        names |= found
    return tuple(sorted(names)) if names and _is_off_as_before(files, names) else None


def is_asked(files: Sequence[FileView]) -> bool:
    """Whether any changed line stands under a check, and not only below a mark."""
    lines = ((file, number) for file in files for number in _running(file, "after"))
    return any(_over(number, _checks(file, "after")) for file, number in lines)


def _is_off_as_before(files: Sequence[FileView], names: Collection[str]) -> bool:
    from flagwright.core.risk.off import is_as_before

    return all(is_as_before(file, names) for file in files)


def nearby(files: Sequence[FileView]) -> tuple[str, ...]:
    """Name the flags that every function that the change edits checks already."""
    common: set[str] | None = None
    for names in (names for file in files if file.parsed for names in _by_function(file)):
        common = names if common is None else common & names
        if not common:
            return ()
    return tuple(sorted(common or ()))


def _governing(file: FileView) -> set[str] | None:
    """Flags that changed lines stand under, now or before; none where one now stands under none."""
    now, apart = _checks(file, "after"), waiting(file)
    names: set[str] = set()
    for number in _running(file, "after"):
        over = _over(number, now) or ({apart[number]} if number in apart else set())
        if not over:
            return None
        names |= over
    once = _checks(file, "before")
    return names.union(*(_over(number, once) for number in _running(file, "before")))


def _running(file: FileView, side: Side) -> list[int]:
    """Numbers of changed lines that do something: no blanks, no comments, no imports."""
    imports = {
        number
        for touch in file.touched(side)
        if isinstance(touch.node, ast.Import | ast.ImportFrom)
        for number in range(touch.node.lineno, (touch.node.end_lineno or 0) + 1)
    }
    return [
        number
        for number, line in file.lines(side).items()
        if number not in imports and line.strip() and not line.lstrip().startswith("#")
    ]


def _by_function(file: FileView) -> Iterator[set[str]]:
    """Flags that each edited function checks; one that is new or gone says nothing."""
    for side, other in zip(SIDES, reversed(SIDES), strict=True):
        edited = [t.node for t in file.touched(side) if isinstance(t.node, FUNCTIONS)]
        lasting = _functions(file.tree(other)) if edited else set()
        spans = [(lines, node) for node in edited if node.name in lasting if (lines := span(node))]
        for lines, node in spans:
            if not any(_within(lines, other) for other, _ in spans):
                yield {check.name for check in sure_checks_of(ast.Module([node], []))}


def _functions(tree: ast.Module | None) -> set[str]:
    return (
        {node.name for node in statements(tree) if isinstance(node, FUNCTIONS)} if tree else set()
    )


def _within(one: tuple[int, int], other: tuple[int, int]) -> bool:
    return one != other and other[0] <= one[0] and one[1] <= other[1]


def _checks(file: FileView, side: Side) -> tuple[FlagCheck, ...]:
    """Checks in the top-level statements that the change touches."""
    tree = file.tree(side)
    if not tree:
        return ()
    touched = {id(touch.node) for touch in file.touched(side)}
    nodes = [_without_others(node, touched) for node in tree.body if id(node) in touched]
    return sure_checks_of(ast.Module(nodes, []))


def _without_others(node: ast.stmt, touched: Collection[int]) -> ast.stmt:
    """A class without the methods and classes that the change leaves alone: no line is theirs."""
    if not isinstance(node, ast.ClassDef):
        return node
    less = copy(node)
    less.body = [
        _without_others(inner, touched)
        for inner in node.body
        if id(inner) in touched or not isinstance(inner, Definition)
    ]
    return less


def _over(line: int, checks: Sequence[FlagCheck]) -> set[str]:
    """Flags whose check governs the line."""
    return {check.name for check in checks if check.line <= line <= check.end_line}
