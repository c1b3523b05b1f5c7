"""What a backtest answers: how much gating the riskiest changes would have caught."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from flagwright.core.records import Record
from flagwright.surface.answers.answer import Answer, Words

if TYPE_CHECKING:
    from flagwright.core.risk.backtest import Judged


class GateView(Record):
    """How well one number would have chosen the changes to look at."""

    by: str
    auc: float
    """How often a harmful change has the larger number; 0.5 is chance."""
    caught: dict[str, float]
    """Share of the harmful changes among the largest 5, 10, 20 and 50 % of all."""


class BacktestAnswer(Answer):
    """What gating would have caught in this project's past."""

    commit: str
    changes: int
    since: date
    until: date
    harmful: int
    """Changes that a fix had to change within two years."""
    reverted: int
    gates: tuple[GateView, ...]
    """Empty where no change did harm, or every one."""


def backtested(judged: "Sequence[Judged]", commit: str, words: Words) -> BacktestAnswer:
    """Put a backtest into figures."""
    from flagwright.core.risk.backtest import NUMBERS, SHARES, figures

    harmful = sum(one.harmful for one in judged)
    times = [one.time for one in judged]
    gates = []
    for name, number in NUMBERS.items():
        if found := figures(judged, number):
            caught = {str(s): round(c, 3) for s, c in zip(SHARES, found.caught, strict=True)}
            gates.append(GateView(by=name, auc=round(found.auc, 3), caught=caught))
    status = "judged" if gates else "nothing-to-judge"
    return BacktestAnswer(
        status=status,
        message=f"Of {len(judged)} changes of code {harmful} did harm: a later fix had to change "
        "their lines.",
        next_step=words[f"backtest.{status}"],
        commit=commit,
        changes=len(judged),
        since=_day(min(times)),
        until=_day(max(times)),
        harmful=harmful,
        reverted=sum(one.reverted for one in judged),
        gates=tuple(gates),
    )


def _day(time: int) -> date:
    return datetime.fromtimestamp(time, UTC).date()
