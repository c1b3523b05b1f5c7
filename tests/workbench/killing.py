"""One person's work in processes that are killed at any moment, and what is left of it.

Each life is a fork that scores, creates, wraps, approves, applies, rolls out, switches, undoes
and archives until it is killed; what it was told to be done it says on a pipe. Then another
fork looks what the ledger, the flag server and the files say.
"""

import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from functools import partial
from importlib import import_module
from pathlib import Path
from select import select
from typing import Literal

import anyio

from flagwright.core.records.entry import LedgerEntry
from flagwright.core.rollout import Asked, in_brief
from flagwright.core.wanted import State, Wanted
from flagwright.workbench.bench import Workbench
from tests.installation import ACTOR, AFTER, Installation, approve, spec

NEEDED = ("flagwright.core.risk.engine", "flagwright.core.wrapping.plan", "httpx", "re2")
PLACE = "development"
STEPS: tuple[tuple[int, Literal["on", "off"]], ...] = ((25, "on"), (10, "off"))
ABOUT_FLAGS = ("created", "archived", "switched", "rolled-out")
IDS_A_LIFE = 10_000
MOST_STEPS, LATEST_S = 14, 0.5
"""How many steps a life is let take, and how long after the last of them it is killed at most."""
PATIENCE_S = 30.0
"""How long a life may take for its steps before it is killed all the same."""


@dataclass
class Left:
    """What is wrong after all lives; empty lists where nothing is."""

    lives: int = 0
    acknowledged: Counter[str] = field(default_factory=Counter)
    entries: int = 0
    lost: list[str] = field(default_factory=list)
    twice: list[str] = field(default_factory=list)
    unrecorded: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    """With the chain, here or on the server."""

    @property
    def is_good(self) -> bool:
        """Whether nothing is wrong."""
        return not (self.lost or self.twice or self.unrecorded or self.wrong)


def kill_at_random(home: Path, repository: Path, *, rounds: int, seed: int) -> Left:
    """Live and be killed so often, then look."""
    chance, left = random.Random(seed), Left(lives=rounds)
    for module in NEEDED:  # once, not in each life
        import_module(module)
    said: list[str] = []
    for number in range(rounds):
        when = When(chance.randrange(MOST_STEPS), chance.uniform(0, LATEST_S))
        said += _forked(partial(_work, home, repository, number), kill=when)
    told = _forked(lambda tell: _look(home, repository, rounds, said, tell))
    for line in told:
        kind, _, what = line.partition(" ")
        if kind == "entries":
            left.entries = int(what)
        else:
            {"lost": left.lost, "twice": left.twice, "unrecorded": left.unrecorded}.get(
                kind, left.wrong
            ).append(what)
    left.acknowledged = Counter(line.split()[0] for line in said)
    return left


Tell = Callable[[str], object]


@dataclass(frozen=True)
class When:
    """The moment of a death: so long after so many steps, however slow the machine is."""

    steps: int
    seconds: float

    def wait(self, reading: int) -> bytes:
        """Return at that moment; what was told on a pipe until then."""
        told, end = b"", time.monotonic() + PATIENCE_S
        while told.count(b"\n") < self.steps:
            left = max(0.0, end - time.monotonic())
            if not select([reading], [], [], left)[0] or not (more := os.read(reading, 65536)):
                break
            told += more
        time.sleep(self.seconds)
        return told


def _forked(
    work: Callable[[Tell], Coroutine[object, object, None]], *, kill: When | None = None
) -> list[str]:
    """Run in a fork, which is killed if it is to be; the lines that it told."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.setsid()
        code = 1
        try:
            anyio.run(work, lambda line: os.write(writing, f"{line}\n".encode()))
            code = 0
        finally:
            os._exit(code)
    os.close(writing)
    told = b""
    if kill is not None:
        told = kill.wait(reading)
        os.killpg(child, signal.SIGKILL)
    with os.fdopen(reading, "rb") as rest:
        lines = (told + rest.read()).decode().split("\n")
    _, status = os.waitpid(child, 0)
    if status != (signal.SIGKILL if kill else 0):
        raise RuntimeError(f"the fork ended with {status}: {lines}")
    return lines[:-1]


async def _work(home: Path, repository: Path, number: int, tell: Tell) -> None:
    """Work until the end, in steps that are told once they were answered."""
    async with Installation(home, first_id=number * IDS_A_LIFE + 1).open() as bench:
        await _take_back(bench, tell)
        for part in range(IDS_A_LIFE):
            name = f"release.shop.life-{number}-{part}"
            await bench.score(repository, actor=ACTOR)
            tell("scored")
            await bench.flags.create(spec(name), actor=ACTOR)
            tell(f"created {name}")
            plan = (await bench.wrap(repository, name, actor=ACTOR)).plan
            if plan is None:
                raise RuntimeError("nothing to wrap")
            tell(f"proposed {plan.digest}")
            await approve(bench, plan.id)
            tell(f"approved {plan.digest}")
            await bench.plans.apply(plan.id, actor=ACTOR)
            tell(f"applied {plan.digest}")
            await _roll_out(bench, name, tell)
            await bench.deliver()
            await _take_back(bench, tell)
            await bench.flags.end(name, "off", repository, actor=ACTOR)
            tell(f"archived {name}")


async def _roll_out(bench: Workbench, flag: str, tell: Tell) -> None:
    """Let in some, switch on, let in fewer, switch off."""
    for percent, to in STEPS:
        asked = Asked(percent=percent)
        rolled = await bench.switching.set_rollout(flag, PLACE, asked, actor=ACTOR)
        tell(f"rolled-out {flag} {in_brief(rolled.after)}")
        switched = await bench.switching.switch(flag, PLACE, to, actor=ACTOR)
        tell(f"switched {flag} {in_brief(switched.after)}")


async def _take_back(bench: Workbench, tell: Tell) -> None:
    """Undo what is applied, so that there is something to wrap again."""
    for plan, state in await bench.plans.all():
        if state == "applied":
            await bench.plans.undo(plan.id, actor=ACTOR)
            tell(f"undone {plan.digest}")


async def _look(home: Path, repository: Path, number: int, said: list[str], tell: Tell) -> None:
    """Settle, deliver, and tell what is wrong, a line each."""
    installation = Installation(home, first_id=number * IDS_A_LIFE + 1)
    async with installation.open() as bench:
        await bench.deliver(deadline_s=600)
        page = await bench.ledger(limit=10**9)
        tell(f"entries {page.recorded}")
        done = [entry for entry in page.entries if entry.outcome == "done"]
        for line in _compare(said, done):
            tell(line)
        for line in await _unrecorded(bench, done):
            tell(f"unrecorded {line}")
        states = {plan.flag: state for plan, state in await bench.plans.all()}
        text = (repository / "pricing.py").read_text()
        applied = [flag for flag, state in states.items() if state == "applied"]
        if len(applied) > 1 or (text == AFTER) == bool(applied):
            tell(f"unrecorded files: {applied}")
        if applied and applied[0] not in text:
            tell(f"unrecorded files: not those of {applied[0]}")
        await bench.deliver(deadline_s=600)
        checked = await bench.audit.verify()
        for problem in checked.problems:
            tell(f"wrong {problem}")
        if checked.owed or checked.on_server != checked.here:
            tell(f"wrong {checked.owed} owed, {checked.on_server} of {checked.here} on the server")


async def _unrecorded(bench: Workbench, done: Sequence[LedgerEntry]) -> list[str]:
    """Flags of the server that are not as the ledger says; its entries come newest first."""
    made = {entry.subject.flag for entry in done if entry.action == "created"}
    gone = {entry.subject.flag for entry in done if entry.action == "archived"}
    states: dict[str | None, str | None] = {}
    for entry in done:
        if entry.action in ("switched", "rolled-out"):
            states.setdefault(entry.subject.flag, entry.subject.state)
    held: dict[State | None, set[str]] = {}
    for state in (None, "archived"):
        found = await bench.search.find(Wanted(state=state), None, limit=10**9, actor=ACTOR)
        held[state] = {match.flag.name for match in found.matches}
    wrong = [f"flag {name}" for name in (held[None] | held["archived"]) - made]
    wrong += [f"end of {name}" for name in held["archived"] ^ gone]
    for name in held[None]:
        detail = (await bench.flags.one(name, None, entries=1)).detail
        if (now := in_brief(detail.environment(PLACE).placement)) != states.get(name, "off"):
            wrong.append(f"state of {name}: {now}, not {states.get(name)}")
    return wrong


def _compare(said: list[str], done: list[LedgerEntry]) -> list[str]:
    """What was answered and is not recorded, and what is recorded more often than it can be."""

    def about(entry: LedgerEntry) -> str:
        flag = entry.subject.flag if entry.action in ABOUT_FLAGS else ""
        return f"{entry.action} {entry.plan or flag or ''} {entry.subject.state or ''}".strip()

    held, told = Counter(map(about, done)), Counter(said)
    lost = [f"lost {what}" for what, times in told.items() if held[what] < times]
    once = (*ABOUT_FLAGS, "proposed", "applied", "undone")
    return lost + [f"twice {w}" for w, times in held.items() if w.startswith(once) and times > 1]
