"""Keep a folder that only this user can read, and the locks in it.

A folder or file that is wider than it was made, or another user's, is refused: whoever
could write here could approve.
"""

import fcntl
import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from flagwright.errors import StoreBroken

KEY_BYTES = 32


def make_private(directory: Path) -> None:
    """Make the folder 0700, or check that it is this user's alone."""
    with suppress(FileExistsError):
        directory.mkdir(parents=True, mode=0o700)
        directory.chmod(0o700)
    check(directory)


def touch(path: Path) -> None:
    """Make sure that a regular file is there that is this user's alone, whatever the umask."""
    try:
        descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_NOFOLLOW, 0o600)
    except FileExistsError:
        check(path)
        return
    os.fchmod(descriptor, 0o600)
    os.close(descriptor)


def check(path: Path) -> None:
    """Refuse what others own, can reach or have put a link to.

    Raises:
        StoreBroken: If a file or folder is not this user's alone.
    """
    found = path.stat() if path.is_dir() else path.lstat()
    if found.st_uid != os.getuid():
        raise StoreBroken(
            f"{path} belongs to another user.", next_step=f"Remove {path}, or take it over."
        )
    if not (stat.S_ISREG(found.st_mode) or stat.S_ISDIR(found.st_mode)):
        raise StoreBroken(f"{path} is no regular file.", next_step=f"Remove {path}.")
    if stat.S_IMODE(found.st_mode) & 0o077:
        raise StoreBroken(
            f"{path} can be read or written by other users.",
            next_step=f"Check what they did to it, then run: chmod go= {path}",
        )


def key(path: Path) -> bytes:
    """Secret of this installation, minted where there is none."""
    touch(path)
    secret = path.read_bytes()
    if not secret:
        secret = secrets.token_bytes(KEY_BYTES)
        with path.open("wb") as file:
            file.write(secret)
            file.flush()
            os.fsync(file.fileno())
    if len(secret) != KEY_BYTES:
        raise StoreBroken(f"{path} is damaged.", next_step=f"Remove {path}; approvals are lost.")
    return secret


@contextmanager
def locked(path: Path, *, wait: bool) -> Iterator[bool]:
    """Hold a file's lock against every other process and thread; false where it is taken."""
    touch(path)
    with path.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            yield False
            return
        yield True


class Presence:
    """A locked file that says: the process that began this is still alive."""

    def __init__(self, directory: Path) -> None:
        self._directory, self._pid = directory, os.getpid()
        make_private(directory)
        for path in directory.iterdir():
            self._is_alive(path)
        self.name = f"{os.getpid()}-{secrets.token_hex(4)}"
        touch(directory / self.name)
        self._file = (directory / self.name).open("rb")
        fcntl.flock(self._file, fcntl.LOCK_EX)

    def is_alive(self, name: str) -> bool:
        """Whether the process of that name still runs; forgets it where it does not."""
        return name == self.name or self._is_alive(self._directory / name)

    def _is_alive(self, path: Path) -> bool:
        try:
            with path.open("rb") as file:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        except FileNotFoundError:
            return False
        path.unlink(missing_ok=True)
        return False

    def leave(self) -> None:
        """Say that this process is done; a fork of it cannot say so."""
        if os.getpid() == self._pid:
            (self._directory / self.name).unlink(missing_ok=True)
        self._file.close()
