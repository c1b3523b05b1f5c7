"""How long it takes until an action is on the disk, next to bare commits of SQLite.

python -m benchmarks.record
"""

import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from flagwright.adapters.store import Store
from flagwright.core.records.entry import Actor, Subject

TIMES = 1000
ACTOR = Actor(door="assistant", assistant="claude-code 2.1", person="ada@example.org")


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        store = Store(Path(folder) / "state", new_writer="a1b2c3d4e5f6")
        subject = Subject(project="default", flag="release.shop.discount", paths=("shop/a.py",))

        def record(number: int) -> None:
            at = datetime.now(UTC)
            store.begin(f"record-{number:08}", "scored", subject, ACTOR, at=at)
            store.settle(f"record-{number:08}", outcome="done", at=at, score=50, band="medium")

        bare = sqlite3.connect(Path(folder) / "bare.db", isolation_level=None)
        bare.execute("PRAGMA journal_mode = WAL")
        bare.execute("PRAGMA synchronous = FULL")
        bare.execute("CREATE TABLE entry (seq INTEGER PRIMARY KEY, record TEXT)")

        def commit_twice(number: int) -> None:
            for text in ("x" * 300, "y" * 700):
                bare.execute("BEGIN IMMEDIATE")
                bare.execute("INSERT INTO entry (record) VALUES (?)", (text,))
                bare.execute("COMMIT")

        _say("two bare commits", commit_twice)
        _say("a record: intent, outcome", record)
        store.close()
        bare.close()


def _say(what: str, act: Callable[[int], None]) -> None:
    took = []
    for number in range(TIMES):
        start = time.perf_counter()
        act(number)
        took.append(1000 * (time.perf_counter() - start))
    cuts = statistics.quantiles(took, n=20)
    print(f"{what:<28} p50 {statistics.median(took):6.2f} ms   p95 {cuts[18]:6.2f} ms")


if __name__ == "__main__":
    main()
