"""Turn a change and a risk policy into one explained score.

Pure: no clock, no files, no network. The same change under the same policy scores the same
forever, so any score in the ledger can be replayed.
"""

from collections.abc import Iterable, Iterator, Sequence

from flagwright.core.records import Assessment, Change, Finding, Side
from flagwright.core.risk.effect import has_effect
from flagwright.core.risk.policy import SIGNALS, RiskPolicy
from flagwright.core.risk.verdict import EMPTY, judge
from flagwright.core.risk.view import FileView, view

MOST = 100


def assess(change: Change, policy: RiskPolicy, *, policy_digest: str) -> Assessment:
    """Score a change, point by point.

    Returns:
        The score in whole points and the findings that add up to it exactly, dearest first,
        then by path and line, so that equal input gives equal output. A score is a sum of
        points, not a probability; 100 means "stop and ask", not "certain to break".

    Source:
        Additive weights under a cap for each signal and for the whole; `policies/risk.toml`
        gives every weight with its reason.
    """
    files = view(change, policy.files)
    acting = [file for file in files if has_effect(file)]
    findings = _within_bounds(_weighed(files, acting, policy)) if files else []
    score = sum(finding.points for finding in findings)
    judgement = judge(acting, findings, score, policy) if files else EMPTY
    return Assessment(
        score=score,
        band=policy.bands.of(score),
        verdict=judgement.verdict,
        because=judgement.because,
        flags=judgement.flags,
        findings=tuple(sorted(findings, key=_dearest_first)),
        change_digest=change.digest,
        policy_digest=policy_digest,
    )


def unjudged(change: Change, policy: RiskPolicy, because: str, *, policy_digest: str) -> Assessment:
    """Score a change that could not be judged as high risk: `because` is what went wrong."""
    finding = Finding(
        rule="unreadable.not_judged",
        points=policy.bands.high,
        evidence="no signal could look at it",
    )
    return Assessment(
        score=finding.points,
        band="high",
        verdict="not-suited",
        because=because,
        findings=(finding,),
        change_digest=change.digest,
        policy_digest=policy_digest,
    )


def _weighed(
    files: Sequence[FileView], acting: Sequence[FileView], policy: RiskPolicy
) -> list[Finding]:
    """A change that could not be read gets no credit from what could.

    Code whose comments or formatting alone changed is not looked at.
    """
    files = [file for file in files if not file.is_source or file in acting]
    unread = bool(policy.seen("unreadable", files))
    weighed = [_charge("baseline", policy.baseline.points, "every change can break something")]
    for signal in SIGNALS:
        found = _capped(signal, policy.cap(signal), _dearest(policy.seen(signal, files)))
        weighed += [finding for finding in found if finding.points >= 0 or not unread]
    if not acting:
        total = sum(finding.points for finding in weighed)
        credit = max(policy.no_effect.points, -total)
        weighed.append(_charge("no_effect", credit, "nothing that runs changes"))
    return weighed


def _charge(rule: str, points: float, evidence: str) -> Finding:
    return Finding(rule=rule, points=points, evidence=evidence)


def _dearest(findings: Iterable[Finding]) -> list[Finding]:
    """Findings of one signal at one place count once: the dearer one."""
    places: dict[tuple[str | None, int | None, Side, str], Finding] = {}
    for finding in sorted(findings, key=_dearest_first):
        own = finding.rule if finding.path is None else ""
        places.setdefault((finding.path, finding.line, finding.side, own), finding)
    return [*places.values()]


def _capped(signal: str, cap: int, findings: Sequence[Finding]) -> Iterator[Finding]:
    """Keep findings, dearest first, up to the cap; say how many are left out."""
    room: float = cap
    left_out = 0
    for finding in findings:
        if room <= 0 < finding.points:
            left_out += 1
            continue
        points = min(finding.points, room)
        yield finding.model_copy(update={"points": points})
        room -= points
    if left_out:
        yield _charge(signal, 0, f"{left_out} more beyond the {cap} points of this signal")


def _within_bounds(findings: list[Finding]) -> list[Finding]:
    """Add what brings the sum back to 0 or 100, where it left them."""
    total = sum(finding.points for finding in findings)
    if total > MOST:
        while total - MOST > MOST:  # one finding holds at most 100 points
            findings = [*findings, _charge("cap", -MOST, "a score ends at 100 points")]
            total -= MOST
        return [*findings, _charge("cap", MOST - total, "a score ends at 100 points")]
    if total < 0:
        return [*findings, _charge("floor", -total, "a score begins at 0 points")]
    return findings


def _dearest_first(finding: Finding) -> tuple[float, str, int, str, str]:
    return (
        -finding.points,
        finding.path or "",
        finding.line or 0,
        finding.rule,
        finding.evidence,
    )
