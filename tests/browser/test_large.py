"""A large plan: its files come when somebody gets there, and nothing is cut without saying so."""

import pytest
from playwright.async_api import Browser, Page, expect

from flagwright.core.records.plan import Plan
from tests.browser.conftest import Desk, closed
from tests.installation import git

pytestmark = pytest.mark.anyio
FILES, LINES = 3, 120


def module(factor: int) -> str:
    body = "".join(f"    goods = goods * {factor} + {number}\n" for number in range(LINES))
    return f"def part(goods: int) -> int:\n{body}    return goods\n"


@pytest.fixture
async def large(desk: Desk) -> tuple[Plan, Page]:
    names = [f"part_{number}.py" for number in range(FILES)]
    for factor in (2, 3):
        for name in names:
            (desk.folder / name).write_text(module(factor))
        if factor == 2:
            git(desk.folder, "add", *names)
            git(desk.folder, "commit", "-qm", "Parts")
    plan = await desk.plan()
    return plan, await desk.signed_in(f"/plans/{plan.id}")


async def test_a_file_comes_when_somebody_gets_there_and_all_do_for_who_asks(
    desk: Desk, large: tuple[Plan, Page]
) -> None:
    plan, tab = large
    last = tab.locator(f"#file-{len(plan.edits) - 1}")

    await expect(tab.locator("#file-0 .diff")).to_be_visible()
    await expect(last).to_contain_text("changed lines, shown when you get here")
    await last.evaluate("file => file.scrollIntoView()")

    await expect(last.locator(".diff")).to_be_visible()
    await expect(last.locator(".changed .new")).not_to_have_count(0)
    await expect(tab.locator("#file-0 .fold")).to_have_text("shown when you get here")
    await tab.locator("#file-0").evaluate("file => file.scrollIntoView()")
    await expect(tab.locator("#file-0 .diff")).to_be_visible()
    await expect(last.locator(".fold")).to_have_text("shown when you get here")
    await last.evaluate("file => file.scrollIntoView()")
    await expect(last.locator(".diff")).to_be_visible()
    await tab.keyboard.press("2")
    await last.evaluate("file => file.scrollIntoView()")
    await expect(last.locator("[data-side=off]")).to_be_visible(timeout=30_000)
    await desk.picture(tab, "large")

    await tab.click(f"text=All {len(plan.edits)} files on one page")

    await expect(tab.locator(".diff")).to_have_count(len(plan.edits))
    await expect(tab.locator(".waits")).to_have_count(0)


async def test_a_print_shows_what_is_folded_and_says_what_is_not_there(
    large: tuple[Plan, Page],
) -> None:
    _, tab = large
    await expect(tab.locator(".risk details table")).to_be_hidden()

    await tab.emulate_media(media="print")

    await expect(tab.locator(".risk details table")).to_be_visible()
    await expect(tab.locator(".more-grid")).to_be_visible()
    await expect(tab.locator("#decide")).to_be_hidden()
    waiting = tab.locator(".waits .fold")
    await expect(waiting).not_to_have_count(0)
    said = await waiting.first.evaluate("fold => getComputedStyle(fold, '::after').content")
    assert "not on this page" in said
    assert (await tab.pdf()).startswith(b"%PDF")


async def test_without_scripts_a_link_leads_to_each_file(
    desk: Desk, large: tuple[Plan, Page], chromium: Browser
) -> None:
    plan, _ = large
    desk.browser = await chromium.new_context(java_script_enabled=False)
    tab = await desk.signed_in(f"/plans/{plan.id}")

    await tab.click(f"#file-{len(plan.edits) - 1} .fold a")

    await expect(tab.locator(".diff")).to_be_visible()
    await closed(desk.browser)
