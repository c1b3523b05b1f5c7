"""Learn from one project's own past, starting from what was learned from others.

A logistic regression whose weights are drawn towards the ones that it starts from, so that a
short past changes little and a long one much. A dozen traits need no library of linear algebra.
"""

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from flagwright.core.risk.backtest import Figures, Judged, figures
from flagwright.core.risk.model import Part, Weights, placed, predict, weighed
from flagwright.core.risk.policy import Parts

LEAST_HARMFUL = 10
"""Fewer harmful changes teach nothing."""
_PULL = 300.0
"""How much the old weights count, as if they were so many changes."""
_COUNTS, _BEND = 0.5, 1.5
"""What unfamiliarity keeps of its points, and how exposure gathers, where harm alone is looked for,
and not reverts, too. Not learned: what did best in the past of a project does not later."""

_STEPS = (0.4, 0.6, 0.8, 1)
"""Shares of the changes: where a past is tried on too few of the newest, chance has the word."""

Traits = Mapping[str, float]


class Example(NamedTuple):
    """One change of the past: its traits, and what became of it."""

    judged: Judged
    traits: Traits
    is_code: bool = True
    """Whether it changes code that runs in production, and not tests alone."""


class Fit(NamedTuple):
    """What was learned, and how that does on newer changes, each not seen when it was judged."""

    weights: Weights
    is_better: bool
    changes: int
    """How many it was tried on."""
    own: Figures
    given: Figures
    lines: Figures


def fit(weights: Weights, parts: Parts, examples: Sequence[Example]) -> Fit | None:
    """Fit exposure again, and let it count for more, on changes in time order, oldest first.

    What the oldest part of `_STEPS` teaches is tried on the changes up to the next, and so on to
    the newest; the weights that are returned learned from all of them. Changes of tests alone,
    which never do harm, are left out.

    Returns:
        None where too few changes did harm.
    """
    examples = [example for example in examples if example.is_code]
    harmful = sum(example.judged.harmful for example in examples)
    ends = [int(len(examples) * step) for step in _STEPS]
    tried = [example.judged for example in examples[ends[0] :]]
    given, lines = figures(tried, lambda one: one.score), figures(tried, lambda one: one.lines)
    if harmful < LEAST_HARMFUL or given is None or lines is None:
        return None
    scores: dict[str, float] = {}
    for start, end in pairwise(ends):
        scores |= _scores(_learned(weights, examples[:start]), parts, examples[start:end])
    own = figures(tried, lambda one: scores[one.sha])
    if own is None:
        return None
    learned = _learned(weights, examples)
    return Fit(learned, own.auc > given.auc, len(tried), own, given, lines)


def _learned(weights: Weights, examples: Sequence[Example]) -> Weights:
    exposure = fitted(weights.exposure, examples, _PULL)
    return weights.model_copy(
        update={
            "exposure": exposure.model_copy(update={"bend": _BEND}),
            "unfamiliarity": weights.unfamiliarity.model_copy(update={"counts": _COUNTS}),
        }
    )


def _scores(weights: Weights, parts: Parts, examples: Sequence[Example]) -> dict[str, float]:
    """Scores by commit, without impact."""
    points = weights.points(parts.exposure, parts.unfamiliarity)
    return {
        one.judged.sha: points["exposure"] * predict(weights.exposure, one.traits, {}).place
        + points["unfamiliarity"] * one.judged.unfamiliarity
        for one in examples
    }


def fitted(part: Part, examples: Sequence[Example], pull: float) -> Part:
    """Weights that say best which of the examples are harmful, near the ones that are given."""
    names = [name for name in part.traits if all(name in e.traits for e in examples)]
    rows = [[example.traits[name] for name in names] for example in examples]
    usual = [math.fsum(column) / len(rows) for column in zip(*rows, strict=True)]
    spread = [
        math.sqrt(math.fsum((x - mean) ** 2 for x in column) / len(rows)) or 1.0
        for column, mean in zip(zip(*rows, strict=True), usual, strict=True)
    ]
    table = [
        [1.0, *((x - m) / s for x, m, s in zip(row, usual, spread, strict=True))] for row in rows
    ]
    labels = [example.judged.harmful for example in examples]
    start = [part.traits[name].weight * s for name, s in zip(names, spread, strict=True)]
    weights = _newton(table, labels, [0.0, *start], [1e-6, *[pull] * len(names)])[1:]
    found = {
        name: part.traits[name].model_copy(
            update={"weight": round(weight / s, 5), "usual": round(mean, 5)}
        )
        for name, weight, s, mean in zip(names, weights, spread, usual, strict=True)
    }
    own = part.model_copy(update={"traits": part.traits | found})
    return placed(own, [weighed(own, example.traits) for example in examples])


def _newton(
    table: Sequence[Sequence[float]],
    labels: Sequence[bool],
    start: Sequence[float],
    pulls: Sequence[float],
) -> list[float]:
    """Minimise the logistic loss and half of `pulls` times the squared way from `start`.

    Newton's method; a step that would go too far is halved until it does not.
    """
    size = len(start)
    weights = list(start)
    least = _loss(table, labels, weights, start, pulls)
    for _ in range(25):
        slope = [p * (w - s) for p, w, s in zip(pulls, weights, start, strict=True)]
        curve = [[pulls[i] if i == j else 0.0 for j in range(i + 1)] for i in range(size)]
        for row, label in zip(table, labels, strict=True):
            total = sum(map(float.__mul__, row, weights))
            chance = 1 / (1 + math.exp(-max(min(total, 30.0), -30.0)))
            error, bend = chance - label, chance * (1 - chance)
            for i in range(size):
                slope[i] += error * row[i]
                bent, line = bend * row[i], curve[i]
                for j in range(i + 1):
                    line[j] += bent * row[j]
        step, length = _solved(curve, slope), 1.0
        while length > 1e-3:
            tried = [w - length * s for w, s in zip(weights, step, strict=True)]
            if (cost := _loss(table, labels, tried, start, pulls)) <= least:
                break
            length /= 2
        else:
            return weights
        weights, least = tried, cost
        if max(map(abs, step)) < 1e-6:
            break
    return weights


def _loss(
    table: Sequence[Sequence[float]],
    labels: Sequence[bool],
    weights: Sequence[float],
    start: Sequence[float],
    pulls: Sequence[float],
) -> float:
    found = 0.0
    for row, label in zip(table, labels, strict=True):
        total = sum(map(float.__mul__, row, weights))
        found += max(total, 0.0) + math.log1p(math.exp(-abs(total))) - label * total
    ways = zip(pulls, weights, start, strict=True)
    return found + math.fsum(p * (w - s) ** 2 for p, w, s in ways) / 2


def _solved(lower: list[list[float]], right: Sequence[float]) -> list[float]:
    """Solve a symmetric positive system, of which the lower half is given, after Cholesky."""
    size = len(right)
    for i in range(size):
        for j in range(i + 1):
            rest = lower[i][j] - math.fsum(lower[i][k] * lower[j][k] for k in range(j))
            lower[i][j] = math.sqrt(rest) if i == j else rest / lower[j][j]
    found = list(right)
    for i in range(size):
        found[i] = (found[i] - math.fsum(lower[i][k] * found[k] for k in range(i))) / lower[i][i]
    for i in reversed(range(size)):
        below = math.fsum(lower[k][i] * found[k] for k in range(i + 1, size))
        found[i] = (found[i] - below) / lower[i][i]
    return found
