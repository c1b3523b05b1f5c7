"""One method for each step that a door may ask for."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Literal, NoReturn

import anyio
from anyio import to_thread

from flagwright.adapters import shipped, worker, workspace
from flagwright.adapters.git import Git, Repository
from flagwright.adapters.store import Store
from flagwright.adapters.unleash import Unleash
from flagwright.core.approval import ApprovalPolicy, accepts, check_applicable, required_tier
from flagwright.core.change import parse_diff
from flagwright.core.naming import NamingPolicy, judge, similar
from flagwright.core.records import (
    Action,
    Actor,
    Assessment,
    Change,
    Convention,
    Decision,
    FileChange,
    FileEdit,
    FlagSpec,
    FlagState,
    LedgerEntry,
    Plan,
    PlanState,
    Subject,
    Tier,
)
from flagwright.core.risk.policy import RiskPolicy
from flagwright.core.wrapping.policy import WrappingPolicy
from flagwright.errors import ApprovalRefused, BadRequest, FlagwrightError, PlanUsed
from flagwright.workbench import examination, proposals
from flagwright.workbench.examination import Examined, PolicyReport
from flagwright.workbench.proposals import Proposal, Rules
from flagwright.workbench.recorder import Recorder, Step

MOST_PATHS = 20
AWAITING: Literal["awaiting-approval"] = "awaiting-approval"


@dataclass(frozen=True)
class Found:
    """Flags that a search matched, best first, and how many there are in all."""

    flags: tuple[FlagState, ...]
    total: int


@dataclass(frozen=True)
class Applied:
    """What came of a request to apply a plan."""

    plan: Plan
    status: Literal["applied", "awaiting-approval", "rejected"]
    tier: Tier
    """Least tier that the policy asks for."""


@dataclass(frozen=True)
class LedgerPage:
    """Entries, newest first, those still owed by id, and the counts of the whole ledger."""

    entries: tuple[LedgerEntry, ...]
    owed_ids: frozenset[str]
    recorded: int
    delivered: int
    owed: int
    set_aside: int


class Workbench:
    """The adapters of one installation, and the steps over them."""

    def __init__(
        self,
        *,
        git: Git,
        store: Store,
        unleash: Unleash,
        locks: Path,
        config_dir: Path | None,
        project: str,
        person: str,
        clock: Callable[[], datetime],
        new_id: Callable[[], str],
        new_code: Callable[[], str],
    ) -> None:
        self.project = project
        self._git, self._store, self._unleash = git, store, unleash
        self._locks, self._config_dir = locks, config_dir
        self._person, self._clock, self._new_id, self._new_code = person, clock, new_id, new_code
        self._recorder = Recorder(store, unleash, clock=clock, new_id=new_id)

    # --- score

    async def score(
        self,
        repository: Path | None,
        *,
        revisions: str | None = None,
        diff: str | None = None,
        actor: Actor,
    ) -> Assessment:
        """Score a change of a repository, or a diff given as text; changes nothing."""
        async with self._step("scored", actor) as step:
            if revisions is not None and diff is not None:
                raise BadRequest(
                    "Both a revision and a diff are given.", next_step="Give one of them."
                )
            repo = await self._open(step, repository) if diff is None else None
            rules = self._rules()
            change = await self._change(repo, revisions, diff)
            self._describe(step, change)
            step.policy = rules.risk_digest
            step.assessment = await proposals.assess(change, rules)
            return step.assessment

    # --- flags

    async def create(self, spec: FlagSpec, *, actor: Actor) -> tuple[FlagState, bool]:
        """Create a flag, off everywhere, or return the equal one; true where it is new."""
        payload = {"spec": spec.model_dump(mode="json")}
        async with self._step("created", actor, flag=spec.name, payload=payload) as step:
            policy = shipped.load_policy(NamingPolicy, "naming", self._config_dir)
            step.policy = policy.digest
            judge(spec, policy.policy, today=self._clock().date())
            return await self._unleash.create(spec)

    async def find(
        self,
        words: str | None = None,
        *,
        like: str | None = None,
        archived: bool = False,
        limit: int = 20,
        actor: Actor,
    ) -> Found:
        """List flags of the project, those with all the words, or those with a name like one."""
        async with self._step("found", actor):
            held = await self._unleash.flags(self.project, archived=archived)
        flags = tuple(flag for flag in held if flag.name != self._unleash.ledger_flag)
        if words:
            wanted = words.lower().split()
            flags = tuple(f for f in flags if all(word in _text(f) for word in wanted))
        if like:
            by_name = {flag.name: flag for flag in flags}
            naming = shipped.load_policy(NamingPolicy, "naming", self._config_dir).policy
            flags = tuple(by_name[name] for name, _ in similar(like, by_name, naming))
        return Found(flags[:limit], len(flags))

    # --- plans

    async def wrap(
        self,
        repository: Path | None,
        flag: str,
        *,
        revisions: str | None = None,
        convention: Convention | None = None,
        actor: Actor,
    ) -> Proposal:
        """Plan to put a change behind a flag that exists on the server; writes no file."""
        async with self._step("proposed", actor, flag=flag) as step:
            repo = await self._open(step, repository)
            rules = self._rules()
            await self._unleash.state(flag)
            change = await self._change(repo, revisions, None)
            self._describe(step, change)
            proposal = await proposals.wrap(
                repo, change, flag, rules, given=convention, by=self._by(actor), at=self._clock()
            )
            return self._keep(step, proposal, rules)

    async def retire(
        self, repository: Path | None, flag: str, keep: Literal["on", "off"], *, actor: Actor
    ) -> Proposal:
        """Plan to take a flag out of the repository's Python files; writes no file."""
        async with self._step("proposed", actor, flag=flag) as step:
            repo = await self._open(step, repository)
            rules = self._rules()
            proposal = await proposals.retire(
                repo, flag, keep, rules, by=self._by(actor), at=self._clock()
            )
            if proposal.plan:
                step.subject = _about(step.subject, proposal.plan.edits)
            return self._keep(step, proposal, rules)

    def _keep(self, step: Step, proposal: Proposal, rules: Rules) -> Proposal:
        """Store the plan and its bytes together with the entry."""
        step.assessment, step.policy = proposal.assessment, rules.digest
        step.change = proposal.assessment.change_digest
        if proposal.plan:
            step.plan, step.plan_state = proposal.plan, "proposed"
            step.new_blobs = proposal.blobs
        return proposal

    async def plan(self, plan_id: str) -> tuple[Plan, PlanState]:
        """One plan by its id or a unique beginning of it, and where it stands."""
        return await to_thread.run_sync(self._store.plan, plan_id)

    async def plans(self) -> Sequence[tuple[Plan, PlanState]]:
        """Every plan of this installation, newest first."""
        return await to_thread.run_sync(self._store.plans)

    # --- approval

    async def challenge(self, plan_id: str) -> str:
        """Mint the code that a person must type; only its keyed hash is stored."""
        plan, _ = await self.plan(plan_id)
        code = self._new_code()
        await to_thread.run_sync(self._store.new_challenge, plan.digest, code, self._clock())
        return code

    def tier(self, plan: Plan) -> Tier:
        """Least tier that the policy asks of a decision about this plan."""
        return required_tier(self._rules().approval, plan.band)

    async def decide(
        self,
        plan_id: str,
        verdict: Literal["approved", "rejected"],
        *,
        tier: Tier,
        code: str | None = None,
        note: str = "",
        actor: Actor,
    ) -> Decision:
        """Record what a person said about one exact plan.

        Raises:
            ApprovalRefused: If the tier is below the policy's, or the code is wrong.
        """
        plan, state = await self._plan(verdict, plan_id, actor)
        by = actor.model_copy(update={"tier": tier})
        async with self._plan_step(verdict, plan, by) as step:
            rules, now = self._rules(), self._clock()
            check_applicable(plan, state, None, rules.approval, policy_digest=rules.digest, now=now)
            if verdict == "approved":
                await self._require_person(plan, tier, code, rules.approval)
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

    async def refuse(self, plan_id: str, error: FlagwrightError, *, actor: Actor) -> NoReturn:
        """Record that a person could not be asked, or did not answer; raises the error on."""
        plan, _ = await self._plan("approved", plan_id, actor)
        async with self._plan_step("approved", plan, actor):
            raise error

    async def _require_person(
        self, plan: Plan, tier: Tier, code: str | None, policy: ApprovalPolicy
    ) -> None:
        required = required_tier(policy, plan.band)
        if not accepts(tier, required):
            raise ApprovalRefused(
                f"A {plan.band} risk plan needs an approval of tier {required}, not {tier}.",
                next_step=f"Run in your own terminal: flagwright approve {plan.id}",
            )
        if tier == "out-of-band":
            answer = partial(self._store.answer_challenge, plan.digest, code or "", self._clock())
            if not await to_thread.run_sync(answer):
                raise ApprovalRefused(
                    "The code is wrong, used or too old.",
                    next_step=f"Run again: flagwright approve {plan.id}",
                )

    # --- apply and undo

    async def apply(self, plan_id: str, *, actor: Actor) -> Applied:
        """Write an approved plan's files, all or none; an undecided plan is no error."""
        plan, state = await self._plan("applied", plan_id, actor)
        if state == "proposed" and await to_thread.run_sync(self._is_polled, plan):
            return Applied(plan, "awaiting-approval", self.tier(plan))
        async with self._plan_step("applied", plan, actor) as step:
            rules = self._rules()
            tier = required_tier(rules.approval, plan.band)
            if state == "rejected":
                step.outcome, step.code = "refused", PlanUsed.code
                return Applied(plan, "rejected", tier)
            decision = await to_thread.run_sync(self._store.decision, plan.digest)
            if not self._is_approved(plan, state, decision, rules) or decision is None:
                step.outcome, step.code = "refused", AWAITING
                return Applied(plan, AWAITING, tier)
            await self._use(plan, decision)
            step.plan_state = "applied"
            return Applied(plan, "applied", tier)

    async def _use(self, plan: Plan, decision: Decision) -> None:
        """Take the one use of an approval and write; give it back where nothing was written."""
        with anyio.CancelScope(shield=True):
            await to_thread.run_sync(self._store.claim_plan, plan.id, decision.nonce)
            try:
                await to_thread.run_sync(self._write, plan, plan.edits)
            except FlagwrightError:
                await to_thread.run_sync(self._store.release_plan, plan.id, decision.nonce)
                raise

    async def undo(self, plan_id: str, *, actor: Actor) -> Plan:
        """Put back the bytes before, while the files still hold what was applied."""
        plan, state = await self._plan("undone", plan_id, actor)
        async with self._plan_step("undone", plan, actor) as step:
            if state != "applied":
                raise BadRequest(
                    f"Plan {plan.id} is {state}, not applied: there is nothing to undo.",
                    next_step="List the plans: flagwright plans",
                )
            await to_thread.run_sync(self._write, plan, [_reversed(e) for e in plan.edits])
            step.plan_state = "undone"
            return plan

    def _write(self, plan: Plan, edits: Sequence[FileEdit]) -> None:
        images = [
            (edit, self._store.blob(edit.after_sha256) if edit.after_sha256 else None)
            for edit in edits
        ]
        workspace.write_all(Path(plan.root), images, lock_dir=self._locks)

    def _is_approved(
        self, plan: Plan, state: PlanState, decision: Decision | None, rules: Rules
    ) -> bool:
        now = self._clock()
        return check_applicable(
            plan, state, decision, rules.approval, policy_digest=rules.digest, now=now
        )

    def _is_polled(self, plan: Plan) -> bool:
        """Whether the newest entry already says that this plan waits, and it still does."""
        last = self._store.entries(plan=plan.digest, limit=1)
        if not last or last[0].code != AWAITING:
            return False
        with suppress(FlagwrightError):
            return not self._is_approved(plan, "proposed", None, self._rules())
        return False

    # --- the ledger

    async def ledger(
        self, *, flag: str | None = None, plan: str | None = None, limit: int = 20
    ) -> LedgerPage:
        """What was recorded here, newest first, and what is still owed to the server."""

        def read() -> LedgerPage:
            digest = self._store.plan(plan)[0].digest if plan else None
            entries = self._store.entries(flag=flag, plan=digest, limit=limit)
            counts = self._store.counts()
            return LedgerPage(
                entries=tuple(entries),
                owed_ids=frozenset(self._store.undelivered(e.id for e in entries)),
                recorded=counts.recorded,
                delivered=counts.delivered,
                owed=counts.owed,
                set_aside=counts.set_aside,
            )

        return await to_thread.run_sync(read)

    async def ledger_on_server(
        self, flag: str | None = None, *, limit: int = 100
    ) -> Sequence[LedgerEntry]:
        """Entries as the flag server holds them, oldest first."""
        return await self._unleash.read_ledger(flag, limit=limit)

    # --- this installation

    def words(self) -> Mapping[str, str]:
        """Next steps by `step.status`, as `prompts/next-steps.toml` says them."""
        return shipped.next_steps(self._config_dir)

    def policies(self) -> tuple[PolicyReport, ...]:
        """Load every policy in force, which runs its examples."""
        return examination.policies(self._config_dir)

    async def examine(self, repository: Path | None) -> tuple[Examined, ...]:
        """Look at the server, the repository and the policies; never raises for what it finds."""
        return await examination.examine(
            self._unleash, self._git, repository or Path.cwd(), self._config_dir
        )

    async def settle(self) -> None:
        """Settle what an interrupted process left open: ask the world what became of it."""
        await self._recorder.settle_open(self._locks)

    async def deliver(self, *, deadline_s: float = 2) -> None:
        """Tell the flag server what it is owed, as far as it answers in time."""
        with anyio.move_on_after(deadline_s):
            await self._recorder.deliver()

    # --- what the steps share

    def _step(
        self,
        action: Action,
        actor: Actor,
        *,
        flag: str | None = None,
        payload: Mapping[str, object] | None = None,
    ) -> AbstractAsyncContextManager[Step]:
        subject = Subject(project=self.project, flag=flag)
        return self._recorder.step(action, subject, self._named(actor), payload=payload)

    def _plan_step(
        self, action: Action, plan: Plan, actor: Actor
    ) -> AbstractAsyncContextManager[Step]:
        subject = _about(Subject(project=self.project, flag=plan.flag), plan.edits)
        return self._recorder.step(action, subject, self._named(actor), plan=plan)

    def _named(self, actor: Actor) -> Actor:
        return actor.model_copy(update={"person": self._person})

    def _by(self, actor: Actor) -> str:
        return actor.assistant or self._person

    async def _open(self, step: Step, path: Path | None) -> Repository:
        repo = await to_thread.run_sync(self._git.open, path or Path.cwd())
        known = {"repository": repo.identity, "commit": await to_thread.run_sync(repo.head)}
        step.subject = step.subject.model_copy(update=known)
        return repo

    async def _plan(self, action: Action, plan_id: str, actor: Actor) -> tuple[Plan, PlanState]:
        """The plan to act on; that there is none is recorded like any other refusal."""
        try:
            return await self.plan(plan_id)
        except FlagwrightError:
            async with self._step(action, actor):
                raise

    async def _change(
        self, repo: Repository | None, revisions: str | None, diff: str | None
    ) -> Change:
        if diff is not None or repo is None:
            return await worker.run(parse_diff, diff or "")
        return await to_thread.run_sync(repo.change, revisions)

    def _describe(self, step: Step, change: Change) -> None:
        step.change = change.digest
        step.subject = _about(step.subject, change.files)

    def _rules(self) -> Rules:
        """Policies as they are now: an edit counts from the next step on."""
        risk = shipped.load_policy(RiskPolicy, "risk", self._config_dir)
        wrapping = shipped.load_policy(WrappingPolicy, "wrapping", self._config_dir)
        approval = shipped.load_policy(ApprovalPolicy, "approval", self._config_dir)
        together = proposals.combined_digest(
            {"risk": risk.digest, "wrapping": wrapping.digest, "approval": approval.digest}
        )
        return Rules(risk.policy, risk.digest, wrapping.policy, approval.policy, together)


def _about(subject: Subject, files: Sequence[FileChange | FileEdit]) -> Subject:
    paths = tuple(file.path for file in files)
    known = {"paths": paths[:MOST_PATHS], "paths_total": len(paths)}
    return subject.model_copy(update=known)


def _reversed(edit: FileEdit) -> FileEdit:
    return edit.model_copy(
        update={"before_sha256": edit.after_sha256, "after_sha256": edit.before_sha256}
    )


def _text(flag: FlagState) -> str:
    return f"{flag.name} {flag.description} {flag.owner or ''} {flag.type}".lower()
