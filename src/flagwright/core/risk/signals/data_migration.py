"""Notice changes of stored data, and above all those that a flag cannot take back."""

import ast
import re
from collections.abc import Iterator, Sequence
from typing import Literal

from flagwright.core.records.change import Side
from flagwright.core.records.score import Finding
from flagwright.core.risk.evidence import quote, quote_path
from flagwright.core.risk.occurrence import (
    COMMENT_MARKS,
    Occurrence,
    in_python,
    in_text,
    occurrence,
    without,
)
from flagwright.core.risk.pattern import matches
from flagwright.core.risk.rule import CodeRule, Signal
from flagwright.core.risk.view import FileView

_DROPPED = re.compile(r"(?i)\bdrop\s+(?:table|column)\s+(?:if\s+exists\s+)?[\"`\[]?(?:\w+\.)?(\w+)")
_RENAMED = re.compile(
    r"(?i)\brename\s+(?:column\s+)?[\"`\[]?(\w+)[\"`\]]?\s+to\b"
    r"|\balter\s+table\s+(?:if\s+exists\s+)?[\"`\[]?(?:\w+\.)?(\w+)[\"`\]]?\s+rename\s+to\b"
)
_CALL = re.compile(
    r"\b(drop_table|drop_column|remove_column|RemoveField|DeleteModel"
    r"|rename_table|rename_column|RenameField|RenameModel|alter_column)\b(.*)",
    re.S,
)
_OF_TABLES = ("drop_table", "DeleteModel", "rename_table", "RenameModel")
_STRING = re.compile(r"[\"':](\w+)\b")


class DataMigration(Signal[Literal["file", "destructive", "reader", "schema"], CodeRule]):
    """`destructive` and `schema` are looked for in all code, `file` is any migration.

    `reader` is code that names what a migration of the same change takes away, or gives another
    name.
    """

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
                    evidence=quote_path(file.path),
                )
    came = _occurrences(source, "after", settings)
    went = _occurrences(source, "before", settings)
    new = [*without(came, went)]
    for item in new:
        yield item.finding("data_migration", settings.named()[item.rule])
    if rule := settings.rules.get("reader"):
        yield from _readers(source, rule, new)


def _readers(
    files: Sequence[FileView], rule: CodeRule, found: Sequence[Occurrence]
) -> Iterator[Finding]:
    """Changed lines of code, on either side, that name what a migration takes away."""
    migrations = {file.path for file in files if file.role == "migrations"}
    gone = {
        name
        for item in found
        if item.rule in ("destructive", "schema")
        and (item.path in migrations or item.path.endswith(".sql"))
        for name in taken_away(item.key)
    }
    if not gone:
        return
    reads = re.compile(rf"\b({'|'.join(map(re.escape, sorted(gone)))})\b")
    for file in files:
        if file.path in migrations or file.path.endswith(".sql"):
            continue
        for side in ("before", "after"):
            for number, line in file.lines(side).items():
                if reads.search(line) and not line.lstrip().startswith(COMMENT_MARKS):
                    yield Finding(
                        rule="data_migration.reader",
                        points=rule.points,
                        path=file.path,
                        line=number,
                        side=side,
                        evidence=quote(line.strip()),
                    )


def taken_away(code: str) -> Iterator[str]:
    """Names of the tables, models, columns or fields that are gone after a line has run."""
    yield from (name for name in _DROPPED.findall(code) if len(name) > 1)
    yield from (column or table for column, table in _RENAMED.findall(code))
    called = _CALL.search(code)
    names = _STRING.findall(called[2]) if called else []
    if not called or not names or (called[1] == "alter_column" and "new_column_name" not in code):
        return
    is_second = called[1] in ("rename_column", "RenameField", "alter_column")
    own = names[:1] if called[1] in _OF_TABLES else names[:2] if is_second else names
    yield own[-1]


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
