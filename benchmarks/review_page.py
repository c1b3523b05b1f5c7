"""Open a plan of 40 files and 3,000 changed lines in a real browser, beside an empty page.

    python -m benchmarks.review_page

Through Chromium: until the page answers a click, how far anything moved by itself (layout
shift), and what the tab's process holds in memory. An empty page holds some 50 MiB by itself, as
this browser is built; what the page adds to that is what it costs, so both are opened in the same
run. Measured when the page has come, when somebody has scrolled through every file to its end, and
once the browser has collected its garbage, which it puts off while there is room. Needs Chromium.
"""

import random
import shutil
import statistics
import subprocess
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import anyio
from playwright.async_api import BrowserContext, Page, async_playwright

from flagwright.assembly import open_workbench
from flagwright.core.records.entry import Actor
from flagwright.core.records.flag import FlagSpec
from flagwright.core.records.plan import Plan
from flagwright.settings import Settings
from flagwright.surface.review.serving import page as serving

FILES, FUNCTIONS, ROUNDS = 40, 8, 5
FLAG = "release.bench.page"
ACTOR = Actor(door="assistant", assistant="benchmark 1")
WATCH = """
window.moved = 0;
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.moved += entry.value;
}).observe({type: "layout-shift", buffered: true});
const look = () => {
  if (!document.querySelector("#decide") && location.protocol !== "about:") return;
  looking.disconnect();
  requestAnimationFrame(() => setTimeout(() => { window.answers = performance.now() / 1000; }));
};
const looking = new MutationObserver(look);
looking.observe(document, {childList: true, subtree: true});
look();
"""
NODES = "document.querySelectorAll('*').length"


def source(number: int, *, new: bool) -> str:
    """A module of a dozen functions, each of which the change touches."""
    rng = random.Random(number)
    parts = ['"""Prices, one module of many."""', "", "from flags import client", ""]
    for function in range(FUNCTIONS):
        rate = rng.randrange(2, 40)
        parts += ["", f"def price_{function}(goods: int, count: int, *, coupon: str = '') -> int:",
                  f'    """What {function} costs, in cents."""',
                  "    base = goods * count",
                  f"    if coupon == 'WELCOME-{rate}':",
                  f"        base -= base * {rate} // 100"]  # fmt: skip
        if new:
            parts += [f"    discount = base * {rate + 1} // 100 if base > {rate * 100} else 0",
                      f"    shipping = 0 if base - discount > {rate * 90} else {rate * 10}",
                      "    return base - discount + shipping"]  # fmt: skip
        else:
            parts += [f"    shipping = {rate * 10}", "    return base + shipping"]
        parts += [""]
    return "\n".join(parts) + "\n"


def repository(folder: Path) -> Path:
    folder.mkdir()
    (folder / "flags.py").write_text("client = None\n")
    (folder / "other.py").write_text(
        "from flags import client\n\n\ndef other() -> bool:\n"
        '    return client.is_enabled("release.bench.other")\n'
    )
    for number in range(FILES):
        (folder / f"price_{number:02}.py").write_text(source(number, new=False))
    for command in (["init", "-q"], ["add", "-A"], ["-c", "user.name=B", "-c", "user.email=b@x",
                                                    "commit", "-qm", "First"]):  # fmt: skip
        subprocess.run(["git", *command], cwd=folder, check=True)
    for number in range(FILES):
        (folder / f"price_{number:02}.py").write_text(source(number, new=True))
    return folder


async def memory(tab: Page) -> float:
    """MiB that the browser's page processes hold and share with nothing else; one tab is open."""
    whole = tab.context.browser
    assert whole
    session = await whole.new_browser_cdp_session()
    found = await session.send("SystemInfo.getProcessInfo")
    return sum(private(each["id"]) for each in found["processInfo"] if each["type"] == "renderer")


def private(process: int) -> float:
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Private_")) / 1024


async def measured(browser: BrowserContext, address: str) -> tuple[float, ...]:
    """Seconds by the browser's clock until it answers, and until all is there; shift; MiB thrice.

    At the end the objects that scripts hold, in MiB, and the nodes of the page.
    """
    tab = await browser.new_page()
    await tab.add_init_script(WATCH)
    await tab.goto(address)
    await tab.wait_for_function("window.answers")
    whole = "performance.getEntriesByType('navigation')[0]?.duration / 1000 || 0"
    await anyio.sleep(0.5)
    found = [await tab.evaluate(each) for each in ("window.answers", whole)]
    held = await memory(tab)
    await read(tab)
    moved, nodes = [await tab.evaluate(each) for each in ("window.moved", NODES)]
    heap = await tab.evaluate("performance.memory.usedJSHeapSize / 2 ** 20")
    garbage = await memory(tab)
    session = await tab.context.new_cdp_session(tab)
    await session.send("HeapProfiler.collectGarbage")
    await anyio.sleep(0.5)
    found += [moved, held, garbage, await memory(tab), heap, nodes]
    await tab.close()
    return tuple(found)


async def read(tab: Page) -> None:
    """Scroll from file to file, as fast as they come."""
    for number in range(await tab.locator(".file").count()):
        file = tab.locator(f"#file-{number}")
        await file.evaluate("file => file.scrollIntoView()")
        await file.locator(".diff").wait_for()
    await anyio.sleep(0.5)


async def main() -> None:
    found = shutil.which("chromium") or shutil.which("google-chrome")
    if found is None:
        sys.exit("There is no Chromium on this machine.")
    with tempfile.TemporaryDirectory() as home:
        folders = {name: Path(home) / name for name in ("config", "state", "cache")}
        settings = Settings(**{f"{name}_dir": path for name, path in folders.items()})
        async with open_workbench(settings) as bench:
            day = datetime.now(UTC).date() + timedelta(days=20)
            await bench.flags.create(
                FlagSpec(name=FLAG, description="Bench", owner="bench", expires_on=day), actor=ACTOR
            )
            plan = (await bench.wrap(repository(Path(home) / "r"), FLAG, actor=ACTOR)).plan
            assert plan
            changed = sum(line[:1] in "+-" and line[:3] not in ("+++", "---")
                          for edit in plan.edits for line in edit.patch.splitlines())  # fmt: skip
            print(f"{len(plan.edits)} files, {changed} changed lines")
            async with serving(bench) as (address, _), async_playwright() as playwright:
                browser = await playwright.chromium.launch(
                    executable_path=found, args=["--no-sandbox"]
                )
                context = await browser.new_context(viewport={"width": 1400, "height": 900})
                await rounds(bench, context, address, plan)
                await browser.close()


async def rounds(bench: Any, context: BrowserContext, address: str, plan: Plan) -> None:
    tab = await context.new_page()
    await tab.goto(f"{address}/")
    await tab.fill("#code", await bench.review.new_code(address))
    await tab.click("button.primary")
    await tab.close()
    empty = [await measured(context, "about:blank") for _ in range(ROUNDS)]
    full = [await measured(context, f"{address}/plans/{plan.id}") for _ in range(ROUNDS)]
    told = (
        "answers a click, s", "has come, s", "layout shift", "memory, MiB", "read to the end, MiB",
        "garbage gone, MiB", "script objects, MiB", "elements",
    )  # fmt: skip
    for column, name in enumerate(told):
        page = statistics.median(row[column] for row in full)
        bare = statistics.median(row[column] for row in empty)
        worst = max(row[column] for row in full)
        print(
            f"{name:20} {page:8.3f}  worst {worst:8.3f}  empty page {bare:8.3f}  "
            f"adds {page - bare:8.3f}"
        )


if __name__ == "__main__":
    anyio.run(main)
