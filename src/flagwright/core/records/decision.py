"""What a person said about one exact plan, and through which door."""

from typing import Literal

from pydantic import AwareDatetime

from flagwright.core.record import Record, Sha256

Tier = Literal["dialog", "out-of-band", "attested", "pull-request"]
Raised = Literal["out-of-band", "attested", "pull-request"]
"""Tiers that a rule may ask for."""


class Decision(Record):
    """What a person said about one exact plan, through one door."""

    plan_digest: Sha256
    verdict: Literal["approved", "rejected"]
    by: str
    tier: Tier | None
    """None: a rejection that nobody was asked for; whoever has the command line may say no."""
    at: AwareDatetime
    expires_at: AwareDatetime
    nonce: str
    note: str = ""
    attestation: str | None = None
    """Id of the entry that the approver wrote on the flag server, for the tier `attested`."""
