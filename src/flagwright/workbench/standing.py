"""Where a plan stands, against the files, the policies and the clock of now."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

from flagwright.adapters import workspace
from flagwright.core.demand import NAMING, Demand, Server
from flagwright.core.handover import Unstaged
from flagwright.core.records.decision import Decision
from flagwright.core.records.entry import LedgerEntry
from flagwright.core.records.plan import FileEdit, Plan, PlanState
from flagwright.errors import FlagwrightError, PlanExpired

OPEN: tuple[PlanState, ...] = ("proposed", "approved")
"""States from which a plan can still be applied."""
Shown = PlanState | Literal["stale"]


@dataclass(frozen=True)
class Listed:
    """A plan in a list, as a person finds it."""

    plan: Plan
    state: Shown
    decision: Decision | None = None
    entries: tuple[LedgerEntry, ...] = ()
    """Oldest first."""


@dataclass(frozen=True)
class Standing:
    """Where a plan stands now, and why nobody can decide on it, if so."""

    plan: Plan
    state: PlanState
    decision: Decision | None
    closed: FlagwrightError | None
    """Why no decision counts any more."""
    barred: FlagwrightError | None
    """Why nobody can approve it here, where a rejection still counts."""
    is_fresh: bool
    """Whether it is approved, and that still counts."""
    moved: tuple[str, ...]
    """Files that are not as the plan expects them, or as it left them."""
    unstaged: Unstaged
    """Files that it has written and the next commit would not hold."""
    demand: Demand
    server: Server
    entries: tuple[LedgerEntry, ...]
    """About the plan, oldest first."""
    at: datetime

    @property
    def shown(self) -> Shown:
        """The state in which a person finds the plan, whatever the store still calls it."""
        if self.state not in OPEN:
            return self.state
        if isinstance(self.closed, PlanExpired):
            return "expired"
        return "stale" if self.closed or self.moved else self.state

    @property
    def is_open(self) -> bool:
        """Whether a person may approve: nobody has, or nothing was done for too long."""
        return self.shown in OPEN and not self.is_fresh

    @property
    def is_ready(self) -> bool:
        """Whether it is approved and can be applied."""
        return self.shown in OPEN and self.is_fresh

    @property
    def is_by_token(self) -> bool:
        """Whether the approver has to sign in to the flag server."""
        return self.demand.tier in NAMING


def moved(plan: Plan, state: PlanState) -> tuple[str, ...]:
    """Files that are neither as before nor, once applied, as after."""
    if state not in (*OPEN, "applied"):
        return ()
    wanted = "after" if state == "applied" else "before"
    return tuple(edit.path for edit in plan.edits if _side(plan, edit) != wanted)


def is_as_before(plan: Plan) -> bool:
    """Whether somebody has put every file of an applied plan back by hand."""
    return bool(plan.edits) and all(_side(plan, edit) == "before" for edit in plan.edits)


def _side(plan: Plan, edit: FileEdit) -> str:
    try:
        return workspace.state_of(Path(plan.root), [edit])
    except (FlagwrightError, OSError):
        return "mixed"
