"""Deliver what an outage left behind while somebody works, next to what the server itself takes.

python -m benchmarks.outage --entries 10000
"""

import argparse
import asyncio
import os
import statistics
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count as count_from
from pathlib import Path
from uuid import uuid4

import anyio
import httpx
from pydantic import SecretStr

from flagwright.adapters.store import Store
from flagwright.assembly import open_workbench
from flagwright.core.ledger import to_link
from flagwright.core.records.entry import Subject
from flagwright.errors import FlagServerDown
from flagwright.settings import Settings
from flagwright.workbench.bench import Workbench
from flagwright.workbench.link import Link, cut
from flagwright.workbench.outbox import Outbox
from tests.contract.faults import ACTOR, flag
from tests.contract.real_unleash import start
from tests.installation import shop

FLAGS = 20
RUN = 4
"""Entries about one flag that follow each other, as in the work on one change."""
FEATURES = "/api/admin/projects/default/features"


def owe(state: Path, flags: list[str], count: int) -> list[Link]:
    """Record as if the server had been away; the links that will travel."""
    store = Store(state, new_writer=uuid4().hex[:12])
    for number in range(count):
        name, at = f"owed-{number:08}", datetime.now(UTC)
        about = flags[number // RUN % FLAGS] if number // RUN % 3 else None
        subject = Subject(project="default", flag=about, paths=("shop/pricing.py",))
        store.begin(name, "scored", subject, ACTOR, at=at)
        store.settle(name, outcome="done", at=at, change="a" * 64, score=50, band="medium")
    links = cut(store.deliveries.owed(limit=count, now=datetime.now(UTC)))
    store.close()
    return links


class Bare:
    """Somebody who writes one link after the other, and never looks what arrived."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http, self._path = http, ""

    async def prepare(self) -> None:
        """Make the one link that is written again and again."""
        name = f"bare.{uuid4().hex[:8]}"
        await self._http.post(FEATURES, json={"name": name})
        link = {"url": "https://example.com", "title": "x"}
        await self._http.post(f"{FEATURES}/{name}/link", json=link)
        found = await self._http.get(f"{FEATURES}/{name}")
        self._path = f"{FEATURES}/{name}/link/{found.json()['links'][0]['id']}"

    async def put(self, links: list[Link]) -> float:
        """Write as much as these links hold; the seconds that took."""
        pairs = [to_link(link.entries, "example.com") for link in links]
        began = time.monotonic()
        for url, title in pairs:
            (await self._http.put(self._path, json={"url": url, "title": title})).raise_for_status()
        return time.monotonic() - began


@dataclass
class Pace:
    """Seconds that we took, and that the bare writer took for the same, turn by turn."""

    ours: float = 0
    bare: float = 0
    links: int = 0

    def watch(self, outbox: Outbox, bare: Bare) -> None:
        """Let the bare writer write after each of our rounds: both meet the same noise."""
        deliver = outbox._round

        async def timed(coming: list[Link], unseen: list[Link]) -> tuple[list[Link], list[Link]]:
            began = time.monotonic()
            done = await deliver(coming, unseen)
            self.ours += time.monotonic() - began
            self.bare += await bare.put(coming)
            self.links += len(coming)
            return done

        outbox._round = timed  # type: ignore[method-assign]


async def main(count: int) -> int:
    server = start()
    try:
        with tempfile.TemporaryDirectory() as folder:
            os.environ["HOME"] = folder
            return await _measure(server.url, server.token, count, Path(folder))
    finally:
        server.stop()


async def _measure(url: str, token: str, count: int, folder: Path) -> int:
    home, repository = folder / "home", shop(folder / "shop")
    settings = Settings(
        flag_server=url,
        token=SecretStr(token),
        config_dir=home / "config",
        state_dir=home / "state",
        cache_dir=home / "cache",
    )
    flags = [f"release.outage-{uuid4().hex[:8]}" for _ in range(FLAGS)]
    headers = {"authorization": token}
    async with httpx.AsyncClient(base_url=url, headers=headers, timeout=30) as http:
        for name in flags:
            await http.post(FEATURES, json={"name": name})
        bare, pace, worked = Bare(http), Pace(), Worked()
        await bare.prepare()
        links = await anyio.to_thread.run_sync(owe, settings.state_dir, flags, count)
        print(f"{count} entries owed, in {len(links)} links about {FLAGS} flags and about none")
        async with open_workbench(settings) as bench, anyio.create_task_group() as tasks:
            pace.watch(bench._recorder._outbox, bare)
            tasks.start_soon(work, bench, repository, worked)
            await deliver(bench)
            tasks.cancel_scope.cancel()
    share = pace.bare / pace.ours
    print(
        f"delivered in {pace.ours:.1f} s: {count / pace.ours:.0f} entries/s, "
        f"{pace.links / pace.ours:.1f} links/s, read back; the server alone takes "
        f"{pace.links / pace.bare:.1f} links/s in order, not read back: {100 * share:.0f} %"
    )
    print(f"meanwhile {len(worked.waits)} calls: median {statistics.median(worked.waits):.2f} s, "
          f"longest {max(worked.waits):.2f} s, {worked.late} of them put off")  # fmt: skip
    return int(await is_wrong(settings) or share < 0.5)


@dataclass
class Worked:
    """What an assistant did meanwhile."""

    waits: list[float] = field(default_factory=list)
    late: int = 0
    """Calls that were answered in time, and settled later."""


async def work(bench: Workbench, repository: Path, worked: Worked) -> None:
    """Score, and sometimes create a flag, twice a second."""
    for number in count_from(0):
        before = time.monotonic()
        try:
            if number % 5:
                await bench.score(repository, actor=ACTOR)
            else:
                name = f"release.work-{uuid4().hex[:8]}"
                await bench.flags.create(flag(name), actor=ACTOR)
        except FlagServerDown:
            worked.late += 1
        worked.waits.append(time.monotonic() - before)
        await anyio.sleep(0.5)


async def deliver(bench: Workbench) -> None:
    """Deliver until nothing is owed."""
    while (await bench.ledger(limit=1)).owed:
        await bench.deliver(deadline_s=600)


async def is_wrong(settings: Settings) -> bool:
    """Whether anything is lost, there twice, or out of order."""
    async with open_workbench(settings) as bench:
        await bench.deliver(deadline_s=60)
        page = await bench.ledger(limit=1)
        held = [w.entry for w in await bench.audit.witnesses() if w.entry]
        writer = page.entries[0].writer
        times = Counter(e.id for e in held if e.writer == writer)
        problems = [p for p in (await bench.audit.verify()).problems if p.writer == writer]
    lost, twice = page.recorded - len(times), sum(n > 1 for n in times.values())
    print(f"{page.recorded} recorded, {lost} lost, {twice} twice, {len(problems)} wrong in order")
    return bool(lost or twice or problems)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entries", type=int, default=10_000)
    sys.exit(asyncio.run(main(parser.parse_args().entries)))
