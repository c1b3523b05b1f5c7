"""A person's browser, their installation, and the page that it serves to them."""

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import anyio
import pytest
from playwright.async_api import Browser, BrowserContext, Page, async_playwright

from flagwright.core.records.plan import Plan
from flagwright.surface.review.serving import page as serving
from flagwright.workbench.bench import Workbench
from tests.installation import ACTOR, ASSISTANT, Installation, shop, spec

CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
PICTURES = Path(__file__).parents[2] / "build" / "screenshots"
FLAG = "release.shop.discount"
CLOSING_S = 10
"""Chromium now and then never says that a window is closed; its process ends with the driver."""


@pytest.fixture(scope="session")
async def chromium() -> AsyncIterator[Browser]:
    """A real browser without a window; where this machine has none, the tests say so."""
    found = next((path for name in CHROMIUM if (path := shutil.which(name))), None)
    if found is None:
        if "browser" in os.environ.get("FLAGWRIGHT_REQUIRE", "").split(","):
            pytest.fail("FLAGWRIGHT_REQUIRE names browser, and there is no Chromium.")
        pytest.skip("There is no Chromium on this machine.")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield browser
        await closed(browser)


async def closed(window: Browser | BrowserContext) -> None:
    """Close it, and wait for that no longer than it ever takes."""
    with anyio.move_on_after(CLOSING_S):
        await window.close()


@dataclass
class Desk:
    """One person before one page."""

    home: Installation
    folder: Path
    bench: Workbench
    address: str
    browser: BrowserContext

    async def plan(self, flag: str = FLAG) -> Plan:
        """A plan that an assistant has made."""
        await self.bench.flags.create(spec(flag), actor=ACTOR)
        plan = (await self.bench.wrap(self.folder, flag, actor=ASSISTANT)).plan
        assert plan
        return plan

    async def state(self, plan: Plan) -> str:
        return (await self.bench.plans.one(plan.id))[1]

    async def tab(self, place: str = "/") -> Page:
        """A new tab at a place of the page."""
        tab = await self.browser.new_page()
        await tab.goto(self.address + place)
        return tab

    async def signed_in(self, place: str = "/") -> Page:
        """The same, with the code that the person's terminal shows."""
        tab = await self.tab(place)
        await self.enter(tab)
        return tab

    async def enter(self, tab: Page, code: str | None = None) -> None:
        await tab.fill("#code", code or await self.bench.review.new_code(self.address))
        await tab.click("button.primary")
        await tab.wait_for_load_state()

    async def picture(self, tab: Page, name: str) -> None:
        """Keep what the person sees, for somebody to look at."""
        PICTURES.mkdir(parents=True, exist_ok=True)
        await tab.screenshot(path=PICTURES / f"{name}.png", full_page=True)


@asynccontextmanager
async def seated(home: Installation, folder: Path, browser: BrowserContext) -> AsyncIterator[Desk]:
    async with home.open() as bench, serving(bench) as (address, is_ours):
        assert is_ours
        yield Desk(home, folder, bench, address, browser)


@pytest.fixture
async def desk(home: Installation, tmp_path: Path, chromium: Browser) -> AsyncIterator[Desk]:
    context = await chromium.new_context(viewport={"width": 1400, "height": 900})
    context.set_default_timeout(10_000)
    async with seated(home, shop(tmp_path / "shop"), context) as desk:
        yield desk
        await closed(context)
