"""Say who may move a plan from proposed to approved to applied.

Pure: the time comes in. Whoever asks gets `True` only for a decision about this very plan,
through a door that is good enough for its risk, that is still fresh.
"""

from datetime import datetime, timedelta

from flagwright.core.demand import ApprovalPolicy, Case, Server, accepts, strictest
from flagwright.core.records.decision import Decision
from flagwright.core.records.plan import Plan, PlanState
from flagwright.errors import PlanExpired, PlanStale, PlanUsed

CLOCK_SLACK = timedelta(minutes=1)
"""How far two readings of one clock may disagree before an approval is not believed."""


def case_of(plan: Plan, server: Server) -> Case:
    """A plan, as far as a policy looks at it."""
    return Case(
        band=plan.band,
        server=server,
        paths=tuple(edit.path for edit in plan.edits),
        least=strictest(hit.tier for hit in plan.rules if hit.bites),
        environment=plan.switch.environment if plan.switch else None,
    )


def check_applicable(
    plan: Plan,
    state: PlanState,
    decision: Decision | None,
    policy: ApprovalPolicy,
    *,
    server: Server,
    policy_digest: str,
    now: datetime,
) -> bool:
    """Whether a plan is approved; `False` while it still waits for a person.

    A decision through a door that the policy does not accept for the plan counts as no
    decision.

    Args:
        policy_digest: Of now, over the same policies as `plan.policy_digest`.

    Raises:
        PlanUsed: If it was applied, undone or rejected.
        PlanExpired: If the plan or its approval is too old, or the clock was turned back.
        PlanStale: If the policy changed, or the decision is about another plan.
    """
    _check_plan(plan, state, policy_digest=policy_digest, now=now)
    if state != "approved" or decision is None:
        return False
    if decision.plan_digest != plan.digest:
        raise PlanStale(f"The approval is not about plan {plan.id}.", next_step=again(plan))
    if decision.verdict == "rejected":
        raise PlanUsed(f"Plan {plan.id} was rejected by {decision.by}.", next_step=again(plan))
    if decision.tier is None or not accepts(
        decision.tier, policy.demand(case_of(plan, server)).tier
    ):
        return False
    lifetime = timedelta(hours=policy.approval_lifetime_h)
    if now >= min(decision.expires_at, decision.at + lifetime) or now < decision.at - CLOCK_SLACK:
        raise PlanExpired(
            f"The approval of plan {plan.id} is no longer fresh.",
            next_step=f"A person has to approve it again: flagwright approve {plan.id}",
        )
    return True


def _check_plan(plan: Plan, state: PlanState, *, policy_digest: str, now: datetime) -> None:
    if state in {"applied", "undone", "rejected"}:
        done = f"Nothing is left to do. To take it back: flagwright undo {plan.id}"
        raise PlanUsed(
            f"Plan {plan.id} was already {state}.",
            next_step=done if state == "applied" else again(plan),
        )
    if state == "expired" or now >= plan.expires_at or now < plan.created_at - CLOCK_SLACK:
        raise PlanExpired(f"Plan {plan.id} is too old to be applied.", next_step=again(plan))
    if plan.policy_digest != policy_digest:
        raise PlanStale(f"A policy changed since plan {plan.id} was made.", next_step=again(plan))


def again(plan: Plan) -> str:
    """How to have a plan made once more, in words."""
    if plan.switch:
        to = "on" if plan.switch.after.on else "off"
        command = f"switch {plan.flag} {to} --environment {plan.switch.environment}"
    elif plan.kind == "retire":
        command = f"retire {plan.flag} --keep {plan.keep}"
    else:
        command = f"wrap {plan.flag}"
    return f"Make the plan again, and have the new one approved: flagwright {command}"
