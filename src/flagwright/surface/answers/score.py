"""Answer a score."""

from typing import Literal

from flagwright.core.patch import visible
from flagwright.core.records import Assessment, Band, Finding, Record, Score, Verdict
from flagwright.surface.answers.answer import Answer, Words

TOP_FINDINGS = 6


class FindingView(Record):
    """One reason, with its place as `path:line`."""

    rule: str
    points: float
    at: str | None = None
    evidence: str


class ScoreAnswer(Answer):
    """A score whose listed findings add up to it exactly."""

    status: Literal["scored"] = "scored"
    score: Score
    band: Band
    verdict: Verdict
    flags: tuple[str, ...] = ()
    findings: tuple[FindingView, ...]
    change: str
    policy: str


def scored(assessment: Assessment, words: Words, *, detail: bool) -> ScoreAnswer:
    """Answer a score; without `detail`, the cheaper findings are added up in one line."""
    shown = assessment.findings if detail else assessment.findings[:TOP_FINDINGS]
    rest = assessment.findings[len(shown) :]
    flags = ", ".join(assessment.flags)
    views = [_finding(finding) for finding in shown]
    if rest:
        views.append(
            FindingView(
                rule="others",
                points=sum(finding.points for finding in rest),
                evidence=f"{len(rest)} more: " + ", ".join(sorted({f.rule for f in rest})),
            )
        )
    return ScoreAnswer(
        message=f"Risk {assessment.score:g} of 100 ({assessment.band}): {assessment.because}",
        next_step=words[f"score.{assessment.verdict}"].format(flags=flags),
        score=assessment.score,
        band=assessment.band,
        verdict=assessment.verdict,
        flags=assessment.flags,
        findings=tuple(views),
        change=assessment.change_digest,
        policy=assessment.policy_digest,
    )


def _finding(finding: Finding) -> FindingView:
    place = None
    if finding.path:
        place = f"{finding.path}:{finding.line}" if finding.line else finding.path
        place = visible(place) + (" (before)" if finding.side == "before" else "")
    return FindingView(
        rule=finding.rule, points=finding.points, at=place, evidence=visible(finding.evidence)
    )
