"""Read TOML, and say in which line a key stands: the standard parser forgets the lines."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from flagwright.errors import PolicyInvalid

Key = tuple[str | int, ...]
"""Path to a value: names of tables and keys, and places in arrays counted from 0."""

MOST_LINES = 500
"""Longest value whose line is still looked for."""


def parse(text: str, path: Path) -> dict[str, Any]:
    """Content of a TOML file.

    Raises:
        PolicyInvalid: With the line, if it is no TOML.
    """
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"(.*) \(at (?:line (\d+), column \d+|end of document)\)", str(error))
        because, line = (found[1], found[2]) if found else (str(error), None)
        place = line or str(text.count("\n") + 1)
        fact = f"{path}:{place} is not TOML: {because}."
        raise PolicyInvalid(fact, next_step="See https://toml.io for the syntax.") from error
    except RecursionError as error:
        raise PolicyInvalid(
            f"{path} is nested too deeply.", next_step="Write it with fewer brackets."
        ) from error


def line_of(text: str, key: Key) -> int:
    """Line, counted from 1, of the statement that comes closest to a key in valid TOML."""
    best, depth = 1, 0
    table: Key = ()
    arrays: dict[Key, int] = {}
    for line, statement in _statements(text):
        content = tomllib.loads(statement)
        if statement.lstrip().startswith("["):
            table = _table(content, arrays)
            found = len(table) if key[: len(table)] == table else 0
        else:
            found = _depth(content, key[len(table) :]) if key[: len(table)] == table else 0
            found += len(table) if found else 0
        if found > depth:
            best, depth = line, found
    return best


def _statements(text: str) -> Iterator[tuple[int, str]]:
    """Each header and each key with its value, and the line where it begins."""
    pending: list[str] = []
    for number, line in enumerate(text.split("\n"), start=1):
        if not pending and not line.partition("#")[0].strip():
            continue
        pending.append(line)
        statement = "\n".join(pending)
        try:
            tomllib.loads(statement)
        except (tomllib.TOMLDecodeError, RecursionError):
            if len(pending) > MOST_LINES:
                return
            continue
        yield number - len(pending) + 1, statement
        pending = []


def _table(header: dict[str, Any], arrays: dict[Key, int]) -> Key:
    """Path that a header opens, counting the tables of an array."""
    path: Key = ()
    content: Any = header
    while content:
        (name,) = content
        path, content = (*path, name), content[name]
        if isinstance(content, list):
            arrays[path] = arrays.get(path, -1) + 1
            content = content[0]
        if path in arrays:
            path = (*path, arrays[path])
    return path


def _depth(content: Any, key: Key) -> int:
    """How many steps of a key lead into a value."""
    depth = 0
    for step in key:
        inside = isinstance(content, dict) and step in content
        if not inside and not (
            isinstance(content, list) and isinstance(step, int) and step < len(content)
        ):
            break
        content, depth = content[step], depth + 1
    return depth
