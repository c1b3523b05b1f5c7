"""A process that takes one step and is killed in the middle of it.

Run as `python -m tests.workbench.dying HOME STEP SUBJECT MOMENT`. For `create`, `switch` and
`release`, MOMENT is before or after the request that counts; for `apply` and `undo`, the number
of the call that would change or sync a file.
"""

import os
import signal
import sys
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

import anyio
from starlette.types import Receive, Scope, Send

from tests.installation import ACTOR, Installation, spec


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def die_at(moment: int) -> None:
    """Put death before the call of that number, among those that touch files."""
    calls = count(1)

    def deadly(real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **more: Any) -> Any:
            if next(calls) == moment:
                die()
            return real(*args, **more)

        return call

    os.fsync, os.replace = deadly(os.fsync), deadly(os.replace)


def die_with(line_of: Installation, moment: str, request: str) -> None:
    """Put death before or after the request that makes or switches the flag."""

    async def deadly(scope: Scope, receive: Receive, send: Send) -> None:
        makes = scope["method"] == "POST" and scope["path"].endswith(request)
        if makes and moment == "before":
            die()
        await line_of.line.server(scope, receive, send)
        if makes:
            die()

    line_of.line.fault = deadly


async def main(home: Path, *what: str) -> None:
    step, subject, moment = what
    installation = Installation(home, first_id=1000)
    async with installation.open() as bench:
        if step == "create":
            die_with(installation, moment, "/features")
            await bench.flags.create(spec(subject), actor=ACTOR)
            return
        if step in ("switch", "release"):
            die_with(installation, moment, "/on")
            if step == "release":
                await bench.plans.apply(subject, actor=ACTOR)
            else:
                await bench.switching.switch(subject, "development", "on", actor=ACTOR)
            return
        die_at(int(moment))
        await (bench.plans.apply if step == "apply" else bench.plans.undo)(subject, actor=ACTOR)


if __name__ == "__main__":
    _, folder, *what = sys.argv
    anyio.run(main, Path(folder), *what)
