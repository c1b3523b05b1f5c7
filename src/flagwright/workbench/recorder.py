"""Record every action: the intent first, then the effect, then the outcome; then deliver.

No intent, no effect: where the store cannot be written, nothing is done. The outcome is
committed together with the local state it goes with, and only then is it answered. The
flag server is told afterwards; when it is down, the entry stays owed and is never lost.
"""

from collections.abc import AsyncIterator, Callable, Container, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import takewhile
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
    LedgerEntry,
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
from flagwright.workbench.settlement import Settled, is_created, what_became

CANCELLED = "cancelled"
LOOK_S = 2
"""How long a cancelled creation may ask what became of it; unanswered, it stays open."""
WRITING: tuple[Action, ...] = ("applied", "undone")
BATCH = 20
"""Entries in one record on the server."""
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
    ) -> None:
        self._store, self._unleash = store, unleash
        self._project, self._person = project, person
        self._clock, self._new_id = clock, new_id

    @asynccontextmanager
    async def step(
        self,
        action: Action,
        actor: Actor,
        *,
        flag: str | None = None,
        plan: Plan | None = None,
        payload: Mapping[str, Any] | None = None,
    ) -> AsyncIterator[Step]:
        """Commit the intent, run the body, commit what came of it.

        A `FlagwrightError` of the body is recorded as refused (the request was at fault) or
        failed (the world was), then raised on. What is cancelled is recorded as that, unless
        files may be half written. Anything else leaves the intent open, to be settled at the
        next start.
        """
        intent = self._new_id()
        by = actor.model_copy(update={"person": self._person})

        def begin() -> Subject:
            subject = self._origin(plan) if plan else Subject(project=self._project, flag=flag)
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
                    if await is_created(payload, self._unleash):
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
        is_answering, torn = True, list[WriteInterrupted]()
        for opened in await to_thread.run_sync(self._store.open_intents, actions):
            if opened.intent.action == "created" and not is_answering:
                continue
            try:
                settled = await what_became(opened, self._store, self._unleash, locks)
            except FlagServerError:
                is_answering = False
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
        return tuple(torn)

    async def deliver(self) -> None:
        """Tell the server what is owed, oldest first, until nothing is or it does not answer.

        Never raises: what could not be delivered stays owed and is tried again later. An
        entry that the server will not take is set aside, and shown.
        """
        with suppress(StoreBroken), self._store.delivering() as mine:
            while mine and (batch := await to_thread.run_sync(self._next_batch)):
                if not await self._deliver(batch):
                    return

    def _next_batch(self) -> list[LedgerEntry]:
        """Owed entries about one flag that follow each other, oldest first."""
        owed = self._store.owed(limit=BATCH, now=self._clock())
        return list(takewhile(lambda e: e.subject.flag == owed[0].subject.flag, owed))

    async def _deliver(self, batch: list[LedgerEntry]) -> bool:
        """Whether the server took it all, so that the next batch may follow."""
        try:
            held = await self._unleash.record(batch, flag=batch[0].subject.flag)
        except BadRequest as error:
            return await self._without_poison(batch, error)
        except FlagwrightError as error:
            await to_thread.run_sync(self._failed, [entry.id for entry in batch], error)
            return False
        await to_thread.run_sync(self._store.mark_delivered, held, self._clock())
        return len(held) == len(batch)

    async def _without_poison(self, batch: list[LedgerEntry], error: BadRequest) -> bool:
        """Set aside the one entry that the server will never take, so that others may pass."""
        if len(batch) == 1:
            await to_thread.run_sync(self._store.set_aside, [batch[0].id], error.code)
            return True
        for entry in batch:
            if not await self._deliver([entry]):
                return False
        return True

    def _failed(self, ids: list[str], error: FlagwrightError) -> None:
        wait = error.retry_after_s if isinstance(error, FlagServerDown) else None
        self._store.mark_failed(
            ids,
            error.code,
            retry_after=None if wait is None else timedelta(seconds=wait),
            now=self._clock(),
        )
