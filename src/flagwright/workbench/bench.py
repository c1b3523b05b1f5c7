"""The steps that a door may ask for; those of a flag itself and of a plan: `flags`, `plans`."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, Literal

import anyio
from anyio import to_thread

from flagwright.adapters import shipped, worker
from flagwright.adapters.git import Git, Repository
from flagwright.adapters.shipped import Own, Source
from flagwright.adapters.store import Store
from flagwright.adapters.unleash import Application, Request, Unleash
from flagwright.core.change import parse_diff
from flagwright.core.demand import Server
from flagwright.core.naming.judge import require_name_for_paths
from flagwright.core.records.change import Change
from flagwright.core.records.entry import Actor, Door
from flagwright.core.records.plan import Convention
from flagwright.core.records.score import Assessment
from flagwright.core.trail import Trail
from flagwright.errors import BadRequest, WriteInterrupted
from flagwright.workbench import examination, judging, proposals
from flagwright.workbench.attestation import Attestations, SignIn
from flagwright.workbench.audit import Audit, LedgerPage
from flagwright.workbench.batch import Progress
from flagwright.workbench.draft import Drafting
from flagwright.workbench.effect import Effect
from flagwright.workbench.examination import Examined
from flagwright.workbench.flags import Flags
from flagwright.workbench.handover import Handover
from flagwright.workbench.hindsight import Hindsight
from flagwright.workbench.lookup import look_up_living, require_known, require_named, state_at_once
from flagwright.workbench.plans import Plans
from flagwright.workbench.policies import Policies
from flagwright.workbench.proposals import Proposal
from flagwright.workbench.recorder import Recorder, Step
from flagwright.workbench.release import Release
from flagwright.workbench.report import Reporting
from flagwright.workbench.review import Review
from flagwright.workbench.rulebook import RuleBook
from flagwright.workbench.rules import Rules
from flagwright.workbench.search import Search
from flagwright.workbench.switching import Switching


class Workbench:
    """The adapters of one installation, and the steps over them."""

    def __init__(
        self,
        *,
        git: Git,
        store: Store,
        unleash: Unleash,
        sign_in: SignIn,
        embedded: bool,
        locks: Path,
        own: Own,
        project: str,
        person: str,
        clock: Callable[[], datetime],
        new_id: Callable[[], str],
        new_code: Callable[[], str],
        programs: Callable[[], str | None] = lambda: None,
        application: Application | None = None,
        is_quiet: bool = False,
    ) -> None:
        """`is_quiet`: what is recorded stays here, and owed."""
        self.project = project
        self.interrupted: tuple[WriteInterrupted, ...] = ()
        """Writes that a person has to look at, as found when this process started."""
        self._git, self._unleash, self._is_embedded = git, unleash, embedded
        self._locks, self._own = locks, own
        self._book = RuleBook(own, locks.with_name("policies"), clock)
        self._person, self._clock = person, clock
        server: Server = "embedded" if embedded else "unleash"
        self._recorder = Recorder(
            store, unleash, project=project, person=person, clock=clock, new_id=new_id,
            is_quiet=is_quiet,
        )  # fmt: skip
        self.audit = Audit(store, unleash, self._recorder, clock=clock)
        self.release = Release(git, unleash, book=self._book, server=server)
        self.policy = Policies(git, store, self._book, server=server, clock=clock)
        self.flags = Flags(git, store, unleash, self._recorder, book=self._book, clock=clock)
        self.search = Search(git, unleash, self._recorder, book=self._book, clock=clock)
        self.drafting = Drafting(git, unleash, self.search, self._book, is_embedded=embedded)
        self.reporting = Reporting(
            store, unleash, self.audit, self.search, self.policy, book=self._book, clock=clock
        )
        self.hindsight = Hindsight(git, self._recorder, self._book)
        self.switching = Switching(
            store, unleash, self._recorder, book=self._book, server=server, person=person,
            clock=clock, application=application,
        )  # fmt: skip
        self.plans = Plans(
            store,
            self._recorder,
            Effect(store, unleash, self._recorder, self.switching, locks=locks),
            git,
            book=self._book,
            server=server,
            attestations=Attestations(store, unleash, sign_in, is_embedded=embedded),
            person=person,
            clock=clock,
            new_id=new_id,
            new_code=new_code,
            programs=programs,
        )
        self.handover = Handover(git, store, self.plans, self._recorder)
        self.review = Review(
            store,
            unleash,
            self.plans,
            self.handover,
            book=self._book,
            clock=clock,
            new_code=new_code,
            programs=programs,
        )

    # --- score

    async def score(
        self,
        repository: Path | None,
        *,
        revisions: str | None = None,
        commit: str | None = None,
        staged: bool = False,
        diff: str | None = None,
        wait: bool = False,
        actor: Actor,
        progress: Progress | None = None,
    ) -> Assessment:
        """Score a change of a repository, or a diff given as text; changes nothing.

        Args:
            wait: Whether to wait until a history that was not read yet is; else it is left out.
        """
        async with self._recorder.step("scored", actor) as step:
            if revisions is not None and diff is not None:
                raise BadRequest(
                    "Both a revision and a diff are given.", next_step="Give one of them."
                )
            repo = await self._open(step, repository) if diff is None else None
            change = await self._change(step, repo, revisions, diff, commit=commit, staged=staged)
            rules = await self._book.under(step, repo, change)
            found = await self._judged(step, repo, rules, change, wait=wait, progress=progress)
            beside = await to_thread.run_sync(repo.beside, change) if repo else ""
            told = (*found.warnings, f"{beside}.") if beside else found.warnings
            return found.model_copy(update={"warnings": told})

    async def sarif(self, found: Assessment, version: str) -> dict[str, Any]:
        """A score for code hosts, with the words of the policy that it was made by."""
        from flagwright.core.risk.sarif import sarif

        kept = await to_thread.run_sync(self._book.kept, found.policy_digest)
        rules = self._book.again(kept, kept.touched) if kept else self._book.shipped()
        return sarif(found, rules.risk, version=version)

    # --- new plans

    async def wrap(
        self,
        repository: Path | None,
        flag: str,
        *,
        revisions: str | None = None,
        convention: Convention | None = None,
        context: str = "",
        actor: Actor,
    ) -> Proposal:
        """Plan to put a change behind a flag that exists on the server; writes no file."""
        async with self._recorder.step("proposed", actor, flag=flag) as step:
            repo = await self._open(step, repository)
            state = (await look_up_living(self._unleash, flag)).flag
            change = await self._change(step, repo, revisions)
            proposals.require_committed(await self.plans.applied(repo.root), change, flag)
            rules = await self._book.under(step, repo, change)
            if rules.loaded["naming"].touched:
                require_name_for_paths(flag, state.type, rules.naming, rules.place_of_name)
            proposal = await proposals.wrap(
                repo,
                change,
                flag,
                rules,
                partial(self._judged, step, repo, rules),
                given=convention,
                context=context,
                by=self._by(actor),
                at=self._clock(),
            )
            return await self._keep(step, proposal)

    async def retire(
        self, repository: Path | None, flag: str, keep: Literal["on", "off"], *, actor: Actor
    ) -> Proposal:
        """Plan to take a flag out of the repository's Python files; writes no file."""
        async with self._recorder.step("proposed", actor, flag=flag) as step:
            require_named(flag)
            repo = await self._open(step, repository)
            rules = await self._book.under(step, repo)
            state = await state_at_once(self._unleash, flag)
            proposal = await proposals.retire(
                repo, flag, keep, rules, partial(self._judged, step, repo, rules), state=state,
                applied=await self.plans.applied(repo.root), by=self._by(actor), at=self._clock(),
            )  # fmt: skip
            if proposal.plan:
                step.about(proposal.plan.edits)
            elif not proposal.coverage:
                await require_known(self._unleash, flag)
            return await self._keep(step, proposal)

    async def _keep(self, step: Step, proposal: Proposal) -> Proposal:
        """Have the plan and its bytes stored together with the entry."""
        if proposal.plan:
            plan = await self.plans.waiting(proposal.plan)
            step.plan, step.plan_state = plan, "proposed"
            step.new_blobs = proposal.blobs
            demand = await to_thread.run_sync(self.plans.demand, plan)
            proposal = replace(proposal, plan=plan, demand=demand)
        return proposal

    # --- the ledger

    async def ledger(
        self, *, flag: str | None = None, plan: str | None = None, limit: int = 20
    ) -> LedgerPage:
        """What was recorded here, newest first, and what is still owed to the server."""
        digest = (await self.plans.one(plan))[0].digest if plan else None
        return await self.audit.show(Trail(flag=flag, plan=digest), limit=limit)

    # --- this installation

    def words(self, reader: Door) -> Mapping[str, str]:
        """Next steps by `step.status`, as `prompts/next-steps-READER.toml` says them."""
        return shipped.next_steps(reader, self._own.config_dir)

    def policies(self) -> Mapping[str, tuple[Source, ...]]:
        """Load every policy in force, which runs its examples."""
        return examination.policies(self._own)

    async def examine(self, repository: Path | None) -> tuple[Examined, ...]:
        """Look at the server, the repository and the policies; never raises for what it finds."""
        return await examination.examine(
            self._unleash,
            self._git,
            repository or Path.cwd(),
            self._book,
            embedded=self._is_embedded,
            interrupted=self.interrupted,
        )

    async def settle(self) -> None:
        """Settle what an interrupted process left open: ask the world what became of it."""
        self.interrupted = await self._recorder.settle_open(self._locks)

    async def rehearsed(self) -> tuple[str, tuple[Request, ...]]:
        """Address of the server, and what would have been sent to it.

        Raises:
            FlagServerRefused: If the token may not send some of it.
        """
        return self._unleash.address, await self._unleash.noted()

    async def deliver(self, *, deadline_s: float = 2) -> bool:
        """Tell the flag server what it is owed, as far as it answers in time.

        Returns whether time was up before it had everything.
        """
        with anyio.move_on_after(deadline_s) as scope:
            await self._recorder.settle_open(self._locks)
            await self._recorder.deliver()
        return scope.cancelled_caught

    # --- what the steps share

    def _by(self, actor: Actor) -> str:
        return actor.assistant or self._person

    async def _open(self, step: Step, path: Path | None) -> Repository:
        repo = await to_thread.run_sync(self._git.open, path or Path.cwd())
        known = {"repository": repo.identity, "commit": await to_thread.run_sync(repo.head)}
        step.subject = step.subject.model_copy(update=known)
        return repo

    async def _judged(
        self,
        step: Step,
        repo: Repository | None,
        rules: Rules,
        change: Change,
        *,
        wait: bool = False,
        progress: Progress | None = None,
    ) -> Assessment:
        """Score a change, and keep why: its entry can be explained, also where it is refused."""
        found = await judging.assess(change, rules, repo, wait=wait, progress=progress)
        step.assessment, step.change = found, found.change_digest
        await to_thread.run_sync(self._book.keep, found)
        return found

    async def _change(
        self,
        step: Step,
        repo: Repository | None,
        revisions: str | None,
        diff: str | None = None,
        *,
        commit: str | None = None,
        staged: bool = False,
    ) -> Change:
        if repo is None:
            change = await worker.run(parse_diff, diff or "")
        else:
            read = partial(repo.change, revisions, commit=commit, staged=staged)
            change = await to_thread.run_sync(read)
        step.change = change.digest
        step.about(change.files)
        return change
