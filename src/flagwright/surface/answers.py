"""Lean answers of the steps: what an assistant pays tokens for, and what `--json` prints.

`status`, `message` and `next_step` come first: many clients hand the model nothing else to
go by. Words about what comes next are read from `prompts/next-steps.toml`.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

from flagwright.core.patch import visible
from flagwright.core.records import (
    Assessment,
    Band,
    Finding,
    FlagState,
    LedgerEntry,
    Plan,
    Record,
    Score,
    Segment,
    Verdict,
)

Words = Mapping[str, str]
"""Next steps by `step.status`, with {placeholders}."""

TOP_FINDINGS = 6
TOP_PLACES = 8


class Answer(Record):
    """What every tool answers first."""

    status: str
    message: str
    next_step: str


# --- score


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


# --- flags


class FlagView(Record):
    """A flag on the server. Its description is other people's text."""

    name: str
    type: str
    description: str = ""
    owner: str | None = None
    expires_on: str | None = None
    on_in: tuple[str, ...] = ()
    """Environments in which it is on."""
    stale: bool = False
    archived: bool = False


class CreateAnswer(Answer):
    """The flag, made or found equal."""

    status: Literal["created", "exists"]
    flag: FlagView


class FindAnswer(Answer):
    """Flags of the project, best match first."""

    status: Literal["found", "none"]
    flags: tuple[FlagView, ...]
    total: int


def created(flag: FlagState, words: Words, *, new: bool) -> CreateAnswer:
    """Answer a creation, or its repetition."""
    status: Literal["created", "exists"] = "created" if new else "exists"
    return CreateAnswer(
        status=status,
        message=f"{flag.name} {'was created' if new else 'exists'}, {_where_on(flag)}.",
        next_step=words[f"create.{status}"],
        flag=view_flag(flag),
    )


def found(flags: Sequence[FlagState], total: int, words: Words) -> FindAnswer:
    """Answer a search."""
    status: Literal["found", "none"] = "found" if flags else "none"
    return FindAnswer(
        status=status,
        message=f"{total} flag{'s' * (total != 1)}"
        + (f", the first {len(flags)} listed." if total > len(flags) else "."),
        next_step=words[f"find.{status}"],
        flags=tuple(view_flag(flag) for flag in flags),
        total=total,
    )


def view_flag(flag: FlagState) -> FlagView:
    """Show a flag; a stranger's description is cut short and made visible."""
    return FlagView(
        name=visible(flag.name),
        type=flag.type,
        description=visible(flag.description[:160]),
        owner=visible(flag.owner) if flag.owner else None,
        expires_on=flag.expires_on.isoformat() if flag.expires_on else None,
        on_in=tuple(sorted(name for name, on in flag.environments.items() if on)),
        stale=flag.stale,
        archived=flag.archived,
    )


def _where_on(flag: FlagState) -> str:
    on = sorted(name for name, is_on in flag.environments.items() if is_on)
    return f"on in {', '.join(on)}" if on else "off everywhere"


# --- plans


class PlanAnswer(Answer):
    """A plan, or the reason why none is needed."""

    status: Literal["proposed", "unchanged"]
    plan: str | None = None
    files: tuple[str, ...] = ()
    coverage: dict[str, int] = {}
    """Changed places by what becomes of them."""
    not_covered: tuple[str, ...] = ()
    """`path:line why` of places that no flag controls."""
    proof: str | None = None
    notes: tuple[str, ...] = ()


class ApplyAnswer(Answer):
    """Whether the plan's files were written."""

    status: Literal["applied", "awaiting-approval", "rejected"]
    plan: str
    files: tuple[str, ...] = ()


def proposed(plan: Plan, words: Words, *, notes: Sequence[str] = ()) -> PlanAnswer:
    """Answer a plan to wrap a change or to retire a flag."""
    step, what = (
        ("wrap", "puts the change behind") if plan.kind == "wrap" else ("retire", "removes")
    )
    return PlanAnswer(
        status="proposed",
        message=f"Plan {plan.id} {what} {plan.flag} in {_files(len(plan.edits))}. "
        "No file was written.",
        next_step=words[f"{step}.proposed"].format(
            plan=plan.id, patch=f"flagwright://plans/{plan.id}/patch"
        ),
        plan=plan.id,
        files=tuple(visible(edit.path) for edit in plan.edits),
        coverage=dict(Counter(segment.treatment for segment in plan.coverage)),
        not_covered=_not_covered(plan.coverage),
        proof=prove_in_words(plan),
        notes=tuple(visible(note) for note in notes),
    )


def unchanged(
    kind: Literal["wrap", "retire"],
    coverage: Sequence[Segment],
    words: Words,
    *,
    notes: Sequence[str] = (),
) -> PlanAnswer:
    """Answer that no file needs an edit."""
    return PlanAnswer(
        status="unchanged",
        message="No file needs an edit.",
        next_step=words[f"{kind}.unchanged"],
        coverage=dict(Counter(segment.treatment for segment in coverage)),
        not_covered=_not_covered(coverage),
        notes=tuple(visible(note) for note in notes),
    )


def prove_in_words(plan: Plan) -> str:
    """Say in one line what was checked of every file of the plan."""
    sides = {
        "wrap": "flag off = the old code, flag on = the new code",
        "retire": f"what stays = the code with the flag {plan.keep}",
    }[plan.kind]
    return (
        f"{sides}; scopes, function kinds, names and untouched bytes kept "
        f"({_files(len(plan.proof))} checked)"
    )


def _not_covered(coverage: Iterable[Segment]) -> tuple[str, ...]:
    places = [
        f"{visible(segment.path)}:{segment.line} {visible(segment.because or '')}".strip()
        for segment in coverage
        if segment.treatment == "not-controllable"
    ]
    more = len(places) - TOP_PLACES
    return tuple(places[:TOP_PLACES]) + ((f"and {more} more",) if more > 0 else ())


def _files(count: int) -> str:
    return f"{count} file{'s' * (count != 1)}"


# --- the ledger


class EntryView(Record):
    """One recorded action."""

    seq: int
    at: str
    action: str
    outcome: str
    code: str | None = None
    flag: str | None = None
    plan: str | None = None
    score: float | None = None
    by: str
    delivered: bool


class LedgerAnswer(Answer):
    """What was recorded, newest first, and how much is still owed to the flag server."""

    status: Literal["read"] = "read"
    entries: tuple[EntryView, ...]
    recorded: int
    delivered: int
    owed: int


def entry_view(entry: LedgerEntry, *, delivered: bool) -> EntryView:
    """Show an entry without its digests."""
    actor = entry.actor
    who = ", ".join(part for part in (actor.person, actor.assistant) if part) or "unknown"
    return EntryView(
        seq=entry.seq,
        at=entry.at.isoformat(timespec="seconds"),
        action=entry.action,
        outcome=entry.outcome,
        code=entry.code,
        flag=entry.subject.flag,
        plan=entry.plan[:12] if entry.plan else None,
        score=entry.score,
        by=visible(f"{who} ({actor.tier or actor.door})"),
        delivered=delivered,
    )
