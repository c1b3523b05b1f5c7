"""Tell whether a change ships behind a flag already, whatever the form: wrap it once more.

With the flag out of it, the change is the one that somebody meant. Where wrapping that gives
the change as it is, all of it waits for the flag, and its proof says so. Marks and checks
alone are never believed.
"""

import ast
import re
from collections.abc import Iterator, Mapping
from itertools import islice

from flagwright.core.change import read_change
from flagwright.core.records.change import Change, FileChange
from flagwright.core.wrapping.conventions import find_conventions
from flagwright.core.wrapping.module import is_brought
from flagwright.core.wrapping.policy import WrappingPolicy
from flagwright.core.wrapping.source import read
from flagwright.errors import CannotWrap

_MARK = re.compile(rb"(?m)^[ \t]*# flag (\S+): ")
_MOST_FLAGS = 3
_BEHIND = {"guarded", "variant", "dormant", "kept", "neutral", "widened", "added", "passed-through"}


def is_marked(change: Change) -> bool:
    """Whether a plan may have made a change: it has marks of a flag."""
    return any(file.after and _MARK.search(file.after) for file in change.files)


def behind(change: Change, *, policy: WrappingPolicy, modules: Mapping[str, bytes]) -> str | None:
    """The flag behind which the whole of a change ships; none where some of it may run without.

    Args:
        modules: The repository's Python files by path.
    """
    texts = {f.path: f.after for f in change.files if f.after is not None}
    known = {p: t for p, t in {**modules, **texts}.items() if p.endswith((".py", ".pyi"))}
    flags = islice(_marked(change), _MOST_FLAGS)
    return next((flag for flag in flags if _is_behind(change, flag, policy, known)), None)


def _marked(change: Change) -> Iterator[str]:
    texts = [file.after or b"" for file in change.files]
    names = (name.decode("utf-8", "replace") for text in texts for name in _MARK.findall(text))
    return iter(dict.fromkeys(names))


def _is_behind(
    change: Change, flag: str, policy: WrappingPolicy, modules: Mapping[str, bytes]
) -> bool:
    from flagwright.core.wrapping.plan import wrap_change

    own = [file for file in change.files if not is_brought(file)]
    paths = [file.path for file in own if policy.treatment(file.path) == "wrapped"]
    convention, near, _ = find_conventions(modules, policy, paths)
    if convention is None:
        return False
    try:
        meant = [_meant(file, flag) for file in own]
        made = {file.path: file.after for file in meant}
        there = {path: made.get(path, text) for path, text in modules.items()}
        wrapped = wrap_change(
            read_change(change.base, change.head, meant, owners=change.owners),
            flag=flag,
            convention=convention,
            policy=policy,
            modules={path: text for path, text in there.items() if text is not None},
            near=near,
        )
        made |= {file.path: file.text for file in wrapped.files}
        is_whole = {segment.treatment for segment in wrapped.coverage} <= _BEHIND
        return is_whole and all(_is_same(made.get(f.path), f.after, policy) for f in own)
    except (CannotWrap, SyntaxError):  # somebody else wrote these marks
        return False


def _meant(file: FileChange, flag: str) -> FileChange:
    """A file as it runs with the flag on: as it was meant before it was wrapped."""
    from flagwright.core.wrapping.project import project

    if file.after is None or flag.encode() not in file.after or not file.path.endswith(".py"):
        return file.model_copy(update={"hunks": ()})
    text = project(file.after, flag=flag, on=True) or None
    kind = file.kind if text is not None else "deleted"
    return file.model_copy(update={"after": text, "hunks": (), "kind": kind})


def _is_same(one: bytes | None, other: bytes | None, policy: WrappingPolicy) -> bool:
    """Whether two files run the same."""
    if one is None or other is None or one == other:
        return one == other
    trees = (read(text, max_kb=policy.max_file_kb).tree for text in (one, other))
    return len(set(map(ast.dump, trees))) == 1
