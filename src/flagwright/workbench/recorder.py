"""Record every action: the intent first, then the effect, then the outcome; then deliver.

No intent, no effect: where the store cannot be written, nothing is done. The outcome is
committed together with the local state it goes with, and only then is it answered. The
flag server is told afterwards; when it is down, the entry stays owed and is never lost.
"""

from collections.abc import AsyncIterator, Callable, Container, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import anyio
from anyio import to_thread

from flagwright.adapters.store import Store
from flagwright.adapters.unleash import Unleash
from flagwright.core.records.change import FileChange
from flagwright.core.records.decision import Decision
from flagwright.core.records.entry import Action, Actor, Outcome, Subject
from flagwright.core.records.plan import FileEdit, Plan, PlanState
from flagwright.core.records.score import Assessment
from flagwright.errors import (
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
from flagwright.workbench.outbox import Outbox
from flagwright.workbench.settlement import Settled, is_done, what_became

CANCELLED, UNCHANGED = "cancelled", "unchanged"
LOOK_S = 1
"""How long it may take to ask what became of a request; unanswered, it stays open."""
WRITING: tuple[Action, ...] = ("applied", "undone")
MOST_PATHS = 20
MOST_NAME = 200
"""Characters of a flag or an environment; no server has a longer one."""
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
    refusal: tuple[str, str] | None = None
    """The fact and the next step of what was raised."""
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
        self._store, self._unleash = store, unleash
        self._project, self._person = project, person
        self._clock, self._new_id = clock, new_id
        self._outbox = Outbox(store, unleash, clock=clock, is_quiet=is_quiet)

    @asynccontextmanager
    async def step(
        self,
        action: Action,
        actor: Actor,
        *,
        flag: str | None = None,
        environment: str | None = None,
        state: str | None = None,
        plan: Plan | None = None,
        payload: Mapping[str, Any] | None = None,
    ) -> AsyncIterator[Step]:
        """Commit the intent, run the body, commit what came of it.

        A `FlagwrightError` of the body is recorded as refused (the request was at fault) or
        failed (the world was), then raised on. What is cancelled is recorded as that, unless
        files may be half written. Where the server may have done it although it did not answer,
        and after anything else, the intent stays open, to be settled by looking.
        """
        new = Subject(
            project=self._project,
            flag=_written(flag),
            environment=_written(environment),
            state=state,
        )
        if self._unleash.is_rehearsal:
            yield Step(new)
            return
        intent = self._new_id()

        def begin() -> Subject:
            known = {"person": self._person, "account": self._outbox.account()}
            by = actor.model_copy(update=known)
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
                self._outbox.rest()
            if payload and isinstance(error, FlagServerError) and error.unsure:
                await to_thread.run_sync(self._store.leave_open, intent)
                raise
            step.outcome = "failed" if isinstance(error, FAULTS) else "refused"
            step.code, step.plan_state, step.decision = error.code, None, None
            step.refusal = (_text(error.fact), _text(error.next_step))
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
                    refusal=step.refusal,
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
        is_answering = not self._outbox.is_resting
        for opened in await to_thread.run_sync(self._store.open_intents, actions):
            if opened.payload and not is_answering:
                await to_thread.run_sync(self._store.leave_open, opened.intent.id)
                continue
            try:
                with anyio.fail_after(LOOK_S if opened.payload else None):
                    settled = await what_became(opened, self._store, self._unleash, locks)
            except (FlagServerError, TimeoutError):
                is_answering = False
                self._outbox.rest()
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
        """Tell the server what is owed; never raises, as what it does not take stays owed."""
        await self._outbox.deliver()


def _written(name: str | None) -> str | None:
    """A name as it can be kept: a terminal may give bytes that are no text, and many of them."""
    return name and _text(name[:MOST_NAME])


def _text(words: str) -> str:
    return words.encode("utf-8", "backslashreplace").decode()
