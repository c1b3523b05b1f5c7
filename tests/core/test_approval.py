"""Only a fresh decision about this very plan, through a good enough door, is an approval."""

from datetime import UTC, datetime, timedelta

import pytest
from pydantic import ValidationError

from flagwright.core.approval import check_applicable
from flagwright.core.demand import ApprovalPolicy, LeastTier, accepts
from flagwright.core.proposal import plan_digest
from flagwright.core.records.decision import Decision
from flagwright.core.records.plan import Plan, PlanState
from flagwright.core.records.score import Band
from flagwright.errors import FlagwrightError

NOW = datetime(2026, 1, 2, tzinfo=UTC)
HOUR = timedelta(hours=1)
POLICY = ApprovalPolicy(
    plan_lifetime_h=168,
    approval_lifetime_h=1,
    least_tier=LeastTier(
        low="dialog", medium="out-of-band", high="out-of-band", critical="out-of-band"
    ),
)


def plan(band: Band = "high") -> Plan:
    return Plan(
        id="a" * 12,
        kind="wrap",
        flag="release.new-tax",
        root="/r",
        edits=(),
        proof=(),
        band=band,
        policy_digest="1" * 64,
        proposed_by="ada",
        created_at=NOW,
        expires_at=NOW + 24 * HOUR,
        digest="a" * 64,
    )


APPROVED = Decision(
    plan_digest="a" * 64,
    verdict="approved",
    by="ada",
    tier="out-of-band",
    at=NOW,
    expires_at=NOW + HOUR,
    nonce="n",
)


def check(
    *,
    state: PlanState = "approved",
    decision: Decision | None = APPROVED,
    band: Band = "high",
    policy_digest: str = "1" * 64,
    now: datetime = NOW,
) -> bool:
    return check_applicable(
        plan(band),
        state,
        decision,
        POLICY,
        server="unleash",
        policy_digest=policy_digest,
        now=now,
    )


def test_a_fresh_decision_about_this_plan_is_an_approval() -> None:
    assert check()
    assert check(now=NOW + HOUR - timedelta(seconds=1))


def test_a_plan_that_nobody_decided_waits() -> None:
    assert not check(state="proposed", decision=None)
    assert not check(state="approved", decision=None)


def test_a_dialog_is_enough_only_where_the_policy_says_so() -> None:
    dialog = APPROVED.model_copy(update={"tier": "dialog"})

    assert check(decision=dialog, band="low")
    assert not check(decision=dialog, band="medium")
    assert accepts("out-of-band", "dialog")


@pytest.mark.parametrize("state", ["applied", "undone", "rejected"])
def test_a_used_plan_is_used_for_ever(state: PlanState) -> None:
    with pytest.raises(FlagwrightError) as refused:
        check(state=state)

    assert refused.value.code == "plan-used"


@pytest.mark.parametrize(
    "now", [NOW + HOUR, NOW + 24 * HOUR, NOW + timedelta(days=365), NOW - timedelta(days=365)]
)
def test_an_approval_is_not_believed_when_the_clock_says_otherwise(now: datetime) -> None:
    with pytest.raises(FlagwrightError) as refused:
        check(now=now)

    assert refused.value.code == "plan-expired"


def test_an_approval_lasts_no_longer_than_the_policy_of_now_allows() -> None:
    generous = APPROVED.model_copy(update={"expires_at": NOW + 9 * HOUR})

    with pytest.raises(FlagwrightError) as refused:
        check(decision=generous, now=NOW + HOUR)

    assert refused.value.code == "plan-expired"


def test_an_old_plan_is_expired_before_anyone_is_asked() -> None:
    with pytest.raises(FlagwrightError) as refused:
        check(state="proposed", decision=None, now=NOW + 24 * HOUR)

    assert refused.value.code == "plan-expired"


def test_a_changed_policy_makes_a_plan_stale() -> None:
    with pytest.raises(FlagwrightError) as refused:
        check(policy_digest="2" * 64)

    assert refused.value.code == "plan-stale"


def test_an_approval_of_another_plan_is_none_of_this_one() -> None:
    with pytest.raises(FlagwrightError) as refused:
        check(decision=APPROVED.model_copy(update={"plan_digest": "b" * 64}))

    assert refused.value.code == "plan-stale"


@pytest.mark.parametrize("band", ["medium", "high", "critical"])
def test_no_policy_lowers_a_band_above_low_to_a_dialog(band: str) -> None:
    tiers = dict.fromkeys(("low", "medium", "high", "critical"), "out-of-band")

    with pytest.raises(ValidationError):
        LeastTier.model_validate(tiers | {band: "dialog"})


def test_a_plan_from_before_a_field_was_made_is_still_the_same() -> None:
    class Later(Plan):
        reviewers: tuple[str, ...] = ()

    kept = plan().model_dump()

    assert plan_digest(Later(**kept)) == plan_digest(plan())
    assert plan_digest(Later(**kept, reviewers=("grace",))) != plan_digest(plan())
