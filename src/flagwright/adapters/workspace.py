"""Write the files of a plan into a work tree: all of them or none, and never outside it.

Every step is relative to an open folder, so a link that appears meanwhile is refused, not
followed. New bytes and a copy of the old ones lie beside each file before the first name
changes hands; from then on only renames are left to do or to take back.
"""

import fcntl
import hashlib
import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from flagwright import beneath
from flagwright.core.records import FileEdit, sha256
from flagwright.errors import OutsideRoot, PlanStale, UnreadableChange, WriteFailed

State = Literal["before", "after", "mixed"]
Image = tuple[FileEdit, bytes | None]
"""An edit, and the bytes it leaves; none removes the file."""

_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


def read(root: Path, path: str) -> bytes | None:
    """Read a file of the work tree without following a link; none if there is none.

    Raises:
        OutsideRoot: If the path leaves the root, or is no regular file.
        UnreadableChange: If the system refuses to read it.
    """
    try:
        with beneath.folder(root, path) as (at, name):
            return _read(at, name, path)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise UnreadableChange(
            f"The file {path!r} cannot be read: {error.strerror}.", next_step="Fix its rights."
        ) from error


def state_of(root: Path, edits: Sequence[FileEdit]) -> State:
    """Say on which side of the edits the work tree is; `mixed` is neither or some of both."""
    states = {_side(read(root, edit.path), edit) for edit in edits}
    return states.pop() if len(states) == 1 else "mixed"


def write_all(root: Path, edits: Sequence[Image], *, lock_dir: Path) -> None:
    """Write every file, if each is exactly what the edit expects; else none.

    Args:
        root: Top level of the work tree.
        edits: Each file once, with the bytes that hash to its `after_sha256`.
        lock_dir: A folder of the user's own, outside the repository.

    Raises:
        PlanStale: If a file is not what its edit expects.
        OutsideRoot: If a path leaves the root, or a file has a second name (a hard link).
        WriteFailed: If the system refuses; every file is as it was.
    """
    with _locked(root, lock_dir), ExitStack() as opened:
        _replace([_target(opened, root, edit, content) for edit, content in edits])


def settle(
    root: Path, edits: Sequence[tuple[FileEdit, bytes | None, bytes | None]], *, lock_dir: Path,
    to: Literal["before", "after"],
) -> None:  # fmt: skip
    """Finish or take back a write that was interrupted, and remove what it left behind.

    Args:
        root: Top level of the work tree.
        edits: Each edit with the bytes before it and after it.
        lock_dir: As for `write_all`.
        to: The side to bring every file to.

    Raises:
        PlanStale: If a file is neither as before nor as after: somebody edited it since.
        OutsideRoot, WriteFailed: As for `write_all`.
    """
    with _locked(root, lock_dir), ExitStack() as opened:
        targets = []
        for edit, before, after in edits:
            side = _side(read(root, edit.path), edit)
            if side == "mixed":
                raise _stale(edit.path)
            wanted = edit if to == "after" else _reverse(edit)
            if side != to:
                targets.append(_target(opened, root, wanted, after if to == "after" else before))
            _forget(root, edit.path)
        _replace(targets)


def _reverse(edit: FileEdit) -> FileEdit:
    sides = {"before_sha256": edit.after_sha256, "after_sha256": edit.before_sha256}
    return edit.model_copy(update=sides)


def _side(content: bytes | None, edit: FileEdit) -> State:
    seen = None if content is None else sha256(content)
    if seen == edit.after_sha256:
        return "after"
    return "before" if seen == edit.before_sha256 else "mixed"


@contextmanager
def _locked(root: Path, lock_dir: Path) -> Iterator[None]:
    """Keep every other process of this user from writing to the same work tree."""
    key = hashlib.sha256(os.fsencode(os.path.realpath(root))).hexdigest()[:24]
    try:
        lock_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = os.open(lock_dir / f"{key}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise _failed(error, ()) from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


# --- one file


@dataclass(eq=False)
class _Target:
    """A file to replace, in its open folder."""

    at: int
    name: str
    edit: FileEdit
    new: bytes | None
    old: bytes | None
    kept: os.stat_result | None
    """Of the file that is there now."""

    @property
    def staged(self) -> str:
        return _beside(self.name, "new")

    @property
    def backup(self) -> str:
        return _beside(self.name, "old")

    def stage(self) -> None:
        """Write the new bytes, and a copy of the old ones, beside the file."""
        if self.new is not None:
            self._put(self.staged, self.new)
        if self.old is not None:
            self._put(self.backup, self.old)

    def _put(self, name: str, content: bytes) -> None:
        with suppress(FileNotFoundError):
            os.unlink(name, dir_fd=self.at)
        mode = stat.S_IMODE(self.kept.st_mode) if self.kept else int(self.edit.mode[-3:], 8)
        with os.fdopen(os.open(name, _NEW, mode, dir_fd=self.at), "wb") as file:
            file.write(content)
            if self.kept:
                self._keep_attributes(file.fileno())
            file.flush()
            os.fsync(file.fileno())

    def _keep_attributes(self, file: int) -> None:
        """Copy group, mode and extended attributes of the file that is replaced."""
        assert self.kept is not None  # noqa: S101 - for the type checker
        with suppress(PermissionError):
            os.fchown(file, -1, self.kept.st_gid)
        os.fchmod(file, stat.S_IMODE(self.kept.st_mode))
        if not hasattr(os, "listxattr"):
            return
        source = beneath.open_file(self.at, self.name, self.edit.path)
        try:
            with suppress(OSError):
                for key in os.listxattr(source):
                    os.setxattr(file, key, os.getxattr(source, key))
        finally:
            os.close(source)

    def is_untouched(self) -> bool:
        """Whether the file is still the one that was read, bytes and all."""
        return self.old == _read(self.at, self.name, self.edit.path)

    def commit(self) -> None:
        if self.new is None:
            os.unlink(self.name, dir_fd=self.at)
        else:
            os.replace(self.staged, self.name, src_dir_fd=self.at, dst_dir_fd=self.at)

    def roll_back(self) -> None:
        if self.old is None:
            with suppress(FileNotFoundError):
                os.unlink(self.name, dir_fd=self.at)
        else:
            os.replace(self.backup, self.name, src_dir_fd=self.at, dst_dir_fd=self.at)

    def clean(self) -> None:
        for name in (self.staged, self.backup):
            with suppress(OSError):
                os.unlink(name, dir_fd=self.at)


def _beside(name: str, role: str) -> str:
    """Name of a temporary file; always the same, so that an interrupted write can be cleaned."""
    return f".flagwright-{role}-{hashlib.sha256(os.fsencode(name)).hexdigest()[:16]}"


def _target(opened: ExitStack, root: Path, edit: FileEdit, new: bytes | None) -> _Target:
    """Open the folder of a file and check that the file is what the edit expects."""
    if (None if new is None else sha256(new)) != edit.after_sha256:
        raise _stale(edit.path)
    try:
        folder = beneath.folder(root, edit.path, create=edit.before_sha256 is None)
        at, name = opened.enter_context(folder)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise _stale(edit.path) from error
    except OSError as error:
        raise _failed(error, ()) from error
    try:
        old = _read(at, name, edit.path)
    except OSError as error:
        raise _failed(error, ()) from error
    if (None if old is None else sha256(old)) != edit.before_sha256:
        raise _stale(edit.path)
    kept = None if old is None else os.stat(name, dir_fd=at, follow_symlinks=False)
    if kept and kept.st_nlink > 1:
        raise OutsideRoot(
            f"The file {edit.path!r} has a second name elsewhere (a hard link).",
            next_step="Replace it by a copy of itself, then make a new plan.",
        )
    return _Target(at, name, edit, new, old, kept)


def _read(at: int, name: str, path: str) -> bytes | None:
    try:
        descriptor = beneath.open_file(at, name, path)
    except FileNotFoundError:
        return None
    with os.fdopen(descriptor, "rb") as file:
        return file.read()


# --- all files


def _replace(targets: Sequence[_Target]) -> None:
    done: list[_Target] = []
    lost: list[_Target] = []
    try:
        for target in targets:
            target.stage()
        for target in targets:
            if not target.is_untouched():
                raise _stale(target.edit.path)
            done.append(target)
            target.commit()
        for target in targets:
            os.fsync(target.at)
    except (OSError, PlanStale, OutsideRoot) as error:
        lost = [target for target in reversed(done) if not _is_taken_back(target)]
        if lost or isinstance(error, OSError):
            raise _failed(error, lost) from error
        raise
    finally:
        for target in targets:
            if target not in lost:
                target.clean()


def _is_taken_back(target: _Target) -> bool:
    try:
        if not target.is_untouched():
            target.roll_back()
    except (OSError, OutsideRoot):
        return False
    return True


def _failed(error: Exception, lost: Sequence[_Target]) -> WriteFailed:
    if not lost:
        return WriteFailed(
            f"The files could not be written: {error}.",
            next_step="Every file is as it was. Free space or fix the rights, then apply again.",
        )
    names = ", ".join(f"{target.edit.path} (see {target.backup} beside it)" for target in lost)
    return WriteFailed(
        f"The files could not be written: {error}. These could not be put back either: {names}.",
        next_step="Rename each copy over its file.",
    )


def _forget(root: Path, path: str) -> None:
    """Remove what an interrupted write left beside a file."""
    with (
        suppress(FileNotFoundError, NotADirectoryError),
        beneath.folder(root, path) as (at, name),
    ):
        for role in ("new", "old"):
            with suppress(FileNotFoundError):
                os.unlink(_beside(name, role), dir_fd=at)


def _stale(path: str) -> PlanStale:
    return PlanStale(
        f"The file {path!r} is not what the plan was made for.",
        next_step="Nothing was written. Make a new plan from the files as they are.",
    )
