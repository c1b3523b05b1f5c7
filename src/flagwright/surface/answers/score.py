"""Answer a score."""

from typing import Literal

from flagwright.core.patch import visible
from flagwright.core.record import Record
from flagwright.core.records.decision import Raised
from flagwright.core.records.score import (
    Assessment,
    Band,
    Finding,
    RuleHit,
    Score,
    Severity,
    Verdict,
)
from flagwright.surface.answer import Answer, Words

TOP_FINDINGS, ROWS = 6, 12
"""What an assistant and a person at a terminal are shown without asking for more."""
MOST_BYTES, FEWEST = 1_200, 3
"""An answer for a program that is larger shows fewer findings, unless all are asked for."""


class FindingView(Record):
    """One reason, with its place as `path:line`."""

    rule: str
    points: float
    at: str | None = None
    evidence: str


class RuleView(Record):
    """A rule of the team that the change meets."""

    rule: str
    severity: Severity
    tier: Raised | None = None
    """Where it asks for an approval: the least door."""
    at: str | None = None
    says: str
    """Its title and reason; what it waits for, where it asks for nothing now."""


class ScoreAnswer(Answer):
    """A score whose listed findings add up to it exactly, in points of two decimals."""

    status: Literal["scored"] = "scored"
    score: Score
    band: Band
    percentile: float
    parts: dict[str, float]
    verdict: Verdict
    flags: tuple[str, ...] = ()
    findings: tuple[FindingView, ...]
    rules: tuple[RuleView, ...] | None = None
    warnings: tuple[str, ...] | None = None
    change: str
    policy: str


def scored(
    assessment: Assessment, words: Words, *, most: int | None, has_history: bool
) -> ScoreAnswer:
    """Answer a score; findings beyond `most` are added up in one line.

    Args:
        has_history: Whether there is a past that could be read.
    """
    answer = _scored(assessment, words, most, has_history=has_history)
    while most and FEWEST < most <= TOP_FINDINGS and len(answer.model_dump_json()) > MOST_BYTES:
        most -= 1
        answer = _scored(assessment, words, most, has_history=has_history)
    return answer


def _scored(
    assessment: Assessment, words: Words, most: int | None, *, has_history: bool
) -> ScoreAnswer:
    shown = assessment.findings[:most]
    rest = assessment.findings[len(shown) :]
    flags = ", ".join(assessment.flags)
    views = [_finding(finding) for finding in shown]
    if rest:
        views.append(
            FindingView(
                rule="others",
                points=round(sum(finding.points for finding in rest), 2),
                evidence=f"{len(rest)} more: {words['score.more']}",
            )
        )
    because = assessment.because
    if has_history and assessment.parts and not assessment.knows_past:
        because += f" {words[f'score.{_unknown(assessment)}']}"
    elif assessment.parts and assessment.is_unplaced:
        because += f" {words['score.unplaced']}"
    asking = [hit.rule for hit in assessment.rules if hit.bites and hit.severity != "note"]
    step = _step(assessment, is_asked=bool(asking))
    return ScoreAnswer(
        message=f"Risk {assessment.score:.2f} of 100 ({assessment.band}): {because}",
        next_step=words[f"score.{step}"].format(
            flags=flags, rules=", ".join(asking), change=assessment.change_digest[:8]
        ),
        score=assessment.score,
        band=assessment.band,
        percentile=assessment.percentile,
        parts=assessment.parts,
        verdict=assessment.verdict,
        flags=assessment.flags,
        findings=tuple(views),
        rules=tuple(map(view_rule, assessment.rules)) or None,
        warnings=_warnings(assessment, words) or None,
        change=assessment.change_digest,
        policy=assessment.policy_digest,
    )


def _unknown(assessment: Assessment) -> str:
    """Which words say why nothing is known of the past."""
    if assessment.is_shallow:
        return "shallow"
    return "first" if assessment.is_first else "unread"


def _step(assessment: Assessment, *, is_asked: bool) -> str:
    """Which words say what comes next: the verdict's, but for what it does not tell."""
    if assessment.verdict == "flag" and is_asked:
        return "flag-asked"
    if assessment.verdict == "not-needed" and assessment.in_part:
        return "mend-first"
    if assessment.verdict == "not-needed" and not assessment.findings:
        return "empty"
    if assessment.verdict == "not-suited" and assessment.must_split:
        return "split"
    if assessment.verdict == "not-suited" and is_asked:
        return "not-suited-asked"
    return assessment.verdict


def _warnings(assessment: Assessment, words: Words) -> tuple[str, ...]:
    told = assessment.warnings
    if assessment.in_part:
        told = (*told, words["score.in-part"].format(files=", ".join(assessment.in_part)))
    return tuple(map(visible, told))


def _finding(finding: Finding) -> FindingView:
    return FindingView(
        rule=finding.rule,
        points=finding.points,
        at=_place(finding),
        evidence=visible(finding.evidence),
    )


def view_rule(hit: RuleHit) -> RuleView:
    """A rule with what it asks for, or why it asks for nothing."""
    said = f"{hit.title}. {hit.reason}"
    if hit.shadow:
        said = f"In the shadow, asks for nothing yet. {said}"
    if hit.waiver:
        said = f"Waived {hit.waiver.rstrip('.')}. {said}"
    return RuleView(
        rule=hit.rule, severity=hit.severity, tier=hit.tier, at=_place(hit), says=visible(said)
    )


def _place(where: Finding | RuleHit) -> str | None:
    if where.path is None:
        return None
    place = f"{where.path}:{where.line}" if where.line else where.path
    return visible(place) + (" (before)" if where.side == "before" else "")
