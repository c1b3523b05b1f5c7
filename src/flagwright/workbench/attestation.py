"""Have another person write an approval into the flag server's event log, and look for it there.

What they sign in with is used for two requests and kept nowhere. Each use of the approval asks
the server again who wrote it: what this machine says of it counts for nothing.
"""

from collections.abc import Callable
from datetime import datetime

from anyio import to_thread

from flagwright.adapters.store import Store
from flagwright.adapters.unleash import Unleash
from flagwright.core.attestation import Account, Signing, approver, judge, statement
from flagwright.core.audit import Witness
from flagwright.core.demand import Demand
from flagwright.core.ledger import START
from flagwright.core.record import sha256
from flagwright.core.records.decision import Decision
from flagwright.core.records.entry import LedgerEntry
from flagwright.core.records.plan import Plan
from flagwright.errors import ApprovalRefused, BadRequest, FlagServerOdd, FlagServerRefused

SignIn = Callable[[str, str], Unleash]
"""A client of the same server and project, with another token, or the password of a user."""
WRITER_CHARS = 12
HOW = (
    "Make a personal access token in Unleash (Profile, Personal API tokens), as a user who may "
    "edit flags of the project; or sign in with user name and password."
)


class Attestations:
    """The attested tier of one installation."""

    def __init__(
        self, store: Store, unleash: Unleash, sign_in: SignIn, *, is_embedded: bool
    ) -> None:
        self._store, self._unleash, self._sign_in = store, unleash, sign_in
        self._is_embedded = is_embedded

    async def write(
        self, plan: Plan, demand: Demand, signing: Signing, *, entry_id: str, at: datetime
    ) -> Account:
        """Record an approval as the approver, and read it back with our own token.

        Raises:
            ApprovalRefused: If this person may not approve this plan.
            FlagServerOdd: If the server took it and does not hold it.
        """
        self.require_real()
        proposal = await self._proposal(plan)
        by = await self._signed(plan, demand, signing, proposal, entry_id=entry_id, at=at)
        found = approver(await self._unleash.events.witnessed(entry_id, plan.flag, at), plan, at)
        if found.id != by.id:
            raise FlagServerOdd(
                f"The flag server says that {found.name} wrote what {by.name} wrote.",
                next_step="Nothing was approved. Look at the event log of the flag.",
            )
        return found

    async def _signed(
        self,
        plan: Plan,
        demand: Demand,
        signing: Signing,
        proposal: Witness,
        *,
        entry_id: str,
        at: datetime,
    ) -> Account:
        """Write as the approver; their client lives no longer than this."""
        try:
            theirs = self._sign_in(signing.secret.get_secret_value(), signing.user)
        except BadRequest as error:
            raise _no_token(plan) from error
        try:
            by = await theirs.whoami()
            judge(plan, demand, by, await self._unleash.whoami(), proposal)
            assert proposal.entry  # noqa: S101 - for the type checker
            entry = statement(
                plan,
                by,
                subject=proposal.entry.subject,
                note_id=entry_id,
                writer=sha256(entry_id.encode())[:WRITER_CHARS],
                at=at,
            )
            await theirs.delivery.write_on(plan.flag, entry)
        except FlagServerRefused as error:
            raise _no_token(plan, error.fact, error.next_step if signing.user else HOW) from error
        finally:
            await theirs.aclose()
        return by

    async def require(self, plan: Plan, demand: Demand, decision: Decision) -> None:
        """Raise where the server does not bear witness of an attested approval now.

        Raises:
            ApprovalRefused: If the event is not there, or its user may not approve the plan.
            FlagServerDown: If the server cannot be asked.
        """
        self.require_real()
        seen = await self._unleash.events.witnessed(
            decision.attestation or START, plan.flag, decision.at
        )
        by = approver(seen, plan, decision.at)
        judge(plan, demand, by, await self._unleash.whoami(), await self._proposal(plan))

    async def _proposal(self, plan: Plan) -> Witness:
        """The server's own event of the proposal: who wrote it is the plan's author."""

        def proposed() -> LedgerEntry:
            (entry,) = self._store.entries(plan=plan.digest, action="proposed", limit=1)
            return entry

        entry = await to_thread.run_sync(proposed)
        for witness in await self._unleash.events.witnessed(entry.id, plan.flag, entry.at):
            if witness.entry == entry:
                return witness
        raise ApprovalRefused(
            f"The flag server does not hold the proposal of plan {plan.id} yet.",
            next_step="It is delivered as soon as the server answers: flagwright ledger shows it.",
        )

    def require_real(self) -> None:
        """Raise where nobody else can sign in."""
        if self._is_embedded:
            raise ApprovalRefused(
                "The embedded flag server knows one user only, so nobody else can sign in to it.",
                next_step="Work with a real Unleash (FLAGWRIGHT_UNLEASH_URL), or let the policy "
                "ask for out-of-band where the server is embedded.",
            )


def _no_token(
    plan: Plan, fact: str = "That is no token of the flag server.", next_step: str = HOW
) -> ApprovalRefused:
    return ApprovalRefused(f"{fact} Plan {plan.id} is not approved.", next_step=next_step)
