"""Lean answers of the steps: what an assistant pays tokens for, and what `--json` prints.

`status`, `message` and `next_step` come first: many clients hand the model nothing else to
go by. Words about what comes next are read from `prompts/next-steps.toml`.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Literal

from flagwright.core.patch import visible
from flagwright.core.records import (
    Assessment,
    Band,
    Decision,
    Finding,
    FlagState,
    LedgerEntry,
    Plan,
    PlanState,
    Record,
    Score,
    Segment,
    Verdict,
)

if TYPE_CHECKING:
    from flagwright.workbench import Examined, LedgerPage, PolicyReport, Proposal

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


def planned(kind: Literal["wrap", "retire"], proposal: "Proposal", words: Words) -> PlanAnswer:
    """Answer a request for a plan, whether there is anything to do or not."""
    if proposal.plan:
        return proposed(proposal.plan, words, notes=proposal.notes)
    return PlanAnswer(
        status="unchanged",
        message="No file needs an edit.",
        next_step=words[f"{kind}.unchanged"],
        coverage=dict(Counter(segment.treatment for segment in proposal.coverage)),
        not_covered=_not_covered(proposal.coverage),
        notes=tuple(visible(note) for note in proposal.notes),
    )


def applied(
    plan: Plan, status: Literal["applied", "awaiting-approval", "rejected"], words: Words
) -> ApplyAnswer:
    """Answer a request to apply a plan."""
    count = _files(len(plan.edits))
    message = {
        "applied": f"Plan {plan.id} is applied: {count} written.",
        "awaiting-approval": f"No person has decided on plan {plan.id} yet. No file was written.",
        "rejected": f"A person rejected plan {plan.id}. No file was written.",
    }[status]
    return ApplyAnswer(
        status=status,
        message=message,
        next_step=words[f"apply.{status}"].format(plan=plan.id),
        plan=plan.id,
        files=tuple(visible(edit.path) for edit in plan.edits) if status == "applied" else (),
    )


class PlanRow(Record):
    """One plan in a list."""

    plan: str
    state: PlanState
    kind: str
    flag: str
    files: int
    band: Band
    score: Score | None
    created_at: str
    by: str


class PlansAnswer(Answer):
    """The plans of this installation, newest first."""

    status: Literal["listed"] = "listed"
    plans: tuple[PlanRow, ...]


class DecisionAnswer(Answer):
    """What a person decided about a plan."""

    status: Literal["approved", "rejected"]
    plan: str


class UndoAnswer(Answer):
    """The files are as they were before the plan."""

    status: Literal["undone"] = "undone"
    plan: str
    files: tuple[str, ...]


def listed(rows: Sequence[tuple[Plan, PlanState]], words: Words) -> PlansAnswer:
    """Answer a list of plans."""
    return PlansAnswer(
        message=f"{len(rows)} plan{'s' * (len(rows) != 1)}.",
        next_step=words["plans.listed"],
        plans=tuple(
            PlanRow(
                plan=plan.id,
                state=state,
                kind=plan.kind,
                flag=plan.flag,
                files=len(plan.edits),
                band=plan.band,
                score=plan.score,
                created_at=plan.created_at.isoformat(timespec="seconds"),
                by=visible(plan.proposed_by),
            )
            for plan, state in rows
        ),
    )


def decided(plan: Plan, decision: Decision, words: Words) -> DecisionAnswer:
    """Answer a decision."""
    return DecisionAnswer(
        status=decision.verdict,
        message=f"Plan {plan.id} is {decision.verdict} by {visible(decision.by)} "
        f"({decision.tier}).",
        next_step=words[f"decide.{decision.verdict}"].format(plan=plan.id),
        plan=plan.id,
    )


def undone(plan: Plan, words: Words) -> UndoAnswer:
    """Answer an undone plan."""
    return UndoAnswer(
        message=f"{_files(len(plan.edits))} as before plan {plan.id}.",
        next_step=words["undo.undone"],
        plan=plan.id,
        files=tuple(visible(edit.path) for edit in plan.edits),
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


def ledger(page: "LedgerPage", words: Words) -> LedgerAnswer:
    """Answer what was recorded here."""
    return LedgerAnswer(
        message=f"{page.recorded} recorded, {page.delivered} delivered to the flag server, "
        f"{page.owed} owed" + (f", {page.set_aside} set aside." if page.set_aside else "."),
        next_step=words["ledger.read"],
        entries=tuple(view_entry(e, delivered=e.id not in page.owed_ids) for e in page.entries),
        recorded=page.recorded,
        delivered=page.delivered,
        owed=page.owed,
    )


def view_entry(entry: LedgerEntry, *, delivered: bool) -> EntryView:
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


def ledger_on_server(entries: Sequence[LedgerEntry], words: Words) -> LedgerAnswer:
    """Answer what the flag server itself holds, newest first."""
    count = len(entries)
    return LedgerAnswer(
        message=f"{count} entries on the flag server.",
        next_step=words["ledger.read"],
        entries=tuple(view_entry(entry, delivered=True) for entry in reversed(entries)),
        recorded=count,
        delivered=count,
        owed=0,
    )


# --- this installation


class ExaminedView(Record):
    """One thing that was looked at."""

    name: str
    ok: bool
    fact: str
    next_step: str | None = None


class DoctorAnswer(Answer):
    """What works, and what to do about the rest."""

    status: Literal["healthy", "unhealthy"]
    checks: tuple[ExaminedView, ...]


class PolicyView(Record):
    """One policy in force."""

    name: str
    file: str
    digest: str
    examples: int


class PoliciesAnswer(Answer):
    """Every policy loads, and agrees with its own examples."""

    status: Literal["valid"] = "valid"
    policies: tuple[PolicyView, ...]


def examined(results: Sequence["Examined"], words: Words) -> DoctorAnswer:
    """Answer an examination."""
    bad = [result for result in results if not result.ok]
    status: Literal["healthy", "unhealthy"] = "unhealthy" if bad else "healthy"
    return DoctorAnswer(
        status=status,
        message=f"{len(results) - len(bad)} of {len(results)} checks are fine.",
        next_step=words[f"doctor.{status}"],
        checks=tuple(
            ExaminedView(
                name=result.name, ok=result.ok, fact=visible(result.fact), next_step=result.fix
            )
            for result in results
        ),
    )


def policies(reports: Sequence["PolicyReport"], words: Words) -> PoliciesAnswer:
    """Answer that the policies hold."""
    return PoliciesAnswer(
        message=f"{len(reports)} policies load, and hold all their "
        f"{sum(report.examples for report in reports)} examples.",
        next_step=words["policy.valid"],
        policies=tuple(
            PolicyView(
                name=report.name,
                file=str(report.source),
                digest=report.digest,
                examples=report.examples,
            )
            for report in reports
        ),
    )
