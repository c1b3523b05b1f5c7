"""Answer a score."""

from typing import Literal

from flagwright.core.patch import visible
from flagwright.core.records import Assessment, Band, Finding, Record, Score, Verdict
from flagwright.surface.answers.answer import Answer, Words

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
                evidence=f"{len(rest)} more: ask for detail",
            )
        )
    because = assessment.because
    if has_history and not assessment.knows_past:
        because += f" {words['score.unread']}"
    return ScoreAnswer(
        message=f"Risk {assessment.score:.2f} of 100 ({assessment.band}): {because}",
        next_step=words[f"score.{assessment.verdict}"].format(flags=flags),
        score=assessment.score,
        band=assessment.band,
        percentile=assessment.percentile,
        parts=assessment.parts,
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
