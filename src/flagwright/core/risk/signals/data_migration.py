"""Notice changes of stored data, and above all those that a flag cannot take back."""

import ast
from collections.abc import Iterator, Sequence
from typing import Literal

from flagwright.core.records import Finding, Side
from flagwright.core.risk.evidence import quote
from flagwright.core.risk.occurrence import Occurrence, in_python, in_text, occurrence, without
from flagwright.core.risk.pattern import matches
from flagwright.core.risk.rule import CodeRule, Signal
from flagwright.core.risk.view import FileView


class DataMigration(Signal[Literal["file", "destructive", "schema"], CodeRule]):
    """`file` is any file whose role is migrations; the others are looked for in all code."""

    ignore_functions: tuple[str, ...] = ()
    """Python functions that only undo, such as Alembic's `downgrade`."""


def see(files: Sequence[FileView], settings: DataMigration) -> Iterator[Finding]:
    """Look at migration files, at SQL as text and in strings, and at migration operations."""
    source = [file for file in files if file.is_source]
    if rule := settings.rules.get("file"):
        for file in source:
            if file.role == "migrations":
                yield Finding(
                    rule="data_migration.file",
                    points=rule.points,
                    path=file.path,
                    evidence=quote(file.path),
                )
    came = _occurrences(source, "after", settings)
    went = _occurrences(source, "before", settings)
    for item in without(came, went):
        yield item.finding("data_migration", settings.named()[item.rule])


def _occurrences(
    files: Sequence[FileView], side: Side, settings: DataMigration
) -> Iterator[Occurrence]:
    rules = settings.named()
    undone = {
        (file.path, touch.line)
        for file in files
        for touch in file.touched(side)
        if set(touch.scope) & set(settings.ignore_functions)
    }
    for item in [
        *in_python(files, side, rules),
        *in_text(files, side, rules),
        *_in_strings(files, side, rules),
    ]:
        if (item.path, item.line) not in undone:
            yield item


def _in_strings(
    files: Sequence[FileView], side: Side, rules: dict[str, CodeRule]
) -> Iterator[Occurrence]:
    """Search the string constants of touched Python; a docstring is not run."""
    for file in files:
        touches = file.touched(side) if file.parsed else ()
        docstrings = {id(t.node.value) for t in touches if isinstance(t.node, ast.Expr)}
        for touch in touches:
            match touch.node:
                case ast.Constant(value=str(text)) as node if id(node) not in docstrings:
                    for name, rule in rules.items():
                        if rule.text and matches(rule.text, text):
                            yield occurrence(name, file, side, touch.line, key=text)
