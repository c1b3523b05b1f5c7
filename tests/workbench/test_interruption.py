"""A process that is killed leaves all files before or all after, and the ledger says which."""

import signal
import subprocess
import sys
from functools import partial
from pathlib import Path

import anyio
import pytest

from flagwright.adapters.unleash import Unleash
from flagwright.core.record import sha256
from flagwright.core.records.entry import Subject
from flagwright.core.records.plan import Plan
from flagwright.errors import PlanUsed, WriteInterrupted
from flagwright.workbench.bench import Workbench
from flagwright.workbench.settlement import what_became
from tests.installation import (
    ACTOR,
    AFTER,
    IMPATIENT_S,
    NOW,
    TOKEN,
    Installation,
    approve,
    hang,
    harmless,
    spec,
    texts,
)

pytestmark = pytest.mark.anyio

PROJECT = Path(__file__).parents[2]
FLAG = spec().name


def killed(home: Installation, step: str, subject: str, moment: str) -> None:
    """Take a step in another process, which does not live to finish it."""
    command = [sys.executable, "-m", "tests.workbench.dying"]
    done = subprocess.run(
        [*command, str(home.home), step, subject, moment],
        cwd=PROJECT, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == -signal.SIGKILL, done.stderr


async def approved_plan(bench: Workbench, folder: Path) -> Plan:
    """A plan over two files."""
    harmless(folder)
    await anyio.Path(folder / "pricing.py").write_text(AFTER)
    plan = (await bench.wrap(folder, FLAG, actor=ACTOR)).plan
    assert plan
    assert len(plan.edits) == 2
    await approve(bench, plan.id)
    return plan


def is_after(folder: Path, plan: Plan) -> bool:
    return all(sha256((folder / e.path).read_bytes()) == e.after_sha256 for e in plan.edits)


def leftovers(folder: Path) -> list[Path]:
    return list(folder.glob(".flagwright*"))


def waiting(folder: Path) -> bool:
    """Whether something lies where git does not look."""
    return (folder / ".git" / "flagwright").exists()


@pytest.mark.parametrize(
    ("moment", "outcome"),
    [
        pytest.param("1", "failed", id="before-anything"),
        pytest.param("3", "failed", id="before-the-first-file"),
        pytest.param("4", "failed", id="between-the-files"),
        pytest.param("5", "done", id="after-the-last-file"),
    ],
)
async def test_a_killed_apply_is_settled_at_the_next_start(
    home: Installation, bench: Workbench, folder: Path, moment: str, outcome: str
) -> None:
    plan = await approved_plan(bench, folder)
    before = texts(folder)

    killed(home, "apply", plan.id, moment)
    assert leftovers(folder) == []
    assert waiting(folder)
    async with home.open() as restarted:
        newest = (await restarted.ledger(limit=1)).entries[0]
        _, state = await restarted.plans.one(plan.id)

        assert (newest.action, newest.outcome) == ("applied", outcome)
        assert not waiting(folder)
        if outcome == "done":
            assert (state, is_after(folder, plan)) == ("applied", True)
        else:
            assert (state, texts(folder)) == ("approved", before)
            assert newest.code == "interrupted"
            assert (await restarted.plans.apply(plan.id, actor=ACTOR)).status == "applied"
            assert is_after(folder, plan)


async def test_a_killed_undo_is_settled_at_the_next_start(
    home: Installation, bench: Workbench, folder: Path
) -> None:
    plan = await approved_plan(bench, folder)
    await bench.plans.apply(plan.id, actor=ACTOR)

    killed(home, "undo", plan.id, "4")
    async with home.open() as restarted:
        newest = (await restarted.ledger(limit=1)).entries[0]

        assert (newest.action, newest.outcome, newest.code) == ("undone", "failed", "interrupted")
        assert is_after(folder, plan)
        await restarted.plans.undo(plan.id, actor=ACTOR)
        assert not is_after(folder, plan)


async def test_a_file_edited_after_the_kill_stops_and_is_told_until_a_person_decides(
    home: Installation, bench: Workbench, folder: Path
) -> None:
    plan = await approved_plan(bench, folder)
    killed(home, "apply", plan.id, "4")
    half = texts(folder)
    edited = folder / plan.edits[1].path
    edited.write_text("mine = True\n")
    now = texts(folder)

    async with home.open() as restarted:
        (torn,) = restarted.interrupted
        assert f"as planned: {plan.edits[0].path}; neither: {edited.name}" in torn.fact
        for step in (restarted.plans.apply, restarted.plans.undo):
            with pytest.raises(WriteInterrupted):
                await step(plan.id, actor=ACTOR)
        checks = {check.name: check for check in await restarted.examine(folder)}
        assert not checks["interrupted"].ok
        assert texts(folder) == now

    edited.write_bytes(half[edited.name])
    async with home.open() as restarted:
        assert restarted.interrupted == ()
        assert not waiting(folder)
        assert edited.read_bytes() == half[edited.name]
        assert (await restarted.plans.apply(plan.id, actor=ACTOR)).status == "applied"
    assert is_after(folder, plan)


async def test_a_torn_plan_is_given_up_by_rejecting_it(
    home: Installation, bench: Workbench, folder: Path
) -> None:
    plan = await approved_plan(bench, folder)
    killed(home, "apply", plan.id, "4")
    (folder / plan.edits[1].path).write_text("mine = True\n")
    now = texts(folder)

    await bench.plans.decide(plan.id, "rejected", tier="out-of-band", actor=ACTOR)
    async with home.open() as restarted:
        assert restarted.interrupted == ()
        newest = (await restarted.ledger(limit=1)).entries[0]
        assert (newest.action, newest.code) == ("applied", "interrupted")

    assert texts(folder) == now
    assert not waiting(folder)


@pytest.mark.impatient
@pytest.mark.parametrize(
    ("moment", "outcome", "code"), [("before", "failed", "interrupted"), ("after", "done", None)]
)
async def test_a_killed_creation_is_looked_up_at_the_next_start(
    home: Installation, moment: str, outcome: str, code: str | None
) -> None:
    killed(home, "create", FLAG, moment)

    home.line.fault = hang
    async with home.open() as offline:
        assert (await offline.ledger()).recorded == 0
    home.line.fault = None
    async with home.open() as restarted:
        entry = (await restarted.ledger(flag=FLAG)).entries[0]
        assert (entry.action, entry.outcome, entry.code) == ("created", outcome, code)
        flag, _ = await restarted.flags.create(spec(), actor=ACTOR)
        assert flag.owner == spec().owner


@pytest.mark.impatient
async def test_a_server_that_hangs_is_asked_for_one_flag_at_a_start(home: Installation) -> None:
    store = home.store()
    for number in range(3):
        flag = spec(f"release.shop.part-{number}")
        subject = Subject(project="default", flag=flag.name)
        payload = {"spec": flag.model_dump(mode="json")}
        store.begin(f"opened-{number}", "created", subject, ACTOR, at=NOW, payload=payload)
    store.close()
    home.line.fault = hang

    async with home.open() as bench:
        assert home.line.heard
        assert all("part-0" in asked for asked in home.line.heard)
        assert (await bench.ledger()).recorded == 0

    home.line.fault = None
    async with home.open() as bench:
        assert (await bench.ledger()).recorded == 3


async def test_a_cancelled_request_finishes_its_write_and_its_record(
    home: Installation, bench: Workbench, folder: Path
) -> None:
    plan = await approved_plan(bench, folder)
    for after_s in (0.0, 0.005, 0.01, 0.02, 0.04):
        with anyio.move_on_after(after_s):
            await bench.plans.apply(plan.id, actor=ACTOR)
        _, state = await bench.plans.one(plan.id)
        assert is_after(folder, plan) == (state == "applied")
        if state == "applied":
            await bench.plans.undo(plan.id, actor=ACTOR)
            home.clock.turn(seconds=1)
            again = (await bench.wrap(folder, FLAG, actor=ACTOR)).plan
            assert again
            await approve(bench, again.id)
            plan = again


@pytest.mark.parametrize("step", ["score", "wrap"])
async def test_a_cancelled_request_is_recorded_as_that_at_once(
    bench: Workbench, folder: Path, step: str
) -> None:
    recorded = (await bench.ledger()).recorded

    with anyio.move_on_after(0.02) as scope:
        if step == "score":
            await bench.score(folder, actor=ACTOR)
        else:
            await bench.wrap(folder, FLAG, actor=ACTOR)

    assert scope.cancelled_caught
    page = await bench.ledger()
    assert page.recorded == recorded + 1
    assert (page.entries[0].outcome, page.entries[0].code) == ("failed", "cancelled")
    assert await bench.plans.all() == ()


@pytest.mark.parametrize(
    ("made", "outcome", "code"), [(False, "failed", "cancelled"), (True, "done", None)]
)
async def test_a_cancelled_creation_asks_what_became_of_it(
    home: Installation, bench: Workbench, made: bool, outcome: str, code: str | None
) -> None:
    flag = spec("release.shop.other")
    if made:
        await bench.flags.create(flag, actor=ACTOR)
    home.line.fault = hang

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(partial(bench.flags.create, flag, actor=ACTOR))
        await anyio.sleep(IMPATIENT_S / 2)
        home.line.fault = None
        tasks.cancel_scope.cancel()

    entry = (await bench.ledger()).entries[0]
    assert (entry.action, entry.outcome, entry.code) == ("created", outcome, code)


@pytest.mark.impatient
async def test_a_cancelled_creation_that_nobody_can_tell_about_stays_open(
    home: Installation, bench: Workbench
) -> None:
    recorded = (await bench.ledger()).recorded
    home.line.fault = hang

    with anyio.move_on_after(IMPATIENT_S / 2):
        await bench.flags.create(spec("release.shop.other"), actor=ACTOR)

    assert (await bench.ledger()).recorded == recorded


async def test_a_dead_apply_is_settled_beside_a_living_one(
    home: Installation, bench: Workbench, folder: Path
) -> None:
    """The plan of a process that died is being applied anew when a third one starts."""
    plan = await approved_plan(bench, folder)
    killed(home, "apply", plan.id, "1")
    store = home.store()
    decision = store.decision(plan.digest)
    assert decision
    store.claim_plan(plan.id, decision.nonce)

    async with home.open() as third:
        newest = (await third.ledger(limit=1)).entries[0]
        assert (newest.action, newest.outcome, newest.code) == ("applied", "failed", "plan-used")
        assert (await third.plans.one(plan.id))[1] == "approved"

    store.release_plan(plan.id, decision.nonce)
    store.close()
    assert (await bench.plans.apply(plan.id, actor=ACTOR)).status == "applied"
    assert is_after(folder, plan)


async def test_nobody_decides_on_a_plan_between_its_settlement_and_the_record_of_it(
    home: Installation, bench: Workbench, folder: Path
) -> None:
    plan = await approved_plan(bench, folder)
    killed(home, "apply", plan.id, "5")
    store, unleash = home.store(), Unleash("http://127.0.0.1", TOKEN)
    (opened,) = store.open_intents()

    settled = await what_became(opened, store, unleash, home.state / "locks")
    with pytest.raises(PlanUsed):
        await bench.plans.decide(plan.id, "rejected", tier="out-of-band", actor=ACTOR)
    store.settle(
        opened.intent.id, outcome=settled.outcome, plan=plan, plan_state=settled.plan_state, at=NOW
    )
    store.close()

    assert (await bench.plans.one(plan.id))[1] == "applied"
    assert is_after(folder, plan)
    entries = (await bench.ledger(plan=plan.id, limit=2)).entries
    assert [(e.action, e.code) for e in entries] == [("applied", None), ("rejected", "plan-used")]
