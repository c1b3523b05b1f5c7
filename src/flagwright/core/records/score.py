"""What is said of a change: a score, the findings that add up to it, and rules that it meets."""

from typing import Annotated, Literal

from pydantic import Field

from flagwright.core.record import Record, Sha256
from flagwright.core.records.change import Line, Side
from flagwright.core.records.decision import Raised

Points = Annotated[float, Field(ge=-100, le=100, description="Share of the score, in points.")]
Score = Annotated[float, Field(ge=0, le=100)]
Band = Literal["low", "medium", "high", "critical"]
Verdict = Literal["flag", "reuse", "already-flagged", "not-needed", "not-suited", "blocked"]
Severity = Literal["note", "require-flag", "require-approval", "block"]


class Finding(Record):
    """One reason for risk, at one place. The points of all findings add up to the score."""

    rule: str
    points: Points
    path: str | None = None
    """None where the whole change is the reason."""
    line: Line | None = None
    """Counted from 1, in the file on `side`."""
    side: Side = "after"
    evidence: str
    """The words or the code that were seen, never a guess about them."""


class RuleHit(Record):
    """A rule of the team that a change meets, and what it asks for."""

    rule: str
    severity: Severity
    title: str
    reason: str
    owner: str
    path: str | None = None
    line: Line | None = None
    side: Side = "after"
    evidence: str
    files: int = 1
    """How many files it is met in; the place is the first."""
    tier: Raised | None = None
    """Where an approval is asked for: the least door."""
    shadow: bool = False
    """Whether it only says what it would ask for."""
    waiver: str | None = None
    """Why it asks for nothing here, until when, and who said so."""
    waivable: bool = True
    """Whether a waiver would lift what it asks for."""

    @property
    def bites(self) -> bool:
        """Whether it asks for anything now."""
        return not self.shadow and self.waiver is None


class Assessment(Record):
    """A score and the findings that add up to it exactly: the usual first, then the weightiest."""

    score: Score
    band: Band
    percentile: Score
    """Share of other changes that score less, in percent."""
    compared_with: Literal["shipped", "project"]
    """Whose changes those are: the project's own, or of those that were shipped."""
    knows_past: bool = False
    """Whether the history counts; what is not known is as usual."""
    is_shallow: bool = False
    """Whether it does not count because the clone holds only its newest part."""
    is_first: bool = False
    """Whether it does not count because no code came before the change."""
    is_unplaced: bool = False
    """Whether others stand in for the project's own changes, of which too few have a score yet."""
    parts: dict[str, Score] = {}
    """Points of exposure, unfamiliarity and impact, which add up to the score."""
    verdict: Verdict
    because: str
    """Why this verdict, in one sentence."""
    must_split: bool = False
    """Whether only a change in steps could be taken back: expand, migrate, contract."""
    flags: tuple[str, ...] = ()
    """Flags already checked at or around the changed lines."""
    findings: tuple[Finding, ...]
    rules: tuple[RuleHit, ...] = ()
    """Rules of the team that the change meets, the hardest first."""
    shown_at: str = ""
    """The file with most new lines, for what is said of the whole change; empty: it has none."""
    warnings: tuple[str, ...] = ()
    """What the governance team should see to: lines that do not count, waivers that end."""
    in_part: tuple[str, ...] = ()
    """Policy files that count in part only, and that the change does not touch: a gate fails."""
    change_digest: Sha256
    policy_digest: Sha256
