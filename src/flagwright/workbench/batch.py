"""Score many commits of one repository, each as it was when it was made."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from functools import partial
from typing import NamedTuple

import anyio
from anyio import to_thread

from flagwright.adapters import worker
from flagwright.adapters.git import History
from flagwright.core.records.change import Change
from flagwright.core.records.score import Assessment
from flagwright.core.risk.past import Familiarity
from flagwright.errors import CannotJudge, FlagwrightError
from flagwright.workbench.rules import Rules

TOGETHER = 16
"""Commits that are worked on at once; as many workers judge them as there are."""
RulesFor = Callable[[Change], Rules]
Placing = Callable[[Change, Rules], Awaitable[Rules]]
"""Gives rules the scale of what came before a change."""
Progress = Callable[[str, int, int], None]
"""Called with what is being done, how much of it is, and how much there is."""


class Scored(NamedTuple):
    """One commit, by the name that it was asked for by: its score, or why there is none."""

    name: str
    outcome: Assessment | FlagwrightError


async def score_commits(
    history: History,
    names: Sequence[str],
    rules: RulesFor,
    progress: Progress,
    placing: Placing | None = None,
) -> AsyncIterator[Scored]:
    """Score commits in their order; nothing that is not reachable from a commit counts for it.

    Args:
        rules: What each change is judged by, which its base may have a say in.
        placing: How a change gets its place; none: among those that the weights came with.
    """
    commits = await to_thread.run_sync(_read, history, names, progress)
    pairs = list(zip(names, commits, strict=True))
    for start in range(0, len(pairs), TOGETHER):
        some = pairs[start : start + TOGETHER]
        for one in await _together(history, some, rules, placing):
            yield one
        progress("Scoring", start + len(some), len(names))


async def score_read(
    history: History, shas: Sequence[str], rules: Rules
) -> list[Assessment | None]:
    """Scores of commits that were read already, in their order; none where there is none."""
    scored = await _together(history, [(sha, sha) for sha in shas], lambda _: rules)
    return [one.outcome if isinstance(one.outcome, Assessment) else None for one in scored]


async def _together(
    history: History,
    some: Sequence[tuple[str, str | FlagwrightError]],
    rules: RulesFor,
    placing: Placing | None = None,
) -> list[Scored]:
    found: dict[int, Scored] = {}

    async def put(place: int, name: str, commit: str | FlagwrightError) -> None:
        found[place] = await _scored(history, name, commit, rules, placing)

    try:
        async with anyio.create_task_group() as tasks:
            for place, (name, commit) in enumerate(some):
                tasks.start_soon(put, place, name, commit)
    except ExceptionGroup as failed:  # whoever has the history open knows what a failure means
        raise failed.exceptions[0] from failed
    return [found[place] for place in range(len(some))]


def _read(
    history: History, names: Sequence[str], progress: Progress
) -> list[str | FlagwrightError]:
    """Take in every commit that is asked for, and what came before it."""
    found: list[str | FlagwrightError] = []
    for name in names:
        try:
            commit = name if history.has(name) else history.commit(name)
            history.read(commit, lambda done, whole: progress("Reading", done, whole))
            found.append(commit)
        except FlagwrightError as error:
            found.append(error)
    return found


async def _scored(
    history: History,
    name: str,
    commit: str | FlagwrightError,
    rules_for: RulesFor,
    placing: Placing | None,
) -> Scored:
    if isinstance(commit, FlagwrightError):
        return Scored(name, commit)
    try:
        change, past = await to_thread.run_sync(history.committed, commit)
        rules = await to_thread.run_sync(rules_for, change)
        if placing and past:
            rules = await placing(change, rules)
        return Scored(name, await judged(change, rules, past))
    except FlagwrightError as error:
        return Scored(name, error)


async def judged(change: Change, rules: Rules, past: Familiarity | None) -> Assessment:
    """Judge a change in the guarded worker; one that kills it is never low risk."""
    from flagwright.core.policy.judge import judge_change
    from flagwright.core.risk import engine

    judge = partial(judge_change, past=past, policy_digest=rules.digest)
    try:
        found = await worker.run(
            judge, change, rules.risk, rules.weights, rules.rules, rules.waivers.waivers
        )
    except CannotJudge as error:
        found = engine.unjudged(
            change, rules.risk, rules.weights, error.fact, policy_digest=rules.digest
        )
    if not rules.warnings:
        return found
    told = {"warnings": rules.warnings, "in_part": rules.not_mended_by(change)}
    return found.model_copy(update=told)
