"""A lower layer of a policy only makes it stricter."""

from datetime import date
from typing import Any

import pytest
from pydantic import ValidationError

from flagwright.adapters.shipped.place import find, read
from flagwright.adapters.shipped.toml import parse
from flagwright.core.demand import ApprovalPolicy
from flagwright.core.naming.policy import NamingPolicy
from flagwright.core.policy.rules import RulesPolicy
from flagwright.core.policy.stricter import Loosened, joined, overlaid, tightened
from flagwright.core.policy.waivers import WaiversPolicy
from flagwright.core.record import Record
from flagwright.core.risk.policy import RiskPolicy
from flagwright.core.rollout import RolloutPolicy
from flagwright.core.wrapping.policy import WrappingPolicy

MODELS: dict[str, type[Record]] = {
    "naming": NamingPolicy,
    "risk": RiskPolicy,
    "rules": RulesPolicy,
    "wrapping": WrappingPolicy,
    "approval": ApprovalPolicy,
    "rollout": RolloutPolicy,
}
RULE = {"title": "t", "reason": "r", "matches": ["a.py"], "passes": ["b.py"], "path": "a"}
OWN = {
    "title": "t",
    "reason": "r",
    "owner": "o",
    "paths": ["a.py"],
    "matches": ["a.py"],
    "passes": ["b.py"],
}


def shipped(name: str) -> dict[str, Any]:
    path = find(f"policies/{name}.toml", None)
    return parse(read(path), path)


@pytest.mark.parametrize(
    ("name", "below"),
    [
        ("naming", {"max_chars": 40}),
        ("naming", {"forbidden_words": ["really"]}),
        ("naming", {"similar_from": 70}),
        ("naming", {"types": {"release": {"max_days": 20}}}),
        ("naming", {"types": {"kill-switch": {"max_days": 90, "requires": ["expires_on"]}}}),
        ("risk", {"bands": {"high": "riskiest 30 %"}}),
        ("risk", {"flag": {"due": "riskiest 60 %"}}),
        ("risk", {"sensitive_path": {"cap": 10, "rules": {"access": {"points": 6}}}}),
        ("risk", {"sensitive_path": {"rules": {"loans": {**RULE, "points": 3}}}}),
        ("risk", {"sensitive_path": {"rules": {"access": {"severity": "block"}}}}),
        ("rules", {"rules": {"own": {**OWN, "severity": "note"}}}),
        ("rules", {"rules": {"policy-change": {"severity": "block"}}}),
        ("wrapping", {"check": 'on("{flag}")', "max_file_kb": 100}),
        ("wrapping", {"remembering_decorators": ["memo"]}),
        ("approval", {"plan_lifetime_h": 24}),
        ("wrapping", {"pure_calls": ["set"]}),
        ("rollout", {"band": "high", "one_by_one": True, "full_days": 7, "quiet_hours": 48}),
        ("rollout", {"steps": {"production": [0, 10, 100]}}),
        ("risk", {}),
    ],
)
def test_what_is_stricter_counts(name: str, below: dict[str, Any]) -> None:
    merged = tightened(MODELS[name], shipped(name), below)

    assert MODELS[name].model_validate_json(_json(merged), strict=True)
    if below:
        assert merged != shipped(name)


@pytest.mark.parametrize(
    ("name", "below", "key"),
    [
        ("naming", {"max_chars": 80}, "max_chars"),
        ("naming", {"pattern": ".*"}, "pattern"),
        ("naming", {"types": {"release": {"max_days": 400}}}, "types.release.max_days"),
        ("risk", {"bands": {"high": "riskiest 1 %"}}, "bands.high"),
        ("risk", {"parts": {"impact": 0}}, "parts.impact"),
        ("risk", {"weights": "weights-mine"}, "weights"),
        ("risk", {"flag": {"due": "riskiest 1 %"}}, "flag.due"),
        ("risk", {"files": {"tests": {"path": "."}}}, "files.tests.path"),
        (
            "risk",
            {"sensitive_path": {"rules": {"access": {"points": 1}}}},
            "sensitive_path.rules.access.points",
        ),
        (
            "risk",
            {"sensitive_path": {"rules": {"nice": {**RULE, "points": -9}}}},
            "sensitive_path.rules.nice.points",
        ),
        (
            "risk",
            {"sensitive_path": {"rules": {"access": {"shadow": True}}}},
            "sensitive_path.rules.access.shadow",
        ),
        (
            "rules",
            {"rules": {"policy-change": {"severity": "note"}}},
            "rules.policy-change.severity",
        ),
        (
            "rules",
            {"rules": {"policy-change": {"until": date(2026, 1, 1)}}},
            "rules.policy-change.until",
        ),
        (
            "rules",
            {"rules": {"policy-change": {"paths": ["nowhere/"]}}},
            "rules.policy-change.paths",
        ),
        ("wrapping", {"allow_partial": True}, "allow_partial"),
        ("wrapping", {"tests": ["*"]}, "tests"),
        ("approval", {"plan_lifetime_h": 700}, "plan_lifetime_h"),
        ("approval", {"least_tier": {"low": "dialog"}}, "least_tier.low"),
        ("approval", {"free_environments": ["production"]}, "free_environments"),
        ("rollout", {"band": "low"}, "band"),
        ("rollout", {"unseen_days": 300}, "unseen_days"),
        ("rollout", {"quiet_hours": 1}, "quiet_hours"),
    ],
)
def test_what_is_looser_is_refused_by_its_key(name: str, below: dict[str, Any], key: str) -> None:
    with pytest.raises(Loosened) as caught:
        tightened(MODELS[name], shipped(name), below)

    assert ".".join(map(str, caught.value.key)) == key


@pytest.mark.parametrize("below", [{"colour": 3}, {"types": {"mine": {"prefix": "mine."}}}])
def test_what_no_policy_knows_is_left_for_the_model_to_name(below: dict[str, Any]) -> None:
    merged = tightened(NamingPolicy, shipped("naming"), below)

    with pytest.raises(ValidationError):
        NamingPolicy.model_validate(merged)


def test_a_layer_may_open_a_setting_or_a_table_to_those_below() -> None:
    below = {"bands": {"high": "riskiest 1 %"}, "parts": shipped("risk")["parts"]}

    assert tightened(RiskPolicy, shipped("risk"), below, ["bands"])["bands"]["high"]
    assert tightened(RiskPolicy, shipped("risk"), below, ["bands.high"])["bands"]["high"]
    with pytest.raises(Loosened):
        tightened(RiskPolicy, shipped("risk"), below, ["bands.hi", "high"])


@pytest.mark.parametrize("opened", ["types", "types.release", "types.release.prefix"])
def test_what_a_lower_layer_does_not_name_of_an_open_table_stays(opened: str) -> None:
    above = shipped("naming")
    below = {"types": {"release": {"prefix": "shop-"}}}

    types = tightened(NamingPolicy, above, below, [opened])["types"]

    assert types == above["types"] | {"release": above["types"]["release"] | {"prefix": "shop-"}}


def test_an_open_list_is_replaced_and_exceptions_are_added() -> None:
    segments = [[{"name": "type"}], [{"name": "team"}]]
    naming = {**shipped("naming"), "segments": segments[0]}
    waivers = [{"rule": rule} for rule in ("one", "other")]

    named = tightened(NamingPolicy, naming, {"segments": segments[1]}, ["segments"])
    waived = tightened(
        WaiversPolicy, {"waivers": waivers[:1]}, {"waivers": waivers[1:]}, ["waivers"]
    )

    assert named["segments"] == segments[1]
    assert waived["waivers"] == waivers


def test_steps_of_a_rollout_may_only_be_taken_away() -> None:
    above = {"steps": {"production": [0, 10, 100]}}

    fewer = tightened(RolloutPolicy, above, {"steps": {"production": [0, 100]}})
    with pytest.raises(Loosened) as caught:
        tightened(RolloutPolicy, above, {"steps": {"production": [0, 50, 100]}})

    assert fewer["steps"]["production"] == [0, 100]
    assert caught.value.key == ("steps", "production")


def test_what_the_organisation_says_goes_over_what_ships_setting_by_setting() -> None:
    assert overlaid({"a": {"b": 1, "c": 2}, "d": [1]}, {"a": {"b": 3}, "d": [2]}) == {
        "a": {"b": 3, "c": 2},
        "d": [2],
    }


def _json(value: object) -> str:
    import json

    return json.dumps(value, default=str)


@pytest.mark.parametrize("turned", [False, True])
def test_of_two_that_are_as_low_the_stricter_counts_whichever_comes_first(turned: bool) -> None:
    above = shipped("naming")
    both: list[dict[str, Any]] = [
        {"max_chars": 40, "forbidden_words": ["cart"], "types": {"release": {"max_days": 10}}},
        {"max_chars": 50, "types": {"release": {"max_days": 5, "prefix": "release.shop."}}},
    ]
    first, second = both[::-1] if turned else both

    found = joined(NamingPolicy, tightened(NamingPolicy, above, first), second)

    assert found["max_chars"] == 40
    assert found["forbidden_words"][-1] == "cart"
    assert found["types"]["release"]["max_days"] == 5
    assert found["types"]["release"]["prefix"] == "release.shop."


def test_of_two_that_cannot_both_hold_the_first_counts_without_the_others_examples() -> None:
    here, there = (
        {"types": {"release": {"prefix": f"release.{name}."}}, "accepts": [f"release.{name}.x"]}
        for name in ("here", "there")
    )

    found = joined(NamingPolicy, tightened(NamingPolicy, shipped("naming"), here), there)

    assert (found["types"]["release"]["prefix"], found["accepts"]) == ("release.here.", [])
