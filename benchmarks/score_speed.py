"""What a score costs in a repository of many commits: its first reading, a batch, one diff.

`python -m benchmarks.score_speed CLONE [--newest 100]`, on Linux, with a clean work tree. The
clone is read in an installation of its own, once; then its newest changes of code are scored in
one batch, and taken back in the work tree one by one, for a server that an assistant has open.
Time is that of the processors, git's and the guarded workers' included; for one diff the time on
the clock stands beside it.
"""

import argparse
import asyncio
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from mcp import Client, StdioServerParameters

PROGRAM = [sys.executable, "-m", "flagwright"]
CODE = ["*.py", "*.ts", "*.js", "*.go", "*.java", "*.rb"]
TICKS_MS = 1000 / os.sysconf("SC_CLK_TCK")


def git(clone: Path, *arguments: str) -> str:
    """What git says, of a clone."""
    command = ["git", "-C", str(clone), *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def timed(arguments: Sequence[str], clone: Path, environment: dict[str, str], said: str) -> float:
    """Seconds of processor time that a command takes, with all that it starts."""
    begun = os.times()
    command = [*PROGRAM, *arguments]
    subprocess.run(
        command,
        cwd=clone,
        env=environment,
        input=said.encode(),
        stdout=subprocess.DEVNULL,
        check=True,
    )
    ended = os.times()
    return ended.children_user + ended.children_system - begun.children_user - begun.children_system


def spent_ms(pid: int) -> float:
    """Processor time of a process, of those that it waited for, and of those that it has."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        tasks = Path(f"/proc/{pid}/task").iterdir()
        children = [child for task in tasks for child in (task / "children").read_text().split()]
    except (FileNotFoundError, ProcessLookupError):
        return 0  # it ended meanwhile, and counts as one that was waited for
    return TICKS_MS * sum(map(int, fields[11:15])) + sum(spent_ms(int(c)) for c in children)


async def one_by_one(clone: Path, environment: dict[str, str], commits: Sequence[str]) -> None:
    """Ask a server for one score after the other."""
    server = StdioServerParameters(
        command="/bin/sh",
        args=[
            "-c",
            'echo $$ > "$HOME/pid"; exec "$@"',
            "sh",
            *PROGRAM,
            "serve",
            "--root",
            str(clone),
        ],
        env=environment,
    )
    clock, processor = [], []
    async with Client(server) as client:
        await client.call_tool("score_change", {"base": "HEAD"})
        pid = int((Path(environment["HOME"]) / "pid").read_text())
        for commit in commits:
            changed = git(clone, "diff-tree", "-r", "--name-only", "--diff-filter=M", "-z", commit)
            paths = [path for path in changed.split("\0")[1:] if path and (clone / path).is_file()]
            if not paths:
                continue
            git(clone, "restore", f"--source={commit}~1", "--worktree", "--", *paths)
            begun, spent = time.perf_counter(), spent_ms(pid)
            answer = await client.call_tool("score_change", {"base": "HEAD"})
            clock.append(1000 * (time.perf_counter() - begun))
            processor.append(spent_ms(pid) - spent)
            git(clone, "restore", ".")
            assert not answer.is_error, answer.content
    for name, taken in (("processor", processor), ("clock", clock)):
        p50, p95 = statistics.median(taken), statistics.quantiles(taken, n=20)[18]
        print(f"one diff, index warm, {name:9}: p50 {p50:4.0f} ms, p95 {p95:4.0f} ms")


def main() -> None:
    """Print what each of the three takes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("clone", type=Path)
    parser.add_argument("--newest", type=int, default=100)
    given = parser.parse_args()
    clone = given.clone.resolve()
    if git(clone, "status", "--porcelain"):
        parser.error("the work tree is not clean, and would be lost: give a fresh clone")
    whole = int(git(clone, "rev-list", "--count", "HEAD"))
    asked = git(clone, "rev-list", "--no-merges", f"-n{given.newest}", "HEAD", "--", *CODE)
    with tempfile.TemporaryDirectory() as home:
        environment = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
        environment |= {"HOME": home}
        first = timed(["score", "HEAD~1..HEAD", "--wait"], clone, environment, "")
        print(
            f"first index and scale of {whole:,} commits: {1000 * first / whole:.2f} s a thousand"
        )
        batch = timed(["score", "--commits", "-", "--json"], clone, environment, asked)
        print(
            f"a batch of {given.newest}, index warm: {1000 * batch / given.newest:.0f} ms a commit"
        )
        asyncio.run(one_by_one(clone, environment, asked.split()))


if __name__ == "__main__":
    main()
