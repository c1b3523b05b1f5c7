"""The command line: the same steps and the same answers as the assistant's tools."""

from flagwright.surface.cli import (
    change,
    decision,
    flags,
    installation,
    ledger,
    policy,
    policy_init,
    prompts,
    release,
    report,
    review,
    risk,
    score,
)
from flagwright.surface.cli.group import cli

__all__ = [
    "change",
    "cli",
    "decision",
    "flags",
    "installation",
    "ledger",
    "policy",
    "policy_init",
    "prompts",
    "release",
    "report",
    "review",
    "risk",
    "score",
]
