"""Each signal against the examples in the shipped policy, one test an example.

The same examples are checked whenever a policy loads; here each has a name and a result.
"""

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from flagwright.core.risk.example import example
from flagwright.core.risk.policy import SIGNALS, RiskPolicy
from flagwright.core.risk.view import view

SHIPPED = Path(__file__).parents[4] / "policies" / "risk.toml"


def examples() -> Iterator[Any]:
    """Signal, rule, snippet, and whether the rule must notice it."""
    choices = tomllib.loads(SHIPPED.read_text(encoding="utf-8"))
    for signal in SIGNALS:
        for rule, lines in choices[signal].get("rules", {}).items():
            for key, seen in (("matches", True), ("passes", False)):
                for number, snippet in enumerate(lines[key], start=1):
                    name = f"{signal}.{rule}-{key}-{number}"
                    yield pytest.param(signal, rule, snippet, seen, id=name)


@pytest.mark.parametrize(("signal", "rule", "snippet", "seen"), [*examples()])
def test_a_rule_notices_what_it_should_and_nothing_else(
    policy: RiskPolicy, signal: str, rule: str, snippet: str, *, seen: bool
) -> None:
    found = policy.seen(signal, view(example(snippet), policy.files))

    assert (f"{signal}.{rule}" in {finding.rule for finding in found}) is seen
    assert all(finding.path is None or finding.path in snippet for finding in found)
