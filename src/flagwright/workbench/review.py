"""What the review page shows of a plan, and who may sign in there.

Reads; what a person decides there goes through `Plans`, as from every other door.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Literal

import anyio
from anyio import to_thread

from flagwright.adapters import shipped, worker
from flagwright.adapters.store import Store
from flagwright.adapters.unleash import Unleash
from flagwright.core.attestation import Signing
from flagwright.core.demand import NAMING
from flagwright.core.flag import FlagDetail
from flagwright.core.handover import Unstaged
from flagwright.core.patch import visible
from flagwright.core.records.decision import Decision
from flagwright.core.records.entry import Actor, LedgerEntry
from flagwright.core.records.plan import FileEdit, Plan, PlanState
from flagwright.errors import (
    ApprovalRefused,
    BadRequest,
    FlagServerError,
    FlagUnknown,
    FlagwrightError,
    PlanStale,
    PlanUsed,
    Unsupported,
)
from flagwright.workbench.handover import Handover
from flagwright.workbench.plans import Applied, Plans
from flagwright.workbench.rulebook import RuleBook
from flagwright.workbench.standing import OPEN, Listed, Standing, moved

if TYPE_CHECKING:
    from flagwright.core.review.layout import Layout
    from flagwright.core.review.running import Behaviour

FLAG_S = 0.5
"""How long the page waits for the flag server before it says that it does not answer."""
LAY_OUT_S = 20
MEANWHILE_S, GLANCE_S = 10, 0.1
"""How long another door may take to write what this one was about to write."""
HISTORY = 50
"""Plans that are no longer open, as many as a page shows of them."""
ACTOR = Actor(door="page")
TIER: Literal["out-of-band"] = "out-of-band"
ATTESTED: Literal["attested"] = "attested"


class Review:
    """The page of one installation: what it shows, and the way in."""

    def __init__(
        self,
        store: Store,
        unleash: Unleash,
        plans: Plans,
        handover: Handover,
        *,
        book: RuleBook,
        clock: Callable[[], datetime],
        new_code: Callable[[], str],
        programs: Callable[[], str | None],
    ) -> None:
        self._store, self._unleash, self._plans, self._handover = store, unleash, plans, handover
        self._book, self._clock, self._new_code = book, clock, new_code
        self._programs = programs

    # --- the way in

    def serving(self, address: str) -> AbstractContextManager[bool]:
        """Be the one page of this installation while this is open; false where another is."""
        return self._store.desk.held(address)

    async def address(self) -> str | None:
        """Where the page is being served now, by whatever process."""
        return await to_thread.run_sync(self._store.desk.address)

    async def new_code(self, page: str) -> str:
        """Mint the code that a person types to sign in; only its keyed hash is kept."""
        code = self._new_code()
        shown_by = visible(self._programs() or "")
        keep = partial(self._store.desk.ask, page, code, self._clock(), shown_by=shown_by)
        await to_thread.run_sync(keep)
        return code

    async def is_awaited(self, page: str) -> bool:
        """Whether the newest code is neither used nor too old."""
        return await to_thread.run_sync(self._store.desk.is_asked, page, self._clock())

    async def sign_in(self, page: str, code: str) -> tuple[datetime, str]:
        """Until when the person who typed the code is signed in, and what showed it to them.

        Raises:
            ApprovalRefused: If it is wrong, used or too old.
        """
        check = partial(self._store.desk.answer, page, code.strip().upper(), self._clock())
        shown_by = await to_thread.run_sync(check)
        if shown_by is None:
            raise ApprovalRefused(
                "That code is wrong, used or too old.",
                next_step="Have a new one shown in your own terminal: flagwright review",
            )
        rules = await to_thread.run_sync(self._book.load)
        hours = rules.approval.approval_lifetime_h
        return self._clock() + timedelta(hours=hours), shown_by

    def now(self) -> datetime:
        """The clock that everything here goes by."""
        return self._clock()

    # --- what is shown

    async def queue(self) -> tuple[Sequence[Listed], int]:
        """Every plan that is open and the newest others; how many more there are."""
        shown: list[Listed] = []
        closed = 0
        for plan, state in await self._plans.all():
            is_old = state in OPEN and self._clock() >= plan.expires_at
            if state in OPEN and not is_old:
                standing = await self.standing(plan.id)
                known = Listed(plan, standing.shown)
            else:
                known = Listed(plan, "expired" if is_old else state)
            closed += known.state != "proposed"
            if known.state == "proposed" or closed <= HISTORY:
                shown.append(await to_thread.run_sync(self._with_past, known))
        return shown, max(0, closed - HISTORY)

    def _with_past(self, known: Listed) -> Listed:
        decision, _ = self._decision(known.plan)
        return replace(known, decision=decision, entries=self._entries(known.plan))

    def _decision(self, plan: Plan) -> tuple[Decision | None, FlagwrightError | None]:
        """The newest decision, or why there is none to believe."""
        try:
            return self._store.decision(plan.digest), None
        except ApprovalRefused as error:
            return None, error

    async def standing(self, plan_id: str) -> Standing:
        """Where a plan stands, against the files and the policies as they are now."""
        plan, state = await self._plans.one(plan_id)
        demand = self._plans.demand(plan)
        decision, closed = await to_thread.run_sync(self._decision, plan)
        barred: FlagwrightError | None = None
        try:
            await self._plans.undecided(plan.id, ATTESTED if demand.tier in NAMING else TIER)
        except (ApprovalRefused, BadRequest, Unsupported) as error:
            barred = error
        except FlagwrightError as error:
            closed = error
        return Standing(
            plan,
            state,
            decision,
            closed,
            barred,
            self._is_fresh(plan, state, decision),
            await to_thread.run_sync(moved, plan, state),
            await self._handover.unstaged(plan) if state == "applied" else Unstaged(),
            demand,
            self._plans.server,
            await to_thread.run_sync(self._entries, plan),
            self._clock(),
        )

    def _is_fresh(self, plan: Plan, state: PlanState, decision: Decision | None) -> bool:
        try:
            return self._plans.is_approved(plan, state, decision)
        except FlagwrightError:
            return False

    def _entries(self, plan: Plan) -> tuple[LedgerEntry, ...]:
        """What was recorded about a plan, oldest first."""
        return tuple(reversed(self._store.entries(plan=plan.digest, limit=50)))

    async def policies(self, plan: Plan) -> dict[str, str]:
        """Digest of each policy that is in force for a plan, by name."""
        rules = await to_thread.run_sync(self._book.of_plan, plan)
        return {name: loaded.digest for name, loaded in rules.loaded.items()}

    async def flag(self, name: str) -> FlagDetail | Literal["unknown", "silent"]:
        """The flag as the server holds it now, as far as that answers at once."""
        with anyio.move_on_after(FLAG_S), suppress(FlagServerError):
            try:
                return await self._unleash.detail(name)
            except FlagUnknown:
                return "unknown"
        return "silent"

    async def layout(self, plan: Plan, edit: FileEdit, *, whole: bool) -> "Layout":
        """One file as it is now and as the plan leaves it, from the very bytes that are hashed."""
        from flagwright.core.review.layout import lay_out

        before, after = await self._bytes(edit.before_sha256), await self._bytes(edit.after_sha256)
        segments = [segment for segment in plan.coverage if segment.path == edit.path]
        show = partial(lay_out, is_python=_is_python(edit), whole=whole, masks=self.masks)
        return await worker.run(show, before, after, segments, timeout_s=LAY_OUT_S)

    async def behaviours(
        self, plan: Plan, edit: FileEdit, *, whole: bool
    ) -> "tuple[Behaviour, Behaviour]":
        """One file as it behaves with the flag off, and on, told by the rewriter itself."""
        from flagwright.core.review.running import behaviours

        content = await self._bytes(edit.after_sha256) or b""
        show = partial(behaviours, is_python=_is_python(edit), whole=whole, masks=self.masks)
        return await worker.run(show, content, plan.flag, timeout_s=LAY_OUT_S)

    @property
    def masks(self) -> tuple[str, ...]:
        """Patterns of what looks like a secret, and is not shown."""
        from flagwright.core.review.masking import MaskingPolicy

        return shipped.load_policy(MaskingPolicy, "masking", self._book.own).policy.patterns

    async def _bytes(self, sha256: str | None) -> bytes | None:
        return await to_thread.run_sync(self._store.blob, sha256) if sha256 else None

    # --- what the person decides

    async def decide(
        self,
        plan_id: str,
        digest: str,
        verdict: Literal["approved", "rejected"],
        note: str,
        signing: Signing | None = None,
        *,
        shown_by: str = "",
    ) -> Decision:
        """Record the decision of the person who is signed in, about the very plan they saw.

        Args:
            digest: Of what was shown.
            signing: What the approver signs in with, where the policy asks for that.
            shown_by: The programs that showed the code with which the person signed in.

        Raises:
            PlanStale: If it is another plan, or a file has changed since it was made.
        """
        plan, state = await self._shown(plan_id, digest)
        decision = await to_thread.run_sync(self._store.decision, plan.digest)
        is_fresh = verdict == "approved" and self._is_fresh(plan, state, decision)
        if state not in OPEN or is_fresh:
            raise PlanUsed(f"Plan {plan.id} is already {state}.", next_step="Look at it again.")
        code, actor = None, ACTOR.model_copy(update={"programs": shown_by or None})
        if verdict == "approved":
            await self._plans.require_as_planned(plan)
            if signing:
                return await self._plans.attest(plan.id, signing, note=note, actor=actor)
            code = await self._plans.challenge(plan.id)
        return await self._plans.decide(
            plan.id, verdict, tier=TIER, code=code, note=note, actor=actor
        )

    async def apply(self, plan_id: str, digest: str, *, actor: Actor = ACTOR) -> Applied:
        """Carry out what was approved and shown.

        The person's page and a call that waits for them may both be about to: one of them
        does, and the other sees it done.
        """
        await self._shown(plan_id, digest)
        try:
            return await self._plans.apply(plan_id, actor=actor)
        except PlanUsed:
            plan, state = await self._plans.one(plan_id)
            with anyio.move_on_after(MEANWHILE_S):
                while state == "approved":
                    await anyio.sleep(GLANCE_S)
                    plan, state = await self._plans.one(plan_id)
            if state != "applied":
                raise
            return Applied(plan, "applied", self._plans.demand(plan))

    async def _shown(self, plan_id: str, digest: str) -> tuple[Plan, PlanState]:
        plan, state = await self._plans.one(plan_id)
        if plan.digest != digest:
            raise PlanStale("This page is about another plan.", next_step="Open the plan again.")
        return plan, state


def _is_python(edit: FileEdit) -> bool:
    return edit.path.endswith(".py")
