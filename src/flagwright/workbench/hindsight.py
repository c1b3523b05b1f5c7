"""Look back over the past of a repository: score its commits, learn from them, see what came."""

from collections.abc import Callable, Sequence
from pathlib import Path

import anyio
from anyio import to_thread

from flagwright.adapters import shipped
from flagwright.adapters.git import Git
from flagwright.core.records.change import Change
from flagwright.core.records.entry import Actor
from flagwright.core.risk.written import written
from flagwright.workbench import judging
from flagwright.workbench.backtest import Backtest, backtest
from flagwright.workbench.batch import Progress, Scored, score_commits
from flagwright.workbench.learn import Learned, learn, placed
from flagwright.workbench.recorder import Recorder
from flagwright.workbench.rulebook import RuleBook
from flagwright.workbench.rules import Rules


class Hindsight:
    """Steps over whole histories; each takes as long as it takes, and is one entry."""

    def __init__(self, git: Git, recorder: Recorder, book: RuleBook) -> None:
        self._git, self._recorder, self._book = git, recorder, book

    async def look_back(self, repository: Path, progress: Progress) -> None:
        """Read the history of a repository, and score its newest changes, as long as it takes.

        It may be cancelled at any time; what was done by then is kept.
        """
        repo = await to_thread.run_sync(self._git.open, repository)
        await judging.look_back(repo, await to_thread.run_sync(self._book.load, repo), progress)

    async def score_commits(
        self,
        path: Path,
        names: Sequence[str],
        *,
        until: str | None,
        is_placed: bool,
        actor: Actor,
        emit: Callable[[Scored], None],
        progress: Progress,
    ) -> None:
        """Score commits of a repository, bare ones too, each as it was then; one entry for all.

        Args:
            until: Learn from this commit and all before it first; none: as it was shipped.
            is_placed: Whether each is placed among the changes before it, which are scored, too.
            emit: Called with each score, in the order of the names.
        """
        async with self._recorder.step("scored", actor) as step:
            rules = await self._book.under(step)
            with self._git.history(path) as history:
                weights = rules.weights
                if until:
                    weights = (await learn(history, until, rules, progress)).weights
                    step.policy = rules.with_weights(weights).digest

                def at_base(change: Change) -> Rules:
                    found = self._book.at_base(history.policies(change.base), change)
                    return found.with_weights(weights) if until else found

                one_by_one = anyio.Lock()  # what one has scored, the next finds

                async def place(change: Change, rules: Rules) -> Rules:
                    async with one_by_one:
                        return await placed(history, change.base, rules, None)

                placing = place if is_placed else None
                async for one in score_commits(history, names, at_base, progress, placing):
                    emit(one)

    async def learn(
        self, path: Path, revision: str, name: str, *, actor: Actor, progress: Progress
    ) -> tuple[Learned, Path | None]:
        """Learn from the past of a repository, and keep what predicts more than what is in force.

        Returns:
            What was learned, and the file it was written to, `policies/weights-NAME.toml` in the
            user's configuration; none where nothing was gained.
        """
        async with self._recorder.step("scored", actor) as step:
            rules = await self._book.under(step)
            with self._git.history(path) as history:
                learned = await learn(history, revision, rules, progress)
            step.subject = step.subject.model_copy(update={"commit": learned.commit})
            if not (learned.fit and learned.fit.is_better):
                return learned, None
            text = written(learned.weights)
            file = await to_thread.run_sync(
                shipped.keep_policy, f"weights-{name}", text, self._book.own.config_dir
            )
            return learned, file

    async def backtest(
        self,
        path: Path,
        revision: str,
        newest: int,
        since: int,
        *,
        actor: Actor,
        progress: Progress,
    ) -> Backtest:
        """Score the past of a repository as it was then, and see what became of each change."""
        async with self._recorder.step("scored", actor) as step:
            rules = await self._book.under(step)
            found = await to_thread.run_sync(
                backtest, self._git, path, revision, newest, since, rules, progress
            )
            step.subject = step.subject.model_copy(update={"commit": found.commit})
            return found
