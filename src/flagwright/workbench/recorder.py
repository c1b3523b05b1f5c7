"""Record every action: the intent first, then the effect, then the outcome; then deliver.

No intent, no effect: where the store cannot be written, nothing is done. The outcome is
committed together with the local state it goes with, and only then is it answered. The
flag server is told afterwards; when it is down, the entry stays owed and is never lost.
"""

from collections.abc import AsyncIterator, Callable, Container, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import anyio
from anyio import to_thread

from flagwright.adapters.store import Store
from flagwright.adapters.unleash import Unleash
from flagwright.core.records import (
    Action,
    Actor,
    Assessment,
    Decision,
    FileChange,
    FileEdit,
    Outcome,
    Plan,
    PlanState,
    Subject,
)
from flagwright.errors import (
    BadRequest,
    FlagServerDown,
    FlagServerError,
    FlagServerOdd,
    FlagServerRefused,
    FlagwrightError,
    PlanUsed,
    StoreBroken,
    WriteFailed,
    WriteInterrupted,
)
from flagwright.workbench.link import Link, cut
from flagwright.workbench.settlement import Settled, is_done, what_became

CANCELLED = "cancelled"
LOOK_S = 1
"""How long it may take to ask what became of a request; unanswered, it stays open."""
WRITING: tuple[Action, ...] = ("applied", "undone")
REST = timedelta(seconds=5)
"""How long a server that did not answer is not told anything."""
MOST_LINKS = 10
"""Links that are sent before what arrived is read back."""
MOST_ENTRIES = 600
MOST_PATHS = 20
FAULTS = (FlagServerDown, FlagServerOdd, FlagServerRefused, StoreBroken, WriteFailed)
"""Errors of the world; the same request may succeed another time."""


@dataclass
class Step:
    """What an action adds to its own record while it runs."""

    subject: Subject
    change: str | None = None
    policy: str | None = None
    assessment: Assessment | None = None
    plan: Plan | None = None
    plan_state: PlanState | None = None
    """State that the plan gets together with the outcome."""
    decision: Decision | None = None
    actor: Actor | None = None
    """Who it was, where that is only known at the end."""
    outcome: Outcome = "done"
    code: str | None = None
    new_blobs: Mapping[str, bytes] = field(default_factory=dict)

    def about(self, files: Sequence[FileChange | FileEdit]) -> None:
        """Name the files that are acted on, and count those that are too many to name."""
        known = {
            "paths": tuple(file.path for file in files[:MOST_PATHS]),
            "paths_total": len(files),
        }
        self.subject = self.subject.model_copy(update=known)


class Recorder:
    """The one way to act: through `step`. The one way to tell the server: `deliver`."""

    def __init__(
        self,
        store: Store,
        unleash: Unleash,
        *,
        project: str,
        person: str,
        clock: Callable[[], datetime],
        new_id: Callable[[], str],
        is_quiet: bool = False,
    ) -> None:
        """`is_quiet`: nothing is told to the server, and of a rehearsal nothing is kept."""
        self._store, self._unleash, self._is_quiet = store, unleash, is_quiet
        self._project, self._person = project, person
        self._clock, self._new_id = clock, new_id
        self._account: str | None = None
        self._down_since: datetime | None = None

    @asynccontextmanager
    async def step(
        self,
        action: Action,
        actor: Actor,
        *,
        flag: str | None = None,
        environment: str | None = None,
        plan: Plan | None = None,
        payload: Mapping[str, Any] | None = None,
    ) -> AsyncIterator[Step]:
        """Commit the intent, run the body, commit what came of it.

        A `FlagwrightError` of the body is recorded as refused (the request was at fault) or
        failed (the world was), then raised on. What is cancelled is recorded as that, unless
        files may be half written. Where the server may have done it although it did not answer,
        and after anything else, the intent stays open, to be settled by looking.
        """
        if self._unleash.is_rehearsal:
            yield Step(Subject(project=self._project, flag=flag, environment=environment))
            return
        intent = self._new_id()

        def begin() -> Subject:
            if self._account is None:
                self._account = self._store.account(self._unleash.identity)
            known = {"person": self._person, "account": self._account}
            by = actor.model_copy(update=known)
            new = Subject(project=self._project, flag=flag, environment=environment)
            subject = self._origin(plan) if plan else new
            self._store.begin(
                intent, action, subject, by, plan=plan, payload=payload, at=self._clock()
            )
            return subject

        step = Step(await to_thread.run_sync(begin), plan=plan)
        try:
            yield step
        except anyio.get_cancelled_exc_class():
            if action not in WRITING:
                with anyio.CancelScope(shield=True):
                    await self._cancelled(intent, step, payload)
            raise
        except FlagwrightError as error:
            if isinstance(error, FlagServerDown):
                self._down_since = self._clock()
            if payload and isinstance(error, FlagServerError) and error.unsure:
                await to_thread.run_sync(self._store.leave_open, intent)
                raise
            step.outcome = "failed" if isinstance(error, FAULTS) else "refused"
            step.code, step.plan_state, step.decision = error.code, None, None
            await self._settle(intent, step)
            raise
        await self._settle(intent, step)

    def _origin(self, plan: Plan) -> Subject:
        """What a plan was made for: its proposal names the repository and the commit."""
        (proposed,) = self._store.entries(plan=plan.digest, action="proposed", limit=1)
        return proposed.subject

    async def _cancelled(self, intent: str, step: Step, payload: Mapping[str, Any] | None) -> None:
        """Record that nobody waited for the end; a flag that was made by then is not undone."""
        step.outcome, step.code = "failed", CANCELLED
        step.plan_state, step.decision = None, None
        if payload:
            try:
                with anyio.fail_after(LOOK_S):
                    if await is_done(payload, self._unleash):
                        step.outcome, step.code = "done", None
            except (FlagServerError, TimeoutError):
                return
        await self._settle(intent, step)

    async def _settle(self, intent: str, step: Step) -> None:
        """Commit an outcome; a request that is cancelled meanwhile waits for it."""
        assessment = step.assessment
        with anyio.CancelScope(shield=True):
            await to_thread.run_sync(
                lambda: self._store.settle(
                    intent,
                    outcome=step.outcome,
                    code=step.code,
                    subject=step.subject,
                    actor=step.actor,
                    change=step.change,
                    policy=step.policy,
                    plan=step.plan,
                    plan_state=step.plan_state,
                    decision=step.decision,
                    score=assessment.score if assessment else None,
                    band=assessment.band if assessment else None,
                    blobs=step.new_blobs,
                    at=self._clock(),
                )
            )

    async def settle_open(
        self, locks: Path, actions: Container[Action] | None = None
    ) -> tuple[WriteInterrupted, ...]:
        """Record what became of actions whose processes died; what is unknown stays open.

        Returns:
            Writes that a person has to look at: they are neither finished nor taken back.
        """
        torn: list[WriteInterrupted] = []
        with anyio.CancelScope(shield=True):
            await self._settle_open(locks, actions, torn)
        return tuple(torn)

    async def _settle_open(
        self, locks: Path, actions: Container[Action] | None, torn: list[WriteInterrupted]
    ) -> None:
        is_answering = not self._is_resting()
        for opened in await to_thread.run_sync(self._store.open_intents, actions):
            if opened.payload and not is_answering:
                await to_thread.run_sync(self._store.leave_open, opened.intent.id)
                continue
            try:
                with anyio.fail_after(LOOK_S if opened.payload else None):
                    settled = await what_became(opened, self._store, self._unleash, locks)
            except (FlagServerError, TimeoutError):
                is_answering, self._down_since = False, self._clock()
                await to_thread.run_sync(self._store.leave_open, opened.intent.id)
                continue
            except WriteInterrupted as error:
                torn.append(error)
                await to_thread.run_sync(self._store.leave_open, opened.intent.id)
                continue
            except FlagwrightError as error:
                settled = Settled("failed", error.code)
            step = Step(opened.intent.subject, plan=settled.plan, plan_state=settled.plan_state)
            step.outcome, step.code = settled.outcome, settled.code
            with suppress(PlanUsed):  # Recorded as refused: the plan went on meanwhile.
                await self._settle(opened.intent.id, step)

    async def deliver(self) -> None:
        """Tell the server what is owed, oldest first, until nothing is or it does not answer.

        Never raises: what could not be delivered stays owed and is tried again later. An
        entry that the server will not take is set aside, and shown.
        """
        if self._is_quiet or self._is_resting():
            return
        with suppress(StoreBroken), self._store.delivering() as mine:
            while mine and (links := await to_thread.run_sync(self._due)):
                if not await self._deliver(links):
                    return

    def _is_resting(self) -> bool:
        """Whether the server did not answer just now: nobody should wait for it again."""
        since = self._down_since
        return since is not None and abs(self._clock() - since) < REST

    def _due(self) -> list[Link]:
        """Owed entries, oldest first, in the links that they are to travel in."""
        return cut(self._store.owed(limit=MOST_ENTRIES, now=self._clock()))[:MOST_LINKS]

    async def _deliver(self, links: list[Link]) -> bool:
        """Whether the server took it all, so that more may follow."""
        sent: list[Link] = []
        try:
            known = await self._unleash.held(link.entries for link in links if link.again)
            await to_thread.run_sync(self._store.mark_delivered, known, self._clock())
            for link in links:
                sent += await self._send(link.without(known))
            held = await self._unleash.held(link.entries for link in sent)
        except FlagwrightError as error:
            await to_thread.run_sync(self._failed, [e.id for k in links for e in k.entries], error)
            return False
        await to_thread.run_sync(self._store.mark_delivered, held, self._clock())
        await self._learn_account()
        return all(entry.id in held for link in sent for entry in link.entries)

    async def _send(self, link: Link) -> list[Link]:
        """Send one link; where the server will never take it, each entry by itself.

        Returns what was sent: what cannot be is set aside, so that others may pass.
        """
        ids = [entry.id for entry in link.entries]
        if not ids:
            return []
        await to_thread.run_sync(self._store.mark_sent, ids)
        try:
            await self._unleash.write(link.entries, flag=link.flag, again=link.again)
        except BadRequest as error:
            if len(ids) > 1:
                return [sent for one in link.singly() for sent in await self._send(one)]
            await to_thread.run_sync(self._store.set_aside, ids, error.code)
            return []
        return [link]

    async def _learn_account(self) -> None:
        """Ask once whose token it is, for the entries that follow."""
        if self._account is None:
            with suppress(FlagwrightError):
                self._account = await self._unleash.account()
                keep = partial(self._store.know_account, self._unleash.identity, self._account)
                await to_thread.run_sync(keep)

    def _failed(self, ids: list[str], error: FlagwrightError) -> None:
        wait = error.retry_after_s if isinstance(error, FlagServerDown) else None
        self._store.mark_failed(
            ids,
            error.code,
            retry_after=None if wait is None else timedelta(seconds=wait),
            now=self._clock(),
        )
