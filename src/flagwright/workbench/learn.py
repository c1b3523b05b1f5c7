"""Learn from the past of one repository: its own weights, and the scores of its changes."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import NamedTuple

import anyio
from anyio import to_thread

from flagwright.adapters.git import History
from flagwright.core.risk.fit import Fit, fit
from flagwright.core.risk.fix import Convention
from flagwright.core.risk.model import Weights
from flagwright.core.risk.past import DAY
from flagwright.core.risk.scale import Scale
from flagwright.errors import BadRequest
from flagwright.workbench.backtest import past_changes
from flagwright.workbench.batch import TOGETHER, Progress, score_read
from flagwright.workbench.rules import Rules

NEWEST, SCALED, LEAST = 3000, 300, 50
"""Changes that are learned from, changes whose scores make the scale, and the fewest of those."""
_RIPE = 90 * DAY
"""Half of what will have to be fixed has been by then; newer changes teach more than a whole
year of waiting for the other half."""


class Learned(NamedTuple):
    """What one past says."""

    weights: Weights
    """Its own where they are better, else the given ones; with its own scale in any case."""
    fit: Fit | None
    """None where there are too few changes, or too few did harm."""
    convention: Convention | None
    commit: str


async def learn(history: History, revision: str, rules: Rules, progress: Progress) -> Learned:
    """Fit on the changes up to a commit, and place scores among the newest of them.

    Raises:
        UnknownRevision: If it names no commit.
    """

    def look() -> tuple[str, Fit | None, Convention | None, Weights]:
        head = history.commit(revision)
        history.read(head, partial(progress, "Reading"))
        try:
            past = past_changes(history, head, NEWEST, 0, rules, progress, ripe=_RIPE)
        except BadRequest:
            return head, None, None, rules.weights
        enough = len(changes := past.examples) >= LEAST
        found = fit(rules.weights, rules.risk.parts, changes) if enough else None
        weights = rules.weights
        if found and found.is_better:
            learned = [example.judged for example in changes if example.is_code]
            last = datetime.fromtimestamp(learned[-1].time, UTC)
            provenance = {
                "projects": (history.name,),
                "commit": head,
                "commits": len(learned),
                "harmful": sum(one.harmful for one in learned),
                "until": f"{last:%Y-%m-%d}",
                "fixes": past.convention,
                "labels": "AG-SZZ: a fix within two years changes or removes a line of the commit",
                "unfamiliarity": "traits as shipped: a project has too few reverts to learn from",
            }
            weights = found.weights.model_copy(update={"provenance": provenance})
        return head, found, past.convention, weights

    head, found, said, weights = await to_thread.run_sync(look)
    rules = await placed(
        history, head, rules.with_weights(weights), None, partial(progress, "Placing")
    )
    return Learned(rules.weights, found, said, head)


async def placed(
    history: History,
    base: str,
    rules: Rules,
    seconds: float | None,
    progress: Callable[[int, int], None] | None = None,
) -> Rules:
    """The same rules with a scale of the project's own, once its newest changes are scored.

    Args:
        base: Where the change begins that is to be placed; nothing later counts.
        seconds: How long those that have no score yet may be scored; the next call goes on.
    """
    newest = [sha for sha, _ in history.changes(base, SCALED)]
    if len(newest) < LEAST:
        return rules
    known = history.scores(rules.risk_digest)
    missing = [sha for sha in newest if sha not in known]
    with anyio.move_on_after(seconds) as time:
        for start in range(0, len(missing), TOGETHER):
            some = missing[start : start + TOGETHER]
            scored = await score_read(history, some, rules)
            new = {sha: one.score for sha, one in zip(some, scored, strict=True) if one}
            await to_thread.run_sync(history.keep_scores, rules.risk_digest, new)
            known |= new
            if progress:
                progress(start + len(some), len(missing))
    scores = tuple(sorted(known[sha] for sha in newest if sha in known))
    if time.cancelled_caught or len(scores) < LEAST:
        return rules
    scale = Scale(of="project", scores=scores)
    return replace(rules, weights=rules.weights.model_copy(update={"scale": scale}))
