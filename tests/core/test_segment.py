"""The parts of a flag's name, and the better name that is made of them."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flagwright.core.naming.better import suggest
from flagwright.core.naming.judge import judge
from flagwright.core.naming.policy import NamingPolicy, broken_rules
from flagwright.core.records.flag import FlagSpec
from flagwright.core.segment import Segment
from flagwright.errors import NameRefused

TYPES = {"release": {"prefix": "release."}, "operational": {"prefix": "ops."}}
SEGMENTS: list[dict[str, Any]] = [
    {"name": "type", "values": ["release", "ops"]},
    {"name": "area", "values": ["checkout", "search", "mail"], "optional": True},
    {"name": "change", "min_chars": 3, "max_chars": 20},
    {"name": "ticket", "case": "plain", "optional": True, "min_chars": 4, "max_chars": 9},
]


def policy(**settings: Any) -> NamingPolicy:
    content = {
        "pattern": r"[a-z0-9._-]+",
        "max_chars": 60,
        "similar_from": 85,
        "accepts": [],
        "rejects": [],
        "types": TYPES,
        "segments": SEGMENTS,
    }
    return NamingPolicy.model_validate({**content, **settings})


def spec(name: str) -> FlagSpec:
    return FlagSpec(name=name, type="release", project="default")


@pytest.mark.parametrize(
    ("name", "because"),
    [
        ("release.checkout.new-tax", None),
        ("release.new-tax", None),
        ("release.checkout.new-tax.shop123", None),
        ("release.kitchen.new-tax", "area 'kitchen' is none of checkout, search, mail"),
        ("release.checkout.new_tax", "change 'new_tax' is not in kebab case"),
        ("release.ab", "change 'ab' has 2 characters, not 3 to 20"),
        ("release", "it has 1 part; a name reads type.[area].change.[ticket]"),
        ("release.a.b.c.d", "it has 5 parts"),
    ],
)
def test_each_part_is_what_its_segment_says(name: str, because: str | None) -> None:
    broken = broken_rules(name, policy(), "release")

    assert any(because in one for one in broken) if because else broken == ()


@pytest.mark.parametrize(
    ("name", "better"),
    [
        ("release.chekout.new-tax", "release.checkout.new-tax"),
        ("Checkout.NewTax", "release.checkout.new-tax"),
        ("release.checkout.new_tax", "release.checkout.new-tax"),
        ("new tax", "release.new-tax"),
        ("release.checkout." + "very-long-" * 5 + "name", "release.checkout.very-long-very-long"),
    ],
)
def test_a_better_name_has_the_right_parts(name: str, better: str) -> None:
    assert suggest(name, policy(), "release") == better


SEGMENT = st.fixed_dictionaries(
    {
        "name": st.sampled_from(["team", "area", "change", "ticket"]),
        "values": st.lists(st.from_regex(r"[a-z][a-z0-9]{0,6}", fullmatch=True), max_size=3),
        "case": st.sampled_from(["kebab", "snake", "plain"]),
        "min_chars": st.integers(1, 4),
        "max_chars": st.integers(4, 12),
        "optional": st.booleans(),
    }
)


@settings(max_examples=150)
@given(
    name=st.text(max_size=40) | st.from_regex(r"[a-zA-Z]+([._-][a-zA-Z0-9]+){0,4}", fullmatch=True),
    parts=st.lists(SEGMENT, min_size=1, max_size=4),
    separator=st.sampled_from([".", "-", "_"]),
)
def test_a_better_name_is_always_one_that_passes(
    name: str, parts: list[dict[str, Any]], separator: str
) -> None:
    made = policy(
        segments=[{"name": "type", "values": ["release"]}, *parts],
        separator=separator,
        types={"release": {"prefix": f"release{separator}"}},
    )

    better = suggest(name, made, "release")

    assert better is None or broken_rules(better, made, "release") == ()


def test_a_name_that_is_nearly_anothers_is_refused_where_the_policy_says_so() -> None:
    spec = FlagSpec(name="release.checkout.new-taxes", owner="o", description="d")
    today, others = date(2026, 1, 1), ["release.checkout.new-tax"]

    judge(spec, policy(), today=today, others=others)
    with pytest.raises(NameRefused, match=r"nearly the name of release\.checkout\.new-tax"):
        judge(spec, policy(near_duplicates="refuse"), today=today, others=others)


@pytest.mark.parametrize(
    ("name", "pattern", "others", "better"),
    [
        ("Checkout.NewTax", None, [], "release.checkout.new-tax"),
        ("Checkout.NewTax", r"[a-z-]+\.[a-z-]+", [], "release.checkout-new-tax"),
        ("release.new-tax", r"release\.checkout\..*", [], None),
        ("Checkout.NewTax", None, ["release.checkout.new-taxe"], None),
        ("Checkout.NewTax", "[A-Z].*", [], None),
    ],
)
def test_a_better_name_is_refused_neither_by_the_server_nor_for_anothers(
    name: str, pattern: str | None, others: list[str], better: str | None
) -> None:
    spec = FlagSpec(name=name, owner="o", description="d")
    strict = policy(near_duplicates="refuse")

    with pytest.raises(NameRefused) as caught:
        judge(spec, strict, today=date(2026, 1, 1), others=others, pattern=pattern)

    assert caught.value.suggestion == better
    assert better or (pattern or "") in str(caught.value)


@pytest.mark.parametrize(
    ("name", "better"),
    [
        ("shop-kitchen.new-tax", "shop-pay.new-tax"),
        ("shop-crt.new-tax", "shop-cart.new-tax"),
        ("NewTax", "shop-pay.new-tax"),
        ("release.new-tax", "shop-pay.new-tax"),
    ],
)
def test_a_segment_that_begins_as_the_type_says_takes_one_of_its_values(
    name: str, better: str
) -> None:
    made = policy(
        types={"release": {"prefix": "shop-"}},
        segments=[{"name": "team", "values": ["shop-pay", "shop-cart", "lab"]}, {"name": "change"}],
    )

    assert suggest(name, made, "release") == better


def test_capitals_hide_no_other_reason() -> None:
    broken = broken_rules("NewTax", policy(), "release")

    assert "a name has 1 to 100 characters" in broken[0]
    assert "a release flag begins with 'release.'" in broken


def test_a_value_that_was_guessed_is_told_with_the_others() -> None:
    today = date(2026, 1, 1)

    def step(name: str) -> str:
        with pytest.raises(NameRefused) as caught:
            judge(spec(name), policy(), today=today)
        return caught.value.next_step

    assert step("release.kitchen.new-tax").startswith(
        'Use "release.checkout.new-tax", if this is meant: area checkout, of checkout, search, mail'
    )
    assert step("release.checkout.new_tax") == 'Use "release.checkout.new-tax".'


def test_the_value_that_shares_a_word_is_proposed() -> None:
    teams = Segment(name="team", values=("shop-refunds", "shop-users"))

    assert teams.filled(["delete", "user"]) == "shop-users"


def test_a_refusal_says_where_the_settings_stand() -> None:
    with pytest.raises(NameRefused) as caught:
        judge(spec("NewTax"), policy(), today=date(2026, 1, 1), place=lambda key: f"n:{len(key)}")

    assert "Settings: n:3, 1" in caught.value.fact
