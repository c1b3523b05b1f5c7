"""Hold every commit of an index in memory, and tell which of them came before a change."""

import sqlite3
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path

from flagwright.core.risk.past import Event

_MOST = 2
_EVERY = (16, 4, 1)
_APART = 64
"""Of one commit in so many it is kept what came before it; the others are a short walk away."""
_DIGITS = bytes.maketrans(b"01", b"\0\1")
_BUILT: dict[tuple[int, ...], "Graph"] = {}
"""The last graphs, by file and by what was in it; a server asks for the same one again."""


class Graph:
    """Every commit of the index, by its place in the order of time."""

    def __init__(self, database: sqlite3.Connection) -> None:
        rows = database.execute(
            "SELECT id, sha, parents, time, author, fix, code FROM commits ORDER BY time, sha"
        ).fetchall()
        self.place = {row[0]: place for place, row in enumerate(rows)}
        self.shas = [row[1] for row in rows]
        self.by_sha = {sha: place for place, sha in enumerate(self.shas)}
        self.parents = [
            tuple(self.by_sha[sha] for sha in row[2].split() if sha in self.by_sha) for row in rows
        ]
        self.times = [row[3] for row in rows]
        self.authors = [row[4] for row in rows]
        self.is_fix = [bool(row[5]) for row in rows]
        self.changing = [place for place in range(len(rows) - 1, -1, -1) if rows[place][6]]
        """Commits that change code or its tests, newest first."""
        self.draws = [
            [place for place in self.changing if int(self.shas[place][:2], 16) % every == 0]
            for every in _EVERY
        ]
        """Of those a sixteenth, a quarter and all; a name tells nothing of what is in a commit."""
        self._of_author: dict[int, list[int]] = {}
        for place, author in enumerate(self.authors):
            self._of_author.setdefault(author, []).append(place)

    @classmethod
    def of(cls, database: sqlite3.Connection) -> "Graph":
        """The graph of an index; one that has not grown since is not built again."""
        (_, _, file) = database.execute("PRAGMA database_list").fetchone()
        ends = database.execute("SELECT max(id), count(*), sum(time) FROM commits").fetchone()
        key = (Path(file).stat().st_ino, *ends)
        if key not in _BUILT:
            while len(_BUILT) >= _MOST:
                _BUILT.pop(next(iter(_BUILT)), None)
            _BUILT[key] = cls(database)
        return _BUILT[key]

    def of_author(self, author: int) -> Sequence[int]:
        """The places of an author's commits, oldest first."""
        return self._of_author.get(author, ())

    def event(self, place: int) -> Event:
        """What the past of a change says of a commit."""
        return self._events[place]

    @cached_property
    def _events(self) -> list[Event]:
        return list(map(Event, self.times, self.authors, self.is_fix))

    def before(self, parents: Sequence[int]) -> bytearray:
        """For each place whether that commit is among some commits and all before them."""
        kept, found = self._kept, 0
        walked = set[int]()
        waiting = list(parents)
        while waiting:
            place = waiting.pop()
            if place in kept:
                found |= kept[place]
            elif place not in walked:
                walked.add(place)
                waiting += self.parents[place]
        digits = f"{found:0{len(self.times)}b}".encode().translate(_DIGITS)
        answer = bytearray(digits[::-1])
        for place in walked:
            answer[place] = 1
        return answer

    @cached_property
    def _kept(self) -> dict[int, int]:
        """What came before each of some commits, and itself, as the bits of a number."""
        kept: dict[int, int] = {}
        open_: dict[int, int] = {}
        children = Counter(place for parents in self.parents for place in parents)
        for number, place in enumerate(self._parents_first()):
            found = 1 << place
            for parent in self.parents[place]:
                found |= open_[parent]
                children[parent] -= 1
                if not children[parent]:
                    del open_[parent]
            if children[place]:
                open_[place] = found
            if number % _APART == 0:
                kept[place] = found
        return kept

    def _parents_first(self) -> Iterator[int]:
        """Every place, after those of its parents: a clock may have been wrong."""
        done = bytearray(len(self.times))
        for start in range(len(done)):
            waiting = [start]
            while waiting:
                place = waiting[-1]
                left = [parent for parent in self.parents[place] if not done[parent]]
                waiting += left
                if not left:
                    waiting.pop()
                    if not done[place]:
                        done[place] = 1
                        yield place
