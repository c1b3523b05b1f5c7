"""Find the lines that the checks of flags govern.

Uses the standard library alone, and changes no code.
"""

import ast
from collections.abc import Iterator

from flagwright.core.record import Record
from flagwright.core.records.change import Line
from flagwright.core.wrapping.assigned import own_nodes
from flagwright.core.wrapping.policy import WrappingPolicy
from flagwright.core.wrapping.sound import asked_flag, flag_name
from flagwright.core.wrapping.tree import parsed_once


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
    return checks_of(tree, policy.check.replace("{context}", policy.context) if policy else "")


def checks_of(tree: ast.Module, own: str = "") -> tuple[FlagCheck, ...]:
    """Every check in a module that was parsed; `own` is how the policy asks."""
    if not any(_asked(node, own) for node in ast.walk(tree)):
        return ()
    found: set[tuple[str, int, int]] = set()
    for scope in ast.walk(tree):
        if isinstance(scope, ast.Module | ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found.update(_checks_in(scope, own))
    return tuple(
        FlagCheck(name=name, line=line, end_line=end)
        for name, line, end in sorted(found, key=lambda check: (check[1], check[0], check[2]))
    )


def _checks_in(scope: ast.AST, own: str) -> Iterator[tuple[str, int, int]]:
    """Checks of one scope: tests govern their statement, names that hold an answer likewise."""
    held: dict[str, str] = {}
    for node in own_nodes(scope):
        if isinstance(node, ast.Assign) and (name := _asked(node.value, own)):
            held |= {t.id: name for t in node.targets if isinstance(t, ast.Name)}
    for node in own_nodes(scope):
        name = _asked(node, own)
        if name is not None and isinstance(node, ast.expr):
            yield name, node.lineno, node.end_lineno or node.lineno
        test = getattr(node, "test", None)
        if test is None or not hasattr(node, "lineno"):
            continue
        for part in ast.walk(test):
            asked = _asked(part, own) or (held.get(part.id) if isinstance(part, ast.Name) else None)
            if asked:
                yield asked, node.lineno, node.end_lineno  # type: ignore[attr-defined] # has a test


def _asked(node: ast.AST, own: str) -> str | None:
    return asked_flag(node) or (_asked_as(node, own) if own else None)


def _asked_as(node: ast.AST, check: str) -> str | None:
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
