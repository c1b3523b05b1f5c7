"""What of the ledger the flag server has not got yet."""

import json
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from flagwright.adapters.store import place
from flagwright.adapters.store.database import Database, kept
from flagwright.core.record import Record
from flagwright.core.records.entry import LedgerEntry

LONGEST_WAIT_S = 300


@dataclass(frozen=True)
class Owed:
    """An entry that the server is not known to hold."""

    entry: LedgerEntry
    sent_with: str | None = None
    """Id of the first entry in the link that it was last sent with; none: it never was sent."""


class Counts(Record):
    """The whole ledger of this installation, in entries."""

    recorded: int
    delivered: int
    owed: int
    set_aside: int


class Deliveries:
    """The entries of one store by what the server is known to hold; a method is a transaction."""

    def __init__(self, database: Database, lock: Path) -> None:
        self._database, self._lock = database, lock

    def turn(self) -> AbstractContextManager[bool]:
        """Be the one who delivers, among all threads and processes; false where another is."""
        return place.locked(self._lock, wait=False)

    def owed(self, *, limit: int, now: datetime, after: int = 0) -> list[Owed]:
        """Oldest entries to deliver now, in order; none while the first of them must wait.

        Args:
            after: Only what was recorded later than the entry with this number.
        """
        with self._database.transaction() as connection:
            rows = connection.execute(
                "SELECT record, next_attempt, sent_with FROM entry WHERE delivery = 'owed' "
                "AND seq > ? ORDER BY seq LIMIT ?",
                (after, limit),
            ).fetchall()
        due: list[Owed] = []
        for row in rows:
            if row["next_attempt"] > now.timestamp() + LONGEST_WAIT_S:
                pass  # The clock was turned back: no wait is that long.
            elif row["next_attempt"] > now.timestamp():
                break
            entry = kept(LedgerEntry, row["record"])
            due.append(Owed(entry=entry, sent_with=row["sent_with"]))
        return due

    def hurry(self) -> None:
        """Let nothing that is owed wait any longer, and try what was set aside once more."""
        self._do(
            "UPDATE entry SET next_attempt = 0, delivery = 'owed' WHERE delivery != 'delivered'"
        )

    def mark_sent(self, links: Iterable[Sequence[str]]) -> None:
        """Note, before each link of these travels, that the server may hold it from now on."""
        with self._database.transaction() as connection:
            connection.executemany(
                "UPDATE entry SET sent_with = ?, attempts = attempts + (sent_with IS NOT NULL) "
                "WHERE id IN (SELECT value FROM json_each(?))",
                [(ids[0], json.dumps(ids)) for ids in links],
            )

    def mark_delivered(self, ids: Iterable[str], at: datetime) -> None:
        """Note that the server has shown that it holds these."""
        self._do(
            "UPDATE entry SET delivery = 'delivered', delivered_at = ?, code = NULL "
            "WHERE id IN (SELECT value FROM json_each(?))",
            at.timestamp(),
            json.dumps(list(ids)),
        )

    def mark_failed(
        self, ids: Iterable[str], code: str, *, retry_after: timedelta | None, now: datetime
    ) -> None:
        """The server did not take these: wait as long as it said, else twice as long each time."""
        told = None if retry_after is None else min(retry_after.total_seconds(), LONGEST_WAIT_S)
        self._do(
            "UPDATE entry SET attempts = attempts + 1, code = ?1, "
            "next_attempt = ?2 + coalesce(?3, min(?4, 1 << min(attempts, 20))) "
            "WHERE delivery = 'owed' AND id IN (SELECT value FROM json_each(?5))",
            code,
            now.timestamp(),
            told,
            LONGEST_WAIT_S,
            json.dumps(list(ids)),
        )

    def set_aside(self, ids: Iterable[str], code: str) -> None:
        """The server will never take these: keep them, show them, and go on with the next."""
        self._do(
            "UPDATE entry SET delivery = 'aside', code = ? "
            "WHERE delivery = 'owed' AND id IN (SELECT value FROM json_each(?))",
            code,
            json.dumps(list(ids)),
        )

    def undelivered(self, ids: Iterable[str]) -> tuple[str, ...]:
        """Which of these the server is not known to hold."""
        with self._database.transaction() as connection:
            rows = connection.execute(
                "SELECT id FROM entry WHERE delivery != 'delivered' "
                "AND id IN (SELECT value FROM json_each(?)) ORDER BY seq",
                (json.dumps(list(ids)),),
            )
            return tuple(row["id"] for row in rows)

    def counts(self) -> Counts:
        """How many entries were recorded and delivered, and are owed or set aside."""
        with self._database.transaction() as connection:
            rows = connection.execute("SELECT delivery, count(*) FROM entry GROUP BY delivery")
            found: dict[str, int] = dict(rows)
        return Counts(
            recorded=sum(found.values()),
            delivered=found.get("delivered", 0),
            owed=found.get("owed", 0),
            set_aside=found.get("aside", 0),
        )

    def know_account(self, server: str, name: str) -> None:
        """Keep whose token it is that a server is spoken to with."""
        self._do("INSERT OR REPLACE INTO account VALUES (?, ?)", server, name)

    def account(self, server: str) -> str | None:
        """Whose token it is, as the server last said; none: it was never asked."""
        with self._database.transaction() as connection:
            rows = connection.execute("SELECT name FROM account WHERE server = ?", (server,))
            return next((row["name"] for row in rows), None)

    def _do(self, statement: str, *values: Any) -> None:
        with self._database.transaction() as connection:
            connection.execute(statement, values)
