"""Read the history of a repository once, commit by commit, as measures.

One `git log` streams every diff; no commit's diff is held longer than it takes to measure.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import takewhile
from secrets import token_hex
from tempfile import TemporaryFile
from typing import NamedTuple

from flagwright.adapters.git.command import Command, GitFailed
from flagwright.core.risk.measure import Measures, Meter, Touched

_PATCH = ["-p", "-U0", "-M", "-l400", "--no-color", "--no-ext-diff", "--no-textconv"]
_PATCH += ["--src-prefix=a/", "--dst-prefix=b/"]
_FIELDS = "%H%x00%P%x00%ct%x00%aE%n%B%n"


class Logged(NamedTuple):
    """One commit."""

    sha: str
    parents: tuple[str, ...]
    time: int
    """When it was committed, in seconds since 1970."""
    author: str
    message: str
    measures: Measures
    files: Sequence[Touched]
    is_whole: bool = True
    """Whether git could show all of its diff."""

    def without_diff(self) -> "Logged":
        """The same where what it is compared with is not there: it only seems to add every file."""
        return self._replace(measures=Measures(), files=(), is_whole=False)


def commits(git: Command, revision: str) -> list[str]:
    """A commit and all that it came from, oldest first."""
    return git.run("rev-list", "--topo-order", "--reverse", revision).decode().split()


def log(git: Command, shas: Sequence[str]) -> Iterator[Logged]:
    """Measure commits, in the order given. A merge has no diff of its own.

    A commit of which git cannot show the diff, because a part of it is not there, is given
    without measures, and says so.

    Raises:
        GitFailed: Where one of them is not there at all.
    """
    left = list(shas)
    while left:
        found = 0
        try:
            last: Logged | None = None
            for logged in _stream(git, left, _PATCH):
                if last:
                    yield last
                last, found = logged, found + 1
        except GitFailed:
            if found <= 1:
                yield from (one._replace(is_whole=False) for one in _stream(git, left[:1], ["-s"]))
            left = left[max(found - 1, 1) :]  # the last one may be torn, and is read again
            continue
        if last:
            yield last
        return


def _stream(git: Command, shas: Sequence[str], shown: Sequence[str]) -> Iterator[Logged]:
    """Nobody who writes a message can know the word that begins and ends one here."""
    word = token_hex(16)
    head, end = f"{word}<".encode(), f"{word}>\n".encode()
    arguments = ["log", "--stdin", "--no-walk=unsorted", f"--format={word}<{_FIELDS}{word}>"]
    with TemporaryFile() as names:
        names.write("".join(f"{sha}\n" for sha in shas).encode())
        names.seek(0)
        with git.stream(*arguments, *shown, stdin=names) as lines:
            said: list[bytes] = []
            diff = _Diff()
            for line in lines:
                if not line.startswith(head):
                    diff.line(line)
                    continue
                if said:
                    yield _logged(said, diff.meter)
                diff = _Diff()
                said = [
                    line[len(head) :],
                    *takewhile(lambda text: text != end, lines),
                ]  # used at once
            if said:
                yield _logged(said, diff.meter)


def _logged(said: Sequence[bytes], meter: Meter) -> Logged:
    first, *message = (line.decode("utf-8", "replace") for line in said)
    sha, parents, time, author = first.rstrip("\n").split("\0")
    text = "".join(message).strip()
    return Logged(
        sha, tuple(parents.split()), int(time), author.lower(), text, meter.read(), meter.files
    )


class _Diff:
    """Follows the lines of one diff without context."""

    def __init__(self) -> None:
        self.meter = Meter()
        self._left = [0, 0]
        """Removed and added lines that the hunk still has."""
        self._was = ""

    def line(self, line: bytes) -> None:
        first = line[:1]
        if first == b"-" and self._left[0]:
            self._left[0] -= 1
            if self.meter.is_source:
                self.meter.removed(line[1:-1].decode("utf-8", "replace"))
            else:
                self.meter.count(1, 0)
        elif first == b"+" and self._left[1]:
            self._left[1] -= 1
            if self.meter.is_source:
                self.meter.added(line[1:-1].decode("utf-8", "replace"))
            else:
                self.meter.count(0, 1)
        elif first == b"@" and (sizes := _HUNK.match(line)):
            self._left = [int(n) if n is not None else 1 for n in sizes.groups()]
            self.meter.hunk()
        elif line.startswith((b"--- ", b"rename from ")):
            self._was = _path(line)
        elif line.startswith((b"+++ ", b"rename to ")):
            path = _path(line)
            self.meter.file(path or self._was, self._was or None)


_HUNK = re.compile(rb"@@ -\d+(?:,(\d+))? \+\d+(?:,(\d+))? @@")


def _path(line: bytes) -> str:
    """The path of one side, without its prefix; empty where the file is not there."""
    word, _, name = line.rstrip(b"\n").partition(b" ")
    if word == b"rename":
        name = b"?/" + name.partition(b" ")[2]
    name = name.removesuffix(b"\t")
    if name == b"/dev/null":
        return ""
    if b'"' in name[:3]:
        quoted = name[name.index(b'"') + 1 : -1]
        name = name[: name.index(b'"')] + re.sub(rb"\\([0-7]{3}|.)", _unescaped, quoted)
    return name[2:].decode("utf-8", "replace")


def _unescaped(match: re.Match[bytes]) -> bytes:
    code = match[1]
    if len(code) == 3:
        return bytes([int(code, 8) & 0xFF])
    return {b"n": b"\n", b"t": b"\t", b"r": b"\r"}.get(code, code)
