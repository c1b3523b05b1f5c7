"""The shipped policy, and a short way to a change."""

import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from flagwright.core.record import digest
from flagwright.core.records.score import Assessment
from flagwright.core.risk.engine import assess
from flagwright.core.risk.example import example
from flagwright.core.risk.model import Weights
from flagwright.core.risk.policy import RiskPolicy

SHIPPED = Path(__file__).parents[3] / "policies" / "risk.toml"

Assess = Callable[[str], Assessment]


@pytest.fixture(scope="session")
def choices() -> dict[str, Any]:
    """What the shipped file says, before it is checked."""
    return tomllib.loads(SHIPPED.read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def policy(choices: dict[str, Any]) -> RiskPolicy:
    return RiskPolicy.model_validate(choices)


@pytest.fixture(scope="session")
def weights() -> Weights:
    text = SHIPPED.with_name("weights.toml").read_text(encoding="utf-8")
    return Weights.model_validate(tomllib.loads(text))


@pytest.fixture
def score(policy: RiskPolicy, weights: Weights) -> Assess:
    """Assess a snippet under the shipped policy."""
    return lambda snippet: assess(example(snippet), policy, weights, policy_digest=digest(policy))
