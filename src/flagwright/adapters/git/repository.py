"""Read changes and files of one repository, as values.

No program, filter or setting that a repository brings has an effect, and none of its
attributes or index bits hides a change.
"""

import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import cached_property
from pathlib import Path

from flagwright.adapters.git import (
    committed,
    handover,
    mentions,
    revision,
    versions,
    worktree,
)
from flagwright.adapters.git.command import Command, GitFailed, user_values
from flagwright.adapters.git.history import History, Progress, open_history
from flagwright.adapters.git.location import Location, locate
from flagwright.adapters.git.person import author
from flagwright.adapters.git.shadow import build
from flagwright.adapters.git.worktree import WORK_TREE
from flagwright.core.place import Place
from flagwright.core.records.change import Change
from flagwright.core.risk.measure import measure
from flagwright.core.risk.past import Familiarity, familiarity
from flagwright.core.unflagged import Versions
from flagwright.errors import BadRequest, Unsupported


class Git:
    """Opens repositories; what it has to write lies in the user's cache, never in them."""

    def __init__(self, cache_dir: Path, own: Sequence[Path] = ()) -> None:
        """`own`: folders of the user's policies and approvals, which no repository may bring."""
        self._cache_dir, self._own = cache_dir, own

    def open(self, path: Path) -> "Repository":
        """Open the repository that holds a folder.

        Raises:
            NotARepository: If there is none, it is bare, damaged, or another user's.
            OutsideRoot: If its git directory belongs to another work tree.
            Unsupported: If there is no git, it keeps its branches in an unknown format, or the
                user's own folders lie in it.
        """
        location = locate(path)
        for folder in self._own:
            if folder.resolve().is_relative_to(location.root):
                raise Unsupported(
                    f"{folder} lies in the repository {location.root}, which could bring its own "
                    "policies and approvals there.",
                    next_step="Unset XDG_CONFIG_HOME and XDG_STATE_HOME where this is started, or "
                    "set them to folders outside the repository.",
                )
        return Repository(location, self._cache_dir, self._user)

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

    def change(
        self, revisions: str | None = None, *, commit: str | None = None, staged: bool = False
    ) -> Change:
        """Read a change.

        Args:
            revisions: `A..B`, `A...B`, or one revision to compare the work tree with. By
                default the work tree against HEAD, untracked files included; if that is
                clean, HEAD against its merge base with the default branch.
            commit: Instead, what one commit changed against its first parent.
            staged: Instead, what the next commit would change against HEAD.

        Raises:
            UnknownRevision: If a side names no commit.
            BadRequest: If nothing was named and nothing has changed.
            UnreadableChange: If an object does not hold what its name says.
            NotARepository: If git cannot read the repository (any more).
        """
        git = self._git()
        if revisions is not None:
            return self._read(git, revision.parse(git, revisions))
        if commit is not None:
            return committed.change(git, *revision.first_parent_and(git, commit))
        base = revision.head(git) or revision.empty_tree(git)
        if staged:
            return worktree.staged(git, self._location, base)
        change = self._read(git, revision.Range(base, None))
        if change.files:
            worktree.require_settled(git, self._location, change)
            return change
        worktree.require_nothing_staged(git, self._location, base)
        return self._read(git, revision.branch(git))

    def named(self, name: str) -> str:
        """The commit that a revision names, in hex.

        Raises:
            UnknownRevision: If it names none.
        """
        return revision.commit(self._git(), name)

    def policies(self, sha: str) -> dict[str, tuple[str, str]]:
        """Policies that the repository has at a commit: path and text by name.

        Raises:
            UnreadableChange: If an object does not hold what its name says.
        """
        return committed.policies(self._git(), sha)

    def listed(self) -> tuple[tuple[str, ...], str]:
        """Paths of the commit that is checked out, and the text of its CODEOWNERS."""
        git = self._git()
        head = revision.head(git)
        if head is None:
            return (), ""
        names = git.run("ls-tree", "-r", "-z", "--name-only", head).split(b"\0")
        return tuple(name.decode("utf-8", "replace") for name in names if name), committed.owners(
            git, head
        )

    @contextmanager
    def history(self) -> Iterator[History]:
        """Open what is known of the past of this repository."""
        git = self._git()
        with open_history(git, git.git_dir / "history.sqlite") as history:
            yield history

    @property
    def is_shallow(self) -> bool:
        """Whether the clone ends somewhere: every file would seem young, and its author new."""
        return bool(revision.edge(self._git()))

    def familiarity(
        self,
        change: Change,
        history: History,
        *,
        seconds: float | None = None,
        progress: Progress | None = None,
    ) -> Familiarity | None:
        """Count what came before a change of this repository, by nothing that came later.

        Args:
            seconds: How long a history that was not read yet may be read; what was read is
                kept, and the next call goes on.

        Returns:
            None where it is not read yet, a part of it is not there, or no code came before.
        """
        if self.is_shallow:
            return None
        git = self._git()
        head = None if change.head == WORK_TREE else change.head
        ends = [sha for sha in (change.base, head) if sha and revision.is_commit(git, sha)]
        try:
            if not all(history.read(sha, progress, seconds=seconds) for sha in ends):
                return None
        except GitFailed:
            return None
        _, files = measure(change.files)
        _, email = author(self._location, self._user)
        past = history.past(files, change.base, head, email)
        return familiarity(files, past) if past.is_there else None

    def under_way(self, change: Change) -> str:
        """Say that uncommitted work holds what git is about to bring; empty where it does not."""
        return worktree.under_way(self._location) if change.head == WORK_TREE else ""

    def beside(self, change: Change) -> str:
        """Say what the branch has beside uncommitted work; empty where it has nothing."""
        git = self._git()
        is_on_top = change.head == WORK_TREE and change.base == revision.head(git)
        return revision.ahead(git) if is_on_top else ""

    def commits(self, base: str, head: str) -> frozenset[str]:
        """Every commit that one has and the other has not, in hex; none of a work tree."""
        if head == WORK_TREE:
            return frozenset()
        return frozenset(self._git().run("rev-list", f"{base}..{head}").decode().split())

    def oldest(self, base: str, head: str) -> datetime | None:
        """When the oldest commit of a range, or before it, was written; none of a work tree."""
        return None if head == WORK_TREE else versions.oldest(self._git(), base, head)

    def versions(self, base: str, head: str, paths: Sequence[str]) -> dict[str, Versions]:
        """The texts of some files before, in and after a range; none of what cannot be read."""
        return versions.read(self._git(), base, head, paths)

    # --- handing over

    def require_free(self, branch: str) -> None:
        """Raise BadRequest where no new branch can have this name, or there is no commit yet."""
        git = self._git()
        if revision.head(git) is None:
            raise BadRequest(
                "There is no commit yet that a branch could begin at.", next_step="Commit first."
            )
        handover.require_free(git, branch)

    def stage(self, files: handover.Files) -> None:
        """Put files into the index that the person works with."""
        handover.stage(self._git(), self._location, files)

    def commit(self, branch: str, files: handover.Files, message: str, *, checked_out: bool) -> str:
        """Commit files on a new branch that begins at HEAD; the new commit.

        Args:
            checked_out: Whether the branch becomes the current one, because the work tree
                holds these files.

        Raises:
            BadRequest: If the branch is there, or nobody knows who the author is.
        """
        git, base = self._git(), self.head()
        self.require_free(branch)
        assert base  # noqa: S101 - for the type checker
        made_by = author(self._location, self._user)
        if not made_by[1]:
            raise BadRequest(
                "Git does not know who you are, so nothing can be committed.",
                next_step="Run: git config --global user.email you@example.org",
            )
        sha = handover.commit(git, self._location, base, files, message, made_by)
        handover.name_branch(git, branch, sha)
        if checked_out:
            handover.check_out(self._location, branch)
            self.stage(files)
        return sha

    def patch(self, files: handover.Files) -> bytes:
        """What files would change of HEAD, for `git apply`.

        Raises:
            BadRequest: If there is no commit yet.
        """
        base = self.head()
        if base is None:
            raise BadRequest(
                "There is no commit yet that a patch could be for.", next_step="Commit first."
            )
        return handover.patch(self._git(), base, files)

    def differing(self, paths: Iterable[str]) -> tuple[handover.Given, tuple[str, ...]]:
        """Those of the files that the work tree has otherwise than HEAD, as it has them.

        Links and other special files are left out, and so is all but Python that git does not
        track: what lies about may be a secret. Of these come the paths.
        """
        base = self.head()
        wanted = set(paths)
        if base is None or not wanted:
            return {}, ()
        git = self._git()
        changed = [f for f in worktree.change(git, self._location, base).files if f.path in wanted]
        return handover.given(changed, worktree.tracked(git, self._location))

    def untracked(self, paths: Iterable[str]) -> tuple[str, ...]:
        """Those of some files that lie in the work tree and are not in the person's own index."""
        here = {p for p in paths if os.path.lexists(self.root / p)}
        return tuple(sorted(here - worktree.tracked(self._git(), self._location))) if here else ()

    def staged_otherwise(self, paths: Iterable[str]) -> Mapping[str, bytes | None]:
        """What is staged of those of some files whose staged change the work tree has not."""
        git, wanted = self._git(), set(paths)
        staged = worktree.staged(git, self._location, self.head() or revision.empty_tree(git))
        return {
            file.path: file.after
            for file in staged.files
            if file.path in wanted and not worktree.is_as_staged(self.root, file)
        }

    def python_files(self) -> Mapping[str, bytes]:
        """Python files of the work tree, tracked or not, but not ignored, by path.

        Links, other special files, and files over the size limit are left out.
        """
        texts = worktree.texts(self._git(), self._location, _is_python)
        return {path: text.content for path, text in texts}

    def files_mentioning(self, flag: str) -> tuple[Place, ...]:
        """The first line that names a flag of each text file of the work tree but Python."""
        texts = worktree.texts(self._git(), self._location, lambda path: not _is_python(path))
        return mentions.first(texts, flag)

    def committed_mentioning(self, flag: str) -> tuple[str, ...]:
        """Paths of the Python files of HEAD that name a flag: what is released has it still."""
        base = self.head()
        found = mentions.committed(self._git(), base, flag) if base else ()
        return tuple(path for path in found if _is_python(path))

    def _git(self) -> Command:
        """Bring the shadow up to date: the user may have changed the branch."""
        shadow = build(self._cache_dir, self._location, self._user)
        return Command(shadow, self.root, shadow / "index")

    def _read(self, git: Command, sides: revision.Range) -> Change:
        if sides.head is None:
            return worktree.change(git, self._location, sides.base)
        return committed.change(git, sides.base, sides.head)


def _is_python(path: str) -> bool:
    return path.endswith((".py", ".pyi"))


def _short(name: bytes) -> str:
    return hashlib.sha256(name).hexdigest()[:16]
