"""Open files below a folder without ever following a link, `..`, or a way into `.git`.

Each component is opened relative to the one before it, so that a folder that turns into
a link in between is refused instead of followed.
"""

import os
import stat
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from flagwright.errors import OutsideRoot

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
"""Without O_NONBLOCK, opening a named pipe waits for a writer."""


def parts(path: str) -> tuple[str, ...]:
    """Split a relative path with forward slashes.

    Raises:
        OutsideRoot: If it is empty, absolute, holds `.`, `..` or NUL, or enters `.git`
            under any spelling that a file system may take for it.
    """
    found = tuple(path.split("/"))
    if "\0" in path or any(part in {"", ".", ".."} or _is_git(part) for part in found):
        raise OutsideRoot(
            f"The path {path!r} leaves the repository or enters its .git folder.",
            next_step="Name a file of the work tree, relative to its top level.",
        )
    return found


def _is_git(part: str) -> bool:
    """Fold case, compatible characters, and the invisible ones that macOS ignores."""
    seen = "".join(c for c in part if unicodedata.category(c) != "Cf")
    return unicodedata.normalize("NFKC", seen).casefold() in {".git", "git~1"}


@contextmanager
def folder(root: Path, path: str, *, create: bool = False) -> Iterator[tuple[int, str]]:
    """Open the folder that holds `path`.

    Args:
        root: The folder that must not be left; links in its own path are allowed.
        path: Relative, with forward slashes.
        create: Make missing folders.

    Yields:
        A file descriptor of the folder, and the last component of the path.

    Raises:
        OutsideRoot: If the path is not clean, or a component is a link.
        FileNotFoundError, NotADirectoryError: If there is no such folder.
    """
    *above, name = parts(path)
    at = os.open(root, _FOLDER & ~os.O_NOFOLLOW)
    try:
        for part in above:
            below = _enter(at, part, path, create=create)
            os.close(at)
            at = below
        yield at, name
    finally:
        os.close(at)


def _enter(at: int, part: str, path: str, *, create: bool) -> int:
    if create:
        with suppress(FileExistsError):
            os.mkdir(part, dir_fd=at)
            os.fsync(at)
    try:
        return os.open(part, _FOLDER, dir_fd=at)
    except OSError as error:
        if stat.S_ISLNK(_mode(at, part)):
            raise _refused(path, "goes through a link") from error
        raise


def _mode(at: int, name: str) -> int:
    try:
        return os.stat(name, dir_fd=at, follow_symlinks=False).st_mode
    except OSError:
        return 0


def open_file(at: int, name: str, path: str) -> int:
    """Open a regular file for reading; the caller closes it.

    Raises:
        OutsideRoot: If it is a link, a pipe, a device or anything else but a file.
        FileNotFoundError: If there is none.
    """
    try:
        file = os.open(name, _FILE, dir_fd=at)
    except OSError as error:
        mode = _mode(at, name)
        if mode and not stat.S_ISREG(mode):
            raise _refused(path, "is no regular file") from error
        raise
    if not stat.S_ISREG(os.fstat(file).st_mode):
        os.close(file)
        raise _refused(path, "is no regular file")
    return file


def _refused(path: str, because: str) -> OutsideRoot:
    return OutsideRoot(
        f"The path {path!r} {because}.",
        next_step="Replace it by a regular file, or leave it out of the change.",
    )
