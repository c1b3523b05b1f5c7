"""Label the commits of a repository: which of them a later fix blames (AG-SZZ).

Writes one JSON object a line: `{"sha": ..., "harmful": true}`. A commit is harmful where a fix
within two years changes or removes lines that it added; blank lines, comments, imports and
tests do not count. It favours large changes, and knows only fixes that say so.
"""

import argparse
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from flagwright.core.risk.fix import is_fix
from flagwright.core.risk.measure import is_source

IDLE = re.compile(
    r"^\s*($|#|//|/\*|\*|\*/|import\b|from\s+\S+\s+import\b|package\b|using\b|require\b"
    r"|[{}()\[\];,]*\s*$)"
)
YEARS = timedelta(days=730)


def git(repo: Path, *arguments: str) -> str:
    """What git prints, as text."""
    done = subprocess.run(["git", "-C", str(repo), *arguments], capture_output=True, check=True)
    return done.stdout.decode("utf-8", "replace")


def fixes(repo: Path) -> Iterator[tuple[str, datetime]]:
    """Commits that say that they mend something, newest first."""
    for entry in git(repo, "log", "--no-merges", "--format=%H%x00%ct%x00%B%x01").split("\x01\n"):
        if entry:
            sha, when, message = entry.split("\0", 2)
            if is_fix(message):
                yield sha, datetime.fromtimestamp(int(when), UTC)


def mended(repo: Path, fix: str) -> Iterator[tuple[str, list[tuple[int, int]]]]:
    """Files of a fix, with the ranges of lines in the version before that it changes."""
    path, ranges = "", list[tuple[int, int]]()
    line_number = 0
    try:
        text = git(repo, "show", "--format=", "-U0", "-M", "--no-color", fix)
    except subprocess.CalledProcessError:
        return  # a copy of a repository may lack its largest files
    for line in text.split("\n"):
        if line.startswith("--- "):
            if ranges:
                yield path, ranges
            path, ranges = line[6:] if line.startswith("--- a/") else "", []
        elif found := re.match(r"@@ -(\d+)", line):
            line_number = int(found[1])
        elif line.startswith("-") and path and is_source(path):
            if not IDLE.match(line[1:]):
                ranges.append((line_number, line_number))
            line_number += 1
    if ranges:
        yield path, ranges


def blamed(repo: Path, fix: str, when: datetime) -> Iterator[str]:
    """Commits of the two years before a fix whose lines it changes."""
    since = (when - YEARS).isoformat()
    for path, ranges in mended(repo, fix):
        if len(ranges) > 200:
            continue
        spans = [f"-L{first},{last}" for first, last in ranges]
        try:
            text = git(
                repo, "blame", "-w", "-s", "-l", f"--since={since}", *spans, f"{fix}^", "--", path
            )
        except subprocess.CalledProcessError:
            continue
        for line in text.splitlines():
            if not line.startswith("^"):
                yield line.split(" ", 1)[0]


def main() -> int:
    """Label one repository."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("repository", type=Path)
    parser.add_argument("--newest", type=int, default=6000, help="Most fixes to look at.")
    given = parser.parse_args()
    harmful: set[str] = set()
    for number, (fix, when) in enumerate(fixes(given.repository)):
        if number == given.newest:
            break
        harmful.update(blamed(given.repository, fix, when))
    for sha in git(given.repository, "rev-list", "--no-merges", "HEAD").split():
        print(json.dumps({"sha": sha, "harmful": sha in harmful}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
