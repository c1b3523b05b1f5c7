"""Say who may move a plan from proposed to approved to applied.

Pure: the time comes in. Whoever asks gets `True` only for a decision about this very plan,
through a door that is good enough for its risk, that is still fresh.
"""

from datetime import datetime, timedelta
from typing import Annotated, Literal

from pydantic import Field

from flagwright.core.records import Band, Decision, Plan, PlanState, Record, Tier
from flagwright.errors import PlanExpired, PlanStale, PlanUsed

CLOCK_SLACK = timedelta(minutes=1)
"""How far two readings of one clock may disagree before an approval is not believed."""

_RANK: dict[Tier, int] = {"dialog": 0, "out-of-band": 1}
_AGAIN = "Make the plan again and have the new one approved."


class LeastTier(Record):
    """The least door for each band; only the lowest band may use the client's dialog."""

    low: Tier
    medium: Literal["out-of-band"]
    high: Literal["out-of-band"]
    critical: Literal["out-of-band"]


class ApprovalPolicy(Record):
    """Through which door each band is approved, and how long plans and approvals last."""

    plan_lifetime_h: Annotated[int, Field(ge=1, le=24 * 30)]
    approval_lifetime_h: Annotated[int, Field(ge=1, le=24)]
    least_tier: LeastTier


def required_tier(policy: ApprovalPolicy, band: Band) -> Tier:
    """Least tier through which a plan of this band may be approved."""
    tier: Tier = getattr(policy.least_tier, band)
    return tier


def accepts(tier: Tier, required: Tier) -> bool:
    """Whether a decision through `tier` is good enough where `required` is asked for."""
    return _RANK[tier] >= _RANK[required]


def check_applicable(
    plan: Plan,
    state: PlanState,
    decision: Decision | None,
    policy: ApprovalPolicy,
    *,
    policy_digest: str,
    now: datetime,
) -> bool:
    """Whether a plan is approved; `False` while it still waits for a person.

    A decision through a door that the policy does not accept for the plan's band counts as
    no decision.

    Args:
        plan: What would be applied.
        state: Where the store says it stands.
        decision: The newest decision about it, if any.
        policy: The approval policy of now.
        policy_digest: Of now, over the same policies as `plan.policy_digest`.
        now: Aware UTC.

    Raises:
        PlanUsed: If it was applied, undone or rejected.
        PlanExpired: If the plan or its approval is too old, or the clock was turned back.
        PlanStale: If the policy changed, or the decision is about another plan.
    """
    _check_plan(plan, state, policy_digest=policy_digest, now=now)
    if state != "approved" or decision is None:
        return False
    if decision.plan_digest != plan.digest:
        raise PlanStale(f"The approval is not about plan {plan.id}.", next_step=_AGAIN)
    if decision.verdict == "rejected":
        raise PlanUsed(f"Plan {plan.id} was rejected by {decision.by}.", next_step=_AGAIN)
    if not accepts(decision.tier, required_tier(policy, plan.band)):
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
            f"Plan {plan.id} was already {state}.", next_step=done if state == "applied" else _AGAIN
        )
    if state == "expired" or now >= plan.expires_at or now < plan.created_at - CLOCK_SLACK:
        raise PlanExpired(f"Plan {plan.id} is too old to be applied.", next_step=_AGAIN)
    if plan.policy_digest != policy_digest:
        raise PlanStale(f"A policy changed since plan {plan.id} was made.", next_step=_AGAIN)
