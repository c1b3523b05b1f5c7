"""Find how a repository asks for flags.

Uses the standard library alone, and changes no code.
"""

import ast
import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import islice
from typing import Final, NamedTuple

from flagwright.core.records.plan import Convention
from flagwright.core.wrapping.clients import Clients
from flagwright.core.wrapping.policy import WrappingPolicy
from flagwright.core.wrapping.sound import asked_flag
from flagwright.core.wrapping.tree import parsed_once
from flagwright.core.wrapping.way import Doubt, Reader, Way

_HINT: Final = re.compile(
    rb"(?i)flag|feature|toggle|enabled|variation|active|waffle|boolean|gate|_on"
)
MOST_DOUBTS = 2


class Found(NamedTuple):
    """How a repository asks for flags."""

    general: Convention | None
    near: Mapping[str, Convention] = {}
    """Of files whose own package asks in another way, by path."""
    doubts: tuple[Doubt, ...] = ()
    """What only reads like a check; told where nothing else is found."""


def find_conventions(
    files: Mapping[str, bytes], policy: WrappingPolicy, paths: Collection[str] = ()
) -> Found:
    """How this repository asks for a flag: the policy's way, else the most frequent one.

    The nearest folder around a file in which anything asks decides for it. What counts is shown
    to ask a flag client; what only reads like it is a doubt.

    Args:
        files: The Python files of the repository by path. Tests are not counted.
        paths: Of these files; those that ask as the whole repository does are left out.
    """
    if policy.check:
        return Found(
            Convention(
                import_line=policy.import_line,
                check=policy.check,
                context=policy.context,
                source="policy",
            )
        )
    names = {path: module_name(path, files) for path in files if path.endswith(".py")}
    clients = Clients(files, {name: path for path, name in names.items()}, policy.known_checks)
    own = [path for path in sorted(names) if not policy.is_test(path)]
    importing = [path for path in names if imports_one_of(files[path], policy.known_checks)]
    seen = _read(own, files, names, clients)
    read = [*(seen if importing else islice(seen, MOST_DOUBTS))]  # without a client, all doubts
    found = [way for way in read if isinstance(way, Way)]
    making = [
        Reader(p, clients, names[p]) for p in importing if not found and not policy.is_test(p)
    ]
    found = found or [way for reader in making for way in reader.last_ways()]
    found = found or [way for reader in making for way in reader.ways_to_be()]
    if not found:
        doubts = tuple(way for way in read if isinstance(way, Doubt))
        return Found(None, doubts=doubts[:MOST_DOUBTS])
    general = _most_frequent(found)
    near = {path: _most_frequent(_nearest(path, found)) for path in paths}
    return Found(general, {p: n for p, n in near.items() if not _is_alike(n, general)})


def _read(
    paths: Sequence[str], files: Mapping[str, bytes], names: Mapping[str, str], clients: Clients
) -> Iterator[Way | Doubt]:
    """What reads like a check, file by file; a file without any is forgotten at once."""
    for path in paths:
        if _HINT.search(files[path]) and _sounds(files[path]):
            yield from Reader(path, clients, names[path]).ways()


def _sounds(content: bytes) -> bool:
    """Whether a file has anything that reads like a check."""
    try:
        return any(asked_flag(node) for node in ast.walk(parsed_once(content)))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False


def imports_one_of(content: bytes, known: Collection[str]) -> bool:
    """Whether a file imports one of the clients that the policy knows."""
    heads = "|".join(sorted({re.escape(name.partition(".")[0]) for name in known}))
    heads = heads.replace(r"\*", r"\w*")
    lines = rf"(?m)^[ \t]*(?:from|import)[ \t]+(?:{heads or '(?!)'})\b"
    return re.search(lines.encode(), content) is not None


def _nearest(path: str, ways: Sequence[Way]) -> Sequence[Way]:
    """The checks of the nearest folder around a file that has any."""
    folder = path
    while folder := folder.rpartition("/")[0]:
        if near := [way for way in ways if way.place.startswith(f"{folder}/")]:
            return near
    return ways


def _most_frequent(ways: Sequence[Way]) -> Convention:
    seen = Counter((way.import_line, way.check) for way in ways)
    chosen = max(seen, key=lambda way: (seen[way], way))
    same = [way for way in ways if (way.import_line, way.check) == chosen]
    contexts = Counter(way.context for way in same)
    context = max(contexts, key=lambda text: (contexts[text], text))
    return Convention(import_line=chosen[0], check=chosen[1], context=context, source=same[0].place)


def _is_alike(one: Convention, other: Convention) -> bool:
    return (one.import_line, one.check, one.context) == (
        other.import_line,
        other.check,
        other.context,
    )


def module_name(path: str, files: Collection[str]) -> str:
    """Dotted name of a file: from the topmost folder that is a package."""
    parts = path.removesuffix(".py").removesuffix("/__init__").split("/")
    start = len(parts) - 1
    while start and "/".join([*parts[:start], "__init__.py"]) in files:
        start -= 1
    if start == len(parts) - 1 and start:  # no package: folders count, but not the usual root
        start = 1 if parts[0] == "src" else 0
    return ".".join(parts[start:])
