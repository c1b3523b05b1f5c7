"""Look at the changes of a project's past as they were then, and at what became of them."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import NamedTuple

from flagwright.adapters.git import Git, History
from flagwright.core.risk.backtest import Judged
from flagwright.core.risk.fit import Example
from flagwright.core.risk.fix import Convention
from flagwright.core.risk.model import among, predict, traits
from flagwright.core.risk.past import DAY, familiarity
from flagwright.errors import BadRequest
from flagwright.workbench.batch import Progress
from flagwright.workbench.rules import Rules

_RIPE = 365 * DAY
"""A change has so much time to show the harm that it does, before it is judged."""


class Backtest(NamedTuple):
    """The changes that were judged, newest first."""

    judged: tuple[Judged, ...]
    commit: str
    """Where the history ended."""


class PastChanges(NamedTuple):
    """Changes whose harm is known, oldest first, and how their project marks a fix."""

    examples: list[Example]
    convention: Convention


def backtest(
    git: Git, path: Path, revision: str, newest: int, since: int, rules: Rules, progress: Progress
) -> Backtest:
    """Judge the newest changes of code that are at least a year older than the last one.

    Args:
        since: Time of the oldest change that counts, in seconds since 1970.

    Raises:
        BadRequest: If there is no such change.
    """
    with git.history(path) as history:
        head = history.commit(revision)
        history.read(head, partial(progress, "Reading"))
        found = past_changes(history, head, newest, since, rules, progress, ripe=_RIPE)
    return Backtest(tuple(example.judged for example in reversed(found.examples)), head)


def past_changes(
    history: History,
    head: str,
    newest: int,
    since: int,
    rules: Rules,
    progress: Progress,
    *,
    ripe: int,
) -> PastChanges:
    """Changes up to a commit that was read, each with what was to be known when it was made.

    Nothing that came after a change counts for its traits, and only what came after, up to
    `head`, for what became of it.

    Args:
        since: Time of the oldest change that counts, in seconds since 1970.
        ripe: How much older than the last change one has to be, in seconds.

    Raises:
        BadRequest: If no change is old enough.
    """
    changes = history.changes(head)
    last = changes[0][1] if changes else 0
    known = [(sha, time) for sha, time in changes if since <= time <= last - ripe][:newest]
    if not known:
        raise BadRequest(
            f"No change of code is {ripe // DAY} days older than the last one.",
            next_step="Ask again when the project is older, or name a longer history.",
        )
    harmful, said = history.harmful(head, known[-1][1], partial(progress, "Blaming"))
    reverted = history.reverted(head)
    return PastChanges(list(_examples(history, known[::-1], harmful, reverted, rules)), said)


def _examples(
    history: History,
    changes: list[tuple[str, int]],
    harmful: set[str],
    reverted: set[str],
    rules: Rules,
) -> Iterator[Example]:
    """All but the first: no code came before it."""
    weights, parts = rules.weights, rules.risk.parts
    points = weights.points(parts.exposure, parts.unfamiliarity)
    for sha, time in changes:
        measures, files, past, _ = history.change(sha)
        if not past.is_there:
            continue
        known = familiarity(files, past)
        found = traits(measures, known, is_known=True)
        exposure = predict(weights.exposure, found, {}).place
        unfamiliarity = predict(among(weights.unfamiliarity, known.peers), found, {}).place
        judged = Judged(
            sha=sha,
            time=time,
            harmful=sha in harmful,
            reverted=sha in reverted,
            lines=measures.lines,
            exposure=exposure,
            unfamiliarity=unfamiliarity,
            score=(points["exposure"] * exposure + points["unfamiliarity"] * unfamiliarity) / 100,
        )
        yield Example(judged, found, is_code=measures.files > 0)
