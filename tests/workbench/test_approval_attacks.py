"""No order of steps, no replay, no race and no forged row writes a file without a person."""

import itertools
import sqlite3
from pathlib import Path

import anyio
import pytest

from flagwright.core.records.plan import Plan
from flagwright.errors import ApprovalRefused, FlagwrightError, PlanExpired, PlanStale, PlanUsed
from flagwright.workbench.bench import Workbench
from tests.installation import (
    ACTOR,
    AFTER,
    ASSISTANT,
    Installation,
    approve,
    harmless,
    own_policy,
    spec,
    texts,
)

pytestmark = pytest.mark.anyio

FLAG = spec().name


async def test_no_order_of_an_assistants_steps_writes_a_file(
    bench: Workbench, plan: Plan, folder: Path
) -> None:
    """A1: every order of an assistant's steps, before any person spoke."""

    async def dialog() -> None:
        await bench.plans.decide(plan.id, "approved", tier="dialog", actor=ASSISTANT)

    async def guess() -> None:
        await bench.plans.decide(
            plan.id, "approved", tier="out-of-band", code="AAAAAA", actor=ASSISTANT
        )

    async def apply() -> None:
        assert (await bench.plans.apply(plan.id, actor=ASSISTANT)).status == "awaiting-approval"

    async def undo() -> None:
        await bench.plans.undo(plan.id, actor=ASSISTANT)

    before = texts(folder)
    for order in itertools.permutations((dialog, guess, apply, undo), 3):
        for step in order:
            try:
                await step()
            except FlagwrightError:
                continue
        assert texts(folder) == before


async def test_an_approval_is_used_once(bench: Workbench, plan: Plan, folder: Path) -> None:
    """A2: an approval is replayed."""
    await approve(bench, plan.id)
    await bench.plans.apply(plan.id, actor=ACTOR)
    (folder / "pricing.py").write_text(AFTER)

    with pytest.raises(PlanUsed):
        await bench.plans.apply(plan.id, actor=ACTOR)
    assert (folder / "pricing.py").read_text() == AFTER


async def test_an_approval_of_one_plan_is_none_of_another(
    bench: Workbench, plan: Plan, folder: Path
) -> None:
    """A2: an approval, or its code, is used for another plan."""
    other = (await bench.wrap(folder, FLAG, actor=ASSISTANT)).plan
    assert other
    assert other.id != plan.id
    code = await bench.plans.challenge(plan.id)

    with pytest.raises(ApprovalRefused):
        await bench.plans.decide(other.id, "approved", tier="out-of-band", code=code, actor=ACTOR)
    await bench.plans.decide(plan.id, "approved", tier="out-of-band", code=code, actor=ACTOR)

    assert (await bench.plans.apply(other.id, actor=ACTOR)).status == "awaiting-approval"


async def test_a_file_edited_after_the_approval_is_not_overwritten(
    bench: Workbench, plan: Plan, folder: Path
) -> None:
    """A3: a file changes between the approval and its use."""
    await approve(bench, plan.id)
    edited = AFTER.replace("500", "501")
    (folder / "pricing.py").write_text(edited)

    with pytest.raises(PlanStale):
        await bench.plans.apply(plan.id, actor=ACTOR)
    assert (folder / "pricing.py").read_text() == edited


async def test_many_who_apply_one_approval_write_once(
    bench: Workbench, plan: Plan, home: Installation
) -> None:
    """A4: fifty race for one approval."""
    await approve(bench, plan.id)
    came: list[str] = []

    async def apply(through: Workbench) -> None:
        try:
            came.append((await through.plans.apply(plan.id, actor=ASSISTANT)).status)
        except FlagwrightError as error:
            came.append(error.code)

    async with home.open() as other, anyio.create_task_group() as tasks:
        for number in range(50):
            tasks.start_soon(apply, (bench, other)[number % 2])

    assert sorted(set(came)) == ["applied", "plan-used"]
    assert came.count("applied") == 1
    entries = (await bench.ledger(plan=plan.id, limit=100)).entries
    assert [e.outcome for e in entries if e.action == "applied"].count("done") == 1


async def test_a_code_is_good_for_five_tries(bench: Workbench, plan: Plan) -> None:
    """A7: a program guesses the code."""
    code = await bench.plans.challenge(plan.id)
    for _ in range(5):
        with pytest.raises(ApprovalRefused):
            await bench.plans.decide(plan.id, "approved", tier="out-of-band", code="X", actor=ACTOR)

    with pytest.raises(ApprovalRefused):
        await bench.plans.decide(plan.id, "approved", tier="out-of-band", code=code, actor=ACTOR)
    assert (await bench.plans.one(plan.id))[1] == "proposed"


@pytest.mark.parametrize("seconds", [120, -120])
async def test_a_code_is_good_for_two_minutes(
    bench: Workbench, plan: Plan, home: Installation, seconds: int
) -> None:
    """A14: a code is kept for later, or from the future."""
    home.clock.turn(hours=1)
    code = await bench.plans.challenge(plan.id)
    home.clock.turn(seconds=seconds)

    with pytest.raises(ApprovalRefused):
        await bench.plans.decide(plan.id, "approved", tier="out-of-band", code=code, actor=ACTOR)


async def test_a_code_is_good_once(bench: Workbench, plan: Plan) -> None:
    code = await bench.plans.challenge(plan.id)
    await bench.plans.decide(plan.id, "approved", tier="out-of-band", code=code, actor=ACTOR)

    with pytest.raises(ApprovalRefused):
        await bench.plans.decide(plan.id, "approved", tier="out-of-band", code=code, actor=ACTOR)


@pytest.mark.parametrize("hours", [1, 24, -1, 24 * 365, -24 * 365])
async def test_a_turned_clock_makes_no_approval_fresh(
    bench: Workbench, plan: Plan, home: Installation, folder: Path, hours: int
) -> None:
    """A14: the clock goes forth and back, up to a year."""
    home.clock.turn(hours=2)
    await approve(bench, plan.id)
    home.clock.turn(hours=hours)

    with pytest.raises(PlanExpired):
        await bench.plans.apply(plan.id, actor=ACTOR)
    assert (folder / "pricing.py").read_text() == AFTER


async def test_a_decision_that_was_written_past_the_door_is_refused(
    bench: Workbench, plan: Plan, home: Installation, folder: Path
) -> None:
    """A2: a row of the store is copied to another plan."""
    await approve(bench, plan.id)
    home.clock.turn(seconds=1)
    other = (await bench.wrap(folder, FLAG, actor=ACTOR)).plan
    assert other
    with sqlite3.connect(home.state / "state.db") as forged:
        record, mac = forged.execute("SELECT record, mac FROM decision").fetchone()
        record = record.replace(plan.digest, other.digest)
        forged.execute(
            "INSERT INTO decision (plan, record, mac) VALUES (?, ?, ?)", (other.digest, record, mac)
        )
        forged.execute(
            "UPDATE plan SET state = 'approved', nonce = (SELECT nonce FROM plan WHERE digest = ?)"
            " WHERE digest = ?",
            (plan.digest, other.digest),
        )
    forged.close()

    with pytest.raises(ApprovalRefused):
        await bench.plans.apply(other.id, actor=ACTOR)
    assert (folder / "pricing.py").read_text() == AFTER
    assert (await bench.ledger(limit=1)).entries[0].code == "approval-refused"


async def test_a_dialog_decides_low_risk_only_and_only_where_the_policy_says_so(
    bench: Workbench, plan: Plan, home: Installation, folder: Path
) -> None:
    """A6: a dialog is answered without a person."""
    own_policy(home, "approval", 'low = "out-of-band"', 'low = "dialog"')
    risky = (await bench.wrap(folder, FLAG, actor=ACTOR)).plan
    harmless(folder)
    small = (await bench.wrap(folder, FLAG, actor=ACTOR)).plan
    assert risky
    assert small
    assert (risky.band, small.band) == ("medium", "low")

    with pytest.raises(ApprovalRefused):
        await bench.plans.decide(risky.id, "approved", tier="dialog", actor=ASSISTANT)
    await bench.plans.decide(small.id, "approved", tier="dialog", actor=ASSISTANT)

    (folder / "pricing.py").write_text(AFTER)
    assert (await bench.plans.apply(risky.id, actor=ASSISTANT)).status == "awaiting-approval"
    assert (await bench.plans.apply(small.id, actor=ASSISTANT)).status == "applied"
    assert (await bench.ledger(plan=small.id)).entries[1].actor.tier == "dialog"


async def test_a_dialogs_yes_ends_with_the_policy_that_allowed_it(
    bench: Workbench, home: Installation, folder: Path
) -> None:
    """A11: the policy that allowed an answer goes."""
    own = own_policy(home, "approval", 'low = "out-of-band"', 'low = "dialog"')
    harmless(folder)
    before = texts(folder)
    plan = (await bench.wrap(folder, FLAG, actor=ACTOR)).plan
    assert plan
    await bench.plans.decide(plan.id, "approved", tier="dialog", actor=ASSISTANT)
    own.unlink()

    with pytest.raises(PlanStale):
        await bench.plans.apply(plan.id, actor=ASSISTANT)
    assert texts(folder) == before


async def test_the_programs_that_asked_are_on_record_whatever_they_are_called(
    bench: Workbench, plan: Plan, home: Installation
) -> None:
    """A7: what a program that makes a terminal for itself leaves behind, at least."""
    home.programs = "flagwright < script < sh\x1b[2J < claude"
    await approve(bench, plan.id)

    (entry,) = (await bench.ledger(plan=plan.id, limit=1)).entries
    assert entry.actor.programs == "flagwright < script < sh\\x1b[2J < claude"
    assert entry.actor.tier == "out-of-band"


async def test_the_page_records_what_showed_the_code_not_what_serves_it(
    bench: Workbench, plan: Plan, home: Installation
) -> None:
    """A7, A9: the page may belong to the assistant's server; the code came from a terminal."""
    home.programs = "flagwright < zsh < tmux"
    code = await bench.review.new_code("http://127.0.0.1:1/x")
    home.programs = "flagwright < claude"
    _, shown_by = await bench.review.sign_in("http://127.0.0.1:1/x", code)
    await bench.review.decide(plan.id, plan.digest, "approved", "", shown_by=shown_by)

    (entry,) = (await bench.ledger(plan=plan.id, limit=1)).entries
    assert (entry.actor.door, entry.actor.programs) == ("page", "flagwright < zsh < tmux")
