"""List what differs between a commit and the work tree, or between two commits.

Every question goes to a fresh index of our own, so that no bit in the repository's index
(assume-unchanged, skip-worktree) can hide a file.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from flagwright.adapters.git.command import Command, GitFailed
from flagwright.adapters.git.content import mode_on_disk


@dataclass(frozen=True)
class Difference:
    """One path whose content or mode differs; a mode of `000000` means no file."""

    path: bytes
    old_mode: str
    new_mode: str
    old: str
    """Object of the before-side."""
    new: str
    """Object of the after-side; only zeros where it is in the work tree."""

    @property
    def shown(self) -> str:
        """The path as text; bytes that are no UTF-8 are written as `\\xNN`."""
        return self.path.decode("utf-8", "backslashreplace")


_NO_MODE = "000000"


@contextmanager
def fresh_index(git: Command, tree: str) -> Iterator[Command]:
    """Give git an index that holds exactly one tree.

    What an earlier call learned about unchanged files is kept in the shadow; each call works
    on a copy of its own, so that two processes never meet. The copy is as old as the index: by
    its age git tells which files may have been edited in the moment that it was written.
    """
    with tempfile.TemporaryDirectory(dir=git.git_dir / "temporary") as folder:
        index = Path(folder) / "index"
        if git.index.exists():
            shutil.copy2(git.index, index)
        own = replace(git, index=index)
        try:
            own.run("read-tree", "-m", tree)
        except GitFailed:
            index.unlink(missing_ok=True)
            own.run("read-tree", tree)
        own.run("update-index", "-q", "--refresh", accept=(0, 1))
        yield own
        index.replace(git.index)


def between(git: Command, base: str, head: str) -> list[Difference]:
    """List what differs between two commits."""
    return _raw(
        git.run("diff-tree", "-r", "-z", "--raw", "--no-renames", "--abbrev=64", base, head)
    )


def in_work_tree(git: Command, index: Path, root: Path, *, sparse: bool) -> list[Difference]:
    """List what differs between the tree in the index and the work tree.

    Args:
        git: With a fresh index.
        index: The repository's own, asked for nothing but what was added to it.
        sparse: Whether a missing file that the repository's index skips is no deletion.
    """
    changed = _raw(git.run("diff-files", "-z", "--raw", "--abbrev=64", "--ignore-submodules=dirty"))
    if sparse and any(one.new_mode == _NO_MODE for one in changed):
        skipped = _skipped(git, index)
        changed = [o for o in changed if o.new_mode != _NO_MODE or o.path not in skipped]
    return changed + [
        Difference(path, _NO_MODE, mode, "", "")
        for path in added(git, index)
        if (mode := mode_on_disk(root, os.fsdecode(path))) is not None
    ]


def added(git: Command, index: Path) -> list[bytes]:
    """Paths of the work tree that are not in the tree: untracked or newly tracked, not ignored."""
    others = git.run("ls-files", "-z", "--others", "--exclude-standard")
    known = set(_paths(git.run("ls-files", "-z")))
    return sorted((set(_paths(others)) | set(tracked(git, index))) - known)


def present(git: Command, index: Path) -> list[bytes]:
    """Paths that may be in the work tree: of the tree in the index, and what was added to it."""
    return sorted({*_paths(git.run("ls-files", "-z")), *added(git, index)})


def tracked(git: Command, index: Path) -> list[bytes]:
    """Paths in the repository's own index, which may hold files that are otherwise ignored."""
    if not index.is_file():
        return []
    return _paths(replace(git, index=index).run("ls-files", "-z"))


def _skipped(git: Command, index: Path) -> set[bytes]:
    listed = replace(git, index=index).run("ls-files", "-z", "-t")
    return {line[2:] for line in listed.split(b"\0") if line.startswith(b"S ")}


def _paths(listed: bytes) -> list[bytes]:
    """Split a list of paths; one that ends with a slash is another repository."""
    return [path for path in listed.split(b"\0") if path and not path.endswith(b"/")]


def _raw(output: bytes) -> list[Difference]:
    fields = output.split(b"\0")[:-1]
    found = []
    for head, path in zip(fields[::2], fields[1::2], strict=True):
        old_mode, new_mode, old, new, _ = head.decode("ascii").removeprefix(":").split(" ")
        found.append(Difference(path, old_mode, new_mode, old, new))
    return found
