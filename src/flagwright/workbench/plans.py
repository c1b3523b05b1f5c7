"""What becomes of a plan: a person decides, its files are written, and put back again.

Nothing is done but after a decision that the policy accepts for the plan's risk.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Literal, NoReturn

from anyio import to_thread

from flagwright.adapters.git import Git
from flagwright.adapters.store import Store
from flagwright.core.approval import again, case_of, check_applicable
from flagwright.core.attestation import Signing
from flagwright.core.demand import NAMING, Demand, Server, accepts, demand_in_words
from flagwright.core.patch import visible
from flagwright.core.proposal import is_once_more
from flagwright.core.records.decision import Decision, Tier
from flagwright.core.records.entry import Action, Actor
from flagwright.core.records.plan import Plan, PlanState
from flagwright.errors import ApprovalRefused, BadRequest, FlagwrightError, PlanStale, PlanUsed
from flagwright.workbench.attestation import Attestations
from flagwright.workbench.effect import Effect
from flagwright.workbench.recorder import Recorder
from flagwright.workbench.rulebook import RuleBook
from flagwright.workbench.rules import Rules
from flagwright.workbench.standing import is_as_before, moved
from flagwright.workbench.written import written

EDITED = (
    "Nothing was written. Take back what was edited there since, then undo; or keep it, and take "
    "the flag out: flagwright retire {flag} --keep off"
)
AWAITING: Literal["awaiting-approval"] = "awaiting-approval"


@dataclass(frozen=True)
class Applied:
    """What came of a request to apply a plan."""

    plan: Plan
    status: Literal["applied", "awaiting-approval", "rejected"]
    demand: Demand
    """What the policy asks of an approval."""


class Plans:
    """The plans of one installation, and the steps that lead from proposed to applied."""

    def __init__(
        self,
        store: Store,
        recorder: Recorder,
        effect: Effect,
        git: Git,
        *,
        book: RuleBook,
        server: Server,
        attestations: Attestations,
        person: str,
        clock: Callable[[], datetime],
        new_id: Callable[[], str],
        new_code: Callable[[], str],
        programs: Callable[[], str | None],
    ) -> None:
        self._store, self._recorder, self._effect, self._git = store, recorder, effect, git
        self._attestations, self._book, self.server = attestations, book, server
        self._person, self._clock, self._new_id, self._new_code = person, clock, new_id, new_code
        self._programs = programs

    async def one(self, plan_id: str) -> tuple[Plan, PlanState]:
        """One plan by its id or a unique beginning of it, and where it stands."""
        return await to_thread.run_sync(self._store.plan, plan_id)

    async def all(self) -> Sequence[tuple[Plan, PlanState]]:
        """Every plan of this installation, newest first."""
        return await to_thread.run_sync(self._store.plans)

    async def waiting(self, plan: Plan) -> Plan:
        """The plan that already waits for a decision about just the same; else this one."""
        found = await to_thread.run_sync(self._store.plans, "proposed", plan.root)
        return next((one for one, _ in found if is_once_more(plan, one)), plan)

    async def applied(self, root: Path) -> list[Plan]:
        """Plans whose files were written to this repository, and not put back."""
        found = await to_thread.run_sync(self._store.plans, "applied", str(root))
        return [plan for plan, _ in found]

    # --- approval

    async def undecided(self, plan_id: str, tier: Tier = "out-of-band") -> Plan:
        """A plan that a person may still decide on through this tier; raises as that would."""
        plan, state = await self.one(plan_id)
        rules = self._book.of_plan(plan)
        self._require_decidable(plan, state, rules)
        self._require_tier(plan, tier, self._demand(plan, rules))
        if tier == "attested":
            self._attestations.require_real()
        return plan

    async def require_as_planned(self, plan: Plan) -> None:
        """Raise PlanStale where a file is not as the plan wants it, or, once applied, left it."""
        _, state = await self.one(plan.id)
        if files := await to_thread.run_sync(moved, plan, state):
            raise PlanStale(
                f"{', '.join(map(visible, files))} changed since plan {plan.id} was "
                f"{'applied' if state == 'applied' else 'made'}.",
                next_step=EDITED.format(flag=plan.flag) if state == "applied" else again(plan),
            )

    async def is_stale(self, plan: Plan, state: PlanState) -> bool:
        """Whether a plan waits whose files are no longer as it was made for."""
        return state == "proposed" and bool(await to_thread.run_sync(moved, plan, state))

    async def challenge(self, plan_id: str) -> str:
        """Mint the code that a person must type; only its keyed hash is stored."""
        plan, _ = await self.one(plan_id)
        code = self._new_code()
        await to_thread.run_sync(self._store.new_challenge, plan.digest, code, self._clock())
        return code

    def demand(self, plan: Plan) -> Demand:
        """What the policy asks of an approval of this plan."""
        return self._demand(plan, self._book.of_plan(plan))

    def _demand(self, plan: Plan, rules: Rules) -> Demand:
        return rules.approval.demand(case_of(plan, self.server))

    async def decide(
        self,
        plan_id: str,
        verdict: Literal["approved", "rejected"],
        *,
        tier: Literal["dialog", "out-of-band"] | None,
        code: str | None = None,
        note: str = "",
        actor: Actor,
    ) -> Decision:
        """Record what a person said about one exact plan.

        Args:
            tier: How they were asked; none, and only to reject: they were not.

        Raises:
            ApprovalRefused: If the tier is below the policy's, or the code is wrong.
        """
        plan, state = await self._recorded(verdict, plan_id, actor)
        by = self._asked_by(actor, tier)
        async with self._recorder.step(verdict, by, plan=plan) as step:
            rules, now = self._book.of_plan(plan), self._clock()
            self._require_decidable(plan, state, rules)
            if verdict == "approved":
                await self._require_person(plan, tier, code, self._demand(plan, rules))
            step.decision = Decision(
                plan_digest=plan.digest,
                verdict=verdict,
                by=self._person,
                tier=tier,
                at=now,
                expires_at=now + timedelta(hours=rules.approval.approval_lifetime_h),
                nonce=self._new_id(),
                note=note,
            )
            step.plan_state = verdict
            return step.decision

    async def attest(
        self, plan_id: str, signing: Signing, *, note: str = "", actor: Actor
    ) -> Decision:
        """Let another person approve one exact plan, signed in to the flag server as themselves.

        Raises:
            ApprovalRefused: If they are not let in, are no person or the one whose token this
                installation works with, or the policy asks for somebody else.
            FlagServerError: If the server does not answer, or does not keep the approval.
        """
        plan, state = await self._recorded("approved", plan_id, actor)
        await self._recorder.deliver()
        by = self._asked_by(actor, "attested")
        async with self._recorder.step("approved", by, plan=plan) as step:
            rules, now = self._book.of_plan(plan), self._clock()
            self._require_decidable(plan, state, rules)
            entry_id = self._new_id()
            approver = await self._attestations.write(
                plan, self._demand(plan, rules), signing, entry_id=entry_id, at=now
            )
            step.decision = Decision(
                plan_digest=plan.digest,
                verdict="approved",
                by=approver.name,
                tier="attested",
                at=now,
                expires_at=now + timedelta(hours=rules.approval.approval_lifetime_h),
                nonce=self._new_id(),
                note=note,
                attestation=entry_id,
            )
            step.actor = by.model_copy(update={"person": approver.name, "account": approver.name})
            step.plan_state = "approved"
            return step.decision

    async def refuse(self, plan_id: str, error: FlagwrightError, *, actor: Actor) -> NoReturn:
        """Record that a person could not be asked, or did not answer; raises the error on."""
        plan, _ = await self._recorded("approved", plan_id, actor)
        async with self._recorder.step("approved", self._asked_by(actor, None), plan=plan):
            raise error

    def _asked_by(self, actor: Actor, tier: Tier | None) -> Actor:
        """Who decides, through which door, and for a terminal from which programs."""
        known = {"tier": tier} if actor.programs or actor.door != "terminal" else {
            "tier": tier, "programs": visible(self._programs() or "") or None
        }  # fmt: skip
        return actor.model_copy(update=known)

    def is_approved(self, plan: Plan, state: PlanState, decision: Decision | None) -> bool:
        """Whether a plan may be applied now; raises where it, or its approval, is too old."""
        return self._is_approved(plan, state, decision, self._book.of_plan(plan))

    def _require_decidable(self, plan: Plan, state: PlanState, rules: Rules) -> None:
        """Raise where no decision counts any more: the plan is used, too old or stale."""
        self._is_approved(plan, state, None, rules)

    async def _require_person(
        self, plan: Plan, tier: Tier | None, code: str | None, demand: Demand
    ) -> None:
        self._require_tier(plan, tier, demand)
        if tier == "out-of-band":
            answer = partial(self._store.answer_challenge, plan.digest, code or "", self._clock())
            if not await to_thread.run_sync(answer):
                raise ApprovalRefused(
                    "The code is wrong, used or too old.",
                    next_step=f"Run again: flagwright approve {plan.id}",
                )

    def _require_tier(self, plan: Plan, tier: Tier | None, demand: Demand) -> None:
        if tier is None or not accepts(tier, demand.tier):
            raise ApprovalRefused(
                f"Plan {plan.id} ({plan.band} risk) needs an approval of tier "
                f"{demand_in_words(demand)}, not {tier}.",
                next_step=_way_to_approve(plan, demand),
            )

    # --- apply and undo

    async def apply(self, plan_id: str, *, actor: Actor) -> Applied:
        """Write an approved plan's files, all or none; an undecided plan is no error.

        Raises:
            WriteInterrupted: If an earlier write to this repository has to be looked at first.
            StoreBroken: If it could not be recorded; the files were put back then.
        """
        plan, state = await self._recorded("applied", plan_id, actor)
        is_stale = await self.is_stale(plan, state)
        if state == "proposed" and not is_stale and await to_thread.run_sync(self._is_polled, plan):
            return Applied(plan, AWAITING, self.demand(plan))
        async with self._effect.recorded("applied", plan, actor) as step:
            if is_stale:
                await self.require_as_planned(plan)
            rules = self._book.of_plan(plan)
            demand = self._demand(plan, rules)
            if state == "rejected":
                step.outcome, step.code = "refused", PlanUsed.code
                return Applied(plan, "rejected", demand)
            decision = await to_thread.run_sync(self._store.decision, plan.digest)
            if not self._is_approved(plan, state, decision, rules) or decision is None:
                step.outcome, step.code = "refused", AWAITING
                return Applied(plan, AWAITING, demand)
            if decision.tier == "attested":
                await self._attestations.require(plan, demand, decision)
            texts = await to_thread.run_sync(written, plan, self._git, self._store)
            await self._effect.use(plan, decision)
            step.plan_state = "applied"  # from here to the record nothing may be waited for
            step.subject = step.subject.model_copy(update={"written": texts})
            return Applied(plan, "applied", demand)

    async def undo(self, plan_id: str, *, actor: Actor) -> Plan:
        """Put back the bytes before, while the files still hold what was applied.

        Where somebody has put all of them back already, that is what is recorded.
        """
        plan, state = await self._recorded("undone", plan_id, actor)
        async with self._effect.recorded("undone", plan, actor) as step:
            if state != "applied":
                raise BadRequest(
                    f"Plan {plan.id} is {state}, not applied: there is nothing to undo.",
                    next_step="List the plans: flagwright plans",
                )
            if not await to_thread.run_sync(is_as_before, plan):
                await self.require_as_planned(plan)
                await self._effect.take_back(plan)
            step.plan_state = "undone"
            return plan

    def _is_approved(
        self, plan: Plan, state: PlanState, decision: Decision | None, rules: Rules
    ) -> bool:
        now = self._clock()
        return check_applicable(
            plan,
            state,
            decision,
            rules.approval,
            server=self.server,
            policy_digest=rules.digest,
            now=now,
        )

    def _is_polled(self, plan: Plan) -> bool:
        """Whether the newest entry already says that this plan waits, and it still does."""
        last = self._store.entries(plan=plan.digest, limit=1)
        if not last or last[0].code != AWAITING:
            return False
        with suppress(FlagwrightError):
            return not self._is_approved(plan, "proposed", None, self._book.of_plan(plan))
        return False

    async def _recorded(self, action: Action, plan_id: str, actor: Actor) -> tuple[Plan, PlanState]:
        """The plan to act on; that there is none is recorded like any other refusal."""
        try:
            return await self.one(plan_id)
        except FlagwrightError:
            async with self._recorder.step(action, actor):
                raise


def _way_to_approve(plan: Plan, demand: Demand) -> str:
    if demand.tier in NAMING:
        return f"Have another person sign in: flagwright approve {plan.id} --attest"
    return f"Run in your own terminal: flagwright approve {plan.id}"
