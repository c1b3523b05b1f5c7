"""Read changes and files of one repository, as values.

No program, filter or setting that a repository brings has an effect, and none of its
attributes or index bits hides a change.
"""

import hashlib
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Literal

from flagwright.adapters.git import listing, revision
from flagwright.adapters.git.command import Command, user_values
from flagwright.adapters.git.content import (
    MAX_TOTAL,
    Text,
    as_checked_out,
    blobs,
    is_large_file_of,
    on_disk,
)
from flagwright.adapters.git.history import History, open_history
from flagwright.adapters.git.listing import Difference
from flagwright.adapters.git.location import Location, locate
from flagwright.adapters.git.shadow import build, is_sparse
from flagwright.core.change import read_change
from flagwright.core.records import Change, FileChange
from flagwright.core.wrapping.sound import mention_of

_WORK_TREE = "worktree"
_MODES: Mapping[str, Literal["100755", "120000", "160000"]] = {
    "100755": "100755",
    "120000": "120000",
    "160000": "160000",
}


class Git:
    """Opens repositories; what it has to write lies in the user's cache, never in them."""

    def __init__(self, cache_dir: Path) -> None:
        self._cache_dir = cache_dir

    def open(self, path: Path) -> "Repository":
        """Open the repository that holds a folder.

        Raises:
            NotARepository: If there is none, it is bare, damaged, or another user's.
            OutsideRoot: If its git directory belongs to another work tree.
            Unsupported: If there is no git, or it keeps its branches in an unknown format.
        """
        return Repository(locate(path), self._cache_dir, self._user)

    @contextmanager
    def history(self, path: Path) -> Iterator[History]:
        """Open what is known of the past of a repository, which may be a bare one.

        Raises:
            NotARepository: If there is none, it is damaged, or another user's.
        """
        location = locate(path, bare=True)
        shadow = build(self._cache_dir, location, self._user)
        git = Command(shadow, location.root, shadow / "index")
        with open_history(git, shadow / "history.sqlite") as history:
            yield history

    @cached_property
    def _user(self) -> Mapping[str, str]:
        return user_values()


class Repository:
    """One work tree and its history."""

    def __init__(self, location: Location, cache_dir: Path, user: Mapping[str, str]) -> None:
        self.root = location.root
        self._location = location
        self._cache_dir = cache_dir
        self._user = user
        self._git()

    @cached_property
    def identity(self) -> str:
        """SHA-256 (16 hex) of the oldest commit, or of the root path before the first.

        Along first parents, so that every clone and every branch agrees.
        """
        git = self._git()
        if revision.head(git) is None:
            return _short(os.fsencode(self.root))
        kept = git.git_dir / "identity"
        if not kept.is_file():
            oldest = git.run("rev-list", "--first-parent", "--max-parents=0", "HEAD").split()[-1]
            kept.write_text(_short(oldest))
        return kept.read_text()

    def head(self) -> str | None:
        """The commit that is checked out, in hex; none before the first."""
        return revision.head(self._git())

    def change(self, revisions: str | None = None) -> Change:
        """Read a change.

        Args:
            revisions: `A..B`, `A...B`, or one revision to compare the work tree with. By
                default the work tree against HEAD, untracked files included; if that is
                clean, HEAD against its merge base with the default branch.

        Raises:
            UnknownRevision: If a side names no commit.
            BadRequest: If nothing was named and nothing has changed.
            UnreadableChange: If an object does not hold what its name says.
            NotARepository: If git cannot read the repository (any more).
        """
        git = self._git()
        if revisions is not None:
            return self._read(git, revision.parse(git, revisions))
        base = revision.head(git) or revision.empty_tree(git)
        change = self._read(git, revision.Range(base, None))
        return change if change.files else self._read(git, revision.branch(git))

    def python_files(self) -> Mapping[str, bytes]:
        """Python files of the work tree, tracked or not, but not ignored, by path.

        Links, other special files, and files over the size limit are left out.
        """
        return {
            path: text.content for path, text in self._files() if path.endswith((".py", ".pyi"))
        }

    def files_mentioning(self, flag: str) -> tuple[str, ...]:
        """Paths of the text files of the work tree, other than Python, that name a flag."""
        mention = mention_of(flag)
        return tuple(
            path
            for path, text in self._files()
            if not path.endswith((".py", ".pyi")) and mention.search(text.content)
        )

    def _git(self) -> Command:
        """Bring the shadow up to date: the user may have changed the branch."""
        shadow = build(self._cache_dir, self._location, self._user)
        return Command(shadow, self.root, shadow / "index")

    @property
    def _index(self) -> Path:
        return self._location.git_dir / "index"

    def _read(self, git: Command, sides: revision.Range) -> Change:
        if sides.head is not None:
            differences = listing.between(git, sides.base, sides.head)
        else:
            with listing.fresh_index(git, sides.base) as indexed:
                differences = listing.in_work_tree(
                    indexed, self._index, self.root, sparse=is_sparse(self._location)
                )
        objects = blobs(git, _objects(differences))
        files = (
            self._from_work_tree(one, objects)
            if sides.head is None
            else _file(one, objects.get(one.old), objects.get(one.new))
            for one in differences
        )
        return read_change(
            sides.base, sides.head or _WORK_TREE, (file for file in files if file is not None)
        )

    def _from_work_tree(self, one: Difference, objects: Mapping[str, Text]) -> FileChange | None:
        """Read one file of the work tree; none if only a checkout made the difference."""
        if "160000" in (one.old_mode, one.new_mode) or one.new_mode == "000000":
            return _file(one, objects.get(one.old), None)
        path = os.fsdecode(one.path)
        after = on_disk(self.root, path, one.new_mode)
        if after is None:
            return None
        before = objects.get(one.old)
        if before and one.old_mode == one.new_mode and one.new_mode != "120000":
            if is_large_file_of(before.content, self.root, path):
                return None
            before = Text(as_checked_out(before.content, after.content), before.unreadable)
            if before == after and not after.unreadable:
                return None
        return _file(one, before, after)

    def _files(self) -> Iterator[tuple[str, Text]]:
        """Read the regular text files of the work tree, up to the limit of a whole change."""
        git = self._git()
        with listing.fresh_index(git, revision.head(git) or revision.empty_tree(git)) as own:
            paths = listing.present(own, self._index)
        total = 0
        for path in paths:
            text = on_disk(self.root, os.fsdecode(path), "100644")
            if text is None or text.unreadable:
                continue
            total += len(text.content)
            if total > MAX_TOTAL:
                return
            yield path.decode("utf-8", "backslashreplace"), text


def _objects(differences: list[Difference]) -> Iterator[str]:
    for one in differences:
        for mode, name in ((one.old_mode, one.old), (one.new_mode, one.new)):
            if mode not in ("000000", "160000") and name.strip("0"):
                yield name


def _file(one: Difference, before: Text | None, after: Text | None) -> FileChange:
    """Put the two sides of a difference together."""
    gone, came = one.new_mode == "000000", one.old_mode == "000000"
    unreadable = _reason(one, before, after)
    return FileChange(
        path=one.shown,
        kind="added" if came else "deleted" if gone else "modified",
        before=before.content if before and not unreadable else None,
        after=after.content if after and not unreadable else None,
        mode=_MODES.get(one.old_mode if gone else one.new_mode, "100644"),
        unreadable=unreadable,
    )


def _reason(one: Difference, before: Text | None, after: Text | None) -> str | None:
    if "160000" in (one.old_mode, one.new_mode):
        return f"submodule, from {one.old[:12]} to {one.new[:12]}"
    if one.shown.encode() != one.path:
        return "its name is not UTF-8"
    return next((side.unreadable for side in (after, before) if side and side.unreadable), None)


def _short(name: bytes) -> str:
    return hashlib.sha256(name).hexdigest()[:16]
