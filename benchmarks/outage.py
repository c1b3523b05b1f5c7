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
from flagwright.adapters.unleash import HOST
from flagwright.assembly import open_workbench
from flagwright.core.ledger import to_link
from flagwright.core.records import Subject
from flagwright.errors import FlagServerDown
from flagwright.settings import Settings
from flagwright.workbench import Workbench
from flagwright.workbench.link import Link, cut
from tests.contract.faults import ACTOR, flag
from tests.contract.real_unleash import start
from tests.installation import shop

FLAGS = 20
RUN = 4
"""Entries about one flag that follow each other, as in the work on one change."""
LINKS = "/api/admin/projects/default/features/{}/link"


def owe(state: Path, flags: list[str], count: int) -> list[Link]:
    """Record as if the server had been away; the links that will travel."""
    store = Store(state, new_writer=uuid4().hex[:12])
    for number in range(count):
        name, at = f"owed-{number:08}", datetime.now(UTC)
        about = flags[number // RUN % FLAGS] if number // RUN % 3 else None
        subject = Subject(project="default", flag=about, paths=("shop/pricing.py",))
        store.begin(name, "scored", subject, ACTOR, at=at)
        store.settle(name, outcome="done", at=at, change="a" * 64, score=50, band="medium")
    links = cut(store.owed(limit=count, now=datetime.now(UTC)))
    store.close()
    return links


async def bare_rate(url: str, token: str, links: list[Link], connections: int) -> float:
    """Links a second that the server takes from somebody who does nothing else."""
    headers = {"authorization": token}
    async with httpx.AsyncClient(base_url=url, headers=headers, timeout=30) as http:
        names = [f"bare.{uuid4().hex[:8]}" for _ in range(connections)]
        ids = []
        for name in names:
            await http.post("/api/admin/projects/default/features", json={"name": name})
            await http.post(LINKS.format(name), json={"url": "https://example.com", "title": "x"})
            found = await http.get(f"/api/admin/projects/default/features/{name}")
            ids.append(found.json()["links"][0]["id"])

        async def put(place: int) -> None:
            for link in links[place::connections]:
                address, title = to_link(link.entries, HOST)
                body = {"url": address.replace(HOST, "example.com"), "title": title}
                path = f"{LINKS.format(names[place])}/{ids[place]}"
                (await http.put(path, json=body)).raise_for_status()

        began = time.monotonic()
        await asyncio.gather(*(put(place) for place in range(connections)))
        return len(links) / (time.monotonic() - began)


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
    async with httpx.AsyncClient(base_url=url, headers={"authorization": token}) as http:
        for name in flags:
            await http.post("/api/admin/projects/default/features", json={"name": name})
    links = await anyio.to_thread.run_sync(owe, settings.state_dir, flags, count)
    print(f"{count} entries owed, in {len(links)} links about {FLAGS} flags and about none")
    worked = Worked()
    async with open_workbench(settings) as bench, anyio.create_task_group() as tasks:
        tasks.start_soon(work, bench, repository, worked)
        sample = links[:400]
        rates = [await bare_rate(url, token, sample, 1)]
        took = await deliver(bench)
        rates.append(await bare_rate(url, token, sample, 1))
        tasks.cancel_scope.cancel()
    rate, bare = len(links) / took, statistics.mean(rates)
    print(f"delivered in {took:.1f} s: {count / took:.0f} entries/s")
    print(
        f"{rate:.1f} links/s, read back: {100 * rate / bare:.0f} % of the {bare:.1f} ({rates[0]:.0f} "
        f"before, {rates[1]:.0f} after) that the server takes in order, not read back"
    )
    print(f"meanwhile {len(worked.waits)} calls: median {statistics.median(worked.waits):.2f} s, "
          f"longest {max(worked.waits):.2f} s, {worked.late} of them put off")  # fmt: skip
    return int(await is_wrong(settings) or rate < bare / 2)


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


async def deliver(bench: Workbench) -> float:
    """Deliver until nothing is owed; the seconds that took."""
    began = time.monotonic()
    while (await bench.ledger(limit=1)).owed:
        await bench.deliver(deadline_s=600)
    return time.monotonic() - began


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
