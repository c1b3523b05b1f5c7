"""Plans that are not about wrapping, and what a person finds of a plan that stood a while."""

import pytest
from playwright.async_api import expect

from flagwright.core.rollout import Asked
from tests.browser.conftest import FLAG, Desk
from tests.installation import ACTOR, AFTER, ASSISTANT, approve, git, spec

pytestmark = pytest.mark.anyio


async def test_a_plan_to_switch_says_who_is_let_in_now_and_then(desk: Desk) -> None:
    await desk.bench.flags.create(spec(FLAG), actor=ACTOR)
    rules = Asked(percent=10)
    await desk.bench.switching.set_rollout(FLAG, "production", rules, actor=ASSISTANT)
    plan = (await desk.bench.switching.switch(FLAG, "production", "on", actor=ASSISTANT)).plan
    assert plan
    tab = await desk.signed_in(f"/plans/{plan.id}")

    await expect(tab.locator("h1")).to_have_text(f"Switch {FLAG} in production")
    await expect(tab.locator(".figures")).to_contain_text("now 0 %")
    await expect(tab.locator(".figures")).to_contain_text("then 10 %")
    await expect(tab.locator(".cover .about")).to_contain_text(
        "Where the code asks without a user, each question is a toss of its own"
    )
    await desk.picture(tab, "switch")
    await tab.click("text=Approve and switch")

    await expect(tab.locator("[role=status]")).to_contain_text("The flag is switched.")
    held = await desk.bench.flags.one(FLAG, None, entries=1)
    assert held.detail.environment("production").on


async def test_what_a_plan_tells_beside_its_proof_is_read_by_whoever_decides(desk: Desk) -> None:
    loop = "def work(box):\n    while True:\n        box.take(%d)\n"
    (desk.folder / "worker.py").write_text(loop % 1)
    git(desk.folder, "add", "worker.py")
    git(desk.folder, "commit", "-qam", "A worker")
    (desk.folder / "worker.py").write_text(loop % 2)
    plan = await desk.plan()
    tab = await desk.signed_in(f"/plans/{plan.id}")
    told = "`work` asks once"

    await expect(tab.locator("section:has(#notes) li").first).to_contain_text(told)
    await desk.picture(tab, "notes")
    await approve(desk.bench, plan.id)
    await desk.bench.plans.apply(plan.id, actor=ACTOR)
    await desk.bench.switching.set_rollout(FLAG, "production", Asked(percent=10), actor=ASSISTANT)
    switch = (await desk.bench.switching.switch(FLAG, "production", "on", actor=ASSISTANT)).plan
    assert switch
    await tab.goto(str(tab.url).replace(plan.id, switch.id))

    await expect(tab.locator("#notes")).to_contain_text("when the code was put behind the flag")
    await expect(tab.locator("section:has(#notes) li").first).to_contain_text(told)


async def test_a_retirement_says_what_goes_and_where_that_is_felt(desk: Desk) -> None:
    plan = await desk.plan()
    await approve(desk.bench, plan.id)
    await desk.bench.plans.apply(plan.id, actor=ACTOR)
    git(desk.folder, "commit", "-qam", "Wrapped")
    everybody = Asked(percent=100)
    await desk.bench.switching.set_rollout(FLAG, "development", everybody, actor=ACTOR)
    await desk.bench.switching.switch(FLAG, "development", "on", actor=ACTOR)
    (desk.folder / "flags.yaml").write_text(f"{FLAG}: true\n")
    retire = (await desk.bench.retire(desk.folder, FLAG, "on", actor=ASSISTANT)).plan
    assert retire
    tab = await desk.signed_in(f"/plans/{retire.id}")

    await expect(tab.locator("h1")).to_have_text(f"Take out {FLAG}, keeping on")
    await expect(tab.locator(".lead")).to_contain_text("production will run other code than today")
    await expect(tab.locator(".states")).to_contain_text("developmentnow on, 100 %")
    await expect(tab.locator(".states .loud")).to_have_count(1)
    await expect(tab.locator(".safe li").first).to_contain_text("the code with the flag on")
    await expect(tab.locator("#left")).to_have_text("For a person: 1 place to look at by hand")
    await expect(tab.locator(".outside li")).to_contain_text("flags.yaml:1 no Python")
    await expect(tab.locator(".switch")).to_have_count(1)
    await desk.picture(tab, "retire")
    await tab.click("text=Approve and write")

    await expect(tab.locator("[role=status]")).to_contain_text("Run the tests, then commit.")
    assert (desk.folder / "pricing.py").read_text() == AFTER


async def test_what_is_approved_is_written_or_rejected_later(desk: Desk) -> None:
    plan = await desk.plan()
    tab = await desk.signed_in(f"/plans/{plan.id}")
    await tab.click("text=Approve only")
    await expect(tab.locator("text=Approve only")).to_have_count(0)
    await desk.picture(tab, "approved")

    await tab.click("button.primary >> text=Write 1 file")

    await expect(tab.locator("[role=status]")).to_contain_text("Applied.")
    approved = [
        e for e in (await desk.bench.ledger(plan=plan.id)).entries if e.action == "approved"
    ]
    assert len(approved) == 1

    desk.home.clock.turn(seconds=1)
    (desk.folder / "pricing.py").write_text(AFTER)
    other = (await desk.bench.wrap(desk.folder, FLAG, actor=ASSISTANT)).plan
    assert other
    await approve(desk.bench, other.id)
    await tab.goto(f"{desk.address}/plans/{other.id}")
    await tab.click("text=Reject")
    assert await desk.state(other) == "rejected"
    assert (desk.folder / "pricing.py").read_text() == AFTER


async def test_an_approval_that_nobody_used_in_time_is_given_again(desk: Desk) -> None:
    plan = await desk.plan()
    await approve(desk.bench, plan.id)
    desk.home.clock.turn(hours=2)
    tab = await desk.signed_in(f"/plans/{plan.id}")

    await expect(tab.locator("[role=status]")).to_contain_text("approve it again")
    await tab.click("text=Approve and write")

    assert await desk.state(plan) == "applied"


async def test_the_queue_tells_what_still_waits_from_what_is_too_late(desk: Desk) -> None:
    late = await desk.plan()
    (desk.folder / "pricing.py").write_text(AFTER.replace("500", "600"))
    plan = (await desk.bench.wrap(desk.folder, FLAG, actor=ASSISTANT)).plan
    assert plan
    tab = await desk.signed_in()

    await expect(tab.locator("h1")).to_have_text("1 plan waiting for you")
    await expect(tab.locator("a.card")).to_contain_text(plan.id)
    await expect(tab.locator("li.card")).to_contain_text(late.id)
    await expect(tab.locator("li.card .pill")).to_have_text("stale")
