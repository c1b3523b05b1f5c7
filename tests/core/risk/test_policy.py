"""The shipped policy, and what a policy may not say."""

import copy
from typing import Any

import pytest
from pydantic import ValidationError

from flagwright.core.risk.example import example
from flagwright.core.risk.policy import SIGNALS, RiskPolicy
from flagwright.core.risk.rule import Signal
from flagwright.core.risk.view import view


def changed(choices: dict[str, Any], path: str, value: object) -> dict[str, Any]:
    """Copy the choices with one of them replaced."""
    copied = copy.deepcopy(choices)
    table = copied
    *parents, last = path.split("/")
    for parent in parents:
        table = table[parent]
    table[last] = value
    return copied


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        ("sensitive_path/rules/money/matches", ["shop/cart.py"], "does not notice this example"),
        ("sensitive_path/rules/money/passes", ["shop/billing.py"], "which it should pass"),
        ("outbound_call/rules/http/python", "^nothing$", "does not notice this example"),
        ("outbound_call/rules/http/passes", [], "at least 1 item"),
        ("files/tests/matches", ["shop/cart.py"], "does not notice this example"),
        (
            "files/tests/passes",
            ["tests/test_cart.py"],
            "which it should pass: 'tests/test_cart.py'",
        ),
        ("sensitive_path/rules/money/path", "(?<=a)b", "not a regular expression of RE2"),
        ("bands/high", "riskiest 60 %", "does not hold fewer changes"),
        ("bands/high", "the riskiest", "not a share of the changes"),
        ("bands/high", "riskiest 100 %", "not a share of the changes"),
        ("bands/high", 20, "valid string"),
        ("flag/due", "riskiest 0 %", "not a share of the changes"),
        ("parts/impact", 21, "add up to 101, not to 100"),
        ("sensitive_path/cap", 101, "less than or equal to 100"),
        ("sensitive_path/cap", "24", "valid number"),
        ("sensitive_path/surprise", 1, "Extra inputs are not permitted"),
        ("error_handling/rules/hidden", {}, "handler_removed"),
        ("flag/irreversible", ["data_migration.destruction"], "no rule is called"),
    ],
)
def test_a_policy_that_contradicts_itself_does_not_load(
    choices: dict[str, Any], path: str, value: object, words: str
) -> None:
    with pytest.raises(ValidationError, match=words):
        RiskPolicy.model_validate(changed(choices, path, value))


def test_a_rule_that_a_team_takes_out_is_not_looked_for(choices: dict[str, Any]) -> None:
    rules = {
        name: rule for name, rule in choices["outbound_call"]["rules"].items() if name != "http"
    }

    policy = RiskPolicy.model_validate(changed(choices, "outbound_call/rules", rules))

    assert "http" not in policy.outbound_call.rules


def test_every_python_example_has_a_syntax_tree(policy: RiskPolicy) -> None:
    """Else it would silently be searched as text, and say nothing about the tree."""
    examples = [
        snippet
        for name in SIGNALS
        if name != "unreadable" and isinstance(signal := getattr(policy, name), Signal)
        for rule in signal.rules.values()
        for snippet in (*rule.matches, *rule.passes)
    ]

    for snippet in examples:
        for file in view(example(snippet), policy.files):
            assert not file.is_python or not file.change.hunks or file.parsed, snippet
