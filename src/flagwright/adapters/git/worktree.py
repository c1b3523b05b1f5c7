"""Read the work tree of a repository as a change, what of it is staged, and its files."""

import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from flagwright.adapters.git import committed, listing, revision
from flagwright.adapters.git.command import Command, GitFailed
from flagwright.adapters.git.content import (
    MAX_TOTAL,
    Text,
    as_checked_out,
    blobs,
    is_large_file_of,
    on_disk,
)
from flagwright.adapters.git.listing import Difference
from flagwright.adapters.git.location import Location
from flagwright.adapters.git.shadow import is_sparse
from flagwright.core.change import read_change
from flagwright.core.records.change import Change, FileChange
from flagwright.errors import BadRequest

WORK_TREE = "worktree"
_UNDER_WAY = {
    "MERGE_HEAD": "merge",
    "CHERRY_PICK_HEAD": "cherry-pick",
    "REVERT_HEAD": "revert",
    "rebase-merge": "rebase",
    "rebase-apply": "rebase",
}
"""What git leaves in its directory while it is not done."""


def change(git: Command, location: Location, base: str) -> Change:
    """What the work tree has otherwise than a commit, untracked files included."""
    with listing.fresh_index(git, base) as indexed:
        differences = listing.in_work_tree(
            indexed, _index(location), location.root, sparse=is_sparse(location)
        )
    objects = blobs(git, committed.objects(differences))
    files = (_file(location.root, one, objects) for one in differences)
    return read_change(
        base,
        WORK_TREE,
        (file for file in files if file is not None),
        owners=committed.owners(git, base),
    )


def under_way(location: Location) -> str:
    """Say what git is in the middle of; empty where it is done."""
    found = (what for name, what in _UNDER_WAY.items() if (location.git_dir / name).exists())
    what = next(found, "")
    return f"a {what} is under way here: what it brings is a part of this change" if what else ""


def tracked(git: Command, location: Location) -> set[str]:
    """Paths that the person's own index has."""
    return {os.fsdecode(path) for path in listing.tracked(git, _index(location))}


def staged(git: Command, location: Location, base: str) -> Change:
    """What the user's index has otherwise than a commit, as a tree of the shadow."""
    own = _index(location)
    if not own.is_file():
        return read_change(base, base, ())
    with tempfile.TemporaryDirectory(dir=git.git_dir / "temporary") as folder:
        index = Path(folder) / "index"
        shutil.copyfile(own, index)
        try:
            tree = replace(git, index=index).run("write-tree", "--missing-ok").decode().strip()
        except GitFailed as error:
            raise BadRequest(
                "What is staged cannot be committed as it is.",
                next_step="Settle what `git status` shows as unmerged, and stage it.",
            ) from error
    return committed.change(git, base, tree)


def require_nothing_staged(git: Command, location: Location, base: str) -> None:
    """Raise BadRequest where the work tree is as a commit and what is staged is not.

    The next commit would hold that, and nobody would have looked at it.
    """
    paths = [file.path for file in staged(git, location, base).files]
    if paths:
        more = f" and {len(paths) - 1} more" if len(paths) > 1 else ""
        raise BadRequest(
            f"The work tree is as it was committed, but what is staged is not: {paths[0]}{more}.",
            next_step="Stage the work tree as it is (git add), or have what is staged there, too "
            "(git restore), and ask again. What is staged alone: flagwright score --staged",
        )


def require_settled(git: Command, location: Location, change: Change) -> None:
    """Raise BadRequest where git has a file of a change as unmerged, and both texts are in it."""
    if not _index(location).is_file():
        return
    listed = replace(git, index=_index(location)).run("ls-files", "-z", "--unmerged")
    unmerged = {os.fsdecode(one.partition(b"\t")[2]) for one in listed.split(b"\0")}
    for file in change.files:
        found = re.search(rb"(?m)^<{7} ", file.after or b"") if file.path in unmerged else None
        if found:
            line = (file.after or b"").count(b"\n", 0, found.start()) + 1
            raise BadRequest(
                f"{file.path}:{line} holds a merge conflict: that is no change yet.",
                next_step="Settle it, and ask again.",
            )


def is_as_staged(root: Path, file: FileChange) -> bool:
    """Whether the work tree has what is staged of a file, but for its line ends."""
    here = on_disk(root, file.path, file.mode)
    if file.after is None or here is None:
        return file.after is None
    return not here.unreadable and as_checked_out(file.after, here.content) == here.content


def _file(root: Path, one: Difference, objects: Mapping[str, Text]) -> FileChange | None:
    """Read one file of the work tree; none if only a checkout made the difference."""
    if "160000" in (one.old_mode, one.new_mode) or one.new_mode == "000000":
        return committed.file(one, objects.get(one.old), None)
    path = os.fsdecode(one.path)
    after = on_disk(root, path, one.new_mode)
    if after is None:
        return None
    before = objects.get(one.old)
    if before and one.old_mode == one.new_mode and one.new_mode != "120000":
        if is_large_file_of(before.content, root, path):
            return None
        before = Text(as_checked_out(before.content, after.content), before.unreadable)
        if before == after and not after.unreadable:
            return None
    return committed.file(one, before, after)


def texts(
    git: Command, location: Location, is_wanted: Callable[[str], bool]
) -> Iterator[tuple[str, Text]]:
    """Read some of the regular text files of the work tree, up to the limit of a whole change."""
    with listing.fresh_index(git, revision.head(git) or revision.empty_tree(git)) as own:
        paths = listing.present(own, _index(location))
    total = 0
    for path in paths:
        shown = path.decode("utf-8", "backslashreplace")
        if not is_wanted(shown):
            continue
        text = on_disk(location.root, os.fsdecode(path), "100644")
        if text is None or text.unreadable:
            continue
        total += len(text.content)
        if total > MAX_TOTAL:
            return
        yield shown, text


def _index(location: Location) -> Path:
    return location.git_dir / "index"
