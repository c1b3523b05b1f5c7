"""Name every policy that there is; its model is imported when it is asked for, as a hook waits."""

from pkgutil import resolve_name

from flagwright.core.record import Record

LAYERED = ("naming", "risk", "rules", "waivers", "wrapping", "approval")
"""Policies that every layer may speak about."""
POLICIES = (*LAYERED, "rollout", "init", "masking")
"""Every policy but the weights, of which there may be several."""
_DECLARED = {
    "naming": "naming.policy:NamingPolicy",
    "risk": "risk.policy:RiskPolicy",
    "rules": "policy.rules:RulesPolicy",
    "waivers": "policy.waivers:WaiversPolicy",
    "wrapping": "wrapping.policy:WrappingPolicy",
    "approval": "demand:ApprovalPolicy",
    "rollout": "rollout:RolloutPolicy",
    "init": "policy.draft:InitPolicy",
    "masking": "review.masking:MaskingPolicy",
    "weights": "risk.model:Weights",
}


def model_of(name: str) -> type[Record]:
    """What a policy holds."""
    found: type[Record] = resolve_name(f"flagwright.core.{_DECLARED[name]}")
    return found
