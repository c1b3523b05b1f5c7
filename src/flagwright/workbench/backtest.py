"""Score the changes of a project's past as they were then, and see what became of them."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from flagwright.adapters.git import Git, History
from flagwright.core.risk.backtest import Judged
from flagwright.core.risk.model import Weights, predict, traits
from flagwright.core.risk.past import familiarity
from flagwright.errors import BadRequest

_RIPE = 365 * 86_400
"""A change has so much time to show the harm that it does."""
Progress = Callable[[str, int, int], None]
"""Called with what is being done, how much of it is, and how much there is."""


class Backtest(NamedTuple):
    """The changes that were judged, newest first."""

    judged: tuple[Judged, ...]
    commit: str
    """Where the history ended."""


def backtest(
    git: Git, path: Path, revision: str, newest: int, weights: Weights, progress: Progress
) -> Backtest:
    """Judge the newest changes of code that are at least a year older than the last one.

    Nothing that came after a change counts for its score, and only what came after for what
    became of it.

    Raises:
        BadRequest: If there is no such change.
    """
    with git.history(path) as history:
        head = history.commit(revision)
        history.read(head, lambda done, whole: progress("Reading", done, whole))
        changes = history.changes(head)
        last = changes[0][1] if changes else 0
        ripe = [(sha, time) for sha, time in changes if time <= last - _RIPE][:newest]
        if not ripe:
            raise BadRequest(
                "No change of code is a year older than the last one.",
                next_step="Ask again when the project is older, or name a longer history.",
            )
        harmful = history.harmful(
            head, ripe[-1][1], lambda done, whole: progress("Blaming", done, whole)
        )
        reverted = history.reverted(head)
        judged = tuple(_judged(history, ripe, harmful, reverted, weights))
    return Backtest(judged, head)


def _judged(
    history: History,
    changes: list[tuple[str, int]],
    harmful: set[str],
    reverted: set[str],
    weights: Weights,
) -> Iterator[Judged]:
    for sha, time in changes:
        measures, files, past, _ = history.change(sha)
        found = traits(measures, familiarity(files, past), is_known=True)
        yield Judged(
            sha,
            time,
            sha in harmful,
            sha in reverted,
            measures.lines,
            predict(weights.exposure, found, {}).place,
            predict(weights.unfamiliarity, found, {}).place,
        )
