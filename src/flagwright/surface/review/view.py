"""Put a plan into the words and figures that a person decides by."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from flagwright.core.demand import demand_in_words
from flagwright.core.flag import FlagDetail
from flagwright.core.records.plan import FileEdit, Plan, Segment, Treatment
from flagwright.core.records.score import Finding
from flagwright.core.review.layout import CONTEXT
from flagwright.core.rollout import is_for_everybody, meant_without_user, reach
from flagwright.core.strategy import placed

if TYPE_CHECKING:
    from flagwright.workbench.standing import Standing

CONTROLLED: tuple[Treatment, ...] = ("guarded", "variant", "widened", "dormant", "kept")
BAR = 100
TOP = 6


@dataclass(frozen=True)
class Bar:
    """One step of the waterfall, in percent of its width."""

    finding: Finding
    start: float
    width: float


@dataclass(frozen=True)
class StateView:
    """A flag in one environment."""

    when: str
    words: str
    reach: int
    """Largest share of the users that is let in, in percent."""


@dataclass(frozen=True)
class PlanView:
    """Everything above the files."""

    standing: "Standing"
    flag: FlagDetail | Literal["unknown", "silent"]
    counts: dict[str, int]
    lines: dict[str, int]
    """Changed lines by what becomes of them."""
    controlled: int
    shipped: tuple[Segment, ...]
    """Places that take effect at once, because no flag controls them."""
    left: tuple[Segment, ...]
    """Of a plan to retire: places that a person looks at, what somebody may miss first."""
    passed: tuple[Segment, ...]
    """Tests and documents, which ship as they are."""
    others: tuple[str, ...]
    """Files of the change that the plan leaves as they are."""
    bars: tuple[Bar, ...]
    checks: dict[str, int]
    """Files for which each part of the proof holds."""
    apart: int
    policies: Mapping[str, str]
    """Digest of each, by name."""
    repository: str
    states: tuple["StateView", ...]
    """Of a plan to switch: the flag as it is now, and as it then is."""
    without_user: str
    """Of a plan to switch: what comes of questions that hand over no user; empty: the same."""
    places: Mapping[str, str]
    """Of a plan to retire: what the flag is now, by environment."""
    turned: tuple[str, ...]
    """Environments in which the code that stays is not what everybody gets now."""
    removed: int
    added: int
    """Lines of all files together."""
    demand: str
    """What an approval needs, in words."""
    is_embedded: bool


@dataclass(frozen=True)
class FileView:
    """What is said of one file above its lines."""

    counts: dict[str, int]
    shipped: tuple[Segment, ...]
    gone: tuple[Segment, ...]
    """Places that only the old version has; they have no line to stand at."""
    has_sides: bool
    """Whether it behaves differently with the flag on and off."""
    removed: int
    added: int


def of_plan(
    standing: "Standing",
    flag: FlagDetail | Literal["unknown", "silent"],
    policies: Mapping[str, str],
) -> PlanView:
    """Add up a plan."""
    plan = standing.plan
    edited = {edit.path for edit in plan.edits}
    lines: Counter[str] = Counter()
    for segment in plan.coverage:
        lines[segment.treatment] += segment.end_line - segment.line + 1
    checks = [
        name for proof in plan.proof for name, holds in proof.model_dump().items() if holds is True
    ]
    counts: Counter[str] = Counter(segment.treatment for segment in plan.coverage)
    return PlanView(
        standing=standing,
        flag=flag,
        counts=dict(counts),
        lines=dict(lines),
        controlled=sum(counts[name] for name in CONTROLLED),
        shipped=_treated(plan.coverage, "not-controllable"),
        left=(*_treated(plan.coverage, "gone"), *_treated(plan.coverage, "left")),
        passed=_treated(plan.coverage, "passed-through"),
        others=tuple(sorted({s.path for s in plan.coverage} - edited)),
        bars=tuple(_bars(plan.assessment.findings)) if plan.assessment else (),
        checks=dict(Counter(checks)),
        apart=sum(proof.apart_from for proof in plan.proof),
        policies=policies,
        repository=Path(plan.root).name,
        states=tuple(_states(plan)),
        without_user=meant_without_user(plan.switch.after) if plan.switch else "",
        places=_places(plan, flag),
        turned=tuple(_turned(plan, flag)),
        removed=sum(changed(edit)[0] for edit in plan.edits),
        added=sum(changed(edit)[1] for edit in plan.edits),
        demand=demand_in_words(standing.demand),
        is_embedded=standing.server == "embedded",
    )


def _treated(coverage: Sequence[Segment], treatment: Treatment) -> tuple[Segment, ...]:
    return tuple(segment for segment in coverage if segment.treatment == treatment)


def _states(plan: Plan) -> Iterator[StateView]:
    if plan.switch:
        for when, state in (("now", plan.switch.before), ("then", plan.switch.after)):
            yield StateView(when, placed(state, plan.flag), reach(state))


def _places(plan: Plan, flag: FlagDetail | str) -> dict[str, str]:
    known = () if isinstance(flag, str) else flag.environments
    return {place.name: placed(place, plan.flag) for place in known}


def _turned(plan: Plan, flag: FlagDetail | str) -> Iterator[str]:
    """Where a retirement is felt: somebody there gets the side that goes."""
    if plan.keep and not isinstance(flag, str):
        for place in flag.environments:
            if not is_for_everybody(place, plan.keep):
                yield place.name


def changed(edit: FileEdit) -> tuple[int, int]:
    """Lines of a file that go, and that come."""
    lines = edit.patch.split("\n")[2:]
    removed, added = (sum(line.startswith(sign) for line in lines) for sign in "-+")
    return removed, added


def rows(edit: FileEdit) -> int:
    """Roughly how tall a file will be, in lines, before it is laid out."""
    return max(changed(edit)) + 2 * CONTEXT * edit.patch.count("\n@@ ")


def known(plan: Plan, most: int) -> int:
    """Files from the first on, at least one, whose changed lines are that many at most."""
    sums = accumulate(sum(changed(edit)) for edit in plan.edits)
    return max(1, sum(lines <= most for lines in sums)) if plan.edits else 0


def of_file(plan: Plan, number: int) -> FileView:
    """Add up one file."""
    edit = plan.edits[number]
    own = [segment for segment in plan.coverage if segment.path == edit.path]
    removed, added = changed(edit)
    return FileView(
        counts=dict(Counter(segment.treatment for segment in own)),
        shipped=_treated(own, "not-controllable"),
        gone=tuple(segment for segment in own if segment.side == "before"),
        has_sides=plan.kind == "wrap" and edit.path.endswith(".py") and bool(edit.after_sha256),
        removed=removed,
        added=added,
    )


def _bars(findings: Sequence[Finding]) -> list[Bar]:
    """Each bar starts where the last one ended."""
    top = max(BAR, sum(finding.points for finding in findings if finding.points > 0))
    reached, bars = 0.0, []
    for finding in findings:
        low, high = sorted((reached, reached + finding.points))
        reached += finding.points
        left = max(0.0, low / top * BAR)
        bars.append(Bar(finding, round(left, 2), round(max(0.6, high / top * BAR - left), 2)))
    return bars
