"""Judge an approval that another person wrote into the flag server's event log themselves.

Pure. Who it was is what the server says of the event, never what this machine says of itself,
so that a forgery needs a secret that is not on this disk.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from pydantic import SecretStr

from flagwright.core.audit import Witness
from flagwright.core.demand import Demand
from flagwright.core.ledger import chain
from flagwright.core.record import Record
from flagwright.core.records.entry import Actor, Intent, LedgerEntry, Subject
from flagwright.core.records.plan import Plan
from flagwright.errors import ApprovalRefused


class Signing(NamedTuple):
    """What another person signs in to the flag server with, once."""

    secret: SecretStr
    """Their token, or with a user name their password."""
    user: str = ""


class Account(Record):
    """A user of the flag server, or a token that is nobody's own."""

    id: int
    """The server's own number; not above 0 for what is no person."""
    name: str
    """E-mail address, else user name: as the events of this user say it."""


def statement(
    plan: Plan, by: Account, *, subject: Subject, note_id: str, writer: str, at: datetime
) -> LedgerEntry:
    """The approval as the approver records it: a chain of its own, of one entry.

    Args:
        subject: What the plan was made for.
        writer: 12 hex digits that no other chain has.
    """
    actor = Actor(person=by.name, account=by.name, door="terminal", tier="attested")
    intent = Intent(
        id=note_id,
        action="approved",
        subject=subject,
        actor=actor,
        at=at,
        change=plan.change_digest,
        policy=plan.policy_digest,
        plan=plan.digest,
        score=plan.score,
        band=plan.band,
    )
    return chain(None, intent, writer=writer, outcome="done", at=at)


def is_statement(entry: LedgerEntry | None, plan: Plan, at: datetime) -> bool:
    """Whether an entry says that this very plan was approved by attestation at that time."""
    return (
        entry is not None
        and (entry.action, entry.outcome, entry.actor.tier) == ("approved", "done", "attested")
        and entry.plan == plan.digest
        and entry.at == at
    )


def judge(plan: Plan, demand: Demand, by: Account, working: Account, author: Witness) -> None:
    """Raise ApprovalRefused where this person may not approve this plan.

    Args:
        by: Who approves, as the server says.
        working: Whose token this installation works with, as the server says.
        author: The server's event of the plan's proposal.
    """
    if by.id <= 0:
        raise _refusal(
            plan,
            f"The token is {by.name}'s, which is no person's own",
            "Use a personal access token: in Unleash, Profile, Personal API tokens.",
        )
    if by.id == working.id:
        raise _refusal(
            plan,
            f"This installation works with the token of {by.name} itself",
            "Another person has to approve it, with a token of their own.",
        )
    if demand.four_eyes:
        _require_other_eyes(plan, by, author)
    for group in demand.owners:
        if by.name.casefold() not in {owner.casefold() for owner in group}:
            raise _refusal(
                plan,
                f"{by.name} is none of those who may approve it",
                f"Ask one of: {', '.join(group)}.",
            )


def _require_other_eyes(plan: Plan, by: Account, author: Witness) -> None:
    """Four eyes: the author is who recorded the proposal on the server, and who git says."""
    if author.user <= 0:
        raise _refusal(
            plan,
            f"The plan was proposed with {author.by}'s token, so nobody can tell whose it is",
            "Let the server work with a personal access token of the author, and propose it again.",
        )
    person = author.entry.actor.person if author.entry else None
    if by.id == author.user or by.name.casefold() == (person or "").casefold():
        raise _refusal(
            plan,
            f"{by.name} proposed the plan, and the policy asks for four eyes",
            "Another person has to approve it, with a token of their own.",
        )


def approver(witnesses: Iterable[Witness], plan: Plan, at: datetime) -> Account:
    """Who first wrote the approval of a plan into the server's event log; others may copy it.

    Raises:
        ApprovalRefused: If nobody did.
    """
    said = [each for each in witnesses if is_statement(each.entry, plan, at)]
    if said:
        first = min(said, key=lambda each: each.event)
        return Account(id=first.user, name=first.by)
    raise _refusal(
        plan,
        "The flag server holds no such approval in its event log",
        f"Have it approved again: flagwright approve {plan.id} --attest",
    )


def _refusal(plan: Plan, because: str, next_step: str) -> ApprovalRefused:
    return ApprovalRefused(
        f"{because}: plan {plan.id} is not approved by attestation.", next_step=next_step
    )
