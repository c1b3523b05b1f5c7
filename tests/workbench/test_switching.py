"""Who is let in changes at once where nobody asks for more, and by an approved plan elsewhere."""

from collections.abc import Iterator, Sequence
from typing import Any, Literal

import pytest
from starlette.types import Message, Receive, Scope, Send

from flagwright.adapters.store import Store
from flagwright.core.records.plan import Plan
from flagwright.core.rollout import Asked
from flagwright.core.strategy import placed
from flagwright.errors import (
    ApprovalRefused,
    BadRequest,
    FlagServerDown,
    FlagUnknown,
    NoRollout,
    PlanStale,
    PlanUsed,
    PolicyInvalid,
    StepRefused,
)
from flagwright.workbench.bench import Workbench
from flagwright.workbench.switching import Switched
from tests.installation import ACTOR, ASSISTANT, Installation, approve, crash, own_policy, spec
from tests.workbench.test_interruption import killed

pytestmark = pytest.mark.anyio

FLAG = spec().name


async def rollout(bench: Workbench, environment: str, **asked: Any) -> Switched:
    return await bench.switching.set_rollout(FLAG, environment, Asked(**asked), actor=ASSISTANT)


async def switch(bench: Workbench, environment: str, to: Literal["on", "off"]) -> Switched:
    return await bench.switching.switch(FLAG, environment, to, actor=ASSISTANT)


async def state(bench: Workbench, environment: str) -> str:
    known = await bench.flags.one(FLAG, None, entries=1)
    return placed(known.detail.environment(environment), FLAG)


async def waiting(bench: Workbench) -> Plan:
    """A plan to switch on in production, for 10 %."""
    await rollout(bench, "production", percent=10)
    plan = (await switch(bench, "production", "on")).plan
    assert plan
    return plan


def actions(home: Installation) -> Sequence[tuple[str, str, str | None, str | None]]:
    with_store: Store = home.store()
    try:
        entries = with_store.entries(limit=50)
    finally:
        with_store.close()
    return [(e.action, e.outcome, e.code, e.subject.environment) for e in reversed(entries)][1:]


async def test_a_flag_that_is_there_and_gets_a_tag_is_recorded_as_changed(
    home: Installation, bench: Workbench
) -> None:
    tagged = spec().model_copy(update={"tags": ("team:pay",)})

    made = [(await bench.flags.create(each, actor=ACTOR))[1] for each in (spec(), tagged, tagged)]

    assert made == ["exists", "completed", "exists"]
    assert actions(home) == [
        ("created", "done", "unchanged", None),
        ("created", "done", None, None),
        ("created", "done", "unchanged", None),
    ]


async def test_development_is_switched_at_once_and_twice_changes_nothing(
    home: Installation, bench: Workbench
) -> None:
    first = await rollout(bench, "development", percent=25, stickiness="userId")
    again = await rollout(bench, "development", percent=25)
    done = await switch(bench, "development", "on")
    over = await switch(bench, "development", "on")

    assert [r.status for r in (first, again, done, over)] == ["done", "unchanged"] * 2
    assert await state(bench, "development") == "on, 25 % by userId"
    assert actions(home) == [
        ("rolled-out", "done", None, "development"),
        ("rolled-out", "done", "unchanged", "development"),
        ("switched", "done", None, "development"),
        ("switched", "done", "unchanged", "development"),
    ]
    with_store = home.store()
    said = [entry.subject.state for entry in with_store.entries(flag=FLAG, limit=2)]
    with_store.close()
    assert said == ["on, 25 %", "on, 25 %"]


async def test_what_cannot_be_switched_because_the_server_is_away_is_recorded(
    home: Installation, bench: Workbench
) -> None:
    home.line.fault = crash
    for step in (rollout(bench, "development", percent=5), switch(bench, "development", "off")):
        with pytest.raises(FlagServerDown):
            await step

    assert actions(home) == [
        ("rolled-out", "failed", "flag-server-down", "development"),
        ("switched", "failed", "flag-server-down", "development"),
    ]


async def test_a_policy_that_is_broken_refuses_more_and_never_less(
    home: Installation, bench: Workbench
) -> None:
    await rollout(bench, "development", percent=25)
    await switch(bench, "development", "on")
    own_policy(home, "rollout", "full_days = 14", "full_days = 0")

    with pytest.raises(PolicyInvalid):
        await rollout(bench, "development", percent=50)
    less = await rollout(bench, "development", percent=5)
    off = await switch(bench, "development", "off")

    assert (less.status, off.status) == ("done", "done")
    assert ("rolled-out", "refused", "policy-invalid", "development") in actions(home)


async def test_nothing_that_says_for_whom_is_never_switched_on(
    home: Installation, bench: Workbench
) -> None:
    for environment in ("development", "production"):
        with pytest.raises(NoRollout) as refused:
            await switch(bench, environment, "on")
        assert f"--environment {environment} --percent" in refused.value.next_step

    assert await state(bench, "development") == "off, no strategy"
    assert [action[1:3] for action in actions(home)] == [("refused", "no-rollout")] * 2


async def test_production_waits_for_a_person_and_is_switched_as_approved(
    home: Installation, bench: Workbench
) -> None:
    plan = await waiting(bench)

    assert plan.kind == "switch"
    assert await state(bench, "production") == "off, 10 %"
    assert (await bench.plans.apply(plan.id, actor=ASSISTANT)).status == "awaiting-approval"
    assert (await switch(bench, "production", "on")).plan == plan
    with pytest.raises(ApprovalRefused):
        await bench.plans.decide(plan.id, "approved", tier="dialog", actor=ASSISTANT)
    await approve(bench, plan.id)
    assert (await bench.plans.apply(plan.id, actor=ASSISTANT)).status == "applied"
    assert await state(bench, "production") == "on, 10 %"
    with pytest.raises(PlanUsed):
        await bench.plans.apply(plan.id, actor=ASSISTANT)
    assert [(a[0], a[1], a[3]) for a in actions(home)] == [
        ("rolled-out", "done", "production"),
        ("proposed", "done", "production"),
        ("applied", "refused", "production"),
        ("approved", "refused", "production"),
        ("approved", "done", "production"),
        ("applied", "done", "production"),
        ("applied", "refused", "production"),
    ]


async def test_what_is_on_in_production_is_widened_by_a_plan_and_narrowed_at_once(
    bench: Workbench,
) -> None:
    plan = await waiting(bench)
    await approve(bench, plan.id)
    await bench.plans.apply(plan.id, actor=ASSISTANT)

    wider = await rollout(bench, "production", percent=50)
    narrower = await rollout(bench, "production", percent=5)

    assert (wider.status, narrower.status) == ("proposed", "done")
    assert await state(bench, "production") == "on, 5 %"
    assert wider.plan
    await approve(bench, wider.plan.id)
    with pytest.raises(PlanStale):
        await bench.plans.apply(wider.plan.id, actor=ASSISTANT)
    assert await state(bench, "production") == "on, 5 %"


async def test_off_needs_no_policy_at_all(home: Installation, bench: Workbench) -> None:
    plan = await waiting(bench)
    await approve(bench, plan.id)
    await bench.plans.apply(plan.id, actor=ASSISTANT)
    for name in ("approval", "rollout", "risk"):
        own_policy(home, name, "=", "= broken")

    assert (await switch(bench, "production", "off")).status == "done"
    assert await state(bench, "production") == "off, 10 %"


async def test_a_plan_to_switch_is_taken_back_only_where_that_lets_nobody_in(
    bench: Workbench,
) -> None:
    plan = await waiting(bench)
    await approve(bench, plan.id)
    await bench.plans.apply(plan.id, actor=ASSISTANT)
    other = (await rollout(bench, "production", percent=10, constraints=("a IN b",))).plan
    assert other
    await approve(bench, other.id)
    await bench.plans.apply(other.id, actor=ASSISTANT)

    with pytest.raises(BadRequest, match="would let in others"):
        await bench.plans.undo(other.id, actor=ACTOR)
    with pytest.raises(PlanStale):
        await bench.plans.undo(plan.id, actor=ACTOR)
    assert await state(bench, "production") == "on, 10 % where a IN b"


async def test_the_first_plan_is_undone_to_off(bench: Workbench) -> None:
    plan = await waiting(bench)
    await approve(bench, plan.id)
    await bench.plans.apply(plan.id, actor=ASSISTANT)

    await bench.plans.undo(plan.id, actor=ACTOR)

    assert await state(bench, "production") == "off, 10 %"


async def test_the_teams_steps_hold(home: Installation, bench: Workbench) -> None:
    await rollout(bench, "development", percent=25)
    steps = "# production = [0, 1, 5, 10, 25, 50, 100]"
    own_policy(home, "rollout", steps, "development = [10, 37]")

    with pytest.raises(StepRefused, match="one of 10, 37"):
        await switch(bench, "development", "on")
    await rollout(bench, "development", percent=37)
    assert (await switch(bench, "development", "on")).status == "done"


async def test_an_archived_flag_and_a_strange_environment_are_refused(
    home: Installation, bench: Workbench
) -> None:
    with pytest.raises(BadRequest, match="development, production"):
        await switch(bench, "nowhere", "on")
    await bench._unleash._wire.send("DELETE", f"/api/admin/projects/default/features/{FLAG}")
    with pytest.raises(FlagUnknown, match="archived"):
        await rollout(bench, "development", percent=5)
    assert (await bench.flags.one(FLAG, None, entries=1)).detail.flag.archived


async def test_a_server_that_is_down_gives_the_approval_back(
    home: Installation, bench: Workbench
) -> None:
    plan = await waiting(bench)
    await approve(bench, plan.id)
    home.line.fault = crash
    with pytest.raises(FlagServerDown):
        await bench.plans.apply(plan.id, actor=ASSISTANT)
    home.line.fault = None

    assert (await bench.plans.apply(plan.id, actor=ASSISTANT)).status == "applied"
    assert await state(bench, "production") == "on, 10 %"


async def test_an_answer_that_is_lost_is_looked_for(home: Installation, bench: Workbench) -> None:
    await rollout(bench, "development", percent=25)

    async def lose(scope: Any, receive: Any, send: Any) -> None:
        async def silent(_: Any) -> None: ...

        await home.line.server(scope, receive, silent if scope["method"] == "POST" else send)
        if scope["method"] == "POST":
            await crash(scope, receive, send)

    home.line.fault = lose
    assert (await switch(bench, "development", "on")).status == "done"
    home.line.fault = None
    assert await state(bench, "development") == "on, 25 %"


@pytest.mark.parametrize(
    ("moment", "outcome", "now"),
    [("before", "failed", "off, 25 %"), ("after", "done", "on, 25 %")],
)
async def test_a_killed_switch_is_looked_up_at_the_next_start(
    home: Installation, bench: Workbench, moment: str, outcome: str, now: str
) -> None:
    await rollout(bench, "development", percent=25)

    killed(home, "switch", FLAG, moment)

    async with home.open() as restarted:
        entry = (await restarted.ledger(flag=FLAG)).entries[0]
        assert (entry.action, entry.outcome) == ("switched", outcome)
        assert entry.subject.environment == "development"
        assert await state(restarted, "development") == now


@pytest.mark.parametrize(
    ("moment", "outcome", "stands"),
    [("before", "failed", "approved"), ("after", "done", "applied")],
)
async def test_a_killed_application_of_a_switch_is_looked_up_at_the_next_start(
    home: Installation, bench: Workbench, moment: str, outcome: str, stands: str
) -> None:
    plan = await waiting(bench)
    await approve(bench, plan.id)

    killed(home, "release", plan.id, moment)

    async with home.open() as restarted:
        entry = (await restarted.ledger(flag=FLAG)).entries[0]
        assert (entry.action, entry.outcome) == ("applied", outcome)
        assert (await restarted.plans.one(plan.id))[1] == stands
        if stands == "approved":
            await restarted.plans.apply(plan.id, actor=ACTOR)
        assert await state(restarted, "production") == "on, 10 %"


async def test_a_line_that_repeats_every_request_leaves_each_strategy_once(
    bench: Workbench, home: Installation
) -> None:
    async def twice(scope: Scope, receive: Receive, send: Send) -> None:
        sent = [await receive()]
        while sent[-1].get("more_body"):
            sent.append(await receive())

        async def unheard(_: Message) -> None: ...

        for heard in (unheard, send) if scope["method"] != "GET" else (send,):
            said = iter(sent)

            async def again(said: Iterator[Message] = said) -> Message:
                return next(said, {"type": "http.disconnect"})

            await home.line.server(scope, again, heard)

    home.line.fault = twice
    for percent in (10, 25, 25):
        done = await rollout(bench, "development", percent=percent)
        assert done.plan is None
    home.line.fault = None

    detail = (await bench.flags.one(FLAG, None, entries=1)).detail
    assert [one.parameters["rollout"] for one in detail.environment("development").strategies] == [
        "25"
    ]
