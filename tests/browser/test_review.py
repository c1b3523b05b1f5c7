"""A person opens the page, reads a plan and decides; in a real browser, with nothing played."""

from pathlib import Path

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page, expect

from tests.browser.conftest import FLAG, Desk, closed
from tests.installation import AFTER, git, own_policy, texts

pytestmark = pytest.mark.anyio
SERIOUS = {"serious", "critical"}


async def faults(tab: Page) -> list[str]:
    """What axe finds that keeps somebody out."""
    found = await Axe().run(tab)
    return [
        f"{each['id']}: {node['target']} {node['failureSummary']}"
        for each in found.response["violations"]
        if each["impact"] in SERIOUS
        for node in each["nodes"]
    ]


async def test_a_plan_is_read_approved_and_written_in_two_steps_after_the_code(desk: Desk) -> None:
    plan = await desk.plan()
    before = texts(desk.folder)
    tab = await desk.signed_in(f"/plans/{plan.id}")

    await expect(tab.locator("h1")).to_have_text("Put a change behind release.shop.discount")
    await expect(tab.locator(".safe li").first).to_contain_text(
        "Flag off: the code that runs today"
    )
    await expect(tab.locator(".risk tr").first).to_be_visible()
    await desk.picture(tab, "plan")
    assert texts(desk.folder) == before

    await tab.fill("#note", "Looks right")
    await tab.click("text=Approve and write 1 file")

    await expect(tab.locator("[role=status]")).to_contain_text("Applied.")
    await expect(tab.locator("[role=status]")).to_contain_text("Looks right")
    assert b"client.is_enabled" in texts(desk.folder)["pricing.py"]
    entry = (await desk.bench.ledger(plan=plan.id)).entries[1]
    assert (entry.action, entry.actor.door, entry.actor.tier) == ("approved", "page", "out-of-band")
    await desk.picture(tab, "applied")


async def test_what_git_does_not_track_is_told_once_it_is_written(desk: Desk) -> None:
    git(desk.folder, "mv", "pricing.py", "prices.py")
    plan = await desk.plan()
    tab = await desk.signed_in(f"/plans/{plan.id}")

    await tab.click("text=Approve and write")

    await expect(tab.locator("[role=status]")).to_contain_text("Git does not track pricing.py")
    await desk.picture(tab, "untracked")


async def test_a_change_that_is_staged_without_its_flag_is_told(desk: Desk) -> None:
    git(desk.folder, "add", "pricing.py")
    plan = await desk.plan()
    tab = await desk.signed_in(f"/plans/{plan.id}")

    await tab.click("text=Approve and write")

    await expect(tab.locator("[role=status]")).to_contain_text("the change without the flag")
    await expect(tab.locator("[role=status]")).to_contain_text("add -- pricing.py")


async def test_an_approval_alone_writes_nothing_and_lets_the_assistant_apply(desk: Desk) -> None:
    plan = await desk.plan()
    tab = await desk.signed_in(f"/plans/{plan.id}")

    await tab.click("text=Approve only")

    await expect(tab.locator("[role=status]")).to_contain_text("Nothing is done yet")
    assert await desk.state(plan) == "approved"
    assert (desk.folder / "pricing.py").read_text() == AFTER


async def test_a_rejected_plan_is_history_with_its_note(desk: Desk) -> None:
    plan = await desk.plan()
    tab = await desk.signed_in(f"/plans/{plan.id}")
    await tab.fill("#note", "Too early")

    await tab.click("text=Reject")

    assert await desk.state(plan) == "rejected"
    await expect(tab.locator("[role=status]")).to_contain_text("Too early")
    await expect(tab.locator("#decide")).to_have_count(0)
    await tab.click("text=Flagwright")
    await expect(tab.locator("h1")).to_have_text("Nothing is waiting for you")
    await tab.click("summary")
    await expect(tab.locator(".ledger")).to_contain_text("rejected")
    await desk.picture(tab, "history")


async def test_open_plans_wait_in_a_queue(desk: Desk) -> None:
    plan = await desk.plan()
    tab = await desk.signed_in()

    await expect(tab.locator("h1")).to_have_text("1 plan waiting for you")
    await desk.picture(tab, "queue")
    await tab.click(".card")

    await expect(tab).to_have_url(f"{desk.address}/plans/{plan.id}")


async def test_the_switch_greys_what_does_not_run_and_shows_what_the_file_amounts_to(
    desk: Desk,
) -> None:
    plan = await desk.plan()
    tab = await desk.signed_in(f"/plans/{plan.id}")

    await tab.click(".switch >> text=Flag off")
    off = tab.locator("[data-side=off]")
    await expect(off).to_be_visible()
    await expect(off.locator(".idle", has_text="goods - discount + tax")).to_have_count(1)
    await expect(off.locator(".asks", has_text="client.is_enabled")).to_have_count(1)
    behaves = await off.locator(".row p:last-child").all_text_contents()
    assert "    return goods + tax" in behaves
    assert not [line for line in behaves if "discount" in line or "is_enabled" in line]
    await desk.picture(tab, "off")

    await tab.click(".switch >> text=Flag on")
    on = tab.locator("[data-side=on]")
    await expect(on).to_be_visible()
    await expect(on.locator(".idle", has_text="return goods + tax")).to_have_count(1)
    behaves = await on.locator(".row p:last-child").all_text_contents()
    assert "    return goods - discount + tax" in behaves
    await desk.picture(tab, "on")

    await tab.click(".switch >> text=What is written")
    await expect(tab.locator(".diff")).to_be_visible()


async def test_unified_shows_one_column(desk: Desk) -> None:
    plan = await desk.plan()
    tab = await desk.signed_in(f"/plans/{plan.id}")

    await tab.click(".switch >> text=Unified")

    old, new = tab.locator(".changed .old pre").first, tab.locator(".changed .new pre").last
    one, other = await old.bounding_box(), await new.bounding_box()
    assert one
    assert other
    assert one["x"] == other["x"]
    await desk.picture(tab, "unified")


async def test_what_no_flag_controls_is_as_loud_as_what_one_does(desk: Desk) -> None:
    (desk.folder / "page.html").write_text("<b>Discount!</b>\n")
    (desk.folder / "test_pricing.py").write_text("def test_it() -> None:\n    assert True\n")
    plan = await desk.plan()
    tab = await desk.signed_in(f"/plans/{plan.id}")

    loud, quiet = tab.locator(".figure.bad"), tab.locator(".figure.good")
    await expect(loud).to_contain_text("1 place not behind it")
    sizes = [await each.bounding_box() for each in (loud, quiet)]
    assert len({(round(size["width"]), round(size["height"])) for size in sizes if size}) == 1
    await expect(tab.locator(".outside")).to_contain_text("page.html:1")
    await expect(tab.locator(".outside")).to_contain_text("test_pricing.py:1")
    await expect(tab.locator(".lead")).to_contain_text("takes effect as soon as it is released")
    await expect(tab.locator("#decide")).to_contain_text("1 place not behind the flag")
    await desk.picture(tab, "outside")


# --- what cannot be decided


async def test_a_file_edited_meanwhile_makes_the_plan_stale_before_and_after_the_click(
    desk: Desk,
) -> None:
    plan = await desk.plan()
    tab = await desk.signed_in(f"/plans/{plan.id}")
    (desk.folder / "pricing.py").write_text(AFTER + "# one more\n")

    await tab.click("text=Approve and write")

    await expect(tab.locator("h1")).to_contain_text("pricing.py changed since plan")
    assert await desk.state(plan) == "proposed"
    await tab.click("text=Look at the plan as it is now")
    await expect(tab.locator("[role=alert]")).to_contain_text("Stale: pricing.py")
    await expect(tab.locator("[role=alert]")).to_contain_text(f"again: flagwright wrap {FLAG}")
    await expect(tab.locator("#decide")).to_have_count(0)
    await desk.picture(tab, "stale")


async def test_an_expired_plan_is_shown_and_not_decided(desk: Desk) -> None:
    plan = await desk.plan()
    desk.home.clock.turn(days=8)
    tab = await desk.signed_in(f"/plans/{plan.id}")

    await expect(tab.locator("[role=alert]")).to_contain_text("too old")
    await expect(tab.locator("#decide")).to_have_count(0)


async def test_a_changed_policy_closes_the_plan(desk: Desk) -> None:
    plan = await desk.plan()
    own_policy(desk.home, "approval", "plan_lifetime_h = 168", "plan_lifetime_h = 100")
    tab = await desk.signed_in(f"/plans/{plan.id}")

    await expect(tab.locator("[role=alert]")).to_contain_text("A policy changed")


async def test_a_second_tab_cannot_decide_again_and_learns_of_it(desk: Desk) -> None:
    plan = await desk.plan()
    first = await desk.signed_in(f"/plans/{plan.id}")
    second = await desk.tab(f"/plans/{plan.id}")
    await first.click("text=Reject")

    await second.click("text=Approve and write")

    await expect(second.locator("h1")).to_contain_text("already rejected")
    assert await desk.state(plan) == "rejected"


async def test_going_back_shows_the_plan_as_it_is_now(desk: Desk) -> None:
    plan = await desk.plan()
    tab = await desk.signed_in(f"/plans/{plan.id}")
    await tab.click("text=Approve only")
    await expect(tab.locator("[role=status]")).to_be_visible()

    await tab.goto(f"{desk.address}/")
    await tab.go_back()

    await expect(tab.locator("text=Approve only")).to_have_count(0)
    await expect(tab.locator("[role=status]")).to_contain_text("Approved.")


# --- the way in


async def test_a_wrong_code_lets_nobody_in_and_five_void_the_right_one(desk: Desk) -> None:
    plan = await desk.plan()
    tab = await desk.tab(f"/plans/{plan.id}")
    right = await desk.bench.review.new_code(desk.address)
    for _ in range(5):
        await desk.enter(tab, "WRONG1")
        await expect(tab.locator("[role=alert]")).to_contain_text("wrong, used or too old")
    await desk.picture(tab, "wrong-code")

    await desk.enter(tab, right)

    await expect(tab.locator("[role=alert]")).to_be_visible()
    await desk.enter(tab)
    await expect(tab.locator("h1")).to_contain_text("Put a change behind")


async def test_a_code_opens_the_page_once_for_two_minutes_in_any_case(desk: Desk) -> None:
    code = await desk.bench.review.new_code(desk.address)
    tab = await desk.tab()
    await desk.enter(tab, code.lower())
    await expect(tab.locator("h1")).to_contain_text("waiting")
    await tab.click("text=Sign out")
    await expect(tab.locator("#code")).to_be_visible()

    await desk.enter(tab, code)
    await expect(tab.locator("#code")).to_be_visible()
    late = await desk.bench.review.new_code(desk.address)
    desk.home.clock.turn(minutes=3)
    await desk.enter(tab, late)
    await expect(tab.locator("[role=alert]")).to_be_visible()


async def test_a_sign_in_ends_when_an_approval_would(desk: Desk) -> None:
    plan = await desk.plan()
    tab = await desk.signed_in(f"/plans/{plan.id}")
    desk.home.clock.turn(minutes=61)

    await tab.click("text=Approve and write")

    assert await desk.state(plan) == "proposed"
    await tab.goto(f"{desk.address}/")
    await expect(tab.locator("#code")).to_be_visible()


# --- for everybody


async def test_it_works_with_the_keyboard_alone(desk: Desk) -> None:
    plan = await desk.plan()
    tab = await desk.tab(f"/plans/{plan.id}")
    await expect(tab.locator("#code")).to_be_focused()
    await tab.keyboard.type(await desk.bench.review.new_code(desk.address))
    await tab.keyboard.press("Enter")
    await expect(tab.locator("h1")).to_contain_text("Put a change behind")

    await tab.keyboard.press("2")
    await expect(tab.locator("[data-side=off]")).to_be_visible()
    await tab.keyboard.press("1")
    await tab.keyboard.press("n")
    assert await tab.evaluate("document.activeElement.id") == "file-0"
    await tab.keyboard.press("d")
    await tab.keyboard.type("by 2 keys")
    await tab.keyboard.press("Enter")
    assert await desk.state(plan) == "proposed"
    await tab.keyboard.press("Tab")
    await tab.keyboard.press("Enter")

    await expect(tab.locator("[role=status]")).to_contain_text("by 2 keys")
    assert await desk.state(plan) == "applied"


async def test_it_fits_a_phone(desk: Desk) -> None:
    plan = await desk.plan()
    tab = await desk.signed_in(f"/plans/{plan.id}")
    await tab.set_viewport_size({"width": 390, "height": 844})

    assert await tab.evaluate("document.documentElement.scrollWidth") <= 390
    await desk.picture(tab, "phone")
    await tab.click(".switch >> text=Flag off")
    await expect(tab.locator("[data-side=off]")).to_be_visible()
    assert await tab.evaluate("document.documentElement.scrollWidth") <= 390
    await tab.click("text=Reject")
    assert await desk.state(plan) == "rejected"


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_nobody_is_kept_out(desk: Desk, chromium: Browser, scheme: str) -> None:
    plan = await desk.plan()
    tab = await desk.tab(f"/plans/{plan.id}")
    await tab.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    assert await faults(tab) == []
    await desk.picture(tab, f"sign-in-{scheme}")
    await desk.enter(tab)
    assert await faults(tab) == []
    await desk.picture(tab, f"plan-{scheme}")
    await tab.click(".switch >> text=Flag off")
    await expect(tab.locator("[data-side=off]")).to_be_visible()
    assert await faults(tab) == []
    await tab.goto(f"{desk.address}/")
    assert await faults(tab) == []


async def test_it_reads_and_decides_without_scripts(
    desk: Desk, chromium: Browser, tmp_path: Path
) -> None:
    plan = await desk.plan()
    desk.browser = await chromium.new_context(java_script_enabled=False)
    tab = await desk.signed_in(f"/plans/{plan.id}")

    await expect(tab.locator(".changed .new").first).to_be_visible()
    await tab.click("text=Approve and write")

    assert await desk.state(plan) == "applied"
    await closed(desk.browser)


async def test_the_browser_runs_and_loads_nothing_but_the_page(desk: Desk) -> None:
    plan = await desk.plan()
    tab = await desk.tab(f"/plans/{plan.id}")
    asked: list[str] = []
    said: list[str] = []
    tab.on("request", lambda request: asked.append(request.url))
    tab.on("console", lambda message: said.append(message.text))

    await desk.enter(tab)
    await tab.click(".switch >> text=Flag on")
    await expect(tab.locator("[data-side=on]")).to_be_visible()

    assert {url for url in asked if not url.startswith(desk.address)} == set()
    assert said == []
