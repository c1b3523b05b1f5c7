"""Tell whether a change ships behind a flag already, whatever the form: wrap it once more.

With the flag out of it, the change is the one that somebody meant. Where wrapping that gives
the change as it is, all of it waits for the flag, and its proof says so; or all but what no flag
controls. Marks and checks alone are never believed.
"""

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

from flagwright.core.change import read_change
from flagwright.core.records.change import Change, FileChange
from flagwright.core.records.plan import Convention
from flagwright.core.wrapping.conventions import find_conventions
from flagwright.core.wrapping.module import is_brought
from flagwright.core.wrapping.policy import WrappingPolicy
from flagwright.core.wrapping.source import read
from flagwright.errors import CannotWrap

_MARK = re.compile(rb"(?m)^[ \t]*# flag (\S+): ")
_MOST_FLAGS = 3
_ANY = Convention(import_line="from flags import is_enabled", check='is_enabled("{flag}")')
"""Where nothing asks: what has to ask does so otherwise than this, and is not the same then."""
_BEHIND = {"guarded", "variant", "dormant", "kept", "neutral", "widened", "added", "passed-through"}


@dataclass(frozen=True)
class Behind:
    """The flag that a change waits for, and what of the change does not."""

    flag: str
    apart: tuple[FileChange, ...] = ()
    """Files that no flag controls, or not in whole, as they run while it is off."""
    is_asked: bool = True
    """Whether anything asks for it; else what is new runs for whoever calls it."""


def is_marked(change: Change) -> bool:
    """Whether a plan may have made a change: it has marks of a flag."""
    return any(file.after and _MARK.search(file.after) for file in change.files)


def behind(
    change: Change, *, policy: WrappingPolicy, modules: Mapping[str, bytes]
) -> Behind | None:
    """The flag behind which a change ships, whatever a flag can control of it; none without.

    Args:
        modules: The repository's Python files by path.
    """
    texts = {f.path: f.after for f in change.files if f.after is not None}
    known = {p: t for p, t in {**modules, **texts}.items() if p.endswith((".py", ".pyi"))}
    flags = islice(_marked(change), _MOST_FLAGS)
    return next(filter(None, (_behind(change, flag, policy, known) for flag in flags)), None)


def _marked(change: Change) -> Iterator[str]:
    texts = [file.after or b"" for file in change.files]
    names = (name.decode("utf-8", "replace") for text in texts for name in _MARK.findall(text))
    return iter(dict.fromkeys(names))


def _behind(
    change: Change, flag: str, policy: WrappingPolicy, modules: Mapping[str, bytes]
) -> Behind | None:
    """What of a change runs without the flag; none where that is more than no flag controls."""
    from flagwright.core.wrapping.plan import wrap_change

    own = [file for file in change.files if not is_brought(file)]
    paths = [file.path for file in own if policy.treatment(file.path) == "wrapped"]
    convention, near, _ = find_conventions(modules, policy, paths)
    convention = convention or _ANY
    try:
        meant = [_side(file, flag, on=True) for file in own]
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
        if not all(_is_same(made.get(file.path), file.after, policy) for file in own):
            return None
        left = {s.path for s in wrapped.coverage if s.treatment not in _BEHIND}
        if left and not wrapped.files:
            return None
        apart = tuple(_side(file, flag, on=False) for file in own if file.path in left)
        is_asked = any(s.treatment in ("guarded", "variant", "widened") for s in wrapped.coverage)
        return Behind(flag, apart, is_asked)
    except (CannotWrap, SyntaxError):  # somebody else wrote these marks
        return None


def _side(file: FileChange, flag: str, *, on: bool) -> FileChange:
    """A file as it runs with the flag off, or on, as it was meant before it was wrapped."""
    from flagwright.core.wrapping.project import project

    if file.after is None or flag.encode() not in file.after or not file.path.endswith(".py"):
        return file.model_copy(update={"hunks": ()})
    text = project(file.after, flag=flag, on=on) or None
    kind = file.kind if text is not None else "deleted"
    return file.model_copy(update={"after": text, "hunks": (), "kind": kind})


def _is_same(one: bytes | None, other: bytes | None, policy: WrappingPolicy) -> bool:
    """Whether two files run the same."""
    if one is None or other is None or one == other:
        return one == other
    trees = (read(text, max_kb=policy.max_file_kb).tree for text in (one, other))
    return len(set(map(ast.dump, trees))) == 1
