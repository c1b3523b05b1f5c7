"""Switch a flag and set its rollout: at once where nobody asks for more, else as a plan.

Switching off, and letting fewer in by the same rules, is done at once whatever the policies
say, and needs none of them.
"""

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from anyio import to_thread

from flagwright.adapters.store import Store
from flagwright.adapters.unleash import Application, Unleash
from flagwright.core.demand import Case, Server
from flagwright.core.proposal import propose_switch
from flagwright.core.record import digest
from flagwright.core.records.entry import Action, Actor
from flagwright.core.records.plan import Plan, Switch
from flagwright.core.rollout import Asked, in_brief, lowers, reach, resolve
from flagwright.core.strategy import Environment, Placement, Strategy
from flagwright.errors import (
    BadRequest,
    FlagwrightError,
    NoRollout,
    PlanStale,
    StepRefused,
)
from flagwright.workbench.lookup import look_up_living
from flagwright.workbench.recorder import UNCHANGED, Recorder
from flagwright.workbench.rulebook import RuleBook
from flagwright.workbench.rules import Rules

Status = Literal["done", "unchanged", "proposed"]
_AGAIN = "Look at the flag, and ask again."


@dataclass(frozen=True)
class Switched:
    """What came of a request: done, nothing to do, or a plan that a person decides."""

    status: Status
    flag: str
    environment: str
    before: Placement
    after: Placement
    plan: Plan | None = None
    asked_at: float = 0
    """When the server was asked, in seconds of a clock that only counts."""

    @property
    def removed(self) -> tuple[Strategy, ...]:
        """Strategies that the new ones replace."""
        kept = {strategy.id for strategy in self.after.strategies}
        return tuple(s for s in self.before.strategies if s.id not in kept)


class Switching:
    """The two steps that change for whom a flag is on."""

    def __init__(
        self,
        store: Store,
        unleash: Unleash,
        recorder: Recorder,
        *,
        book: RuleBook,
        server: Server,
        person: str,
        clock: Callable[[], datetime],
        application: Application | None,
    ) -> None:
        self._store, self._unleash, self._recorder = store, unleash, recorder
        self._book, self._server = book, server
        self._person, self._clock, self._application = person, clock, application

    async def switch(
        self, flag: str, environment: str, to: Literal["on", "off"], *, actor: Actor
    ) -> Switched:
        """Switch a flag on or off in one environment.

        Raises:
            NoRollout: If it has nothing that says for whom: the server would let in everybody.
        """
        async with self._recorded("switched", flag, environment, actor):
            before = (await look_up_living(self._unleash, flag)).environment(environment)
            after = Placement(on=to == "on", strategies=before.strategies)
            if after.on and not before.active:
                raise NoRollout(
                    f"{flag} has no rollout in {environment}: switched on, it would let in "
                    "everybody.",
                    next_step="Say for whom first (set_rollout), for instance: flagwright rollout "
                    f"{flag} --environment {environment} --percent 5",
                )
            rules = self._needed(before.placement, after)
        return await self._to("switched", flag, before, after, rules, actor)

    async def set_rollout(
        self, flag: str, environment: str, asked: Asked, *, actor: Actor
    ) -> Switched:
        """Set for whom a flag is on in one environment; all that is there is replaced.

        Raises:
            BadRequest: If a value is nonsense, or something is left out that is not clear.
            StepRefused: If the policy does not allow the step.
        """
        async with self._recorded("rolled-out", flag, environment, actor):
            before = (await look_up_living(self._unleash, flag)).environment(environment)
            strategy = resolve(before.placement, asked, flag)
            await self._unleash.require_segments(asked.segments or ())
            after = Placement(on=before.on, strategies=(strategy,))
            rules = self._needed(before.placement, after)
        return await self._to("rolled-out", flag, before, after, rules, actor)

    async def carry_out(self, flag: str, switch: Switch) -> Placement:
        """Do what an approved plan says.

        Raises:
            PlanStale: If the flag is not in the state any more that the plan starts from.
        """
        return await self._go(flag, switch, switch.before, switch.after)

    async def take_back(self, flag: str, switch: Switch) -> Placement:
        """Go back to the state before a plan, where that lets in nobody new."""
        if not lowers(switch.after, switch.before) and self._asks(switch.environment):
            raise BadRequest(
                f"To go back would let in others in {switch.environment} again.",
                next_step="Ask for that state as a rollout of its own, and have it approved.",
            )
        return await self._go(flag, switch, switch.after, switch.before)

    def require_measure(self, environment: str, *, wanted: bool) -> None:
        """Raise BadRequest where it is wanted to measure, and there is nothing to do it with."""
        if wanted and self._application is None:
            raise BadRequest(
                "There is no client token to measure with.",
                next_step="Set FLAGWRIGHT_SDK_TOKEN to a client token of the environment.",
            )
        if wanted and self._application:
            self._application.require(environment)

    async def seen(self, flag: str, state: Placement, *, asked_at: float) -> float | None:
        """Seconds from the request until an application sees a state; none where nobody can tell.

        Args:
            asked_at: When the server was asked, by the clock of `time.monotonic`.
        """
        if self._application is None:
            return None
        await self._application.sees(flag, state)
        return time.monotonic() - asked_at

    @asynccontextmanager
    async def _recorded(
        self, action: Action, flag: str, environment: str, actor: Actor
    ) -> AsyncIterator[None]:
        """Record what goes wrong before there is anything to do."""
        try:
            yield
        except FlagwrightError:
            async with self._recorder.step(action, actor, flag=flag, environment=environment):
                raise

    def _needed(self, now: Placement, after: Placement) -> Rules | None:
        """The policies that have a say; none: it is done whatever they say."""
        return None if now.is_as(after) or lowers(now, after) else self._book.load()

    async def _to(
        self,
        action: Action,
        flag: str,
        before: Environment,
        after: Placement,
        rules: Rules | None,
        actor: Actor,
    ) -> Switched:
        now, where = before.placement, before.name
        if rules and self._unleash.is_rehearsal:
            _require_step(where, now, after, rules)
            await self._unleash.place(flag, where, now, after)
            status: Status = "proposed" if self._asks(where, rules) else "done"
            return Switched(status, flag, where, now, after)
        if rules and self._asks(where, rules):
            return await self._propose(flag, where, now, after, rules, actor)
        payload = {"flag": flag, "environment": where, "after": after.model_dump()}
        async with self._recorder.step(
            action, actor, flag=flag, environment=where, state=in_brief(after), payload=payload
        ) as step:
            if now.is_as(after):
                step.code = UNCHANGED
                return Switched("unchanged", flag, where, now, now)
            if rules:
                step.policy = rules.digest
                _require_step(where, now, after, rules)
            step.change = _change(now, after)
            asked_at = time.monotonic()
            then = await self._unleash.place(flag, where, now, after)
            return Switched("done", flag, where, now, then, asked_at=asked_at)

    def _asks(self, environment: str, rules: Rules | None = None) -> bool:
        """Whether the approval policy asks for anything before more are let in there."""
        rules = rules or self._book.load()
        case = Case(band=rules.rollout.band, server=self._server, environment=environment)
        return rules.approval.demand(case).tier is not None

    async def _propose(
        self,
        flag: str,
        environment: str,
        before: Placement,
        after: Placement,
        rules: Rules,
        actor: Actor,
    ) -> Switched:
        """Plan a switch; the same one again is the same plan, as long as it waits."""
        switch = Switch(
            server=self._unleash.address,
            project=self._unleash.project,
            environment=environment,
            before=before,
            after=after,
        )
        waiting = await to_thread.run_sync(self._waiting, flag, switch, rules)
        if waiting:
            return Switched("proposed", flag, environment, before, after, waiting)
        async with self._recorder.step(
            "proposed", actor, flag=flag, environment=environment, state=in_brief(after)
        ) as step:
            step.policy, step.change = rules.digest, _change(before, after)
            _require_step(environment, before, after, rules)
            step.plan = propose_switch(
                switch,
                flag,
                notes=await to_thread.run_sync(self._told, flag),
                band=rules.rollout.band,
                policy_digest=rules.digest,
                proposed_by=actor.assistant or self._person,
                at=self._clock(),
                lifetime=timedelta(hours=rules.approval.plan_lifetime_h),
            )
            step.plan_state = "proposed"
            return Switched("proposed", flag, environment, before, after, step.plan)

    def _told(self, flag: str) -> tuple[str, ...]:
        """What the plans that put code behind a flag here told of it."""
        written = (plan for plan, _ in self._store.plans("applied") if plan.flag == flag)
        notes = (note for plan in written if plan.kind == "wrap" for note in plan.notes)
        return tuple(dict.fromkeys(notes))

    def _waiting(self, flag: str, switch: Switch, rules: Rules) -> Plan | None:
        """A plan for the very same that is still undecided."""
        for plan, _ in self._store.plans("proposed"):
            is_same = plan.flag == flag and plan.switch == switch
            if is_same and plan.policy_digest == rules.digest and self._clock() < plan.expires_at:
                return plan
        return None

    async def _go(
        self, flag: str, switch: Switch, before: Placement, after: Placement
    ) -> Placement:
        if (switch.server, switch.project) != (self._unleash.address, self._unleash.project):
            raise PlanStale(
                f"The plan is about project {switch.project} at {switch.server}, not this one.",
                next_step="Use the flag server that it was made for, or make it again.",
            )
        detail = await look_up_living(self._unleash, flag)
        now = detail.environment(switch.environment).placement
        if now.is_as(after):
            return now
        if not now.is_as(before):
            raise PlanStale(
                f"{flag} in {switch.environment} is no longer as it was when the plan was made.",
                next_step=_AGAIN,
            )
        return await self._unleash.place(flag, switch.environment, now, after)


def _require_step(environment: str, before: Placement, after: Placement, rules: Rules) -> None:
    because = rules.rollout.broken_by(environment, reach(before), reach(after))
    if because:
        raise StepRefused(
            f"The rollout policy does not allow this: {because}.",
            next_step="Choose such a step, or change rollout.toml in your policies.",
        )


def _change(before: Placement, after: Placement) -> str:
    return digest([before.model_dump(), after.model_dump()])
