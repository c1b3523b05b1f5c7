"""What a rule of the team looks for, and what it then asks for."""

import json
from datetime import date
from typing import Any

import pytest

from flagwright.adapters.shipped import Own, load_policy
from flagwright.core.policy.contradiction import Contradiction
from flagwright.core.policy.judge import judge_change
from flagwright.core.policy.rules import RulesPolicy
from flagwright.core.records.score import Assessment
from flagwright.core.risk.example import example
from flagwright.core.risk.model import Weights
from flagwright.core.risk.policy import RiskPolicy

RISK = load_policy(RiskPolicy, "risk", Own()).policy
WEIGHTS = load_policy(Weights, "weights", Own()).policy
HEAD: dict[str, Any] = {
    "title": "Rounding of money",
    "reason": "A cent was charged twice.",
    "owner": "payments",
    "matches": ["shop/billing/a.py\n+round(x)"],
    "passes": ["shop/cart.py\n+round(x)"],
}
CHANGE = """
@ billing/ @shop/payments
shop/billing/invoice.py
-total = price
+total = round(price)
shop/cart.py
+import httpx
+httpx.get(url)
tests/billing/test_invoice.py
+assert round(1) == 1
"""


def rules(**settings: Any) -> RulesPolicy:
    return RulesPolicy.model_validate_json(
        json.dumps({"rules": {"money": {**HEAD, **settings}}}, default=str)
    )


def judged(policy: RulesPolicy, change: str = CHANGE, risk: RiskPolicy = RISK) -> Assessment:
    return judge_change(example(change), risk, WEIGHTS, policy, policy_digest="0" * 64)


@pytest.mark.parametrize(
    ("conditions", "place"),
    [
        ({"paths": ["billing/"]}, ("shop/billing/invoice.py", None)),
        ({"paths": ["billing/", "!invoice.py"]}, None),
        ({"paths": ["billing/"], "files": ["tests"]}, ("tests/billing/test_invoice.py", None)),
        ({"files": ["tests"]}, ("tests/billing/test_invoice.py", None)),
        ({"files": ["dependencies", "delivery"]}, None),
        ({"files": ["tests"], "band": "critical"}, None),
        ({"added": "round\\("}, ("shop/billing/invoice.py", 1)),
        ({"added": "round\\(", "paths": ["cart.py"]}, None),
        ({"removed": "total = price$"}, ("shop/billing/invoice.py", 1)),
        ({"removed": "round\\("}, None),
        ({"owners": ["@shop/payments"]}, ("shop/billing/invoice.py", None)),
        ({"owners": ["@shop/others"]}, None),
        ({"findings": ["outbound_call.*"]}, ("shop/cart.py", 2)),
        ({"findings": ["outbound_call.*"], "paths": ["billing/"]}, None),
        ({"band": "low"}, (None, None)),
        ({"band": "critical"}, None),
        ({"band": "critical", "paths": ["billing/"]}, None),
    ],
)
def test_a_rule_is_met_where_all_its_conditions_hold_of_one_file(
    conditions: dict[str, Any], place: tuple[str | None, int | None] | None
) -> None:
    found = judged(rules(**conditions)).rules

    assert [(hit.path, hit.line) for hit in found] == ([place] if place else [])


def test_a_rule_may_ask_for_a_band_and_nothing_else() -> None:
    policy = rules(band="critical").agree(RISK.files, RISK)

    assert not any(places for *_, places in policy.met((), (), "high"))
    assert all(places for *_, places in policy.met((), (), "critical"))


def test_a_rule_that_blocks_decides_the_verdict_and_leaves_the_score() -> None:
    without = judged(RulesPolicy())
    found = judged(rules(paths=["billing/"], severity="block"))

    assert found.verdict == "blocked"
    assert "money" in found.because
    assert "A cent was charged twice." in found.because
    assert (found.score, found.findings) == (without.score, without.findings)


@pytest.mark.parametrize("severity", ["require-flag", "require-approval"])
def test_a_rule_asks_for_a_flag_where_the_score_does_not(severity: str) -> None:
    """An approval is of a plan, so that without a flag nobody would be asked."""
    quiet = "shop/billing/a.py\n-a = 1\n+a = 2\n"
    assert judged(RulesPolicy(), quiet).verdict == "not-needed"

    found = judged(rules(paths=["billing/"], severity=severity), quiet)

    assert found.verdict == "flag"
    assert ("approval" in found.because) == (severity == "require-approval")


def test_a_rule_that_asks_for_a_flag_where_none_helps_says_both() -> None:
    found = judged(rules(paths=["*.tf"], severity="require-flag"), "infra/main.tf\n+a = 1\n")

    assert found.verdict == "not-suited"
    assert "asks for a flag" in found.because


@pytest.mark.parametrize("severity", ["require-flag", "block"])
def test_a_rule_in_the_shadow_is_shown_and_changes_nothing(severity: str) -> None:
    found = judged(rules(paths=["billing/"], severity=severity, shadow=True))

    assert [hit.shadow for hit in found.rules] == [True]
    assert found.verdict == judged(RulesPolicy()).verdict


def test_the_hardest_rule_is_named_first() -> None:
    both = {
        "soft": {**HEAD, "paths": ["billing/"]},
        "hard": {**HEAD, "paths": ["billing/"], "severity": "block"},
        "unseen": {**HEAD, "paths": ["billing/"], "severity": "block", "shadow": True},
    }
    policy = RulesPolicy.model_validate_json(json.dumps({"rules": both}))

    assert [hit.rule for hit in judged(policy).rules] == ["hard", "soft", "unseen"]


def test_a_rule_counts_from_its_first_to_its_last_day() -> None:
    policy = rules(paths=["billing/"], **{"from": "2026-02-01", "until": "2026-02-28"})

    in_force = [date(2026, 2, 1), date(2026, 2, 28)]
    assert all(policy.on(day).rules for day in in_force)
    assert not any(policy.on(day).rules for day in (date(2026, 1, 31), date(2026, 3, 1)))


def test_a_rule_of_the_score_may_ask_for_more_than_points() -> None:
    told = RISK.outbound_call.rules["http"].model_copy(update={"severity": "block"})
    signal = RISK.outbound_call.model_copy(
        update={"cap": 0.0, "rules": {**RISK.outbound_call.rules, "http": told}}
    )
    risk = RISK.model_copy(update={"outbound_call": signal})

    found = judged(RulesPolicy(), risk=risk)

    assert found.verdict == "blocked"
    assert [(hit.rule, hit.owner) for hit in found.rules] == [
        ("outbound_call.http", "release-governance")
    ]


def test_a_rule_of_the_score_in_the_shadow_costs_nothing() -> None:
    told = RISK.outbound_call.rules["http"].model_copy(update={"shadow": True})
    signal = RISK.outbound_call.model_copy(
        update={"rules": {**RISK.outbound_call.rules, "http": told}}
    )
    risk = RISK.model_copy(update={"outbound_call": signal})

    (seen,) = [f for f in judged(RulesPolicy(), risk=risk).findings if "outbound" in f.rule]

    assert seen.points == 0
    assert "would cost +2" in seen.evidence


@pytest.mark.parametrize(
    ("settings", "because"),
    [
        ({"added": "nothing"}, "`added` is found on no line with +"),
        ({"removed": "nothing"}, "`removed` is found on no line with -"),
        ({"paths": ["other/"]}, "its path is none of `paths`"),
        ({"added": "round", "files": ["tests"]}, "counts among code, which `files` has to name"),
        ({"owners": ["@shop/payments"]}, "nobody of `owners` owns its file"),
        ({"findings": ["outbound_call.http"]}, "the score finds none of `findings` in it"),
        ({"added": "nothing", "removed": "nothing"}, "+round(x)'"),
    ],
)
def test_a_rule_that_notices_too_little_is_told_what_is_in_the_way(
    settings: dict[str, Any], because: str
) -> None:
    with pytest.raises(Contradiction) as caught:
        rules(**settings).agree(RISK.files, RISK)

    assert because in str(caught.value)


@pytest.mark.parametrize(
    ("settings", "key"),
    [
        ({"added": "nothing"}, ("rules", "money", "matches", 0)),
        ({"added": "round"}, ("rules", "money", "passes", 0)),
        (
            {"paths": ["billing/"], "findings": ["outbound_call.http"]},
            ("rules", "money", "matches", 0),
        ),
    ],
)
def test_a_rule_that_contradicts_its_examples_is_refused(
    settings: dict[str, Any], key: tuple[str | int, ...]
) -> None:
    with pytest.raises(Contradiction) as caught:
        rules(**settings).agree(RISK.files, RISK)

    assert caught.value.key == key
