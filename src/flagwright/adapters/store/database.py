"""Open one SQLite file so that a commit is on the disk, and no error passes for a success.

Safe to share between threads, processes and forks: one connection for each process, one
transaction at a time, and every transaction takes the write lock when it begins.
"""

import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from flagwright.adapters.store.place import check, touch
from flagwright.core.record import Record
from flagwright.errors import StoreBroken

VERSION = 2
SCHEMA = """
CREATE TABLE writer (id TEXT NOT NULL, seq INTEGER NOT NULL, hash TEXT NOT NULL);
CREATE TABLE blob (sha256 TEXT PRIMARY KEY, content BLOB NOT NULL);
CREATE TABLE plan (
    digest TEXT PRIMARY KEY, root TEXT NOT NULL, state TEXT NOT NULL, created_at REAL NOT NULL,
    record TEXT NOT NULL, nonce TEXT, claimed_by TEXT
);
CREATE TABLE decision (
    number INTEGER PRIMARY KEY, plan TEXT NOT NULL REFERENCES plan, record TEXT NOT NULL,
    mac TEXT NOT NULL
);
CREATE TABLE challenge (
    plan TEXT PRIMARY KEY REFERENCES plan, mac TEXT NOT NULL, tries_left INTEGER NOT NULL,
    made_at REAL NOT NULL
);
CREATE TABLE intent (id TEXT PRIMARY KEY, owner TEXT NOT NULL, record TEXT NOT NULL, payload TEXT);
CREATE TABLE entry (
    seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, flag TEXT, plan TEXT, action TEXT NOT NULL,
    record TEXT NOT NULL, delivery TEXT NOT NULL DEFAULT 'owed', code TEXT, delivered_at REAL,
    attempts INTEGER NOT NULL DEFAULT 0, next_attempt REAL NOT NULL DEFAULT 0, sent_with TEXT
);
CREATE TABLE account (server TEXT PRIMARY KEY, name TEXT NOT NULL);
CREATE INDEX entry_delivery ON entry (delivery, seq);
CREATE INDEX entry_flag ON entry (flag, seq);
CREATE INDEX entry_plan ON entry (plan, seq);
"""
ADDED = """
CREATE TABLE IF NOT EXISTS entrance (
    page TEXT PRIMARY KEY, mac TEXT NOT NULL, tries_left INTEGER NOT NULL, made_at REAL NOT NULL,
    shown_by TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS refusal (
    entry TEXT PRIMARY KEY, fact TEXT NOT NULL, way_out TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS rights (
    plan TEXT NOT NULL, path TEXT NOT NULL, mode INTEGER NOT NULL, PRIMARY KEY (plan, path)
);
"""
UPGRADES = {
    1: """
ALTER TABLE entry ADD COLUMN sent_with TEXT;
UPDATE entry SET sent_with = id WHERE delivery = 'owed';
CREATE TABLE account (server TEXT PRIMARY KEY, name TEXT NOT NULL);
"""
}
"""What makes a store of an older version one of the next."""
R = TypeVar("R", bound=Record)
NO_EFFECT = "Nothing was done, because it could not be recorded."


def kept(kind: type[R], text: str) -> R:
    """A record as it was kept; raises StoreBroken where somebody, or the disk, changed it."""
    try:
        return kind.model_validate_json(text)
    except ValidationError as error:
        raise StoreBroken(
            "The local store holds a record that cannot be read: somebody or the disk changed it.",
            next_step="Move state.db away from the state folder and keep it for whoever looks into "
            "this; the next start makes a new one. The flag server has what was delivered.",
        ) from error


class Database:
    """The connection of this process, and transactions over it."""

    def __init__(self, path: Path, *, new_writer: str, busy_timeout_s: float) -> None:
        """Open the file, making it where there is none; the caller keeps others from doing so.

        Raises:
            StoreBroken: If it is damaged (it is moved aside then, and the next start makes a
                new one) or was made by a newer version.
        """
        self._path, self._busy_timeout_s = path, busy_timeout_s
        self._lock, self._pid = threading.RLock(), os.getpid()
        self._left_to_parent: list[sqlite3.Connection] = []
        touch(path)
        for part in self._parts():
            with suppress(FileNotFoundError):  # The last one out takes the log away.
                check(part)
        try:
            self._connection = self._connect()
            self._prepare(new_writer)
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.OperationalError) and not _damaged(error):
                raise _broken(error) from error
            self._move_aside(error)

    def _parts(self) -> list[Path]:
        """The file, and those that SQLite keeps beside it."""
        parts = (self._path.with_name(self._path.name + end) for end in ("", "-wal", "-shm"))
        return [part for part in parts if part.exists()]

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self._path, timeout=self._busy_timeout_s, isolation_level=None, check_same_thread=False
        )
        connection.row_factory = sqlite3.Row
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        return connection

    def _prepare(self, new_writer: str) -> None:
        ((health,),) = self._connection.execute("PRAGMA quick_check(1)")
        if health != "ok":
            raise sqlite3.DatabaseError(health)
        self._connection.executescript(ADDED)
        ((version,),) = self._connection.execute("PRAGMA user_version")
        if version == 0:
            self._connection.executescript(f"BEGIN IMMEDIATE; {SCHEMA}")
            self._connection.execute("INSERT INTO writer VALUES (?, 0, ?)", (new_writer, "0" * 64))
            self._connection.execute(f"PRAGMA user_version = {VERSION}")
            self._connection.execute("COMMIT")
        elif version > VERSION:
            raise StoreBroken(
                f"{self._path} was made by a newer version of flagwright.",
                next_step="Upgrade flagwright.",
            )
        for older in range(version or VERSION, VERSION):
            steps = f"BEGIN IMMEDIATE; {UPGRADES[older]} PRAGMA user_version = {older + 1}; COMMIT;"
            self._connection.executescript(steps)

    def _move_aside(self, error: sqlite3.DatabaseError) -> None:
        number = 1
        while (aside := self._path.with_name(f"{self._path.name}.broken-{number}")).exists():
            number += 1
        for part in self._parts():
            part.rename(f"{aside}{part.name.removeprefix(self._path.name)}")
        raise StoreBroken(
            f"The local store is damaged ({error}) and was moved to {aside}.",
            next_step="Keep that file: it may hold records that the flag server never got. "
            "Start again to go on with a new store; plans that were waiting must be made again.",
        ) from error

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All or nothing, on the disk when it ends.

        Raises:
            StoreBroken: If anything of it could not be read or written.
        """
        self._notice_fork()
        with self._lock:
            connection = self._connection
            try:
                connection.execute("BEGIN IMMEDIATE")
                try:
                    yield connection
                    connection.execute("COMMIT")
                except BaseException:
                    if connection.in_transaction:
                        connection.execute("ROLLBACK")
                    raise
            except sqlite3.Error as error:
                raise _broken(error) from error

    def _notice_fork(self) -> None:
        """Leave the parent's connection alone: SQLite's may be neither used nor closed here."""
        if os.getpid() != self._pid:
            self._left_to_parent.append(self._connection)
            self._lock, self._pid = threading.RLock(), os.getpid()
            try:
                self._connection = self._connect()
            except sqlite3.Error as error:
                raise _broken(error) from error

    def close(self) -> None:
        """Let go of the file."""
        self._notice_fork()
        with self._lock:
            self._connection.close()


def _damaged(error: sqlite3.OperationalError) -> bool:
    return (error.sqlite_errorcode & 0xFF) in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}


def _broken(error: sqlite3.Error) -> StoreBroken:
    steps = {
        sqlite3.SQLITE_BUSY: "Another process holds the store; end it, or try again.",
        sqlite3.SQLITE_FULL: "Make room on the disk.",
        sqlite3.SQLITE_READONLY: "Make the state folder writable.",
        sqlite3.SQLITE_CORRUPT: "Start again: the damaged file is then moved aside.",
    }
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    return StoreBroken(
        f"The local store failed: {error}. {NO_EFFECT}",
        next_step=steps.get(code, "Check the disk and the state folder, then try again."),
    )
