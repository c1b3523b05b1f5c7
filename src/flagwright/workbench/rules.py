"""The policies that a step goes by, as they are now: an edit counts from the next step on."""

from dataclasses import dataclass, replace
from pathlib import Path

from flagwright.adapters import shipped
from flagwright.core.demand import ApprovalPolicy
from flagwright.core.records import digest
from flagwright.core.risk.model import Weights
from flagwright.core.risk.policy import RiskPolicy
from flagwright.core.wrapping.policy import WrappingPolicy


@dataclass(frozen=True)
class Rules:
    """What a plan is made and approved under."""

    risk: RiskPolicy
    weights: Weights
    risk_digest: str
    """Of both."""
    wrapping: WrappingPolicy
    approval: ApprovalPolicy
    digest: str
    """Over all of them: a plan is stale once any of them has changed."""

    def with_weights(self, weights: Weights) -> "Rules":
        """The same, but for what was learned."""
        scored_by = _scored_by(digest(self.risk), digest(weights))
        return replace(self, weights=weights, risk_digest=scored_by)


def _scored_by(risk: str, weights: str) -> str:
    return digest({"risk": risk, "weights": weights})


def load_rules(config_dir: Path | None) -> Rules:
    """Read them; raises PolicyInvalid with file, line and what is allowed."""
    risk = shipped.load_policy(RiskPolicy, "risk", config_dir)
    wrapping = shipped.load_policy(WrappingPolicy, "wrapping", config_dir)
    approval = shipped.load_policy(ApprovalPolicy, "approval", config_dir)
    weights = shipped.load_policy(Weights, risk.policy.weights, config_dir)
    scored_by = _scored_by(risk.digest, weights.digest)
    together = digest({"risk": scored_by, "wrapping": wrapping.digest, "approval": approval.digest})
    return Rules(risk.policy, weights.policy, scored_by, wrapping.policy, approval.policy, together)
