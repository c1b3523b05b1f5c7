"""Answer what is planned, decided, applied and undone."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Literal

from flagwright.core.patch import visible
from flagwright.core.record import Record
from flagwright.core.records.decision import Decision
from flagwright.core.records.plan import Plan, PlanState, Segment, Switch, Treatment
from flagwright.core.records.score import Band, Score
from flagwright.core.strategy import placed
from flagwright.surface.answer import Answer, Words
from flagwright.surface.answers.handover import left_out, not_in_commit
from flagwright.surface.answers.score import RuleView, view_rule

if TYPE_CHECKING:
    from flagwright.core.demand import Demand
    from flagwright.core.handover import Unstaged
    from flagwright.workbench.handover import Handed
    from flagwright.workbench.proposals import Proposal

TOP_PLACES, ALL_PLACES, TOP_LINES = 12, 200, 12
_TOLD: tuple[Treatment, ...] = ("not-controllable", "gone", "left")
POLLING = "an SDK asks every 15 s unless it is set otherwise"


class PlanAnswer(Answer):
    """A plan, or the reason why none is needed."""

    status: Literal["proposed", "unchanged", "archived", "held"]
    plan: str | None = None
    files: tuple[str, ...] = ()
    coverage: dict[str, int] = {}
    """Changed places by what becomes of them."""
    not_covered: tuple[str, ...] = ()
    """`path:line why` of places that no flag controls, or that are left when a flag goes."""
    proof: str | None = None
    rules: tuple[RuleView, ...] | None = None
    """Rules of the team that the change meets."""
    notes: tuple[str, ...] = ()


class ApplyAnswer(Answer):
    """Whether the plan's files were written."""

    status: Literal["applied", "awaiting-approval", "rejected"]
    plan: str
    files: tuple[str, ...] = ()


def planned(
    kind: Literal["wrap", "retire"],
    proposal: "Proposal",
    words: Words,
    *,
    flag: str,
    keep: str = "",
) -> PlanAnswer:
    """Answer a request for a plan, whether there is anything to do or not."""
    if proposal.plan:
        return _proposed(proposal.plan, proposal, words)
    message, step = "No file needs an edit.", f"{kind}.unchanged"
    if kind == "retire" and (left := len(proposal.coverage)):
        still = "1 place still names" if left == 1 else f"{left} places still name"
        message = f"No file needs an edit, but {still} the flag."
        step = "retire.left"
    return PlanAnswer(
        status="unchanged",
        message=message,
        next_step=words[step].format(flag=visible(flag), keep=keep),
        coverage=dict(Counter(segment.treatment for segment in proposal.coverage)),
        not_covered=_not_covered(proposal.coverage, most=ALL_PLACES),
        notes=tuple(visible(note) for note in proposal.notes),
    )


def _proposed(plan: Plan, proposal: "Proposal", words: Words) -> PlanAnswer:
    """A plan to wrap a change or to retire a flag, and who asks for more than usual."""
    what = "puts the change behind" if plan.kind == "wrap" else "removes"
    asking = [hit.rule for hit in plan.rules if hit.tier and hit.bites]
    asking += proposal.demand.rules if proposal.demand else ()
    step = f"{plan.kind}.proposed"
    if asking:
        step = "plan.attested" if _names_a_person(proposal.demand) else "plan.asked"
    return PlanAnswer(
        status="proposed",
        message=f"Plan {plan.id} {what} {plan.flag} in {_files(len(plan.edits))}. "
        "No file was written.",
        next_step=words[step].format(
            plan=plan.id,
            patch=f"flagwright://plans/{plan.id}/patch",
            rules=", ".join(asking),
            asks=_asked(proposal.demand),
        ),
        plan=plan.id,
        files=tuple(visible(edit.path) for edit in plan.edits),
        coverage=dict(Counter(segment.treatment for segment in plan.coverage)),
        not_covered=_not_covered(plan.coverage, plan=plan.id),
        proof=prove_in_words(plan),
        rules=tuple(map(view_rule, plan.rules)) or None,
        notes=tuple(visible(note) for note in proposal.notes),
    )


def applied(
    plan: Plan,
    status: Literal["applied", "awaiting-approval", "rejected"],
    words: Words,
    *,
    demand: "Demand | None" = None,
    page: str = "",
    handed: "Handed | None" = None,
    unstaged: "Unstaged | None" = None,
    seen_after_s: float | None = None,
) -> ApplyAnswer:
    """Answer a request to apply a plan.

    Args:
        demand: What the policy asks of an approval, where the plan waits for one.
        page: The address of the review page.
        handed: What git was given, where that was asked for.
        unstaged: What was written and the next commit would not hold.
        seen_after_s: When an application saw a switch, where that was measured.
    """
    count = _files(len(plan.edits))
    message = {
        "applied": f"Plan {plan.id} is applied: {count} written.",
        "awaiting-approval": f"Plan {plan.id} is not approved as the policy asks "
        f"({_asked(demand)}). No file was written.",
        "rejected": f"A person rejected plan {plan.id}. No file was written.",
    }[status]
    if plan.switch:
        message = _switched(plan, plan.switch, status) + seen_in_words(seen_after_s)
    if handed:
        message += f" {handed_over(handed)}"
    message += not_in_commit(plan, unstaged)
    step = f"{plan.kind}.applied" if status == "applied" else f"apply.{status}"
    if status == "awaiting-approval" and _names_a_person(demand):
        step = "apply.awaiting-attestation"
    if handed and handed.commit:
        step = "apply.committed"
    return ApplyAnswer(
        status=status,
        message=message,
        next_step=_staged_first(plan, unstaged, words)
        + words[step].format(
            plan=plan.id,
            flag=visible(plan.flag),
            keep=plan.keep,
            page=f"{page}/plans/{plan.id}",
            environment=visible(plan.switch.environment) if plan.switch else "",
        ),
        plan=plan.id,
        files=tuple(visible(edit.path) for edit in plan.edits) if status == "applied" else (),
    )


def _staged_first(plan: Plan, left: "Unstaged | None", words: Words) -> str:
    add = left.add(plan.root) if left else ""
    return words["apply.unstaged"].format(add=visible(add)) if add else ""


def handed_over(handed: "Handed") -> str:
    """Say what git was given, or why it was not."""
    if handed.failed:
        return f"But git has them not: {visible(handed.failed.fact)} {handed.failed.next_step}"
    left = left_out(handed.left_out)
    if handed.branch is None:
        return f"{_files(len(handed.paths))} staged.{left}"
    commit = (handed.commit or "")[:12]
    return f"{_files(len(handed.paths))} committed on {visible(handed.branch)} as {commit}.{left}"


def seen_in_words(seconds: float | None) -> str:
    """When an application could see a switch; nothing where that was not measured."""
    if seconds is None:
        return ""
    return f" An application could see it {seconds:.1f} s later; {POLLING}."


def _switched(plan: Plan, switch: Switch, status: str) -> str:
    where = visible(f"{plan.flag} in {switch.environment}")
    if status == "applied":
        return (
            f"Plan {plan.id} is applied: {where} is now {visible(placed(switch.after, plan.flag))}."
        )
    decided = "No person has decided on" if status == "awaiting-approval" else "A person rejected"
    return (
        f"{decided} plan {plan.id}{' yet' * (status == 'awaiting-approval')}: {where} is as it was."
    )


class PlanRow(Record):
    """One plan in a list."""

    plan: str
    state: PlanState
    kind: str
    flag: str
    repository: str
    """Its folder; empty where no file is touched."""
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
                repository=visible(plan.root),
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
        message=f"Plan {plan.id} is {decision.verdict} by {visible(decision.by)}"
        f"{f' ({decision.tier})' if decision.tier else ''}.",
        next_step=words[f"decide.{decision.verdict}"].format(plan=plan.id),
        plan=plan.id,
    )


def undone(plan: Plan, words: Words, *, unstaged: "Unstaged | None" = None) -> UndoAnswer:
    """Answer an undone plan.

    Args:
        unstaged: What was put back and the next commit would not hold.
    """
    what = _files(len(plan.edits)) if plan.root else visible(plan.flag)
    return UndoAnswer(
        message=f"{what} as before plan {plan.id}.",
        next_step=_staged_first(plan, unstaged, words)
        + words["undo.undone" if plan.root else "undo.switched"],
        plan=plan.id,
        files=tuple(visible(edit.path) for edit in plan.edits),
    )


def _names_a_person(demand: "Demand | None") -> bool:
    from flagwright.core.demand import NAMING

    return demand is not None and demand.tier in NAMING


def _asked(demand: "Demand | None") -> str:
    from flagwright.core.demand import demand_in_words

    return demand_in_words(demand) if demand else "by a person"


def prove_in_words(plan: Plan) -> str:
    """Say in one line what was checked of every file of the plan."""
    if plan.kind == "switch":
        return "no file changes; applied only while the flag is as it is now"
    sides = {
        "wrap": "flag off = the old code, flag on = the new code",
        "retire": f"what stays = the code with the flag {plan.keep}",
    }[plan.kind]
    return (
        f"{sides}{_apart(plan)}; scopes, function kinds, names and untouched bytes kept "
        f"({_files(len(plan.proof))} checked)"
    )


def _apart(plan: Plan) -> str:
    """What the off side of a plan in part has of the new code."""
    left = sum(s.treatment == "not-controllable" for s in plan.coverage)
    if plan.kind == "retire" or not left:
        return ""
    return f" (but for {left} place{'s' * (left != 1)} that both sides have as new)"


def _not_covered(
    coverage: Iterable[Segment], *, most: int = TOP_PLACES, plan: str = ""
) -> tuple[str, ...]:
    """The first places; what somebody may miss comes before what still names the flag.

    Lines of one file with one reason stand together.

    Args:
        plan: Which shows the others.
    """
    told = [s for s in coverage if s.treatment in _TOLD]
    told.sort(key=lambda segment: _TOLD.index(segment.treatment))
    lines: dict[tuple[str, str], list[int]] = {}
    for s in told:
        lines.setdefault((visible(s.path), visible(s.because or "")), []).append(s.line)
    places = [f"{path}:{_lines(of)} {why}".strip() for (path, why), of in lines.items()]
    more = len(places) - most
    rest = f"and {more} more" + (f": flagwright plans {plan}" if plan else "")
    return tuple(places[:most]) + ((rest,) if more > 0 else ())


def _lines(lines: Sequence[int]) -> str:
    more = len(lines) - TOP_LINES
    return ", ".join(map(str, lines[:TOP_LINES])) + (f" and {more} more" if more > 0 else "")


def _files(count: int) -> str:
    return f"{count} file{'s' * (count != 1)}"
