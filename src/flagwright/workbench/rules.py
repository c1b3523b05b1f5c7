"""The policies that a step goes by, as they are now: an edit counts from the next step on."""

from dataclasses import dataclass
from pathlib import Path

from flagwright.adapters import shipped
from flagwright.core.approval import ApprovalPolicy
from flagwright.core.records import digest
from flagwright.core.risk.policy import RiskPolicy
from flagwright.core.wrapping.policy import WrappingPolicy


@dataclass(frozen=True)
class Rules:
    """What a plan is made and approved under."""

    risk: RiskPolicy
    risk_digest: str
    wrapping: WrappingPolicy
    approval: ApprovalPolicy
    digest: str
    """Over all of them: a plan is stale once any of them has changed."""


def load_rules(config_dir: Path | None) -> Rules:
    """Read them; raises PolicyInvalid with file, line and what is allowed."""
    risk = shipped.load_policy(RiskPolicy, "risk", config_dir)
    wrapping = shipped.load_policy(WrappingPolicy, "wrapping", config_dir)
    approval = shipped.load_policy(ApprovalPolicy, "approval", config_dir)
    together = digest(
        {"risk": risk.digest, "wrapping": wrapping.digest, "approval": approval.digest}
    )
    return Rules(risk.policy, risk.digest, wrapping.policy, approval.policy, together)
