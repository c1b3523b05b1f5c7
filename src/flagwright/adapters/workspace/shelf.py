"""Where new bytes and old files wait while a plan is written: in the git directory, or beside.

A process that dies leaves them where they wait, and git neither lists nor commits what lies in
its own directory. A name is always the same, so that the next command can clean up.
"""

import hashlib
import os
import stat
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path

ROLES = ("new", "old")
_FOLDER = "flagwright"
_OPEN = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_INHERITED = "system.posix_acl_default"
"""Rights that a folder hands on to each new file in it."""


@dataclass(frozen=True)
class Shelf:
    """A place for the two files that belong to one file of a plan."""

    at: int
    stem: str
    key: str
    is_beside: bool

    def name(self, role: str) -> str:
        """Name of the file in that role."""
        return f"{self.stem}{role}-{self.key}"

    def shown(self, role: str) -> str:
        """The same, for a person who has to find it."""
        name = self.name(role)
        return f"{name} beside it" if self.is_beside else f"{_FOLDER}/{name} in the git directory"

    def forget(self) -> None:
        """Remove what lies here."""
        for role in ROLES:
            with suppress(FileNotFoundError):
                os.unlink(self.name(role), dir_fd=self.at)


def aside(opened: ExitStack, git_dir: Path | None) -> int | None:
    """Open our folder in the git directory; none if there can be none, or it is not ours."""
    if git_dir is None:
        return None
    with suppress(OSError), ExitStack() as kept:
        inside = os.open(git_dir, _OPEN)
        kept.callback(os.close, inside)
        with suppress(FileExistsError):
            os.mkdir(_FOLDER, 0o700, dir_fd=inside)
        found = os.open(_FOLDER, _OPEN, dir_fd=inside)
        kept.callback(os.close, found)
        if os.fstat(found).st_uid == os.geteuid():
            opened.push(kept.pop_all())
            return found
    return None


def emptied(git_dir: Path | None) -> None:
    """Remove our folder of the git directory, where nothing lies in it."""
    if git_dir is not None:
        with suppress(OSError):
            (git_dir / _FOLDER).rmdir()


def beside(at: int, name: str) -> Shelf:
    """The place beside a file."""
    return Shelf(at, ".flagwright-", _key(name), is_beside=True)


def within(aside: int, path: str) -> Shelf:
    """The place in the git directory."""
    return Shelf(aside, "", _key(path), is_beside=False)


def is_near(aside: int, at: int, *, is_new: bool) -> bool:
    """Whether a file gets from our folder to its place by a rename, and as if made there.

    A mount inside of a file system is found out by the rename alone.
    """
    folder = os.fstat(at)
    if os.fstat(aside).st_dev != folder.st_dev:
        return False
    return not (is_new and _hands_on(at, folder))


def _hands_on(at: int, folder: os.stat_result) -> bool:
    if folder.st_mode & stat.S_ISGID:
        return True
    try:
        return hasattr(os, "listxattr") and _INHERITED in os.listxattr(at)
    except OSError:
        return False


def _key(path: str) -> str:
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:16]
