"""Every way to harm the line to a flag server, and one person's work through each of them."""

import time
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from uuid import uuid4

from pydantic import SecretStr

from flagwright.assembly import open_workbench
from flagwright.core.flag import FlagDetail
from flagwright.core.records.entry import Actor
from flagwright.core.records.flag import FlagSpec
from flagwright.core.rollout import Asked
from flagwright.core.wanted import Wanted
from flagwright.errors import FlagServerDown, FlagwrightError
from flagwright.settings import Settings
from flagwright.workbench.bench import Workbench
from tests.contract import fault_proxy as fault
from tests.contract.fault_proxy import Fault, Proxy, saying

ACTOR = Actor(door="assistant", assistant="claude-code 2.1")
PLACE = "development"
CALL_S = 5
"""Longest time that anybody waits for an answer."""
FAULTS: dict[str, Fault] = {
    "refused": fault.passing,  # nobody listens: see `suffer`
    "reset": fault.reset,
    "500": saying(500),
    "502": saying(502),
    "503": saying(503, ("Retry-After", "7")),
    "429": saying(429),
    "429-with-retry-after": saying(429, ("Retry-After", "60")),
    "hang": fault.hang,
    "drip": fault.drip,
    "truncated": fault.truncated,
    "garbage": fault.garbage,
    "lost": fault.lost,
    "lost-write": fault.lost_write,
    "twice": fault.twice,
    "slow": fault.slow,
    "too-slow": fault.too_slow,
}


@dataclass
class Suffered:
    """What came of one person's work through a fault."""

    calls: list[tuple[str, float, str]] = field(default_factory=list)
    """Name, seconds and error code, or `done`, of each call while the fault lasted."""
    recorded: int = 0
    lost: int = 0
    twice: int = 0
    wrong: tuple[str, ...] = ()
    """What is wrong with our chain on the server."""
    placed: tuple[bool, tuple[str, ...]] = (False, ())
    """On or not, and the share of each strategy: what was set ten times is there once."""
    leaks: int = 0
    """Places where the token stands and should not."""

    @property
    def longest_s(self) -> float:
        """The longest that a call took."""
        return max(seconds for _, seconds, _ in self.calls)


class Clock:
    """The real time, and what was added to it."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


def flag(name: str) -> FlagSpec:
    """A flag as the shipped naming policy wants one."""
    return FlagSpec(
        name=name,
        description="Goes through a fault",
        owner="team-shop",
        expires_on=datetime.now(UTC).date() + timedelta(days=20),
    )


async def suffer(url: str, token: str, name: str, home: Path, repository: Path) -> Suffered:
    """Work through a fault, let it end, and count what the server holds.

    Args:
        url: Of the real server; a proxy is put before it.
        token: That works there.
        name: Of the fault, or `redirect`.
        home: An empty folder for the installation's files.
        repository: With a change to score.
    """
    seen, clock, key = Suffered(), Clock(), uuid4().hex[:8]
    with Proxy(url) as line, Proxy(url) as elsewhere:
        settings = Settings(
            flag_server=line.url,
            token=SecretStr(token),
            ledger_flag=f"faults.ledger.{key}",
            config_dir=home / "config",
            state_dir=home / "state",
            cache_dir=home / "cache",
        )
        before, during = flag(f"release.before-{key}"), flag(f"release.during-{key}")
        async with open_workbench(settings, clock=clock) as bench:
            await _until_done(lambda: bench.flags.create(before, actor=ACTOR))
            await bench.score(repository, actor=ACTOR)
            await bench.deliver(deadline_s=30)

            _harm(line, name, elsewhere.url)
            errors = await _work(bench, seen, before, during, repository)

            line.fault = None
            if name == "refused":
                line.listen()
            for _ in range(20):
                clock.ahead += timedelta(minutes=10)
                await bench.deliver(deadline_s=30)
                if not (await bench.ledger(limit=1)).owed:
                    break
            await _until_done(lambda: bench.flags.create(during, actor=ACTOR))
            await _until_done(partial(_roll_out, bench, before))
            await _until_done(partial(_switch_on, bench, before))
            clock.ahead += timedelta(
                minutes=10
            )  # where a step was too slow, nobody asks for a while
            await bench.deliver(deadline_s=30)
            seen.placed = placed((await bench.flags.one(before.name, None, entries=1)).detail)
            await _count(bench, seen)
        written = [path.read_bytes() for path in settings.state_dir.rglob("*") if path.is_file()]
        seen.leaks = sum(token.encode() in content for content in written)
        seen.leaks += sum(token in text for text in errors) + len(elsewhere.heard)
    return seen


async def _roll_out(bench: Workbench, spec: FlagSpec) -> None:
    await bench.switching.set_rollout(spec.name, PLACE, Asked(percent=25), actor=ACTOR)


async def _switch_on(bench: Workbench, spec: FlagSpec) -> None:
    await bench.switching.switch(spec.name, PLACE, "on", actor=ACTOR)


def placed(detail: FlagDetail) -> tuple[bool, tuple[str, ...]]:
    """Whether a flag is on where it was rolled out, and the share of each of its strategies."""
    there = detail.environment(PLACE)
    return there.on, tuple(str(each.parameters.get("rollout")) for each in there.strategies)


async def _until_done(step: Callable[[], Awaitable[object]]) -> None:
    """Ask again, as a person does, where a busy machine was too slow."""
    for _ in range(5):
        with suppress(FlagServerDown):
            await step()
            return


def _harm(line: Proxy, name: str, elsewhere: str) -> None:
    if name == "refused":
        line.refuse()
    elif name == "redirect":
        line.fault = saying(307, ("Location", f"{elsewhere}/api/admin/projects/default/features"))
    else:
        line.fault = FAULTS[name]


async def _work(
    bench: Workbench, seen: Suffered, before: FlagSpec, during: FlagSpec, repository: Path
) -> list[str]:
    """Do everything that a fault can hit; the words of every error."""
    errors: list[str] = []
    steps: dict[str, Callable[[], Awaitable[object]]] = {
        "score": lambda: bench.score(repository, actor=ACTOR),
        "record": bench.deliver,
        "create": lambda: bench.flags.create(during, actor=ACTOR),
        "again": lambda: bench.flags.create(before, actor=ACTOR),
        "rollout": partial(_roll_out, bench, before),
        "switch": partial(_switch_on, bench, before),
        "find": lambda: bench.search.find(Wanted(), None, actor=ACTOR),
        "record again": bench.deliver,
    }
    for name, step in steps.items():
        start, code = time.monotonic(), "done"
        try:
            await step()
        except FlagwrightError as error:
            code = error.code
            errors.append(f"{error!r} {error} {error.__dict__}")
        seen.calls.append((name, time.monotonic() - start, code))
    return errors


async def _count(bench: Workbench, seen: Suffered) -> None:
    """Compare what was recorded with what the server holds of it."""
    page = await bench.ledger(limit=1000)
    writer = page.entries[0].writer
    checked, held, _ = await bench.audit.check()
    times = Counter(w.entry.id for w in held if w.entry and w.entry.writer == writer)
    seen.recorded = page.recorded
    seen.lost = sum(times[entry.id] == 0 for entry in page.entries)
    seen.twice = sum(count > 1 for count in times.values())
    seen.wrong = tuple(str(p) for p in checked.problems if p.writer == writer)
