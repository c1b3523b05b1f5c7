"""Read TOML, and say in which line a key stands: the parser forgets the lines."""

import re
from collections.abc import Iterator
from itertools import takewhile
from pathlib import Path
from typing import Any

import tomli

from flagwright.adapters.shipped.place import MAX_BYTES
from flagwright.errors import PolicyInvalid

Key = tuple[str | int, ...]
"""Path to a value: names of tables and keys, and places in arrays counted from 0."""

NOT_UTF8 = "\N{REPLACEMENT CHARACTER}"
"""What a reader puts in the place of bytes that are no UTF-8."""
MARK = "\N{ZERO WIDTH NO-BREAK SPACE}"
"""A byte order mark, which some editors put at the beginning of a file."""
MOST_LINES = 500
"""Longest value whose line is still looked for."""


def parse(text: str, path: Path | str) -> dict[str, Any]:
    """Content of a TOML file.

    Raises:
        PolicyInvalid: With the line, if it is no TOML.
    """
    if len(text) > MAX_BYTES:
        raise PolicyInvalid(
            f"{path}:1 has more than {MAX_BYTES // 1024} KiB.", next_step="Make it shorter."
        )
    if text.startswith(MARK):
        raise PolicyInvalid(
            f"{path}:1 begins with a byte order mark.", next_step="Save it as UTF-8 without BOM."
        )
    if (end := text.find(NOT_UTF8)) >= 0:
        at = text.count("\n", 0, end) + 1
        raise PolicyInvalid(f"{path}:{at} is not UTF-8.", next_step="Save the file as UTF-8.")
    try:
        return tomli.loads(text)
    except tomli.TOMLDecodeError as error:
        found = re.search(r"(.*) \(at (?:line (\d+), column \d+|end of document)\)", str(error))
        because, line = (found[1], found[2]) if found else (str(error), None)
        if again := re.search(r"Cannot declare \((.*)\) twice", because):
            name = ".".join(re.findall(r"'([^']*)'", again[1]))
            because = f"the table {name} is there twice"
        place = line or _unfinished(text)
        said = f"{because} {text.splitlines()[int(place) - 1 :][:1]}".lower()
        remedy = next((way for sign, way in _WAYS_OUT if re.search(sign, said)), "")
        raise PolicyInvalid(
            f"{path}:{place} is not TOML: {because}.",
            next_step=f"{remedy} See https://toml.io for the syntax.".lstrip(),
        ) from error
    except RecursionError as error:
        raise PolicyInvalid(
            f"{path} is nested too deeply.", next_step="Write it with fewer brackets."
        ) from error


_WAYS_OUT = (
    ("overwrite", "Write each key once, in one table."),
    ("twice", "Write each table once."),
    (r"[\u201c-\u201f\u2018\u2019\xab\xbb]", 'Write straight quotes: "text".'),
    (r"= *['\"]?\d+[-./]\d+[-./]\d+", "Write a day as year-month-day, without quotes: 2026-12-31."),
    ("expected '='", "Write: key = value."),
    ("expected ']'", "Close the bracket. A name has no blanks: [rules.two-words]."),
    ("unclosed array", "Close the list with ]; its elements are separated by commas."),
    ("unclosed inline table", "Close the table with }."),
    ("unterminated string", "Close the quotes."),
    ("illegal character", "Close the quotes, or write a long text between three of them."),
    ("unescaped", "Write a regular expression in single quotes, and a diff with \\ between '''."),
    ("invalid initial character", "Write a key in letters, digits, - and _, or in quotes."),
    ("invalid value", "Put a text in quotes; write true and false in small letters."),
    ("expected newline", "Put a text in quotes, and nothing after it."),
)
"""What Python's reader says or the line holds, and what to do about it."""


def _unfinished(text: str) -> int:
    """The line where a value begins that the end of the file cuts off."""
    after = 0
    for line, statement in _statements(text):
        after = line + statement.count("\n")
    rest = text.split("\n")[after:]
    blank = next((n for n, line in enumerate(rest) if line.partition("#")[0].strip()), 0)
    return after + blank + 1


def line_of(text: str, key: Key) -> int:
    """Line, counted from 1, of the statement that comes closest to a key in valid TOML."""
    best, depth = 1, 0
    table: Key = ()
    arrays: dict[Key, int] = {}
    for line, statement in _statements(text):
        content = tomli.loads(statement)
        if _is_header(statement):
            table = _table(content, arrays)
            found = _common(table, key)
        else:
            found = _depth(content, key[len(table) :]) if key[: len(table)] == table else 0
            found += len(table) if found else 0
        if found > depth:
            best, depth = line, found
            if found == len(key) and isinstance(key[-1], int) and not _is_header(statement):
                best += _line_in_array(statement, key[len(table) :])
    return best


def _common(one: Key, other: Key) -> int:
    """How many steps two keys begin with together."""
    same = takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False))
    return sum(1 for _ in same)


def _is_header(statement: str) -> bool:
    return statement.lstrip().startswith("[")


def _line_in_array(statement: str, key: Key) -> int:
    """Lines before an element of an array that is written over several lines."""
    *array, place = key
    lines = statement.split("\n")
    begins = 0
    for number in range(1, len(lines)):
        try:
            content: Any = tomli.loads("\n".join(lines[:number]) + "\n]")
        except tomli.TOMLDecodeError:
            continue
        for step in array:
            content = content[step]
        if not isinstance(content, list) or len(content) > int(place):
            break
        begins = number
    return begins


def _statements(text: str) -> Iterator[tuple[int, str]]:
    """Each header and each key with its value, and the line where it begins."""
    pending: list[str] = []
    for number, line in enumerate(text.replace("\r\n", "\n").split("\n"), start=1):
        if not pending and not line.partition("#")[0].strip():
            continue
        pending.append(line)
        statement = "\n".join(pending)
        try:
            tomli.loads(statement)
        except (tomli.TOMLDecodeError, RecursionError):
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
