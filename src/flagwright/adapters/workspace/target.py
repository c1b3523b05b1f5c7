"""Replace one file in its open folder, and take that back.

The new bytes are on the disk before the file's name changes hands. The old file keeps a
second name until all is done, so that taking back is a rename, and gives back the very file
with everything that hangs on it.
"""

import errno
import os
import stat
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path

from flagwright import beneath
from flagwright.adapters.workspace.shelf import Shelf, beside, is_near, within
from flagwright.core.record import sha256
from flagwright.core.records.plan import FileEdit
from flagwright.errors import OutsideRoot, PlanStale, WriteFailed

_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_WRITABLE = 0o200
_FOLLOWS = os.link not in os.supports_follow_symlinks
"""Where the system cannot be told not to follow a link, the check after it finds out."""


@dataclass(eq=False)
class Target:
    """A file to replace, in its open folder."""

    at: int
    name: str
    edit: FileEdit
    new: bytes | None
    old: bytes | None
    kept: os.stat_result | None
    """Of the file that is there now."""
    shelf: Shelf
    """Where the new bytes wait, and the second name of the old file."""
    mode: int | None = None
    """Rights of a file that comes back; none: as git would make it."""

    def stage(self) -> None:
        """Write the new bytes, and give the old file a second name."""
        if self.new is not None:
            self._put("new", self.new)
        if self.old is not None:
            self._keep_old(self.old)

    def _keep_old(self, old: bytes) -> None:
        with suppress(FileNotFoundError):
            os.unlink(self.shelf.name("old"), dir_fd=self.shelf.at)
        try:
            os.link(
                self.name, self.shelf.name("old"),
                src_dir_fd=self.at, dst_dir_fd=self.shelf.at, follow_symlinks=_FOLLOWS,
            )  # fmt: skip
        except OSError as error:  # Not every file system knows second names.
            if not self.shelf.is_beside:
                raise OSError(errno.EXDEV, os.strerror(errno.EXDEV)) from error
            self._put("old", old)

    def _put(self, role: str, content: bytes) -> None:
        name, at = self.shelf.name(role), self.shelf.at
        with suppress(FileNotFoundError):
            os.unlink(name, dir_fd=at)
        mode = int(self.edit.mode[-3:], 8) if self.mode is None else self.mode
        mode = stat.S_IMODE(self.kept.st_mode) if self.kept else mode
        with os.fdopen(os.open(name, _NEW, mode, dir_fd=at), "wb") as file:
            file.write(content)
            if self.kept:
                self._keep_attributes(file.fileno(), self.kept)
            elif self.mode is not None:
                os.fchmod(file.fileno(), mode)
            file.flush()
            os.fsync(file.fileno())

    def _keep_attributes(self, file: int, kept: os.stat_result) -> None:
        """Copy owner, group, mode and extended attributes of the file that is replaced."""
        if kept.st_uid != os.geteuid():
            os.fchown(file, kept.st_uid, -1)
        with suppress(PermissionError):
            os.fchown(file, -1, kept.st_gid)
        os.fchmod(file, stat.S_IMODE(kept.st_mode))
        if not hasattr(os, "listxattr"):
            return
        source = beneath.open_file(self.at, self.name, self.edit.path)
        try:
            with suppress(OSError):
                for key in os.listxattr(source):
                    os.setxattr(file, key, os.getxattr(source, key))
        finally:
            os.close(source)

    def require_untouched(self) -> None:
        """Raise where the file is not the one that was read, bytes and all."""
        if self.old != read(self.at, self.name, self.edit.path):
            raise stale(self.edit.path)

    def commit(self) -> None:
        """Let the new bytes have the name."""
        if self.new is None:
            os.unlink(self.name, dir_fd=self.at)
        else:
            self._take_name("new")

    def require_unwritten(self) -> None:
        """Raise where somebody wrote into the old file just before it lost its name."""
        if self.old != (None if self.old is None else self._second()):
            raise stale(self.edit.path)

    def _second(self) -> bytes | None:
        return read(self.shelf.at, self.shelf.name("old"), self.edit.path)

    def roll_back(self) -> None:
        """Let the old file have its name again; what somebody wrote into it stays in it."""
        if self.old is None:
            with suppress(FileNotFoundError):
                os.unlink(self.name, dir_fd=self.at)
        else:
            self._take_name("old")

    def _take_name(self, role: str) -> None:
        waits = self.shelf.name(role)
        os.replace(waits, self.name, src_dir_fd=self.shelf.at, dst_dir_fd=self.at)

    def clean(self) -> None:
        """Remove what waited for the file."""
        with suppress(OSError):
            self.shelf.forget()


def target(
    opened: ExitStack,
    root: Path,
    image: tuple[FileEdit, bytes | None],
    mode: int | None,
    aside: int | None,
) -> Target:
    """Open the folder of a file and check that the file is what the edit expects.

    Args:
        aside: Our folder in the git directory; what waits for the file lies beside it without.

    Raises:
        PlanStale: If it is not.
        OutsideRoot: If it leaves the root, or has a second name.
        WriteFailed: If it is read-only, or the system refuses to look at it.
    """
    edit, new = image
    if (None if new is None else sha256(new)) != edit.after_sha256:
        raise stale(edit.path)
    try:
        folder = beneath.folder(root, edit.path, create=edit.before_sha256 is None)
        at, name = opened.enter_context(folder)
        old = read(at, name, edit.path)
        _forget_backup(at, name, aside, edit.path)
        kept = None if old is None else os.stat(name, dir_fd=at, follow_symlinks=False)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise stale(edit.path) from error
    except OSError as error:
        raise failed(error, ()) from error
    if (None if old is None else sha256(old)) != edit.before_sha256:
        raise stale(edit.path)
    if kept:
        _require_replaceable(kept, edit.path)
    waits = beside(at, name)
    if aside is not None and is_near(aside, at, is_new=kept is None):
        waits = within(aside, edit.path)
    return Target(at, name, edit, new, old, kept, waits, mode)


def _forget_backup(at: int, name: str, aside: int | None, path: str) -> None:
    """Take away the second name that an interrupted write left, whoever it was."""
    for shelf in (beside(at, name), *([] if aside is None else [within(aside, path)])):
        with suppress(FileNotFoundError):
            backup = shelf.name("old")
            one = os.stat(name, dir_fd=at, follow_symlinks=False)
            other = os.stat(backup, dir_fd=shelf.at, follow_symlinks=False)
            if os.path.samestat(one, other):
                os.unlink(backup, dir_fd=shelf.at)


def _require_replaceable(kept: os.stat_result, path: str) -> None:
    if kept.st_nlink > 1:
        raise OutsideRoot(
            f"The file {path!r} has a second name elsewhere (a hard link).",
            next_step="Replace it by a copy of itself, then make a new plan.",
        )
    if not kept.st_mode & _WRITABLE:
        raise WriteFailed(
            f"The file {path!r} is read-only.",
            next_step=f"Nothing was written. Make it writable (chmod u+w {path}), then try again.",
        )


def read(at: int, name: str, path: str) -> bytes | None:
    """Bytes of a file in an open folder; none if there is none."""
    try:
        descriptor = beneath.open_file(at, name, path)
    except FileNotFoundError:
        return None
    with os.fdopen(descriptor, "rb") as file:
        return file.read()


def stale(path: str) -> PlanStale:
    """The error for a file that is not what was planned for."""
    return PlanStale(
        f"The file {path!r} is not what the plan was made for.",
        next_step="Nothing was written. Make a new plan from the files as they are.",
    )


def failed(error: Exception, lost: "tuple[Target, ...]") -> WriteFailed:
    """The error for what the system refused, with the files that could not be put back."""
    if not lost:
        return WriteFailed(
            f"The files could not be written: {error}.",
            next_step="Every file is as it was. Free space or fix the rights, then apply again.",
        )
    names = ", ".join(f"{one.edit.path} (see {one.shelf.shown('old')})" for one in lost)
    return WriteFailed(
        f"The files could not be written: {error}. These could not be put back either: {names}.",
        next_step="Rename each copy over its file.",
    )
