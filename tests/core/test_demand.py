"""What the policy asks of an approval: rules only ever ask for more, and examples must hold."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from flagwright.core.demand import ApprovalPolicy, Case, Demand, accepts, demand_in_words
from flagwright.core.records.decision import Tier
from flagwright.core.stops import tell

TIERS = {"low": "dialog", "medium": "out-of-band", "high": "out-of-band", "critical": "attested"}

WORDS = {"title": "Two people", "reason": "because", "owner": "ops"}


def policy(*, rules: dict[str, Any] | None = None, **more: Any) -> ApprovalPolicy:
    known = {"plan_lifetime_h": 1, "approval_lifetime_h": 1, "least_tier": TIERS}
    named = {name: WORDS | examples(rule) | rule for name, rule in (rules or {}).items()}
    return ApprovalPolicy.model_validate(known | {"rules": named} | more)


def examples(rule: dict[str, Any]) -> dict[str, Any]:
    """A case that meets every condition of a rule of these tests, and one that meets none."""
    place = (rule.get("environments") or [None])[0]
    near = writing((rule.get("bands") or ["low"])[0], "shop/pay/tax.py", environment=place)
    conditions = {"bands", "server", "path", "environments"} & rule.keys()
    far = [writing("low", "zzz.py", server="embedded")] if conditions else []
    return {"matches": [near], "passes": far}


def writing(band: str = "low", *paths: str, **more: Any) -> Case:
    return Case.model_validate({"band": band, "server": "unleash", "paths": paths} | more)


def test_without_a_rule_the_band_decides() -> None:
    assert policy().demand(writing("low")) == Demand(tier="dialog")
    assert policy().demand(writing("critical")) == Demand(tier="attested")


@pytest.mark.parametrize(
    ("condition", "met", "not_met"),
    [
        ({"bands": ["high"]}, writing("high"), writing("medium")),
        ({"server": "unleash"}, writing(), writing(server="embedded")),
        ({"path": "(^|/)pay/"}, writing("low", "a.py", "shop/pay/b.py"), writing("low", "pay.py")),
        ({"environments": ["production"]}, writing(environment="production"), writing()),
    ],
    ids=["band", "server", "path", "environment"],
)
def test_a_rule_counts_where_its_condition_is_met(
    condition: dict[str, Any], met: Case, not_met: Case
) -> None:
    asking = policy(rules={"more": condition | {"tier": "attested", "four_eyes": True}})

    assert asking.demand(met) == Demand(tier="attested", four_eyes=True, rules=("more",))
    assert not asking.demand(not_met).four_eyes


def test_all_conditions_of_a_rule_must_be_met() -> None:
    rule = {"bands": ["high"], "path": "pay", "tier": "attested", "owners": ["ada"]}
    both = policy(rules={"both": rule})

    assert both.demand(writing("high", "pay.py")).owners == (("ada",),)
    assert both.demand(writing("high", "a.py")).owners == ()
    assert both.demand(writing("low", "pay.py")).owners == ()


def test_of_several_rules_the_strictest_tier_counts_and_all_owners() -> None:
    several = policy(
        rules={
            "one": {"path": "pay", "tier": "attested", "owners": ["ada"]},
            "other": {"path": "tax", "tier": "attested", "owners": ["grace"]},
            "weak": {"tier": "out-of-band"},
        }
    )

    assert several.demand(writing("low", "pay.py", "tax.py")) == Demand(
        tier="attested", owners=(("ada",), ("grace",)), rules=("one", "other", "weak")
    )
    assert several.demand(writing("low")) == Demand(tier="out-of-band", rules=("weak",))


def test_a_switch_in_a_free_environment_needs_no_approval_unless_a_rule_asks() -> None:
    free = policy(free_environments=["development"])
    watched = policy(
        free_environments=["development"],
        rules={"all": {"environments": ["development"], "tier": "out-of-band"}},
    )

    assert free.demand(writing("high", environment="development")).tier is None
    assert free.demand(writing("high", environment="production")).tier == "out-of-band"
    assert free.demand(writing("high")).tier == "out-of-band"
    assert watched.demand(writing("high", environment="development")).tier == "out-of-band"


@given(
    band=st.sampled_from(["low", "medium", "high", "critical"]),
    tier=st.sampled_from(["out-of-band", "attested", "pull-request"]),
    environment=st.sampled_from([None, "development", "production"]),
)
def test_a_rule_never_asks_for_less(band: str, tier: Tier, environment: str | None) -> None:
    case = writing(band, environment=environment)
    before = policy(free_environments=["development"]).demand(case)

    after = policy(free_environments=["development"], rules={"r": {"tier": tier}}).demand(case)

    assert after.tier
    assert accepts(after.tier, before.tier)
    assert accepts(after.tier, tier)


@pytest.mark.parametrize("more", [{"four_eyes": True}, {"owners": ["ada"]}])
def test_a_rule_about_people_needs_a_tier_that_knows_them(more: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match="does not tell who approves"):
        policy(rules={"r": {"tier": "out-of-band"} | more})


def test_a_policy_that_contradicts_its_example_does_not_load() -> None:
    example = {"band": "high", "server": "embedded", "asks": "attested"}

    with pytest.raises(ValidationError, match="is out-of-band"):
        policy(examples=[example])


def test_it_is_told_what_stops_whom_and_what_nobody_can_give() -> None:
    told = {each.about: each for each in tell(policy(), "embedded")}
    real = {each.about: each for each in tell(policy(), "unleash")}

    assert "Does not stop a program with a shell" in told["medium, high risk"].fact
    assert not told["critical risk"].is_possible
    assert real["critical risk"].is_possible


def test_a_rule_in_the_shadow_asks_nothing_and_says_what_it_would() -> None:
    rule = {"path": "pay", "tier": "attested", "owners": ["ada"], "shadow": True}

    asked = policy(rules={"money": rule}).demand(writing("medium", "pay.py"))

    assert (asked.tier, asked.owners) == ("out-of-band", ())
    assert demand_in_words(asked) == (
        "out-of-band (shadow: money would ask for attested, by one of ada)"
    )


@pytest.mark.parametrize(
    ("said", "fact"),
    [
        ({"matches": [{"band": "low", "server": "unleash"}]}, "does not speak about this"),
        ({"passes": [{"band": "high", "server": "unleash"}]}, "the rule speaks about this"),
        ({"passes": []}, "no example shows"),
        ({"matches": []}, "at least 1"),
    ],
)
def test_a_rule_that_contradicts_its_own_examples_does_not_load(
    said: dict[str, Any], fact: str
) -> None:
    with pytest.raises(ValidationError, match=fact):
        policy(rules={"r": {"bands": ["high"], "tier": "attested"} | said})


def test_a_rule_counts_from_its_first_day_to_its_last() -> None:
    rule = {"tier": "attested", "from": date(2026, 1, 2), "until": date(2026, 1, 3)}
    asked = policy(rules={"two-days": rule})

    tiers = [asked.on(date(2026, 1, day)).demand(writing("medium")).tier for day in range(1, 5)]

    assert tiers == ["out-of-band", "attested", "attested", "out-of-band"]
