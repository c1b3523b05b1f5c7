"""What the past of a project says: what gating would have caught, and what can be learned."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from flagwright.core.record import Record
from flagwright.surface.answer import Answer, Words

if TYPE_CHECKING:
    from pathlib import Path

    from flagwright.core.risk.backtest import Figures, Judged
    from flagwright.workbench.learn import Learned


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
    from flagwright.core.risk.backtest import NUMBERS, figures

    harmful = sum(one.harmful for one in judged)
    times = [one.time for one in judged]
    gates = [
        _gate(name, found) for name, number in NUMBERS.items() if (found := figures(judged, number))
    ]
    caught = [gate.caught["20"] for gate in gates]
    status = "judged" if gates else "nothing-to-judge"
    step = "no-better" if gates and caught[0] <= caught[-1] else status
    return BacktestAnswer(
        status=status,
        message=f"Of {len(judged)} changes of code {harmful} did harm: a later fix had to change "
        "their lines.",
        next_step=words[f"backtest.{step}"],
        commit=commit,
        changes=len(judged),
        since=_day(min(times)),
        until=_day(max(times)),
        harmful=harmful,
        reverted=sum(one.reverted for one in judged),
        gates=tuple(gates),
    )


class FitAnswer(Answer):
    """What was learned from a project's own past, and whether it is better."""

    commit: str
    convention: str | None = None
    """How the project marks its fixes."""
    changes: int = 0
    """Newest changes that it was tried on, and had not learned from."""
    gates: tuple[GateView, ...] = ()
    file: str | None = None


def fitted(learned: "Learned", file: "Path | None", words: Words) -> FitAnswer:
    """Answer what was learned; `file` is where it was written."""
    found = learned.fit
    status = "too-little" if found is None else "better" if file else "no-better"
    message = "The past is too short to learn from: too few changes, or too few that did harm."
    if found:
        said = "better" if file else "no better"
        message = (
            f"On the newest {found.changes} changes, weights of this project's own tell harm from "
            f"the rest {said} than those in force: AUC {found.own.auc:.3f}, "
            f"and {found.given.auc:.3f}."
        )
    gates = (
        [
            _gate(name, figures)
            for name, figures in (
                ("own weights", found.own),
                ("weights in force", found.given),
                ("lines added", found.lines),
            )
        ]
        if found
        else []
    )
    if file and (less := [*_caught_less(gates[0].caught, gates[1].caught)]):
        message += f" Of the riskiest alone they catch less: {', '.join(less)}."
    step = words[f"fit.{status}"]
    return FitAnswer(
        status=status,
        message=message,
        next_step=step.format(name=file.stem, file=file) if file else step,
        commit=learned.commit,
        convention=learned.convention,
        changes=found.changes if found else 0,
        gates=tuple(gates),
        file=str(file) if file else None,
    )


def _caught_less(own: Mapping[str, float], given: Mapping[str, float]) -> Iterator[str]:
    """Of which shares one scorer catches less than another, where few changes are gated."""
    for share in ("5", "10", "20"):
        if own[share] < given[share]:
            yield f"{own[share]:.0%} and not {given[share]:.0%} of the harm at {share} %"


def _gate(name: str, found: "Figures") -> GateView:
    from flagwright.core.risk.backtest import SHARES

    caught = {str(s): round(c, 4) for s, c in zip(SHARES, found.caught, strict=True)}
    return GateView(by=name, auc=round(found.auc, 3), caught=caught)


def _day(time: int) -> date:
    return datetime.fromtimestamp(time, UTC).date()
