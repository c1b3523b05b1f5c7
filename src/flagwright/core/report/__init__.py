"""Draw what a governance team wants to know on one page that needs nothing else.

Pure: what was found out comes in, and the time. Every picture is SVG that is readable without
colour, and stands above a table with its numbers.
"""

from datetime import datetime

from pydantic import AwareDatetime

from flagwright.core.audit import Checked
from flagwright.core.flag import FlagEvent
from flagwright.core.policy.replay import Preview
from flagwright.core.policy.waivers import Waiver
from flagwright.core.record import Record
from flagwright.core.records.decision import Tier
from flagwright.core.records.score import Band


class FlagLife(Record):
    """One flag from the day it was made."""

    name: str
    type: str
    owner: str | None = None
    created_at: AwareDatetime
    expires_on: AwareDatetime | None = None
    archived: bool = False
    reach: int | None = None
    """Largest share of the users that it is on for anywhere, in percent; none: not known."""
    full_since: AwareDatetime | None = None
    """Since when it is on for everybody everywhere."""
    lifetime_days: int | None = None
    """How long one of its type should live; none: for ever."""
    events: tuple[FlagEvent, ...] = ()
    why_due: tuple[str, ...] = ()
    """Why it is due to go, the weightiest reason first; empty where it is not."""
    badness: float = 0

    def age_days(self, now: datetime) -> int:
        """How old it is."""
        return max((now - self.created_at).days, 0)

    def is_past_its_life(self, now: datetime) -> bool:
        """Whether it should be gone: past its expiry, or older than its type lives."""
        if self.archived:
            return False
        if self.expires_on:
            return now > self.expires_on
        return self.lifetime_days is not None and self.age_days(now) > self.lifetime_days


class Approval(Record):
    """What a person decided about a plan."""

    plan: str
    flag: str
    kind: str
    verdict: str
    by: str
    tier: Tier | None
    band: Band | None
    at: AwareDatetime
    took_s: float | None
    """From the proposal to the decision; none where the proposal is not in the ledger."""


class Risky(Record):
    """Changes of high risk and above that were scored here, and what became of them."""

    scored: int
    behind: int
    """Put behind a flag by a plan that was applied, or behind one already."""


class Facts(Record):
    """Everything that a report says."""

    name: str
    project: str
    """Whose flags are told: those of all repositories that use it."""
    at: AwareDatetime
    since: AwareDatetime
    previews: tuple[Preview, ...] = ()
    edited: bool = False
    """Whether two different sets of policies are compared."""
    flags: tuple[FlagLife, ...] | None = None
    """None: the flag server was not asked, or did not answer."""
    approvals: tuple[Approval, ...] = ()
    risky: Risky
    waivers: tuple[Waiver, ...] = ()
    health: Checked
    notes: tuple[str, ...] = ()
    """What could not be looked at, and why."""
