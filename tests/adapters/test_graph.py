import sqlite3
from pathlib import Path
from random import Random

from flagwright.adapters.git.graph import Graph
from flagwright.adapters.git.index import connected


def graph(database: sqlite3.Connection, parents: list[list[int]], times: list[int]) -> Graph:
    for number, of in enumerate(parents):
        database.execute(
            "INSERT INTO commits VALUES (?, ?, ?, ?, 1, 0, 0, 1, NULL)",
            (number, f"{number:040x}", " ".join(f"{one:040x}" for one in of), times[number]),
        )
    return Graph(database)


def test_what_came_before_a_commit_is_what_a_walk_finds(tmp_path: Path) -> None:
    random = Random(5)  # a drawn history
    size = 900
    parents = [
        random.sample(range(max(0, n - 40), n), min(n, random.choice((0, 1, 1, 1, 2, 3))))
        for n in range(size)
    ]
    times = [n + random.choice((0, 0, 0, 60)) for n in range(size)]  # some clocks were wrong
    found = graph(connected(tmp_path / "history.sqlite", ""), parents, times)

    for start in range(0, size, 7):
        waiting, walked = list(found.parents[start]), set[int]()
        while waiting:
            if (place := waiting.pop()) not in walked:
                walked.add(place)
                waiting += found.parents[place]
        before = found.before(found.parents[start])
        assert {place for place, there in enumerate(before) if there} == walked
