"""Let processes share one state directory, and say what was lost or locked out.

python -m benchmarks.together --operations 200
"""

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

import anyio

from flagwright.core.wanted import Wanted
from flagwright.errors import FlagwrightError
from tests.installation import ACTOR, Installation, approve, shop, spec

PROCESSES = 2
IDS = 100_000


async def work(home: Path, repository: Path, number: int, operations: int, writing: int) -> None:
    """Take turns in everything that writes; a line for each: done, or the code of the refusal."""
    installation = Installation(home, first_id=number * IDS + 1)
    async with installation.open() as bench:
        plan, name = "", ""
        for part in range(operations):
            step = ("score", "create", "wrap", "approve", "apply", "undo", "find")[part % 7]
            name = f"release.shop.p{number}-{part}" if step == "create" else name
            began, code = time.monotonic(), "done"
            try:
                if step == "score":
                    await bench.score(repository, actor=ACTOR)
                elif step == "create":
                    await bench.flags.create(spec(name), actor=ACTOR)
                elif step == "wrap":
                    made = (await bench.wrap(repository, name, actor=ACTOR)).plan
                    plan = made.id if made else ""
                elif step == "approve":
                    await approve(bench, plan)
                elif step == "apply":
                    await bench.plans.apply(plan, actor=ACTOR)
                elif step == "undo":
                    await bench.plans.undo(plan, actor=ACTOR)
                else:
                    await bench.search.find(Wanted(), None, actor=ACTOR)
                await bench.deliver()
            except FlagwrightError as error:
                code = error.code
            os.write(writing, f"{step} {code} {time.monotonic() - began:.3f}\n".encode())


async def look(home: Path, writing: int) -> None:
    """Say what the ledger and the flag server hold."""
    async with Installation(home, first_id=PROCESSES * IDS + IDS).open() as bench:
        await bench.deliver(deadline_s=60)
        checked = await bench.audit.verify()
        os.write(writing, f"{checked.here} {checked.on_server} {len(checked.problems)}\n".encode())


def forked(work: object, *arguments: object) -> tuple[int, int]:
    """Run in a fork; its id, and where it says its lines."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            anyio.run(work, *arguments, writing)  # type: ignore[arg-type]  # either of the above
        finally:
            os._exit(0)
    os.close(writing)
    return child, reading


def lines(child: int, reading: int) -> list[str]:
    with os.fdopen(reading) as told:
        text = told.read()
    os.waitpid(child, 0)
    return text.splitlines()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--operations", type=int, default=200)
    each = parser.parse_args().operations // PROCESSES
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        home.mkdir()
        os.environ["HOME"] = str(home)
        os.environ.pop("XDG_CONFIG_HOME", None)
        shops = [shop(Path(folder) / f"shop-{number}") for number in range(PROCESSES)]
        running = [forked(work, home, shops[n], n, each) for n in range(PROCESSES)]
        told = [line.split() for child in running for line in lines(*child)]
        ((here, there, problems),) = (line.split() for line in lines(*forked(look, home)))
    failed = [f"{step} {code}" for step, code, _ in told if code != "done"]
    longest = max(float(took) for _, _, took in told)
    print(f"{len(told)} operations of {PROCESSES} processes, the longest {longest:.2f} s")
    print(f"{len(failed)} failed or locked out {failed[:5]}")
    print(f"{here} entries, {there} on the server, {problems} wrong")
    return int(bool(failed) or len(told) != each * PROCESSES or here != there or problems != "0")


if __name__ == "__main__":
    sys.exit(main())
