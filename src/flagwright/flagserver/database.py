"""Keep flags and events in one SQLite file that several processes may share.

Nothing is kept in memory: each request opens the file, runs in one
transaction, and closes it, so a process may be killed at any time.
"""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

VERSION = 3
BUSY_TIMEOUT_S = 10.0

SCHEMA = """
CREATE TABLE project (
    id TEXT PRIMARY KEY, name TEXT NOT NULL, description TEXT NOT NULL, created_at TEXT NOT NULL,
    naming_pattern TEXT, naming_example TEXT, naming_description TEXT);
CREATE TABLE environment (name TEXT PRIMARY KEY, type TEXT NOT NULL, sort_order INTEGER NOT NULL);
CREATE TABLE flag (
    name TEXT PRIMARY KEY, project TEXT NOT NULL REFERENCES project(id), type TEXT NOT NULL,
    description TEXT, stale INTEGER NOT NULL DEFAULT 0, impression_data INTEGER NOT NULL DEFAULT 0,
    created_at TEXT NOT NULL, archived_at TEXT, completed_at TEXT);
CREATE TABLE flag_environment (
    flag TEXT NOT NULL REFERENCES flag(name) ON DELETE CASCADE,
    environment TEXT NOT NULL REFERENCES environment(name),
    enabled INTEGER NOT NULL DEFAULT 0, last_seen_at TEXT,
    PRIMARY KEY (flag, environment)) WITHOUT ROWID;
CREATE TABLE strategy (
    id TEXT PRIMARY KEY, flag TEXT NOT NULL REFERENCES flag(name) ON DELETE CASCADE,
    environment TEXT NOT NULL REFERENCES environment(name), sort_order INTEGER NOT NULL,
    body TEXT NOT NULL);
CREATE INDEX strategy_of ON strategy (flag, environment, sort_order);
CREATE TABLE tag_type (
    name TEXT PRIMARY KEY, description TEXT NOT NULL, icon TEXT NOT NULL, color TEXT);
CREATE TABLE tag (
    flag TEXT NOT NULL REFERENCES flag(name) ON DELETE CASCADE,
    type TEXT NOT NULL REFERENCES tag_type(name) ON DELETE CASCADE, value TEXT NOT NULL,
    PRIMARY KEY (flag, type, value)) WITHOUT ROWID;
CREATE TABLE link (
    id TEXT PRIMARY KEY, flag TEXT NOT NULL REFERENCES flag(name) ON DELETE CASCADE,
    url TEXT NOT NULL, title TEXT);
CREATE INDEX link_of ON link (flag);
CREATE TABLE event (
    id INTEGER PRIMARY KEY AUTOINCREMENT, type TEXT NOT NULL, created_by TEXT NOT NULL,
    created_by_user_id INTEGER NOT NULL, created_at TEXT NOT NULL, data TEXT, pre_data TEXT,
    tags TEXT NOT NULL, flag TEXT, project TEXT, environment TEXT);
CREATE INDEX event_of ON event (flag, id);
CREATE INDEX event_seen_by_sdk ON event (id) WHERE type NOT LIKE 'feature-link-%';
"""

VERSION_2 = """
ALTER TABLE flag ADD COLUMN completed_as TEXT;
ALTER TABLE flag ADD COLUMN pre_live_at TEXT;
ALTER TABLE flag ADD COLUMN live_at TEXT;
CREATE TABLE segment (
    id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, description TEXT,
    constraints TEXT NOT NULL, created_at TEXT NOT NULL);
CREATE TABLE dependency (
    child TEXT NOT NULL REFERENCES flag(name) ON DELETE CASCADE,
    parent TEXT NOT NULL REFERENCES flag(name) ON DELETE CASCADE,
    enabled INTEGER NOT NULL, variants TEXT NOT NULL, PRIMARY KEY (child, parent)) WITHOUT ROWID;
CREATE TABLE metric (
    flag TEXT NOT NULL REFERENCES flag(name) ON DELETE CASCADE, environment TEXT NOT NULL,
    app TEXT NOT NULL, hour TEXT NOT NULL, yes INTEGER NOT NULL, no INTEGER NOT NULL,
    PRIMARY KEY (flag, environment, app, hour)) WITHOUT ROWID;
CREATE TABLE unknown_flag (
    name TEXT NOT NULL, app TEXT NOT NULL, environment TEXT NOT NULL, seen_at TEXT NOT NULL,
    PRIMARY KEY (name, app, environment)) WITHOUT ROWID;
CREATE TABLE tag_value (
    type TEXT NOT NULL REFERENCES tag_type(name) ON DELETE CASCADE, value TEXT NOT NULL,
    PRIMARY KEY (type, value)) WITHOUT ROWID;
INSERT INTO tag_value SELECT DISTINCT type, value FROM tag;
"""
VERSION_3 = "CREATE INDEX event_of_kind ON event (project, type, id)"
UPGRADES = {1: VERSION_2, 2: VERSION_3}
"""What a file of each older version lacks."""

ENVIRONMENTS = [("development", "development", 2), ("production", "production", 3)]


def now(*, ago: timedelta = timedelta()) -> str:
    """The time, in UTC and to the millisecond, as JavaScript writes it."""
    return (datetime.now(UTC) - ago).isoformat(timespec="milliseconds").replace("+00:00", "Z")


@contextmanager
def transaction(database: Path, *, write: bool) -> Iterator[sqlite3.Connection]:
    """Open the file for one request: all of it is kept, or nothing where it raises.

    A writer takes the lock at its first step, because SQLite lets no reader become one
    while another writes.
    """
    if not database.exists():
        _make(database)
    connection = sqlite3.connect(database, timeout=BUSY_TIMEOUT_S, isolation_level=None)
    with closing(connection) as db:
        db.row_factory = sqlite3.Row
        db.execute("PRAGMA foreign_keys = ON")
        db.execute("PRAGMA synchronous = FULL")
        _bring_up(db)
        db.execute("BEGIN IMMEDIATE" if write else "BEGIN")
        try:
            yield db
        except BaseException:
            db.execute("ROLLBACK")
            raise
        db.execute("COMMIT")


def _bring_up(db: sqlite3.Connection) -> None:
    """Give an older file what it lacks, once; of two processes one does it."""
    if _version(db) == VERSION:
        return
    with db:
        db.execute("BEGIN IMMEDIATE")
        for older in range(_version(db) or VERSION, VERSION):
            for statement in UPGRADES[older].split(";\n"):
                db.execute(statement)
            db.execute(f"PRAGMA user_version = {older + 1}")
    if (found := _version(db)) != VERSION:
        raise sqlite3.DatabaseError(f"flag database has version {found}, not {VERSION}")


def _version(db: sqlite3.Connection) -> int:
    return int(db.execute("PRAGMA user_version").fetchone()[0])


def record(
    db: sqlite3.Connection,
    kind: str,
    *,
    flag: str | None = None,
    environment: str | None = None,
    data: Any = None,
    before: Any = None,
) -> None:
    """Add an event, unless it says that nothing changed: such an event Unleash drops too."""
    if data is not None and data == before:
        return
    tags = db.execute("SELECT type, value FROM tag WHERE flag = ?", (flag,)).fetchall()
    owner = db.execute("SELECT project FROM flag WHERE name = ?", (flag,)).fetchone()
    db.execute(
        "INSERT INTO event (type, created_by, created_by_user_id, created_at, data, pre_data,"
        " tags, flag, project, environment) VALUES (?, 'admin', -42, ?, ?, ?, ?, ?, ?, ?)",
        (
            kind,
            now(),
            None if data is None else json.dumps(data),
            None if before is None else json.dumps(before),
            json.dumps([dict(tag) for tag in tags]),
            flag,
            owner["project"] if owner else None,
            environment,
        ),
    )


def _make(database: Path) -> None:
    """Make the file in one step, whole or not at all; of two processes one is first."""
    database.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with TemporaryDirectory(dir=database.parent) as folder:
        made = Path(folder) / database.name
        made.touch(mode=0o600)
        with closing(sqlite3.connect(made, isolation_level=None)) as db:
            db.execute("PRAGMA journal_mode = WAL")
            db.executescript(SCHEMA + VERSION_2 + VERSION_3)
            db.execute(
                "INSERT INTO project (id, name, description, created_at) VALUES (?, ?, ?, ?)",
                ("default", "Default", "Default project", now()),
            )
            db.executemany("INSERT INTO environment VALUES (?, ?, ?)", ENVIRONMENTS)
            db.execute("INSERT INTO tag_type VALUES ('simple', 'For filtering', '#', '#FFFFFF')")
            db.execute(f"PRAGMA user_version = {VERSION}")
        with suppress(FileExistsError):
            database.hardlink_to(made)
