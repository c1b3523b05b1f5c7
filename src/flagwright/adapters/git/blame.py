"""Find the commits whose lines a fix had to change (AG-SZZ).

Blank lines, comments, imports and tests do not count, nor what is older than two years.
"""

import os
import re
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

from flagwright.adapters.git.command import Command, GitFailed
from flagwright.core.risk.measure import is_idle, is_source
from flagwright.errors import CannotJudge

_TWO_YEARS = 730 * 86_400
_MOST_LINES = 200
"""Of one file; what changes more is a rewrite, not a fix."""
_HUNK = re.compile(rb"@@ -(\d+)")


def blamed_by_each(git: Command, fixes: Sequence[tuple[str, int]]) -> Iterator[list[str]]:
    """What each fix, at its time, blames, in their order; as many are asked for as there are cores.

    Git does the work; a thread only waits for it.
    """
    threads = ThreadPoolExecutor(os.cpu_count())
    try:
        yield from threads.map(lambda fix: list(blamed(git, *fix)), fixes)
    finally:
        threads.shutdown(cancel_futures=True)


def blamed(git: Command, fix: str, time: int) -> Iterator[str]:
    """Commits that added the lines which a fix removes or changes; a name may come twice.

    Args:
        time: When the fix was committed.
    """
    since = datetime.fromtimestamp(time - _TWO_YEARS, UTC).isoformat()
    for path, lines in _mended(git, fix):
        if len(lines) > _MOST_LINES:
            continue
        spans = [f"-L{line},{line}" for line in lines]
        try:
            said = git.run(
                "blame",
                "-w",
                "-s",
                "-l",
                "--root",
                f"--since={since}",
                *spans,
                f"{fix}^",
                "--",
                path,
            )
        except (GitFailed, CannotJudge):
            continue  # the first commit, a file that is not there, or one that takes too long
        for line in said.splitlines():
            if not line.startswith(b"^"):
                yield line.split(b" ", 1)[0].decode("ascii", "replace")


def _mended(git: Command, fix: str) -> Iterator[tuple[str, list[int]]]:
    """Files of a fix, with the lines of the version before that it removes or changes."""
    arguments = ["--format=", "-U0", "-M", "--no-color", "--no-ext-diff", "--no-textconv"]
    try:
        said = git.run("show", *arguments, "--src-prefix=a/", "--dst-prefix=b/", fix)
    except GitFailed:
        return  # a part of its diff is not there
    path, lines, number = "", list[int](), 0
    for line in said.split(b"\n"):
        if line.startswith(b"diff --git "):
            if path and lines:
                yield path, lines
            path, lines = "", []
        elif line.startswith(b"--- a/") and not path:
            name = line[6:].removesuffix(b"\t").decode("utf-8", "replace")
            path = name if is_source(name) else ""
        elif found := _HUNK.match(line):
            number = int(found[1])
        elif line.startswith(b"-") and path:
            if not is_idle(line[1:].decode("utf-8", "replace")):
                lines.append(number)
            number += 1
    if path and lines:
        yield path, lines
