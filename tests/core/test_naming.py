"""A refused name comes with every broken rule and with a name that passes."""

import tomllib
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from flagwright.core.naming.better import similar, suggest
from flagwright.core.naming.judge import judge
from flagwright.core.naming.policy import ALLOWED, NamingPolicy, broken_rules
from flagwright.core.records.flag import FlagSpec, FlagType
from flagwright.errors import NameRefused

SHIPPED = Path(__file__).parents[2] / "policies" / "naming.toml"
CONTENT: dict[str, Any] = tomllib.loads(SHIPPED.read_text())
POLICY = NamingPolicy.model_validate(CONTENT)
TODAY = date(2026, 1, 2)
TYPES = tuple(POLICY.types)


def spec(name: str = "release.checkout.new-tax", **more: Any) -> FlagSpec:
    given = {"description": "New tax", "owner": "team-shop", "expires_on": date(2026, 2, 1)}
    return FlagSpec.model_validate({"name": name} | given | more)


def refused(flag: FlagSpec) -> NameRefused:
    with pytest.raises(NameRefused) as caught:
        judge(flag, POLICY, today=TODAY)
    assert caught.value.code == "name-refused"
    return caught.value


def test_a_flag_that_breaks_no_rule_passes() -> None:
    judge(spec(), POLICY, today=TODAY)
    judge(spec("kill.mail", type="kill-switch", expires_on=None), POLICY, today=TODAY)


@pytest.mark.parametrize(
    ("name", "kind", "better"),
    [
        ("NewTax", "release", "release.new-tax"),
        ("new_checkout tax!", "release", "release.new-checkout-tax"),
        ("release.checkout.tmp-tax", "release", "release.checkout.tax"),
        ("release.retry", "operational", "ops.retry"),
        ("flagwright.ledger", "permission", "permit.ledger"),
        ("Größe.neu", "experiment", "experiment.groe.neu"),
        ("a/b/c/d/e", "release", "release.a.b.c"),
        ("release." + "very-" * 30 + "long", "release", "release." + "-".join(["very"] * 10)),
        ("税", "release", None),
        ("tmp", "release", None),
    ],
)
def test_a_refused_name_comes_with_the_corrected_one(
    name: str, kind: FlagType, better: str | None
) -> None:
    error = refused(spec(name, type=kind, expires_on=TODAY + timedelta(days=1)))

    assert error.suggestion == better


def test_where_no_better_name_can_be_made_a_right_one_is_shown() -> None:
    assert (
        refused(spec("tmp")).next_step == "Choose another name, such as release.checkout.new-tax."
    )


def test_every_broken_rule_is_named_at_once() -> None:
    error = refused(spec("tmp_Tax".lower(), description=" ", owner=None, expires_on=None))

    for broken in ("begins with", "pattern", "tmp", "description", "owner", "expires_on"):
        assert broken in error.fact


@pytest.mark.parametrize(
    "name",
    [
        *("", ".", "..", "a b", "A", "a%2fb", "../../x", "x" * 101),
        *("caf\u00e9", "\u202eevil", "a\u200bb", "\u0430dmin", "a\x00b", "release.tax\n"),
    ],
)
def test_no_policy_lets_an_unsafe_name_through(name: str) -> None:
    loose = NamingPolicy.model_validate(
        CONTENT | {"pattern": "(?s).*", "max_chars": 100, "rejects": []}
    )

    assert broken_rules(name, loose, "release")
    error = refused(spec(name))
    assert error.fact.isascii()
    assert error.fact.isprintable()


@given(name=st.text(max_size=120), kind=st.sampled_from(TYPES))
def test_a_suggestion_always_passes(name: str, kind: FlagType) -> None:
    better = suggest(name, POLICY, kind)

    assert better is None or not broken_rules(better, POLICY, kind)
    assert better is None or ALLOWED.match(better)


@given(name=st.from_regex(r"[A-Za-z]{4,10}[ _-][A-Za-z]{4,10}", fullmatch=True))
def test_plain_words_always_get_a_suggestion(name: str) -> None:
    assert suggest(name, POLICY, "release")


@pytest.mark.parametrize(
    ("kind", "days", "passes"),
    [
        ("release", 0, False),
        ("release", 40, True),
        ("release", 41, False),
        ("operational", 7, True),
        ("operational", 8, False),
        ("sunset", 90, True),
        ("permission", 3000, True),
        ("permission", -1, False),
    ],
)
def test_an_expiry_lies_within_the_lifetime_of_the_type(
    kind: FlagType, days: int, *, passes: bool
) -> None:
    flag = spec(
        f"{POLICY.types[kind].prefix}tax", type=kind, expires_on=TODAY + timedelta(days=days)
    )

    if passes:
        judge(flag, POLICY, today=TODAY)
    else:
        assert refused(flag).suggestion is None


def test_a_type_without_a_table_is_not_allowed() -> None:
    types = {"release": CONTENT["types"]["release"]}
    policy = NamingPolicy.model_validate(CONTENT | {"types": types, "accepts": ["release.new-tax"]})

    with pytest.raises(NameRefused) as caught:
        judge(spec("kill.mail", type="kill-switch"), policy, today=TODAY)

    assert "release" in caught.value.next_step


@pytest.mark.parametrize(
    "change",
    [
        {"pattern": "(a"},
        {"pattern": "(?=a)a"},
        {"accepts": ["Release.X"]},
        {"rejects": ["release.new-tax"]},
        {"max_chars": 101},
        {"types": {}},
    ],
)
def test_a_policy_that_contradicts_itself_does_not_load(change: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        NamingPolicy.model_validate(CONTENT | change)


def test_a_pattern_that_explodes_elsewhere_is_quick_here() -> None:
    policy = NamingPolicy.model_validate(
        CONTENT | {"pattern": "([a-z0-9]+[-_.]?)+", "accepts": [], "rejects": []}
    )

    assert broken_rules("release." + "a" * 50 + "-_", policy, "release")


def test_near_duplicates_are_found_whatever_their_kind_and_order() -> None:
    others = ["release.tax.new-checkout", "experiment.checkout.new-taxes", "release.mail", "x"]

    found = similar("release.checkout.new-tax", [*others, "release.checkout.new-tax"], POLICY)

    assert [name for name, _ in found] == others[:2]
    assert found[0][1] == 100
