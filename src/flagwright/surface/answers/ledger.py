"""Answer what was recorded."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from flagwright.core.patch import visible
from flagwright.core.record import Record
from flagwright.core.records.entry import LedgerEntry, Subject
from flagwright.surface.answer import Answer, Words

if TYPE_CHECKING:
    from flagwright.workbench.audit import LedgerPage


class EntryView(Record):
    """One recorded action."""

    seq: int
    at: str
    action: str
    outcome: str
    code: str | None = None
    flag: str | None = None
    where: str | None = None
    """Environment, and what was asked for there."""
    plan: str | None = None
    score: float | None = None
    policy: str | None = None
    by: str
    delivered: bool


class LedgerAnswer(Answer):
    """What was recorded, newest first, and how much is still owed to the flag server."""

    status: Literal["read"] = "read"
    entries: tuple[EntryView, ...]
    recorded: int
    delivered: int
    owed: int


def standing(owed: int, set_aside: int) -> str:
    """Which next step fits what the flag server has not got."""
    return "ledger.owed" if owed else "ledger.aside" if set_aside else "ledger.read"


def ledger(page: "LedgerPage", words: Words, *, about: str | None = None) -> LedgerAnswer:
    """Answer what was recorded here.

    Args:
        about: The flag or the plan whose entries were asked for.
    """
    none = f"Nothing is recorded about {visible(about)}. " if about and not page.entries else ""
    return LedgerAnswer(
        message=f"{none}{page.recorded} recorded, {page.delivered} delivered to the flag server, "
        f"{page.owed} owed" + (f", {page.set_aside} set aside." if page.set_aside else "."),
        next_step=words[standing(page.owed, page.set_aside)],
        entries=tuple(view_entry(e, delivered=e.id not in page.owed_ids) for e in page.entries),
        recorded=page.recorded,
        delivered=page.delivered,
        owed=page.owed,
    )


def view_entry(entry: LedgerEntry, *, delivered: bool) -> EntryView:
    """Show an entry, with digests only as far as one is looked up by them."""
    actor = entry.actor
    who = ", ".join(part for part in (actor.person, actor.assistant) if part) or "unknown"
    return EntryView(
        seq=entry.seq,
        at=entry.at.isoformat(timespec="seconds"),
        action=entry.action,
        outcome=entry.outcome,
        code=entry.code,
        flag=visible(entry.subject.flag) if entry.subject.flag else None,
        where=_where(entry.subject),
        plan=entry.plan[:12] if entry.plan else None,
        score=entry.score,
        policy=entry.policy[:12] if entry.policy else None,
        by=visible(f"{who} ({actor.tier or actor.door})"),
        delivered=delivered,
    )


def _where(subject: Subject) -> str | None:
    known = [part for part in (subject.environment, subject.state) if part]
    return visible(": ".join(known)) or None


def ledger_on_server(entries: Sequence[LedgerEntry], words: Words) -> LedgerAnswer:
    """Answer what the flag server itself holds, newest first."""
    count = len(entries)
    return LedgerAnswer(
        message=f"{count} entries on the flag server.",
        next_step=words["ledger.read"],
        entries=tuple(view_entry(entry, delivered=True) for entry in reversed(entries)),
        recorded=count,
        delivered=count,
        owed=0,
    )
