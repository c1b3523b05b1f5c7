"""Hand files over to a repository: into its index, or as a commit on a branch.

Everything is done by the shadow: no hook, filter or setting of the repository runs, nothing is
signed and nothing is pushed. New objects lie in the repository, names are taken only where they
are free.
"""

import os
import re
import tempfile
from collections.abc import Iterable, Mapping, Set
from dataclasses import replace
from pathlib import Path

from flagwright.adapters.git.command import Command, GitFailed
from flagwright.adapters.git.location import Location
from flagwright.core.records.change import FileChange
from flagwright.errors import BadRequest, WriteFailed

Files = Mapping[str, tuple[str, bytes] | None]
"""Git's mode and the bytes of each file by path; none: the file is removed."""

Given = dict[str, tuple[str, bytes] | None]
_GONE = "0" * 40


def given(changed: Iterable[FileChange], tracked: Set[str]) -> tuple[Given, tuple[str, ...]]:
    """Changed files as git gets them, and the paths of those that it does not track, nor gets."""
    plain = [f for f in changed if not f.unreadable and f.mode in {"100644", "100755"}]
    lying = {f.path for f in plain if f.kind == "added" and f.path not in tracked}
    apart = {path for path in lying if not path.endswith((".py", ".pyi"))}
    files = {f.path: None if f.after is None else (f.mode, f.after) for f in plain}
    return {path: file for path, file in files.items() if path not in apart}, tuple(sorted(apart))


def require_free(git: Command, branch: str) -> None:
    """Raise BadRequest where a branch has no name that git takes, or is there already."""
    name = f"refs/heads/{branch}"
    try:
        git.run("check-ref-format", "--branch", branch)
        git.run("check-ref-format", name)
    except GitFailed as error:
        raise BadRequest(
            f"{branch!a} is no name for a branch.", next_step="Name another: --branch NAME"
        ) from error
    above = ["/".join(name.split("/")[:n]) for n in range(3, name.count("/") + 1)]
    taken = git.run("for-each-ref", "--format=%(refname)", name, *above).decode().splitlines()
    if any(each in {name, *above} or each.startswith(f"{name}/") for each in taken):
        raise BadRequest(
            f"The branch {branch}, or one in its way, is there already.",
            next_step="Name a new one: --branch NAME",
        )


def stage(git: Command, location: Location, files: Files) -> None:
    """Put files into the index that the person works with; everything else in it stays."""
    own = replace(git, index=location.git_dir / "index", objects=location.objects)
    try:
        _update_index(own, files)
    except GitFailed as error:
        raise WriteFailed(
            f"Git could not stage the files: {error.fact.splitlines()[0]}",
            next_step="They are written. End other git processes there, then stage them: git add",
        ) from error


def commit(
    git: Command, location: Location, base: str, files: Files, message: str, author: tuple[str, str]
) -> str:
    """Commit files on top of a commit, without a branch or a work tree; the new commit.

    Args:
        base: Its parent, in hex.
        author: Name and e-mail address.
    """
    own = replace(git, objects=location.objects)
    tree = _tree(own, base, files)
    name, email = author
    said = own.run(
        "-c", f"user.name={name}", "-c", f"user.email={email}",
        "commit-tree", "--no-gpg-sign", tree, "-p", base, "-F", "-",
        stdin=message.encode(),
    )  # fmt: skip
    return said.decode().strip()


def patch(git: Command, base: str, files: Files) -> bytes:
    """What files change of a commit, for `git apply`; nothing is left in the repository."""
    tree = _tree(git, base, files)
    plain = ("--binary", "--full-index", "--no-renames", "--no-textconv", "--no-ext-diff")
    return git.run("diff-tree", "-p", *plain, base, tree)


def _tree(git: Command, base: str, files: Files) -> str:
    with tempfile.TemporaryDirectory(dir=git.git_dir / "temporary") as folder:
        apart = replace(git, index=Path(folder) / "index")
        apart.run("read-tree", base)
        _update_index(apart, files)
        return apart.run("write-tree").decode().strip()


def name_branch(git: Command, branch: str, sha: str) -> None:
    """Give a commit a branch that is not there yet."""
    require_free(git, branch)
    git.run("update-ref", f"refs/heads/{branch}", sha, _GONE)


def check_out(location: Location, branch: str) -> None:
    """Make a branch the current one; the work tree and the index already are as it says."""
    lock = location.git_dir / "HEAD.lock"
    try:
        descriptor = os.open(lock, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_NOFOLLOW, 0o644)
        with os.fdopen(descriptor, "w") as file:
            file.write(f"ref: refs/heads/{branch}\n")
            file.flush()
            os.fsync(file.fileno())
        lock.replace(location.git_dir / "HEAD")
    except OSError as error:
        raise WriteFailed(
            f"The branch {branch} is made, but could not be checked out: {error.strerror}.",
            next_step=f"End other git processes there, then: git symbolic-ref HEAD {branch}",
        ) from error


def _update_index(git: Command, files: Files) -> None:
    lines = []
    for path, file in files.items():
        if re.search(r"[\0\n]", path):
            raise BadRequest(f"{path!a} is no path that is staged.", next_step="Rename the file.")
        mode, name = ("0", _GONE) if file is None else (file[0], _written(git, path, file[1]))
        lines.append(f"{mode} {name}\t{path}")
    git.run("update-index", "-z", "--index-info", stdin=b"\0".join(map(os.fsencode, [*lines, ""])))


def _written(git: Command, path: str, content: bytes) -> str:
    """Keep bytes as git would check them in: only line ends may change on the way."""
    return git.run("hash-object", "-w", f"--path={path}", "--stdin", stdin=content).decode().strip()
