"""What an edit of a policy means: which way it goes, and nothing about text or examples."""

from datetime import date
from typing import Any

import pytest

from flagwright.adapters.shipped import Own, load_policy
from flagwright.core.demand import ApprovalPolicy, Case, Rule
from flagwright.core.naming.policy import NamingPolicy
from flagwright.core.policy.difference import differences
from flagwright.core.policy.rules import RulesPolicy
from flagwright.core.policy.waivers import Waiver, WaiversPolicy

MAIL = {
    "title": "Mail", "reason": "r", "owner": "o", "severity": "block", "paths": ["mail.py"],
    "matches": ["mail.py"], "passes": ["cart.py"],
}  # fmt: skip
SHIPPED = load_policy(NamingPolicy, "naming", Own()).policy
WORDS = list(SHIPPED.forbidden_words)


@pytest.mark.parametrize(
    ("edit", "effect"),
    [
        ({"max_chars": 50}, "stricter"),
        ({"max_chars": 70}, "looser"),
        ({"forbidden_words": [*WORDS, "cart"]}, "stricter"),
        ({"forbidden_words": [*WORDS[1:], "cart"]}, "other"),
        ({"forbidden_words": WORDS[1:]}, "looser"),
        ({"forbidden_words": WORDS[::-1]}, "other"),
        ({"pattern": "release[.].*", "accepts": [], "rejects": []}, "other"),
        ({"accepts": ["release.tax"], "rejects": ["tax"]}, None),
    ],
)
def test_an_edit_goes_one_way_or_the_other(edit: dict[str, Any], effect: str | None) -> None:
    edited = NamingPolicy.model_validate(SHIPPED.model_dump() | edit)

    found = differences("naming", NamingPolicy, SHIPPED, edited)

    assert [one.effect for one in found] == ([effect] if effect else [])


def test_a_waiver_makes_looser_and_its_end_stricter() -> None:
    waiver = Waiver(
        rule="no-pricing",
        scope=("old/",),
        reason="r",
        approver="ada",
        granted=date(2026, 1, 1),
        expires=date(2026, 2, 1),
    )
    other = waiver.model_copy(update={"rule": "other"})
    some = [WaiversPolicy(waivers=waivers) for waivers in ((), (waiver,), (other,))]

    def effects(before: WaiversPolicy, after: WaiversPolicy) -> list[str]:
        return [one.effect for one in differences("waivers", WaiversPolicy, before, after)]

    assert effects(some[0], some[1]) == ["looser"]
    assert effects(some[1], some[0]) == ["stricter"]
    assert effects(some[1], some[2]) == ["other"]


def test_a_rule_about_approvals_is_told_by_what_it_asks_for() -> None:
    shipped = load_policy(ApprovalPolicy, "approval", Own()).policy
    rule = Rule(
        title="Money needs two",
        reason="r",
        owner="o",
        tier="attested",
        four_eyes=True,
        matches=(Case(band="low", server="unleash"),),
    )
    edited = shipped.model_copy(update={"rules": {**shipped.rules, "two": rule}})

    (found,) = differences("approval", ApprovalPolicy, shipped, edited)

    assert found.after == "Money needs two (attested, somebody other than the author)"
    assert found.effect == "stricter"


def test_a_rule_that_is_only_tried_out_makes_nothing_stricter() -> None:
    def rules(**more: Any) -> RulesPolicy:
        return RulesPolicy.model_validate({"rules": {"mail": {**MAIL, **more}}})

    def effects(before: RulesPolicy, after: RulesPolicy) -> list[str]:
        return [one.effect for one in differences("rules", RulesPolicy, before, after)]

    assert effects(RulesPolicy(), rules(shadow=True)) == ["other"]
    assert effects(rules(shadow=True), RulesPolicy()) == ["other"]
    assert effects(rules(shadow=True), rules(shadow=True, severity="note")) == ["other"]
    assert effects(rules(shadow=True), rules()) == ["stricter"]
    assert effects(RulesPolicy(), rules()) == ["stricter"]


def test_segments_and_patterns_are_told_as_they_are_written() -> None:
    parts = [{"name": "team", "values": ["pay"]}, {"name": "change", "min_chars": 4}]
    edited = NamingPolicy.model_validate(
        SHIPPED.model_dump()
        | {"segments": parts, "pattern": r"pay\.[a-z]+", "accepts": [], "rejects": []}
    )

    told = {one.key: one.after for one in differences("naming", NamingPolicy, SHIPPED, edited)}

    assert told == {
        "pattern": r'"pay\.[a-z]+"',
        "segments": "name team, values pay, case kebab, min_chars 1, max_chars 40; "
        "name change, case kebab, min_chars 4, max_chars 40",
    }
