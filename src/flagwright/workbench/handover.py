"""Hand a plan's files over to git: staged, committed on a branch, or exported for a review.

What is applied is handed over afterwards; what is exported is not applied here, and the work
tree stays as it is. Nothing is ever pushed.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from anyio import to_thread

from flagwright.adapters.git import Git, Repository
from flagwright.adapters.store import Store
from flagwright.core.handover import Unstaged, message, summary
from flagwright.core.records.entry import Actor
from flagwright.core.records.plan import Plan
from flagwright.errors import BadRequest, FlagwrightError
from flagwright.workbench.plans import Applied, Plans
from flagwright.workbench.recorder import Recorder

Files = Mapping[str, tuple[str, bytes] | None]


@dataclass(frozen=True)
class Handed:
    """What git was given."""

    paths: tuple[str, ...]
    branch: str | None = None
    commit: str | None = None
    failed: FlagwrightError | None = None
    """Why it was not: the files are written all the same."""
    left_out: tuple[str, ...] = ()
    """Files beside Python that git does not track: it was not given them."""


@dataclass(frozen=True)
class Exported:
    """A plan on its way to a pull request."""

    plan: Plan
    summary: str
    branch: str | None = None
    commit: str | None = None
    patch: bytes = b""
    left_out: tuple[str, ...] = ()
    """As of what is handed over."""


class Handover:
    """The way from a plan to git."""

    def __init__(self, git: Git, store: Store, plans: Plans, recorder: Recorder) -> None:
        self._git, self._store, self._plans, self._recorder = git, store, plans, recorder

    async def apply(
        self, plan_id: str, proof: str, *, stage: bool, branch: str | None, actor: Actor
    ) -> tuple[Applied, Handed | None]:
        """Apply a plan, then stage its files or commit them on a new, checked-out branch.

        Args:
            proof: What was proved, in words.

        Raises:
            BadRequest: Before anything is written, if the branch cannot be made.
        """
        plan, _ = await self._plans.one(plan_id)
        _require_files(plan)
        repo = await to_thread.run_sync(self._git.open, Path(plan.root))
        if branch:
            await to_thread.run_sync(repo.require_free, branch)
        done = await self._plans.apply(plan_id, actor=actor)
        if done.status != "applied":
            return done, None
        try:
            return done, await to_thread.run_sync(partial(self._hand, repo, plan, proof, branch))
        except FlagwrightError as error:
            return done, Handed((), branch, failed=error)

    def _hand(self, repo: Repository, plan: Plan, proof: str, branch: str | None) -> Handed:
        files, left_out = self._files(repo, plan)
        if branch is None:
            repo.stage(files)
            return Handed(tuple(files), left_out=left_out)
        sha = repo.commit(branch, files, message(plan, proof), checked_out=True)
        return Handed(tuple(files), branch, sha, left_out=left_out)

    async def unstaged(self, plan: Plan) -> Unstaged:
        """What of the files that a plan has written the next commit would not hold."""
        with suppress(FlagwrightError):  # it is applied, whatever git says
            return await to_thread.run_sync(self._unstaged, plan)
        return Unstaged()

    def _unstaged(self, plan: Plan) -> Unstaged:
        paths = [edit.path for edit in plan.edits]
        if not paths:
            return Unstaged()
        repo = self._git.open(Path(plan.root))
        otherwise: tuple[str, ...] = ()
        with suppress(BadRequest):  # what is unmerged cannot be committed at all
            otherwise = tuple(repo.staged_otherwise(paths))
        return Unstaged(untracked=repo.untracked(paths), otherwise=otherwise)

    async def export(
        self, plan_id: str, proof: str, *, branch: str | None, actor: Actor
    ) -> Exported:
        """Put what a plan would write on a branch or into a patch, and say it for reviewers.

        The plan stays undecided here: the people who merge it decide. It is recorded, so that
        `verify` knows it.
        """
        plan = await self._plans.undecided(plan_id, "pull-request")
        _require_files(plan)
        async with self._recorder.step("exported", actor, plan=plan) as step:
            repo = await to_thread.run_sync(self._git.open, Path(plan.root))
            said = summary(plan, proof)
            files, left_out = await to_thread.run_sync(self._files, repo, plan)
            if branch is None:
                patch = await to_thread.run_sync(repo.patch, files)
                return Exported(plan, said, patch=patch, left_out=left_out)
            commit = partial(repo.commit, branch, files, message(plan, proof), checked_out=False)
            sha = await to_thread.run_sync(commit)
            step.subject = step.subject.model_copy(update={"commit": sha})
            return Exported(plan, said, branch, sha, left_out=left_out)

    def _files(self, repo: Repository, plan: Plan) -> tuple[Files, tuple[str, ...]]:
        """What the plan leaves, and every other file of the change that it is about, as it is.

        Returns:
            The files, and the paths of those that git does not track, and is not given.
        """
        others = {segment.path for segment in plan.coverage} - {e.path for e in plan.edits}
        planned = {
            edit.path: (edit.mode, self._store.blob(edit.after_sha256))
            if edit.after_sha256
            else None
            for edit in plan.edits
        }
        given, left_out = repo.differing(others)
        return {**given, **planned}, left_out


def _require_files(plan: Plan) -> None:
    if not plan.edits:
        raise BadRequest(
            f"Plan {plan.id} writes no file: there is nothing for git.",
            next_step=f"Apply it by itself: flagwright apply {plan.id}",
        )
