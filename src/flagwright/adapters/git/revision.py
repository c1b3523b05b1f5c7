"""Turn what a person or an assistant calls a revision into the name of a commit."""

import re
from dataclasses import dataclass

from flagwright.adapters.git.command import Command, GitFailed
from flagwright.errors import BadRequest, UnknownRevision

_PLAIN = re.compile(r"@|[\w#][\w#./+=%,@-]{0,200}(?:[~^]\d{0,6}){0,9}")
"""A branch, tag, commit or HEAD, and its ancestors; no option, path, search or reflog."""

_USUAL = ("main", "master", "trunk")
"""Names of a default branch, where the remote does not say which it is."""

NAME_ONE = "Name a branch, a tag, a commit, or a range such as main..HEAD."


@dataclass(frozen=True)
class Range:
    """Two sides of a comparison."""

    base: str
    """Commit, or the empty tree before the first commit; in hex."""
    head: str | None
    """Commit; none for the work tree."""


def parse(git: Command, revisions: str) -> Range:
    """Read `REV` (against the work tree), `A..B`, or `A...B` (from their merge base).

    Raises:
        UnknownRevision: If a side names no commit, or is more than a plain name.
    """
    for dots in ("...", ".."):
        if dots in revisions:
            left, _, right = revisions.partition(dots)
            base, head = commit(git, left or "HEAD"), commit(git, right or "HEAD")
            if dots == "...":
                base = merge_base(git, base, head) or base
            return Range(base, head)
    return Range(commit(git, revisions), None)


def commit(git: Command, name: str) -> str:
    """Resolve one name to a commit, in hex."""
    if _PLAIN.fullmatch(name) and ".." not in name and "@{" not in name:
        found = _verified(git, f"{name}^{{commit}}")
        if found is not None:
            return found
    if name == "HEAD":
        raise UnknownRevision(
            "The branch that is checked out has no commit yet.",
            next_step="Make its first commit, or name another branch, a tag or a commit.",
        )
    shown = name if name.isprintable() else ascii(name)
    raise UnknownRevision(f"No commit is called {shown[:100]!r}.", next_step=NAME_ONE)


def first_parent_and(git: Command, name: str) -> tuple[str, str]:
    """What a commit is compared with, and the commit; see `first_parent`."""
    sha = commit(git, name)
    return first_parent(git, sha), sha


def first_parent(git: Command, sha: str) -> str:
    """What a commit is compared with: the empty tree where it is the first.

    Raises:
        UnknownRevision: If a shallow clone ends there; compared with nothing, the commit would
            seem to add every file.
    """
    found = _verified(git, f"{sha}^1^{{commit}}")
    if found is None and sha in edge(git).split():
        raise UnknownRevision(
            f"What came before {sha[:12]} is not here: this shallow clone ends there.",
            next_step="Fetch more of the history, e.g. git fetch --deepen=100.",
        )
    return found or empty_tree(git)


def edge(git: Command) -> str:
    """The commits at which a shallow clone ends, one a line; empty where nothing is left out."""
    shallow = git.git_dir / "shallow"
    return shallow.read_text() if shallow.is_file() else ""


def head(git: Command) -> str | None:
    """The commit that is checked out; none before the first."""
    return _verified(git, "HEAD^{commit}")


def is_commit(git: Command, sha: str) -> bool:
    """Whether a name in hex is one of a commit, not of a tree."""
    return _verified(git, f"{sha}^{{commit}}") is not None


def _verified(git: Command, name: str) -> str | None:
    found = git.run(
        "rev-parse", "--quiet", "--verify", "--end-of-options", name, accept=(0, 1, 128)
    )
    text = found.decode("ascii", "replace").strip()
    return text if re.fullmatch(r"[0-9a-f]{40}|[0-9a-f]{64}", text) else None


def empty_tree(git: Command) -> str:
    """Name of the tree without files; it depends on the repository's hash function."""
    return git.run("hash-object", "-t", "tree", "--stdin").decode().strip()


def merge_base(git: Command, one: str, other: str) -> str | None:
    """The newest commit that both grew from; none if they share no history here."""
    try:
        return git.run("merge-base", one, other, accept=(0, 1)).decode().strip() or None
    except GitFailed:
        return None


def branch(git: Command) -> Range:
    """What the current branch brings: from its merge base with the default branch to HEAD.

    Raises:
        BadRequest: If there is no default branch, or it already holds HEAD.
    """
    current = commit(git, "HEAD")
    default = _default_branch(git)
    if default is None:
        raise BadRequest(
            "The work tree is clean, and no branch is called main, master or trunk.",
            next_step="Name the revision to compare with.",
        )
    name, tip = default
    base = merge_base(git, tip, current)
    if base is None or base == current:
        because = f"{name} holds this commit" if base else f"{name} shares no history with it"
        raise BadRequest(
            f"Nothing has changed: the work tree is clean and {because}.",
            next_step="Edit a file, or name a revision or range, e.g. HEAD~1..HEAD.",
        )
    return Range(base, current)


def ahead(git: Command) -> str:
    """Say which commits the current branch has since the default one; empty where it has none."""
    current, default = head(git), _default_branch(git)
    base = merge_base(git, default[1], current) if current and default else None
    if not current or not default or base is None or base == current:
        return ""
    count = int(git.run("rev-list", "--count", f"{base}..{current}"))
    are = "commit since {} is" if count == 1 else "commits since {} are"
    name = default[0]
    return f"{count} {are.format(name)} no part of this change: {name}...HEAD has what is committed"


def _default_branch(git: Command) -> tuple[str, str] | None:
    remote = git.run("symbolic-ref", "--quiet", "refs/remotes/origin/HEAD", accept=(0, 1, 128))
    names = [remote.decode("utf-8", "replace").strip()]
    names += [f"refs/remotes/origin/{name}" for name in _USUAL]
    names += [f"refs/heads/{name}" for name in _USUAL]
    for name in filter(None, names):
        tip = _verified(git, f"{name}^{{commit}}")
        if tip:
            return name.removeprefix("refs/remotes/").removeprefix("refs/heads/"), tip
    return None
