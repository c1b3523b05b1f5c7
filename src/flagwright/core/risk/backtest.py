"""Say what gating the riskiest changes of a project's past would have caught."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

SHARES = (5, 10, 20, 50)
"""Percent of the changes that are gated."""


class Judged(NamedTuple):
    """One change of the past: what was to be known then, and what became of it."""

    sha: str
    time: int
    harmful: bool
    """Whether a fix had to change its lines within two years."""
    reverted: bool
    lines: float
    """Lines of code it adds."""
    exposure: float
    unfamiliarity: float
    """Both from 0 to 100."""
    score: float
    """Both together, in the points that the policy gives them; without impact."""


NUMBERS: dict[str, Callable[[Judged], float]] = {
    "the score without impact": lambda one: one.score,
    "exposure": lambda one: one.exposure,
    "unfamiliarity": lambda one: one.unfamiliarity,
    "lines added": lambda one: one.lines,
}
"""What the changes are put in order by."""


class Figures(NamedTuple):
    """How well one number tells the harmful changes from the others."""

    auc: float
    """How often a harmful change has the larger number than another one; 0.5 is chance."""
    caught: tuple[float, ...]
    """Share of the harmful changes among the largest, for each share in percent."""


def figures(
    judged: Sequence[Judged], number: Callable[[Judged], float], shares: Sequence[int] = SHARES
) -> Figures | None:
    """Judge one number; none where nothing, or everything, did harm.

    Equal numbers count half; of those at the edge of a share, the proper part is counted.
    """
    ordered = sorted(judged, key=number, reverse=True)
    harmful = sum(one.harmful for one in ordered)
    if harmful in (0, len(ordered)):
        return None
    won, above, start = 0.0, 0, 0
    gates = [len(ordered) * share / 100 for share in shares]
    caught = [0.0] * len(gates)
    while start < len(ordered):
        end = start
        while end < len(ordered) and number(ordered[end]) == number(ordered[start]):
            end += 1
        bad = sum(one.harmful for one in ordered[start:end])
        good = end - start - bad
        won += good * (above + bad / 2)
        above += bad
        for index, gate in enumerate(gates):
            caught[index] += bad * min(max(gate - start, 0), end - start) / (end - start)
        start = end
    pairs = harmful * (len(ordered) - harmful)
    return Figures(won / pairs, tuple(count / harmful for count in caught))
