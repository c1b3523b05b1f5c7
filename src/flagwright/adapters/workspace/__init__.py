"""Write the files of a plan into a work tree: all of them or none, and never outside it.

Every step is relative to an open folder, so a link that appears meanwhile is refused, not
followed. New bytes and the old file wait in the git directory, or beside each file, before the
first name changes hands; from then on only renames are left to do or to take back.
"""

import errno
import os
import stat
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Literal

from flagwright import beneath
from flagwright.adapters.workspace.lock import locked
from flagwright.adapters.workspace.shelf import aside, beside, emptied, within
from flagwright.adapters.workspace.target import Target, failed, stale, target
from flagwright.adapters.workspace.target import read as read_at
from flagwright.core.record import sha256
from flagwright.core.records.plan import FileEdit
from flagwright.errors import OutsideRoot, PlanStale, UnreadableChange

State = Literal["before", "after", "mixed"]
Image = tuple[FileEdit, bytes | None]
"""An edit, and the bytes it leaves; none removes the file."""


class _TooFarError(Exception):
    """No rename leads from the git directory to a file; every file is as it was."""


def read(root: Path, path: str) -> bytes | None:
    """Read a file of the work tree without following a link; none if there is none.

    Raises:
        OutsideRoot: If the path leaves the root, or is no regular file.
        UnreadableChange: If the system refuses to read it.
    """
    try:
        with beneath.folder(root, path) as (at, name):
            return read_at(at, name, path)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise UnreadableChange(
            f"The file {path!r} cannot be read: {error.strerror}.", next_step="Fix its rights."
        ) from error


def sides_of(root: Path, edits: Sequence[FileEdit]) -> dict[str, State]:
    """On which side of its edit each file is; `mixed` is neither."""
    return {edit.path: _side(read(root, edit.path), edit) for edit in edits}


def state_of(root: Path, edits: Sequence[FileEdit]) -> State:
    """Say on which side of the edits the work tree is; `mixed` is neither or some of both."""
    states = set(sides_of(root, edits).values())
    return states.pop() if len(states) == 1 else "mixed"


def rights(root: Path, edits: Sequence[FileEdit]) -> dict[str, int]:
    """Rights of the files that edits remove, by path, so that they can come back with them."""
    found: dict[str, int] = {}
    for edit in edits:
        if edit.after_sha256 is None:
            with suppress(OSError), beneath.folder(root, edit.path) as (at, name):
                mode = os.stat(name, dir_fd=at, follow_symlinks=False).st_mode
                found[edit.path] = stat.S_IMODE(mode)
    return found


def write_all(
    root: Path, edits: Sequence[Image], *, lock_dir: Path, git_dir: Path | None = None,
    rights: Mapping[str, int] | None = None,
) -> None:  # fmt: skip
    """Write every file, if each is exactly what the edit expects; else none.

    Args:
        edits: Each file once, with the bytes that hash to its `after_sha256`.
        lock_dir: A folder of the user's own, outside the repository.
        git_dir: Of the work tree, where files may wait for their turn; else beside each.
        rights: Of files that come back, as `rights` found them.

    Raises:
        PlanStale: If a file is not what its edit expects.
        OutsideRoot: If a path leaves the root, or a file has a second name (a hard link).
        WriteFailed: If a file is read-only or the system refuses; every file is as it was.
    """
    with _held(root, lock_dir):
        _write(root, edits, git_dir, rights or {})


def settle(
    root: Path, edits: Sequence[tuple[FileEdit, bytes | None, bytes | None]], *, lock_dir: Path,
    to: Literal["before", "after"], git_dir: Path | None = None,
    rights: Mapping[str, int] | None = None,
) -> None:  # fmt: skip
    """Finish or take back a write that was interrupted, and remove what it left behind.

    Args:
        lock_dir, git_dir, rights: As for `write_all`.

    Raises:
        PlanStale: If a file is neither as before nor as after: somebody edited it since.
            Nothing was touched then.
        OutsideRoot, WriteFailed: As for `write_all`.
    """
    with _held(root, lock_dir):
        sides = sides_of(root, [edit for edit, _, _ in edits])
        for path, side in sides.items():
            if side == "mixed":
                raise stale(path)
        _forget(root, list(sides), git_dir)
        left = [
            (edit, after) if to == "after" else (reverse(edit), before)
            for edit, before, after in edits
            if sides[edit.path] != to
        ]
        _write(root, left, git_dir, rights or {})


def _write(
    root: Path, edits: Sequence[Image], git_dir: Path | None, rights: Mapping[str, int]
) -> None:
    """Replace every file; beside each where it is another file system than the git directory."""
    try:
        with ExitStack() as opened:
            shelf = aside(opened, git_dir)
            _replace([target(opened, root, e, rights.get(e[0].path), shelf) for e in edits])
    except _TooFarError:
        _write(root, edits, None, rights)
    finally:
        emptied(git_dir)


def reverse(edit: FileEdit) -> FileEdit:
    """The edit that takes one back."""
    sides = {"before_sha256": edit.after_sha256, "after_sha256": edit.before_sha256}
    return edit.model_copy(update=sides)


def _side(content: bytes | None, edit: FileEdit) -> State:
    seen = None if content is None else sha256(content)
    if seen == edit.after_sha256:
        return "after"
    return "before" if seen == edit.before_sha256 else "mixed"


@contextmanager
def _held(root: Path, lock_dir: Path) -> Iterator[None]:
    with ExitStack() as held:
        try:
            held.enter_context(locked(root, lock_dir))
        except OSError as error:
            raise failed(error, ()) from error
        yield


def _replace(targets: Sequence[Target]) -> None:
    done: list[Target] = []
    lost: list[Target] = []
    try:
        for one in targets:
            one.stage()
        for one in targets:
            one.require_untouched()
            done.append(one)
            one.commit()
        for one in targets:
            one.require_unwritten()
        _sync(targets)
    except (OSError, PlanStale, OutsideRoot) as error:
        lost = [one for one in reversed(done) if not _is_taken_back(one)]
        with suppress(OSError):
            _sync(done)
        if not lost and _is_far(error) and any(not one.shelf.is_beside for one in targets):
            raise _TooFarError from error
        if lost or isinstance(error, OSError):
            raise failed(error, tuple(lost)) from error
        raise
    finally:
        for one in targets:
            if one not in lost:
                one.clean()


def _is_far(error: Exception) -> bool:
    return isinstance(error, OSError) and error.errno == errno.EXDEV


def _sync(targets: Sequence[Target]) -> None:
    """Have the names of all files on the disk, each folder once."""
    seen: list[os.stat_result] = []
    for one in targets:
        folder = os.fstat(one.at)
        if not any(os.path.samestat(folder, other) for other in seen):
            seen.append(folder)
            os.fsync(one.at)


def _is_taken_back(one: Target) -> bool:
    """Whether our bytes are gone; what somebody else put there meanwhile stays."""
    try:
        if one.new == read_at(one.at, one.name, one.edit.path):
            one.roll_back()
    except (OSError, OutsideRoot):
        return False
    return True


def forget(root: Path, edits: Sequence[FileEdit], git_dir: Path | None = None) -> None:
    """Remove what an interrupted write left behind, as far as that is possible."""
    for edit in edits:
        with suppress(OSError, OutsideRoot):
            _forget(root, [edit.path], git_dir)
    emptied(git_dir)


def _forget(root: Path, paths: Sequence[str], git_dir: Path | None) -> None:
    """Remove what an interrupted write left for some files, in either place."""
    with ExitStack() as opened:
        shelf = aside(opened, git_dir)
        for path in paths:
            if shelf is not None:
                within(shelf, path).forget()
            with (
                suppress(FileNotFoundError, NotADirectoryError),
                beneath.folder(root, path) as (at, name),
            ):
                beside(at, name).forget()
