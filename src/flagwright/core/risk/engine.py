"""Turn a change, what came before it, and the team's policy into one explained score.

Pure: no clock, no files, no network. The same change with the same past under the same policy
scores the same forever, so any score in the ledger can be replayed.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Literal, get_args

from flagwright.core.records.change import Change, Side
from flagwright.core.records.score import Assessment, Finding
from flagwright.core.risk.effect import has_effect
from flagwright.core.risk.measure import Measures, measure
from flagwright.core.risk.model import Weights, among, plain, predict, traits_of
from flagwright.core.risk.past import Familiarity
from flagwright.core.risk.policy import SIGNALS, RiskPolicy
from flagwright.core.risk.scale import Scale
from flagwright.core.risk.verdict import EMPTY, beside, compared, judge
from flagwright.core.risk.view import FileView, view
from flagwright.core.wrapping.module import is_brought

Predicted = Literal["exposure", "unfamiliarity"]
PREDICTED: tuple[Predicted, ...] = get_args(Predicted)
PARTS = (*PREDICTED, "impact")
NO_EFFECT = [Finding(rule="no_effect", points=0, evidence="nothing that runs changes")]


def assess(
    change: Change,
    policy: RiskPolicy,
    weights: Weights,
    *,
    past: Familiarity | None = None,
    policy_digest: str,
) -> Assessment:
    """Score a change, point by point.

    Args:
        past: What came before it; none where that is not known, and then nothing is said of it.

    Returns:
        The score in points of two decimals, and the findings that add up to it exactly: what
        every change has first, then the weightiest, then by path and line, so that equal
        input gives equal output.

    Source:
        `policies/weights.toml` says what was learned from which projects, `policies/risk.toml`
        what the team adds, each with its reason.
    """
    files = view(change, policy.files)
    acting = [file for file in files if has_effect(file)]
    scale = weights.scale
    parts = _parts(change, files, acting, policy, weights, past)
    findings = _joined(parts)
    score = _sum(findings)
    percentile = round(scale.percentile(score), 1) if score else 0.0
    others = compared(scale.of)
    judgement = judge(acting, findings, percentile, others, policy) if files else EMPTY
    apart = tuple(file.change for file in acting if not file.is_source)
    if judgement.verdict == "already-flagged" and apart:
        rest = change.model_copy(update={"files": apart})
        alone = assess(rest, policy, weights, past=past, policy_digest=policy_digest)
        judgement = beside(judgement.flags, [file.path for file in apart], alone, policy)
    return Assessment(
        score=score,
        band=policy.bands.of(percentile),
        percentile=percentile,
        compared_with=scale.of,
        knows_past=past is not None,
        parts={name: _sum(found) for name, found in parts.items()},
        verdict=judgement.verdict,
        because=judgement.because,
        must_split=judgement.must_split,
        flags=judgement.flags,
        findings=tuple(sorted(findings, key=_weightiest_first)),
        shown_at=_shown_at(change),
        change_digest=change.digest,
        policy_digest=policy_digest,
    )


def unjudged(
    change: Change, policy: RiskPolicy, weights: Weights, because: str, *, policy_digest: str
) -> Assessment:
    """Score a change that could not be judged as high risk: `because` is what went wrong."""
    percentile = policy.bands.begins("high")
    finding = _charge(
        "unreadable.not_judged", weights.scale.at(percentile), "no signal could look at it"
    )
    return Assessment(
        score=finding.points,
        band="high",
        percentile=percentile,
        compared_with="shipped",
        parts=dict.fromkeys(PREDICTED, 0.0) | {"impact": finding.points},
        verdict="not-suited",
        because=because,
        findings=(finding,),
        shown_at=_shown_at(change),
        change_digest=change.digest,
        policy_digest=policy_digest,
    )


def _shown_at(change: Change) -> str:
    there = [file for file in change.files if file.kind != "deleted"] or change.files
    lines = {file.path: sum(len(hunk.added) for hunk in file.hunks) for file in there}
    return max(lines, key=lambda path: lines[path], default="")


# --- the parts


def _parts(
    change: Change,
    files: Sequence[FileView],
    acting: Sequence[FileView],
    policy: RiskPolicy,
    weights: Weights,
    past: Familiarity | None,
) -> dict[str, list[Finding]]:
    """The findings of each part; no part of a change without files."""
    parts: dict[str, list[Finding]] = {name: [] for name in PARTS} if files else {}
    if acting:
        acts = any(file.is_source for file in acting)
        shipped = change.files if acts else [file.change for file in acting]
        measures, _ = measure([file for file in shipped if not is_brought(file)])
        for name in PREDICTED:
            parts[name] = _predicted(name, measures, policy, weights, past)
        parts["impact"] = _impact(files, acting, policy)
        parts["impact"] += _floor(_joined(parts), files, policy, weights.scale)
    elif files:
        parts["impact"] = NO_EFFECT
    return parts


def _predicted(
    name: Predicted,
    measures: Measures,
    policy: RiskPolicy,
    weights: Weights,
    past: Familiarity | None,
) -> list[Finding]:
    """What was learned says of a change; the first finding is what every change has."""
    known, found = past or Familiarity(), traits_of(measures, past)
    part = weights.exposure if name == "exposure" else among(weights.unfamiliarity, known.peers)
    said = predict(part, found, plain(measures, known))
    points = weights.points(policy.parts.exposure, policy.parts.unfamiliarity)
    share = points[name] / 100
    reasons = [
        _charge(f"{name}.{reason.trait}", _cents(reason.points * share), reason.says)
        for reason in said.reasons
    ]
    reasons = [reason for reason in reasons if reason.points]
    usual = _cents(_cents(said.place * share) - _sum(reasons))
    evidence = "every change can break something"
    if name == "unfamiliarity":
        evidence = "every author can be new to something"
        if known.peers:
            evidence = f"what is usual in this project; changes compared: {len(known.peers)}"
        if past is None:
            evidence = "as usual: the past is not known here"
    return [_charge(f"{name}.baseline", usual, evidence), *reasons]


def _impact(
    files: Sequence[FileView], acting: Sequence[FileView], policy: RiskPolicy
) -> list[Finding]:
    """Code whose comments or formatting alone changed is not looked at."""
    looked_at = [file for file in files if not file.is_source or file in acting]
    found: list[Finding] = []
    for signal in SIGNALS:
        seen = _dearest(policy.seen(signal, looked_at))
        found += _capped(signal, policy.cap(signal), seen, policy.kept)
    found.sort(key=_weightiest_first)
    return [*_capped("impact", policy.parts.impact, found, policy.kept)]


def _joined(parts: dict[str, list[Finding]]) -> list[Finding]:
    return [finding for found in parts.values() for finding in found]


def _dearest(findings: Iterable[Finding]) -> list[Finding]:
    """Findings of one signal at one place count once: the dearer one."""
    places: dict[tuple[str | None, int | None, Side, str], Finding] = {}
    for finding in sorted(findings, key=_weightiest_first):
        own = finding.rule if finding.path is None else ""
        places.setdefault((finding.path, finding.line, finding.side, own), finding)
    return [*places.values()]


def _capped(
    name: str, cap: float, findings: Sequence[Finding], always: Collection[str]
) -> Iterator[Finding]:
    """Keep findings, in their order, up to the cap; say how many are left out.

    Args:
        always: Rules whose findings stay, without points where there is no room.
    """
    room = cap
    left_out = 0
    for finding in findings:
        if room <= 0 < finding.points and finding.rule not in always:
            left_out += 1
            continue
        points = _cents(min(finding.points, room))
        yield finding.model_copy(update={"points": points})
        room = _cents(room - points)
    if left_out:
        yield _charge(f"{name}.more", 0, f"{left_out} more beyond the {cap:g} points of {name}")


# --- the whole


def _floor(
    findings: list[Finding], files: Sequence[FileView], policy: RiskPolicy, scale: Scale
) -> Iterator[Finding]:
    """What is missing to 0, and to what is not low for what could not be read."""
    total = _sum(findings)
    if policy.seen("unreadable", files):
        least = scale.at(policy.bands.begins("medium"))
        said = "what could not be read is never low"
    else:
        least, said = 0.0, "a score begins at 0 points"
    if total < least:
        yield _charge("floor", _cents(least - total), said)


def _charge(rule: str, points: float, evidence: str) -> Finding:
    return Finding(rule=rule, points=points, evidence=evidence)


def _cents(points: float) -> float:
    return round(points, 2) + 0.0  # no -0.0


def _sum(findings: Iterable[Finding]) -> float:
    return sum(round(100 * finding.points) for finding in findings) / 100


def _weightiest_first(finding: Finding) -> tuple[bool, float, str, int, str, str]:
    return (
        not finding.rule.endswith(".baseline"),
        -abs(finding.points),
        finding.path or "",
        finding.line or 0,
        finding.rule,
        finding.evidence,
    )
