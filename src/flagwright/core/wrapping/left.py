"""Let a plan leave some places of a change as they are, where the policy allows that.

Such a place has the new version on both sides of the flag. That is honest only as long as
the old code on the off side does not call what it replaces.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from flagwright.core.records.change import Change, FileChange
from flagwright.core.records.plan import Convention
from flagwright.core.wrapping.dormant.bases import Bases
from flagwright.core.wrapping.partial import names_that_change, segment
from flagwright.core.wrapping.policy import WrappingPolicy
from flagwright.core.wrapping.refusal import at, refuse, refuse_all
from flagwright.core.wrapping.single import merge_versions_in_part
from flagwright.core.wrapping.source import read
from flagwright.core.wrapping.wrapped import Wrapped, WrappedFile, listed
from flagwright.errors import CannotWrap

MAX_FILES = 8
"""Files of one change in which the parts are looked for that can be wrapped."""
_WAY_OUT = (
    "Or put these places into a change of their own: the rest can be put behind the flag. "
    "A team may also ship them as they are: allow_partial in policies/wrapping.toml."
)


@dataclass(frozen=True)
class Left:
    """A file of which some places, or all, are not behind the flag."""

    path: str
    wrapped: Wrapped
    errors: tuple[CannotWrap, ...]
    names: frozenset[str]
    """Names of which old code may need the old version."""


def in_part(
    file: FileChange,
    error: CannotWrap,
    flag: str,
    convention: Convention,
    policy: WrappingPolicy,
    elsewhere: Sequence[Bases] = (),
) -> Left:
    """Wrap what can be wrapped of one file.

    Args:
        error: Why the whole file cannot be.

    Raises:
        CannotWrap: `error`, for a file that is new, deleted, renamed or cannot be read.
    """
    if file.kind != "modified" or file.before is None or file.after is None:
        raise error
    try:
        content, outcome, part = merge_versions_in_part(
            file.before,
            file.after,
            error,
            flag=flag,
            convention=convention,
            policy=policy,
            elsewhere=elsewhere,
        )
    except CannotWrap:
        return _whole(file, file.before, file.after, error, policy)
    assert isinstance(content, bytes)
    assert outcome.proof
    segments = (*outcome.segments, *(segment(file.path, e) for e in part.left))
    edit = WrappedFile(path=file.path, before=file.after, text=content, mode=file.mode)
    wrapped = Wrapped(
        files=(edit,) if content != file.after else (),
        coverage=tuple(s.model_copy(update={"path": file.path}) for s in segments),
        proof=(outcome.proof.model_copy(update={"path": file.path}),),
        notes=tuple(f"{file.path}: {note}" for note in outcome.notes),
    )
    return Left(file.path, wrapped, tuple(at(file.path, e) for e in part.left), part.names)


def _whole(
    file: FileChange, before: bytes, after: bytes, error: CannotWrap, policy: WrappingPolicy
) -> Left:
    try:
        versions = [read(content, max_kb=policy.max_file_kb) for content in (before, after)]
    except CannotWrap:
        raise error from None
    names = names_that_change(*versions)
    because = f"{error.category}: {error.because}"
    return Left(file.path, listed(file, "not-controllable", because), (error,), names)


def check_left(
    change: Change, left: Sequence[Left], whole: Wrapped, policy: WrappingPolicy
) -> None:
    """Refuse a plan in part that the policy, or the rest of the change, does not bear.

    Raises:
        CannotWrap: With every place that is in the way.
    """
    errors = [error for part in left for error in part.errors]
    if not whole.files:
        raise refuse_all(errors)
    if not policy.allow_partial:
        raise refuse_all(errors, way_out=_WAY_OUT)
    for part in left:
        for file in change.files:
            name = _needed(part, file)
            if name and policy.treatment(file.path) == "wrapped":
                because = f"it uses `{name}`, and old and new code share what {part.path} has of it"
                raise refuse(1, "name-clash", because, path=file.path)


def _needed(part: Left, file: FileChange) -> str | None:
    """A name that changes for both sides, and that the old version of another file uses."""
    if file.path == part.path or file.before is None or file.before == file.after:
        return None
    words = set(re.findall(rb"\w+", file.before))
    return next((name for name in sorted(part.names) if name.encode() in words), None)
