"""Let one process of this user serve the review page, and let others find it.

The code with which a person signs in there is made in their terminal, by another process:
only its keyed hash is kept, bound to the page's address, for five tries in two minutes.
"""

import hmac
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from sqlite3 import Connection

from flagwright.adapters.store.decisions import LIFETIME_S, TRIES, mac
from flagwright.adapters.store.place import locked

SCHEMA = """
CREATE TABLE IF NOT EXISTS entrance (
    page TEXT PRIMARY KEY, mac TEXT NOT NULL, tries_left INTEGER NOT NULL, made_at REAL NOT NULL,
    shown_by TEXT NOT NULL
);
"""


@contextmanager
def held(path: Path, address: str) -> Iterator[bool]:
    """Be the one page of this installation, at an address; false where another is."""
    with locked(path, wait=False) as is_mine:
        if is_mine:
            path.write_text(address)
        try:
            yield is_mine
        finally:
            if is_mine:
                path.write_text("")


def found(path: Path) -> str | None:
    """Address of the page that is being served."""
    with locked(path, wait=False) as is_free:
        return None if is_free else path.read_text() or None


def ask(
    connection: Connection, key: bytes, page: str, code: str, now: datetime, *, shown_by: str
) -> None:
    """Keep the keyed hash of a code; older ones, for whatever page, are void."""
    connection.execute("DELETE FROM entrance")
    connection.execute(
        "INSERT INTO entrance VALUES (?, ?, ?, ?, ?)",
        (page, mac(key, "sign-in", [page, code]), TRIES, now.timestamp(), shown_by),
    )


def answer(connection: Connection, key: bytes, page: str, code: str, now: datetime) -> str | None:
    """By which programs a right code was shown: at most five tries in two minutes, and once."""
    row = connection.execute("SELECT * FROM entrance WHERE page = ?", (page,)).fetchone()
    if row is None:
        return None
    fresh = abs(now.timestamp() - row["made_at"]) < LIFETIME_S
    right = fresh and hmac.compare_digest(row["mac"], mac(key, "sign-in", [page, code]))
    connection.execute("UPDATE entrance SET tries_left = tries_left - 1 WHERE page = ?", (page,))
    if right or not fresh or row["tries_left"] <= 1:
        connection.execute("DELETE FROM entrance WHERE page = ?", (page,))
    return str(row["shown_by"]) if right else None


def is_asked(connection: Connection, page: str, now: datetime) -> bool:
    """Whether a code for the page is still good."""
    row = connection.execute("SELECT made_at FROM entrance WHERE page = ?", (page,)).fetchone()
    return row is not None and abs(now.timestamp() - row["made_at"]) < LIFETIME_S
