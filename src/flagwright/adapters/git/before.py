"""Look up, in the index of a history, what came before a change: never anything later."""

import sqlite3
from array import array
from collections.abc import Sequence
from contextlib import suppress
from functools import cached_property
from itertools import islice
from typing import NamedTuple

from flagwright.adapters.git.graph import Graph
from flagwright.core.risk.measure import Measures, Touched, is_source
from flagwright.core.risk.past import Event, Familiarity, Past, familiarity

LATEST = 200
"""Changes of the project, of which an author made a share."""
PEERS = 100
"""With so many other changes a change is compared; a thinner draw reaches further back."""


class Row(NamedTuple):
    """What the index says of when a commit was made, and by whom."""

    time: int
    author: int


class Measured(NamedTuple):
    """What the index says of the diff of a commit."""

    measures: Measures
    files: list[Touched]
    is_whole: bool
    """Whether all of the diff could be read."""


class Before:
    """Answers from one index as it is now."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database

    @cached_property
    def graph(self) -> Graph:
        """Every commit of the index."""
        return Graph.of(self._database)

    def row(self, sha: str) -> Row | None:
        """A commit, where it was read."""
        found = self._database.execute(
            "SELECT time, author FROM commits WHERE sha = ?", (sha,)
        ).fetchone()
        return Row(*found) if found else None

    def measured(self, place: int) -> Measured:
        """The diff of a commit, in numbers."""
        number, whole, packed = self._database.execute(
            "SELECT id, whole, measures FROM commits WHERE sha = ?", (self.graph.shas[place],)
        ).fetchone()
        rows = self._database.execute(
            "SELECT p.name, w.name, t.added, t.removed FROM touch t JOIN path p ON p.id = t.path"
            " JOIN path w ON w.id = t.was WHERE t.commit_id = ? ORDER BY p.name",
            (number,),
        )
        files = [Touched(path, was, a, r, is_source(path)) for path, was, a, r in rows]
        measures = Measures(*_numbers(packed)) if packed else Measures()
        return Measured(measures, files, bool(whole))

    def commit(self, place: int, files: Sequence[Touched]) -> Past:
        """What came before a commit that touched some files."""
        graph = self.graph
        return self.past(files, graph.parents[place], graph.times[place], graph.authors[place])

    def past(
        self, files: Sequence[Touched], parents: Sequence[int], time: int, author: int
    ) -> Past:
        """What came before a change of some files that somebody makes on some commits."""
        before = self.graph.before(parents)
        peers = [self._familiarity(place) for place in self._drawn(before)]
        return self._past(files, before, time, author)._replace(peers=peers)

    def _past(self, files: Sequence[Touched], before: bytearray, time: int, author: int) -> Past:
        graph = self.graph
        events = {file.was: self._events(file.was, before) for file in files if file.is_source}
        own = [graph.event(place) for place in graph.of_author(author) if before[place]]
        recent = islice((place for place in graph.changing if before[place]), LATEST)
        return Past(time, author, events, own, [graph.event(place) for place in recent])

    def _drawn(self, before: bytearray) -> list[int]:
        """Changes to compare with: the newest of one in 16, in 4, or of all, as there are."""
        found: list[int] = []
        for places in self.graph.draws:
            found = list(islice((place for place in places if before[place]), PEERS))
            if len(found) == PEERS:
                break
        return found

    def _familiarity(self, place: int) -> Familiarity:
        """What came before a commit, as it is kept once it was counted."""
        found = self._counted.get(place)
        if found is None:
            graph = self.graph
            files = self.measured(place).files
            before = graph.before(graph.parents[place])
            past = self._past(files, before, graph.times[place], graph.authors[place])
            found = self._counted[place] = familiarity(files, past)
            with suppress(sqlite3.OperationalError):  # somebody else writes: counted again then
                self._database.execute(
                    "INSERT OR IGNORE INTO past VALUES (?, ?)",
                    (graph.shas[place], array("d", found.counts).tobytes()),
                )
        return found

    @cached_property
    def _counted(self) -> dict[int, Familiarity]:
        places = self.graph.by_sha
        return {
            places[sha]: Familiarity._make([*_numbers(packed), ()])
            for sha, packed in self._database.execute("SELECT sha, counts FROM past")
            if sha in places
        }

    def _events(self, path: str, before: bytearray) -> list[Event]:
        """What touched a file, also under the names that it had."""
        graph, found = self.graph, set[tuple[int, int]]()
        names, seen = [path], {path}
        while names:
            for number, was in self._touches(names.pop()):
                place = graph.place.get(number)
                if place is None or not before[place]:
                    continue
                found.add((graph.times[place], place))
                if was not in seen:
                    seen.add(was)
                    names.append(was)
        return [graph.event(place) for _, place in sorted(found)]

    def _touches(self, name: str) -> list[tuple[int, str]]:
        return self._database.execute(
            "SELECT t.commit_id, w.name FROM touch t"
            " JOIN path p ON p.id = t.path JOIN path w ON w.id = t.was WHERE p.name = ?",
            (name,),
        ).fetchall()


def _numbers(packed: bytes) -> Sequence[float]:
    values = array("d")
    values.frombytes(packed)
    return values
