"""Find the lines that the checks of flags govern.

Uses the standard library alone, and changes no code.
"""

import ast
from collections.abc import Callable, Iterable, Iterator, Mapping

from flagwright.core.record import Record
from flagwright.core.records.change import Line
from flagwright.core.wrapping.assigned import own_nodes
from flagwright.core.wrapping.policy import WrappingPolicy
from flagwright.core.wrapping.sound import asked_flag, flag_name, surely_asked_flag
from flagwright.core.wrapping.tree import parsed_once

Asked = Callable[[ast.AST], str | None]
"""Which flag a node asks for."""


class FlagCheck(Record):
    """One place that asks for a flag, and the lines that the answer governs."""

    name: str
    line: Line
    end_line: Line


def flag_checks(source: bytes | str, policy: WrappingPolicy | None = None) -> tuple[FlagCheck, ...]:
    """Every check in a file, with the range of lines that it governs.

    Args:
        source: A file; one that does not parse has no checks.
        policy: Where it sets a check, code of that shape counts whatever it sounds like.
    """
    try:
        tree = parsed_once(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ()
    own = policy.check.replace("{context}", policy.context) if policy else ""
    return _found(tree, lambda node: asked_flag(node) or (asked_as(node, own) if own else None))


def sure_checks_of(tree: ast.Module) -> tuple[FlagCheck, ...]:
    """Every check in a module that was parsed, and that asks for nothing but a flag."""
    return _found(tree, surely_asked_flag)


def _found(tree: ast.Module, asked: Asked) -> tuple[FlagCheck, ...]:
    if not any(map(asked, ast.walk(tree))):
        return ()
    found: set[tuple[str, int, int]] = set()
    for scope in ast.walk(tree):
        if isinstance(scope, ast.Module | ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found.update(_checks_in(scope, asked))
    return tuple(
        FlagCheck(name=name, line=line, end_line=end)
        for name, line, end in sorted(found, key=lambda check: (check[1], check[0], check[2]))
    )


def _checks_in(scope: ast.AST, asks: Asked) -> Iterator[tuple[str, int, int]]:
    """Checks of one scope: tests govern their statement, names that hold an answer likewise.

    What only chooses between two headers governs the header alone.
    """
    held: dict[str, str] = {}
    for node in own_nodes(scope):
        if isinstance(node, ast.Assign) and (name := asks(node.value)):
            held |= {t.id: name for t in node.targets if isinstance(t, ast.Name)}
    for node in own_nodes(scope):
        name = asks(node)
        if name is not None and isinstance(node, ast.expr):
            yield name, node.lineno, node.end_lineno or node.lineno
        test = getattr(node, "test", None)
        if test is not None and hasattr(node, "lineno"):
            for asked in _flags(_deciding(test), asks, held):
                yield asked, node.lineno, node.end_lineno  # type: ignore[attr-defined] # has a test
        for choice, lines in choices(node):
            for asked in _flags(ast.walk(choice.test), asks, held):
                yield asked, lines.start, lines.stop - 1


def _flags(parts: Iterable[ast.AST], asks: Asked, held: Mapping[str, str]) -> Iterator[str]:
    for part in parts:
        asked = asks(part) or (held.get(part.id) if isinstance(part, ast.Name) else None)
        if asked:
            yield asked


def _deciding(test: ast.AST) -> Iterator[ast.AST]:
    """The parts of a test but for those that choose between two tests."""
    if not isinstance(test, ast.IfExp):
        yield test
        for part in ast.iter_child_nodes(test):
            yield from _deciding(part)


def choices(node: ast.AST) -> Iterator[tuple[ast.IfExp, range]]:
    """Choices of what the header of a statement evaluates, and the lines of that header."""
    first = getattr(node, "body", None) or [case.pattern for case in getattr(node, "cases", ())]
    if (
        not isinstance(first, list)
        or not first
        or not isinstance(node, ast.stmt | ast.ExceptHandler)
    ):
        return
    lines = range(node.lineno, first[0].lineno)
    of_items = [item.context_expr for item in getattr(node, "items", ())]
    parts = [getattr(node, name, None) for name in ("test", "iter", "type", "subject")]
    yield from ((part, lines) for part in (*parts, *of_items) if isinstance(part, ast.IfExp))


def asked_as(node: ast.AST, check: str) -> str | None:
    """The flag that an expression of the policy's own shape asks for."""
    if not isinstance(node, ast.Call | ast.Subscript | ast.Await):
        return None
    for part in ast.walk(node):
        name = flag_name(part)
        if name and ast.unparse(node) == _normal(check, name):
            return name
    return None


def _normal(check: str, flag: str) -> str:
    return ast.unparse(ast.parse(check.replace("{flag}", flag), mode="eval"))
