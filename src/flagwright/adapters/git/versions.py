"""Read what became of some files from commit to commit."""

import os
from collections.abc import Sequence
from datetime import UTC, datetime

from flagwright.adapters.git.command import Command
from flagwright.adapters.git.content import blobs
from flagwright.core.unflagged import Versions

_NO_FILE = ("000000", "160000")


def oldest(git: Command, base: str, head: str) -> datetime | None:
    """When the oldest commit of a range, or one that it begins at, was written first."""
    said = git.run("log", "--boundary", "--format=%at %ct", f"{base}..{head}").split()
    return datetime.fromtimestamp(min(map(int, said)), UTC) if said else None


def read(git: Command, base: str, head: str, paths: Sequence[str]) -> dict[str, Versions]:
    """The texts of each path on both sides of a range, and as its commits left it."""
    sides = _tree(git, base, paths), _tree(git, head, paths)
    between = _between(git, base, head, paths)
    named = {
        *sides[0].values(),
        *sides[1].values(),
        *(n for some in between.values() for n in some),
    }
    texts = blobs(git, named - {""})

    def text(name: str) -> bytes | None:
        return texts[name].content if name else None

    found = {}
    for path in paths:
        names = [sides[0].get(path, ""), *between.get(path, ()), sides[1].get(path, "")]
        if not any(name and texts[name].unreadable for name in names):
            first, *some, last = map(text, names)
            found[path] = Versions(before=first, between=tuple(some), after=last)
    return found


def _tree(git: Command, commit: str, paths: Sequence[str]) -> dict[str, str]:
    """Objects of the files of a commit, by path."""
    listed = git.run("ls-tree", "-z", commit, "--", *paths)
    found = {}
    for line in filter(None, listed.split(b"\0")):
        about, _, path = line.partition(b"\t")
        _, kind, name = about.decode().split()
        if kind == "blob":
            found[os.fsdecode(path)] = name
    return found


def _between(git: Command, base: str, head: str, paths: Sequence[str]) -> dict[str, list[str]]:
    """Objects that each commit left behind, by path; an empty name where it took the file away."""
    raw = ("--raw", "--no-abbrev", "--no-renames", "-m", "-z", "--format=")
    fields = git.run("log", *raw, f"{base}..{head}", "--", *paths).split(b"\0")
    found: dict[str, list[str]] = {}
    for about, path in zip(fields[::2], fields[1::2], strict=False):
        _, mode, _, name, _ = about.decode("ascii").strip().lstrip(":").split(" ")
        found.setdefault(os.fsdecode(path), []).append("" if mode in _NO_FILE else name)
    return found
