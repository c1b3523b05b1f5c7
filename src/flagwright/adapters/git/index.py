"""The file in which the history of one repository is kept: make it, open it, add to it."""

import sqlite3
from array import array
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Literal

from flagwright.adapters.git.log import Logged
from flagwright.core.risk.fix import is_fix

VERSION = 6
_SCHEMA = """
CREATE TABLE author (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE path (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE commits (
    id INTEGER PRIMARY KEY, sha TEXT NOT NULL UNIQUE, parents TEXT NOT NULL, time INTEGER NOT NULL,
    author INTEGER NOT NULL, fix INTEGER NOT NULL, whole INTEGER NOT NULL,
    code INTEGER NOT NULL, measures BLOB
);
CREATE TABLE touch (
    path INTEGER NOT NULL, commit_id INTEGER NOT NULL, was INTEGER NOT NULL,
    added INTEGER NOT NULL, removed INTEGER NOT NULL, PRIMARY KEY (path, commit_id)
) WITHOUT ROWID;
CREATE INDEX touch_commit ON touch (commit_id);
CREATE TABLE score (
    policy TEXT NOT NULL, sha TEXT NOT NULL, score REAL NOT NULL, PRIMARY KEY (policy, sha)
) WITHOUT ROWID;
CREATE TABLE past (sha TEXT PRIMARY KEY, counts BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE state (shallow TEXT NOT NULL);
"""


def connected(path: Path, edge: str) -> sqlite3.Connection:
    """Open the index; one that is damaged, or of another version, is made anew.

    Args:
        edge: Where a shallow clone ends; a clone that got deeper is read anew.
    """
    try:
        return _prepared(path, edge)
    except sqlite3.OperationalError:
        raise
    except sqlite3.DatabaseError:
        for part in ("", "-wal", "-shm"):
            path.with_name(path.name + part).unlink(missing_ok=True)
        return _prepared(path, edge)


def _prepared(path: Path, edge: str) -> sqlite3.Connection:
    path.parent.mkdir(parents=True, exist_ok=True)
    database = sqlite3.connect(path, timeout=30, isolation_level=None, check_same_thread=False)
    with suppress(sqlite3.OperationalError):  # another process is at it
        database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = NORMAL")
    if not _is_current(database, edge):
        with transaction(database):
            if not _is_current(database, edge):
                _make(database, edge)
    return database


def _is_current(database: sqlite3.Connection, edge: str) -> bool:
    if database.execute("PRAGMA user_version").fetchone()[0] != VERSION:
        return False
    return bool(database.execute("SELECT 1 FROM state WHERE shallow = ?", (edge,)).fetchone())


def _make(database: sqlite3.Connection, edge: str) -> None:
    for name in ("author", "path", "commits", "touch", "score", "past", "state"):
        database.execute(f"DROP TABLE IF EXISTS {name}")
    for statement in _SCHEMA.split(";"):
        database.execute(statement)
    database.execute("INSERT INTO state VALUES (?)", (edge,))
    database.execute(f"PRAGMA user_version = {VERSION}")


@contextmanager
def transaction(database: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    """All of some writes, or none."""
    database.execute("BEGIN IMMEDIATE")
    try:
        yield database
    except BaseException:
        database.execute("ROLLBACK")
        raise
    database.execute("COMMIT")


def keep(database: sqlite3.Connection, found: Sequence[Logged]) -> None:
    """Add commits, all of them or none."""
    with transaction(database):
        for one in found:
            author = _number(database, "author", one.author)
            packed = array("d", one.measures).tobytes() if any(one.measures) else None
            fix = is_fix(one.message)
            done = database.execute(
                "INSERT OR IGNORE INTO commits"
                " (sha, parents, time, author, fix, whole, code, measures)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    one.sha,
                    " ".join(one.parents),
                    one.time,
                    author,
                    fix,
                    one.is_whole,
                    bool(one.measures.files or one.measures.test_lines),
                    packed,
                ),
            )
            if not done.rowcount:
                continue
            database.executemany(
                "INSERT OR IGNORE INTO touch VALUES (?, ?, ?, ?, ?)",
                [
                    (
                        _number(database, "path", file.path),
                        done.lastrowid,
                        _number(database, "path", file.was),
                        file.added,
                        file.removed,
                    )
                    for file in one.files
                ],
            )


def _number(database: sqlite3.Connection, table: Literal["author", "path"], name: str) -> int:
    """The number of an author or a path, which gets one where it has none."""
    database.execute(f"INSERT OR IGNORE INTO {table} (name) VALUES (?)", (name,))  # noqa: S608 # two words
    row = database.execute(f"SELECT id FROM {table} WHERE name = ?", (name,))  # noqa: S608 # two words
    number: int = row.fetchone()[0]
    return number
