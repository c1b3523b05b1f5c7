"""Rows of the ledger."""

from collections.abc import Iterable
from sqlite3 import Connection, Row

from flagwright.adapters.store.database import kept
from flagwright.core.ledger import Head
from flagwright.core.records.entry import LedgerEntry


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
    return read(rows)


def find(connection: Connection, name: str) -> LedgerEntry | None:
    """The entry with a number or an id."""
    rows = connection.execute(
        "SELECT record FROM entry WHERE CAST(seq AS TEXT) = ?1 OR id = ?1", (name,)
    )
    return next(iter(read(rows)), None)


def keep_refusal(connection: Connection, entry: str, fact: str, way_out: str) -> None:
    """Keep in which words an action was refused; they stay on this machine."""
    connection.execute("INSERT INTO refusal VALUES (?, ?, ?)", (entry, fact, way_out))


def refusal(connection: Connection, entry: str) -> tuple[str, str] | None:
    """The fact and the next step that were told; none where none are kept."""
    row = connection.execute(
        "SELECT fact, way_out FROM refusal WHERE entry = ?", (entry,)
    ).fetchone()
    return tuple(row) if row else None


def chained(connection: Connection) -> list[Row]:
    """The whole chain in the order it is kept in; reading it as entries takes no transaction."""
    return connection.execute("SELECT record FROM entry ORDER BY seq").fetchall()


def read(rows: Iterable[Row]) -> tuple[LedgerEntry, ...]:
    """The entries of some rows."""
    return tuple(kept(LedgerEntry, row["record"]) for row in rows)


def ids(connection: Connection, delivery: str) -> frozenset[str]:
    """Ids of the entries that stand there with the server: owed, delivered or aside."""
    rows = connection.execute("SELECT id FROM entry WHERE delivery = ?", (delivery,))
    return frozenset(row["id"] for row in rows)


def sent_again(connection: Connection) -> frozenset[str]:
    """Ids of the entries that were sent more than once, or not taken at first."""
    return frozenset(row["id"] for row in connection.execute("SELECT id FROM entry WHERE attempts"))
