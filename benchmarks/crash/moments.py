"""The process that forks: `python -m benchmarks.crash.moments FOLDER FILES FIRST EVERY`, preloaded.

Prints one JSON object a moment.
"""

import ctypes
import errno
import json
import os
import shutil
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import anyio

from flagwright.assembly import open_workbench
from flagwright.core.records.entry import Actor
from flagwright.core.records.flag import FlagSpec
from flagwright.core.records.plan import Plan
from flagwright.errors import FlagwrightError, StoreBroken
from flagwright.settings import Settings
from flagwright.workbench.bench import Workbench

ACTOR = Actor(door="terminal")
FAULTS = {"killed": 0, "failed": errno.EIO, "full": errno.ENOSPC}
FLAG = "release.crash"
CODE = "def part(goods):\n    return goods * {}\n"
STARTS = 9
"""Starts with nothing to settle, to compare with."""
Step = Callable[[Workbench], Awaitable[Any]]


class Moments:
    """One installation and one tree, put back to the same beginning before each moment."""

    def __init__(self, folder: Path, files: int) -> None:
        self.tree, self.state = folder / "tree", folder / "state"
        self.start_tree, self.start_state = folder / "start-tree", folder / "start-state"
        self.cpu_s, self.begun = 0.0, 0.0
        """Processor time of the last step, and when it began."""
        self.settings = Settings(
            config_dir=folder / "config", state_dir=self.state, cache_dir=folder / "cache"
        )
        self.fault = ctypes.CDLL(None)
        self.fault.fault_arm.argtypes = [ctypes.c_long, ctypes.c_int]
        self.fault.fault_disarm.restype = ctypes.c_long
        self._make_tree(files)
        self.plan = Plan.model_validate_json(self.forked(self._approved))
        shutil.copytree(self.tree, self.start_tree, symlinks=True)
        shutil.copytree(self.state, self.start_state)

    def _make_tree(self, files: int) -> None:
        for number in range(files):
            folder = self.tree / f"p{number % 4}"
            folder.mkdir(parents=True, exist_ok=True)
            (folder / f"m{number}.py").write_text(CODE.format(number))
        (self.tree / "flags.py").write_text("client = None\n")
        (self.tree / "old.py").write_text(
            "from flags import client\n\nif client.is_enabled('release.old'):\n    x = 1\n"
        )
        environment = {"PATH": os.environ["PATH"], "GIT_CONFIG_GLOBAL": os.devnull}
        who = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org"]
        for command in (["init", "-q"], ["add", "."], [*who, "commit", "-qm", "Start"]):
            subprocess.run(["git", *command], cwd=self.tree, env=environment, check=True)
        for path in self.tree.glob("p*/*.py"):
            path.write_text(path.read_text() + "\n\ndef more(goods):\n    return part(goods) + 1\n")
            path.write_text(path.read_text().replace("goods *", "2 + goods *"))

    async def _approved(self, bench: Workbench) -> str:
        spec = FlagSpec.model_validate({"name": FLAG, "description": "Crash", "owner": "ada"})
        await bench._unleash.create(spec)
        plan = (await bench.wrap(self.tree, FLAG, actor=ACTOR)).plan
        assert plan
        code = await bench.plans.challenge(plan.id)
        await bench.plans.decide(plan.id, "approved", tier="out-of-band", code=code, actor=ACTOR)
        return plan.model_dump_json()

    def put_back(self) -> None:
        for now, start in ((self.tree, self.start_tree), (self.state, self.start_state)):
            shutil.rmtree(now)
            shutil.copytree(start, now, symlinks=True)

    def forked(self, step: Step) -> str:
        """Take a step in a process of its own: what it said, or how it ended."""
        reading, writing = os.pipe()
        self.begun = time.perf_counter()
        child = os.fork()
        if child == 0:
            said = anyio.run(self._taken, step)
            self.fault.fault_disarm()
            os.write(writing, said.encode())
            os._exit(0)
        os.close(writing)
        with os.fdopen(reading) as pipe:
            said = pipe.read()
        _, ended, used = os.wait4(child, 0)
        status, self.cpu_s = os.waitstatus_to_exitcode(ended), used.ru_utime + used.ru_stime
        if status not in {0, -signal.SIGKILL}:
            raise RuntimeError(f"a step ended with {status}")
        return said if status == 0 else "killed"

    async def _taken(self, step: Step) -> str:
        try:
            async with open_workbench(self.settings) as bench:
                said = str(await step(bench))
                self.fault.fault_disarm()
                return said
        except FlagwrightError as error:
            self.fault.fault_disarm()
            return "not recorded" if isinstance(error, StoreBroken) else error.code

    def apply(self, moment: int, error: int) -> str:
        async def step(bench: Workbench) -> str:
            self.fault.fault_arm(moment, error)
            status = (await bench.plans.apply(self.plan.id, actor=ACTOR)).status
            return f"{status} {self.fault.fault_disarm()}" if moment == 0 else status

        return self.forked(step)

    def recovered(self) -> tuple[str, str, float]:
        """What the next start says of the plan, and of its last application.

        And how long it took until that start could do anything, with the writes settled.
        """

        async def step(bench: Workbench) -> str:
            opened_s = time.perf_counter() - self.begun
            _, state = await bench.plans.one(self.plan.id)
            entries = (await bench.ledger(plan=self.plan.id)).entries
            done = [entry.outcome for entry in entries if entry.action == "applied"]
            return f"{state} {done[0] if done else 'nothing'} {opened_s}"

        state, outcome, opened_s = self.forked(step).split()
        return state, outcome, float(opened_s)

    def tree_is(self) -> str:
        from flagwright.adapters.workspace import state_of

        return state_of(self.tree, self.plan.edits)

    def is_littered(self) -> bool:
        """Whether a second name of an old file is left, because it could not be taken away."""
        return any(self.tree.rglob(".flagwright*"))


def is_whole(end: str, tree: str, state: str, outcome: str) -> bool:
    """Whether all agree: the tree, the plan, the ledger, and what was acknowledged."""
    if end == "applied" and tree != "after":
        return False
    if tree == "after":
        return (state, outcome) == ("applied", "done")
    return tree == "before" and state == "approved" and outcome != "done"


def main(folder: Path, files: int, first: int, every: int) -> None:
    moments = Moments(folder, files)
    calls = int(moments.apply(0, 0).split()[1])
    moments.put_back()
    bare = [moments.recovered()[2] for _ in range(STARTS)]
    print(json.dumps({"calls": calls, "start_s": statistics.median(bare)}), flush=True)
    for moment in range(first, calls + 1, every):
        for fault, error in FAULTS.items():
            moments.put_back()
            end = moments.apply(moment, error)
            state, outcome, took = moments.recovered()
            tree = moments.tree_is()
            told = {
                "moment": moment, "fault": fault, "end": end, "tree": tree, "state": state,
                "outcome": outcome, "recovery_s": took, "recovery_cpu_s": moments.cpu_s,
                "is_littered": moments.is_littered(),
                "is_whole": is_whole(end, tree, state, outcome),
            }  # fmt: skip
            print(json.dumps(told), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), *map(int, sys.argv[2:]))
