"""Read the two texts of a changed file: from git's objects, and from the work tree.

Sizes are known before anything is read, and what an object holds is checked against its
name, because git itself reads a forged object without a word.
"""

import hashlib
import os
import stat
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from flagwright import beneath
from flagwright.adapters.git.command import Command
from flagwright.errors import OutsideRoot, UnreadableChange

MAX_FILE = 2_000_000
"""Bytes of one file; a larger one is reported unread."""

MAX_TOTAL = 100_000_000
"""Bytes of all texts of one change."""

_LFS = b"version https://git-lfs.github.com/spec/v1\n"


@dataclass(frozen=True)
class Text:
    """What a file holds, or why that was not read."""

    content: bytes = b""
    unreadable: str | None = None

    @classmethod
    def of(cls, content: bytes) -> "Text":
        """Refuse what is no text, by git's own rule: a NUL near the start."""
        if b"\0" not in content[:8000]:
            return cls(content)
        name = hashlib.sha256(content).hexdigest()[:12]
        return cls(unreadable=f"binary, {len(content)} bytes, sha256 {name}")


def _too_large(size: int) -> Text:
    return Text(unreadable=f"too large, {size} bytes")


def blobs(git: Command, names: Iterable[str]) -> dict[str, Text]:
    """Read objects by their names.

    Raises:
        UnreadableChange: If an object does not hold what its name says.
    """
    wanted = sorted(set(names))
    found: dict[str, Text] = {}
    small, total = [], 0
    for name, size in zip(wanted, _sizes(git, wanted), strict=True):
        if size is None:
            found[name] = Text(unreadable="its content is not in this clone")
        elif size > MAX_FILE or total + size > MAX_TOTAL:
            found[name] = _too_large(size)
        else:
            total += size
            small.append(name)
    return found | _contents(git, small)


def _sizes(git: Command, names: list[str]) -> list[int | None]:
    if not names:
        return []
    asked = "\n".join(names).encode() + b"\n"
    answers = git.run("cat-file", "--batch-check=%(objecttype) %(objectsize)", stdin=asked)
    return [int(line[5:]) if line.startswith(b"blob ") else None for line in answers.splitlines()]


def _contents(git: Command, names: list[str]) -> dict[str, Text]:
    if not names:
        return {}
    answer = git.run("cat-file", "--batch", stdin="\n".join(names).encode() + b"\n")
    found, at = {}, 0
    for name in names:
        start = answer.index(b"\n", at) + 1
        size = int(answer[at : start - 1].split()[-1])
        content = answer[start : start + size]
        at = start + size + 1
        _check(name, content)
        found[name] = Text.of(content)
    return found


def _check(name: str, content: bytes) -> None:
    algorithm = "sha1" if len(name) == 40 else "sha256"
    seen = hashlib.new(algorithm, b"blob %d\0" % len(content), usedforsecurity=False)
    seen.update(content)
    if seen.hexdigest() != name:
        raise UnreadableChange(
            f"The object {name} does not hold what its name says.",
            next_step="The repository is damaged or forged: run `git fsck` and clone it again.",
        )


# --- the work tree


def on_disk(root: Path, path: str, mode: str) -> Text | None:
    """Read a file of the work tree, or the text of a link; none if it has gone meanwhile."""
    try:
        with beneath.folder(root, path) as (at, name):
            if mode == "120000":
                return Text(os.fsencode(os.readlink(name, dir_fd=at)))
            return _read(beneath.open_file(at, name, path))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OutsideRoot as refusal:
        return Text(unreadable=refusal.fact)
    except OSError as error:
        return Text(unreadable=error.strerror or str(error))


def _read(descriptor: int) -> Text:
    with os.fdopen(descriptor, "rb") as file:
        size = os.fstat(descriptor).st_size
        if size > MAX_FILE:
            return _too_large(size)
        content = file.read(MAX_FILE + 1)
    return _too_large(len(content)) if len(content) > MAX_FILE else Text.of(content)


def mode_on_disk(root: Path, path: str) -> str | None:
    """Git's mode of a file or link of the work tree; none for everything else."""
    try:
        with beneath.folder(root, path) as (at, name):
            mode = os.stat(name, dir_fd=at, follow_symlinks=False).st_mode
    except (OSError, OutsideRoot):
        return None
    if stat.S_ISLNK(mode):
        return "120000"
    if not stat.S_ISREG(mode):
        return None
    return "100755" if mode & 0o100 else "100644"


# --- differences that a checkout makes by itself


def as_checked_out(before: bytes, after: bytes) -> bytes:
    """Give the before-side the line ends of the work tree, where a checkout converts them."""
    if b"\r" in before or b"\n" not in before:
        return before
    if after.count(b"\n") == after.count(b"\r\n") > 0:
        return before.replace(b"\n", b"\r\n")
    return before


def is_large_file_of(pointer: bytes, root: Path, path: str) -> bool:
    """Whether the work tree holds exactly the content that a Git LFS pointer stands for."""
    if not pointer.startswith(_LFS) or len(pointer) > 1024:
        return False
    fields = dict(line.partition(b" ")[::2] for line in pointer.splitlines())
    try:
        with (
            beneath.folder(root, path) as (at, name),
            os.fdopen(beneath.open_file(at, name, path), "rb") as file,
        ):
            if fields.get(b"size") != b"%d" % os.fstat(file.fileno()).st_size:
                return False
            seen = hashlib.file_digest(file, "sha256").hexdigest()
    except (OSError, OutsideRoot):
        return False
    return fields.get(b"oid") == b"sha256:" + seen.encode()
