"""What a rollout becomes, what is nonsense, and what the team lets happen."""

from typing import Any

import pytest
from pydantic import ValidationError

from flagwright.core.rollout import (
    Asked,
    RolloutPolicy,
    lowers,
    parse_constraint,
    reach,
    resolve,
    without_user,
)
from flagwright.core.strategy import Placement, Strategy, constraint_in_words, placed
from flagwright.errors import BadRequest

FLAG = "release.shop.mail"


def gradual(percent: int | str, **more: Any) -> Strategy:
    given = {"rollout": str(percent), "stickiness": "default", "groupId": FLAG}
    return Strategy(**{"id": f"id-{percent}", "parameters": given, **more})


def on(*strategies: Strategy) -> Placement:
    return Placement(on=True, strategies=strategies)


def becomes(now: Placement, **asked: Any) -> str:
    strategy = resolve(now, Asked(**asked), FLAG)
    return placed(Placement(on=now.on, strategies=(strategy,)), FLAG)


@pytest.mark.parametrize(
    "text",
    ["country IN de,at", "NOT userId IN 7", "age NUM_GTE 18", "appVersion SEMVER_LT 2.1.0",
     "currentTime DATE_AFTER 2026-01-02T03:04:05+00:00", "mail STR_ENDS_WITH @x.org"],
)  # fmt: skip
def test_a_constraint_is_read_as_it_is_written(text: str) -> None:
    assert constraint_in_words(parse_constraint(text)) == text


@pytest.mark.parametrize(
    "text",
    ["", "country", "country IN", "country IN ,", "country SOUNDS_LIKE de", "age NUM_GT old",
     "age NUM_GT nan", "age NUM_LT 1e999", "appVersion SEMVER_GT 2",
     "appVersion SEMVER_GT \u0661.2.3", "currentTime DATE_AFTER tomorrow"],
)  # fmt: skip
def test_a_constraint_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(BadRequest):
        parse_constraint(text)


@pytest.mark.parametrize(
    "asked",
    [{"percent": 1000}, {"percent": -1}, {}, {"percent": 1, "stickiness": " "},
     {"percent": 1, "stickiness": "no word"},
     {"percent": 1, "variants": {"blue": 60, "red": 60}}, {"percent": 1, "variants": {"a b": 100}},
     {"percent": 1, "variants": {"blue": 120, "red": -20}},
     *({"percent": 1, "variants": {"blue": share, "red": 50}}
       for share in (float("nan"), float("inf"), -float("inf"), 1e300)),
     *({"percent": 1, "variants": {"blue": 100}, "payloads": {"blue": text}}
       for text in ("json:{", "json:NaN", "number:many", "number:inf", "text:a", "json", "csv:",
                    "string:" + "x" * 10_001)),
     {"percent": 1, "variants": {"blue": 100}, "payloads": {"red": "string:a"}}],
)  # fmt: skip
def test_nonsense_is_refused(asked: dict[str, Any]) -> None:
    with pytest.raises(BadRequest):
        resolve(Placement(on=False), Asked(**asked), FLAG)


def test_rollouts_that_differ_are_not_guessed_from() -> None:
    now = on(gradual(5, segments=("beta",)), gradual(10))

    with pytest.raises(BadRequest, match="segments"):
        resolve(now, Asked(percent=20), FLAG)
    assert becomes(now, percent=20, segments=()) == "on, 20 %"
    with pytest.raises(BadRequest, match="percentage"):
        resolve(on(gradual(5), gradual(10)), Asked(), FLAG)


def test_a_percentage_that_no_server_should_have_taken_is_not_kept() -> None:
    with pytest.raises(BadRequest):
        resolve(on(gradual(1000)), Asked(stickiness="userId"), FLAG)


def test_a_variant_keeps_its_payload_and_all_follow_the_stickiness() -> None:
    asked = Asked(percent=50, variants={"blue": 50, "red": 50})
    first = resolve(Placement(on=False), asked, FLAG)
    blue = first.variants[0].model_copy(update={"payload": {"type": "string", "value": "x"}})
    now = on(first.model_copy(update={"variants": (blue, first.variants[1])}))

    then = resolve(now, Asked(stickiness="userId", variants={"blue": 10, "red": 90}), FLAG)

    assert [(v.name, v.weight, v.is_fixed) for v in then.variants] == [
        ("blue", 100, True),
        ("red", 900, False),
    ]
    assert then.variants[0].payload == blue.payload
    assert {v.stickiness for v in then.variants} == {"userId"}


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (on(gradual(50)), Placement(on=False, strategies=(gradual(50),)), True),
        (on(gradual(50)), on(gradual(5)), True),
        (on(gradual(50)), on(gradual(50)), True),
        (on(gradual(50)), on(gradual(51)), False),
        (on(gradual(50)), on(gradual(5, segments=("beta",))), False),
        (on(gradual(50), gradual(5)), on(gradual(5)), False),
        (on(), on(gradual(5)), False),
        (Placement(on=False, strategies=(gradual(5),)), on(gradual(5)), False),
    ],
)
def test_only_what_certainly_lets_nobody_new_in_lowers(
    before: Placement, after: Placement, expected: bool
) -> None:
    assert lowers(before, after) is expected


def test_on_without_a_strategy_reaches_everybody() -> None:
    assert (reach(on()), reach(on(gradual(5), gradual(30))), reach(Placement(on=False))) == (
        100,
        30,
        0,
    )


def policy(**more: Any) -> RolloutPolicy:
    steps = {"production": (0, 5, 50, 100)}
    return RolloutPolicy.model_validate(
        {"band": "medium", "full_days": 14, "unseen_days": 30, "quiet_hours": 24, "steps": steps}
        | more
    )


@pytest.mark.parametrize(
    ("strategies", "comes"),
    [
        ([gradual(5)], "toss"),
        ([gradual(100)], "same"),
        ([gradual(0)], "same"),
        ([gradual(5), gradual(100)], "same"),
        ([gradual(50, parameters={"rollout": "50", "stickiness": "userId"})], "nobody"),
        ([gradual(100, parameters={"rollout": "100", "stickiness": "userId"})], "nobody"),
        ([gradual(5, parameters={"rollout": "5", "stickiness": "tenant"}), gradual(5)], "toss"),
        ([], "same"),
    ],
)
def test_questions_without_a_user_are_a_toss_or_let_in_nobody(
    strategies: list[Strategy], comes: str
) -> None:
    assert without_user(on(*strategies)) == comes


def test_a_team_sets_the_steps_of_an_environment_and_less_is_always_allowed() -> None:
    assert policy().broken_by("production", 0, 50) is None
    assert policy().broken_by("production", 0, 37) is not None
    assert policy().broken_by("production", 50, 37) is None
    assert policy().broken_by("development", 0, 37) is None
    assert policy(one_by_one=True).broken_by("production", 0, 50) is not None
    assert policy(one_by_one=True).broken_by("production", 5, 50) is None


def test_a_policy_that_contradicts_its_example_does_not_load() -> None:
    step = {"environment": "production", "from_percent": 0, "to_percent": 37, "allowed": True}

    with pytest.raises(ValidationError, match="refuses this step"):
        policy(examples=[step])


def test_a_payload_is_set_by_the_name_of_its_variant_and_stays_until_it_is_taken_away() -> None:
    shares = {"blue": 25, "red": 75}
    asked = {"percent": 10, "variants": shares, "payloads": {"blue": 'json:{"a": "b:c"}'}}
    now = resolve(Placement(on=False), Asked(**asked), FLAG)
    there = Placement(on=True, strategies=(now,))

    assert becomes(there, percent=20) == ('on, 20 % as blue 25 % (json: {"a": "b:c"}), red 75 %')
    assert becomes(there, variants={"red": 50, "blue": 50}) == (
        'on, 10 % as red 50 %, blue 50 % (json: {"a": "b:c"})'
    )
    assert becomes(there, payloads={"red": "number:1.5", "blue": ""}) == (
        "on, 10 % as blue 25 %, red 75 % (number: 1.5)"
    )
    other = resolve(there, Asked(payloads={"blue": "string:x"}), FLAG)
    assert not lowers(there, Placement(on=True, strategies=(other,)))
