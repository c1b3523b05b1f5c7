"""Rows of the ledger, and of what of it the flag server has not got yet."""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from sqlite3 import Connection

from flagwright.core.ledger import Head
from flagwright.core.record import Record
from flagwright.core.records.entry import LedgerEntry

LONGEST_WAIT_S = 300


class Owed(Record):
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


def head(connection: Connection) -> tuple[str, Head]:
    """This installation's id, and how far its chain reaches."""
    row = connection.execute("SELECT id, seq, hash FROM writer").fetchone()
    return row["id"], Head(seq=row["seq"], hash=row["hash"])


def append(connection: Connection, entry: LedgerEntry) -> None:
    """Add the next entry of the chain; it is owed to the server from now on."""
    connection.execute("UPDATE writer SET seq = ?, hash = ?", (entry.seq, entry.hash))
    connection.execute(
        "INSERT INTO entry (seq, id, flag, plan, action, record) VALUES (?, ?, ?, ?, ?, ?)",
        (
            entry.seq,
            entry.id,
            entry.subject.flag,
            entry.plan,
            entry.action,
            entry.model_dump_json(),
        ),
    )


def newest_first(
    connection: Connection, *, flag: str | None, plan: str | None, action: str | None, limit: int
) -> tuple[LedgerEntry, ...]:
    """Entries that match everything that is given."""
    wanted = {"flag": flag, "plan": plan, "action": action}
    given = {column: value for column, value in wanted.items() if value is not None}
    where = " AND ".join(f"{column} = ?" for column in given) or "TRUE"
    rows = connection.execute(
        f"SELECT record FROM entry WHERE {where} ORDER BY seq DESC LIMIT ?",  # noqa: S608
        (*given.values(), limit),
    )
    return tuple(LedgerEntry.model_validate_json(row["record"]) for row in rows)


def chained(connection: Connection) -> tuple[LedgerEntry, ...]:
    """The whole chain in the order it is kept in."""
    rows = connection.execute("SELECT record FROM entry ORDER BY seq")
    return tuple(LedgerEntry.model_validate_json(row["record"]) for row in rows)


def ids(connection: Connection, delivery: str) -> frozenset[str]:
    """Ids of the entries that stand there with the server: owed, delivered or aside."""
    rows = connection.execute("SELECT id FROM entry WHERE delivery = ?", (delivery,))
    return frozenset(row["id"] for row in rows)


# --- the outbox


def owed(connection: Connection, *, limit: int, now: datetime) -> list[Owed]:
    """Oldest entries that the server should get now; none while the first of them must wait."""
    rows = connection.execute(
        "SELECT record, next_attempt, sent_with FROM entry WHERE delivery = 'owed' "
        "ORDER BY seq LIMIT ?",
        (limit,),
    )
    due: list[Owed] = []
    for row in rows:
        if row["next_attempt"] > now.timestamp() + LONGEST_WAIT_S:
            pass  # The clock was turned back: no wait is that long.
        elif row["next_attempt"] > now.timestamp():
            break
        entry = LedgerEntry.model_validate_json(row["record"])
        due.append(Owed(entry=entry, sent_with=row["sent_with"]))
    return due


def mark_sent(connection: Connection, ids: Sequence[str]) -> None:
    """These are about to travel in one link: from now on the server may hold them."""
    connection.execute(
        "UPDATE entry SET sent_with = ? WHERE id IN (SELECT value FROM json_each(?))",
        (ids[0], json.dumps(ids)),
    )


def mark_delivered(connection: Connection, ids: Iterable[str], at: datetime) -> None:
    """The server has shown that it holds these."""
    connection.execute(
        "UPDATE entry SET delivery = 'delivered', delivered_at = ?, code = NULL "
        "WHERE id IN (SELECT value FROM json_each(?))",
        (at.timestamp(), json.dumps(list(ids))),
    )


def mark_failed(
    connection: Connection,
    ids: Iterable[str],
    code: str,
    *,
    retry_after: timedelta | None,
    now: datetime,
) -> None:
    """The server did not take these: wait as long as it said, else twice as long each time."""
    told = None if retry_after is None else min(retry_after.total_seconds(), LONGEST_WAIT_S)
    connection.execute(
        "UPDATE entry SET attempts = attempts + 1, code = ?1, "
        "next_attempt = ?2 + coalesce(?3, min(?4, 1 << min(attempts, 20))) "
        "WHERE delivery = 'owed' AND id IN (SELECT value FROM json_each(?5))",
        (code, now.timestamp(), told, LONGEST_WAIT_S, json.dumps(list(ids))),
    )


def hurry(connection: Connection) -> None:
    """Nothing waits any longer."""
    connection.execute("UPDATE entry SET next_attempt = 0 WHERE delivery = 'owed'")


def set_aside(connection: Connection, ids: Iterable[str], code: str) -> None:
    """The server will never take these: keep them, show them, and go on with the next."""
    connection.execute(
        "UPDATE entry SET delivery = 'aside', code = ? "
        "WHERE delivery = 'owed' AND id IN (SELECT value FROM json_each(?))",
        (code, json.dumps(list(ids))),
    )


def know_account(connection: Connection, server: str, name: str) -> None:
    """Keep whose token it is that a server is spoken to with."""
    connection.execute("INSERT OR REPLACE INTO account VALUES (?, ?)", (server, name))


def account(connection: Connection, server: str) -> str | None:
    """Whose token it is, as the server last said."""
    row = connection.execute("SELECT name FROM account WHERE server = ?", (server,)).fetchone()
    return row["name"] if row else None


def undelivered(connection: Connection, ids: Sequence[str]) -> tuple[str, ...]:
    """Which of these the server is not known to hold."""
    rows = connection.execute(
        "SELECT id FROM entry WHERE delivery != 'delivered' "
        "AND id IN (SELECT value FROM json_each(?)) ORDER BY seq",
        (json.dumps(ids),),
    )
    return tuple(row["id"] for row in rows)


def counts(connection: Connection) -> Counts:
    """How many entries there are, by delivery."""
    rows = connection.execute("SELECT delivery, count(*) AS n FROM entry GROUP BY delivery")
    by_delivery = {row["delivery"]: row["n"] for row in rows}
    return Counts(
        recorded=sum(by_delivery.values()),
        delivered=by_delivery.get("delivered", 0),
        owed=by_delivery.get("owed", 0),
        set_aside=by_delivery.get("aside", 0),
    )
