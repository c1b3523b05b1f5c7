"""A report in a real browser: for everybody, in the dark, on a phone and on paper."""

from pathlib import Path

import pytest
from playwright.async_api import Browser

from flagwright.core.report.page import page
from tests.browser.conftest import PICTURES, closed
from tests.browser.test_review import faults
from tests.core.report.facts import full, nothing

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("about", ["full", "nothing"])
async def test_a_report_keeps_nobody_out(about: str, chromium: Browser, tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    file.write_text(page(full() if about == "full" else nothing()), encoding="utf-8")
    context = await chromium.new_context(viewport={"width": 1200, "height": 900})
    tab = await context.new_page()
    told: list[str] = []
    tab.on("console", lambda message: told.append(message.text))
    tab.on("dialog", lambda dialog: told.append(dialog.message))

    await tab.goto(file.as_uri())
    assert await faults(tab) == []
    light = await tab.evaluate("getComputedStyle(document.body).backgroundColor")
    await tab.emulate_media(color_scheme="dark")
    assert about == "nothing" or await faults(tab) == []
    assert await tab.evaluate("getComputedStyle(document.body).backgroundColor") != light
    PICTURES.mkdir(parents=True, exist_ok=True)
    await tab.screenshot(path=PICTURES / f"report-{about}-dark.png", full_page=True)
    await tab.emulate_media(color_scheme="light")
    await tab.set_viewport_size({"width": 390, "height": 844})
    assert await tab.evaluate("document.documentElement.scrollWidth") == 390
    await tab.emulate_media(media="print", color_scheme="dark")
    await tab.set_viewport_size({"width": 780, "height": 1100})
    assert await tab.evaluate("getComputedStyle(document.body).color") == "rgb(0, 0, 0)"
    assert await tab.evaluate("document.documentElement.scrollWidth") <= 780
    await tab.screenshot(path=PICTURES / f"report-{about}-print.png", full_page=True)

    assert told == []
    await closed(context)
