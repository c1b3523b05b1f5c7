"""Rows of what was begun and has no known outcome yet."""

import json
from collections.abc import Callable, Container, Mapping
from sqlite3 import Connection
from typing import Any

from flagwright.adapters.store.database import kept
from flagwright.core.record import Record
from flagwright.core.records.entry import Action, Intent
from flagwright.errors import StoreBroken

NOBODY = "nobody"
"""Owner of what no process works on; no process has this name."""


class OpenIntent(Record):
    """An action that a process began and did not live to finish."""

    intent: Intent
    payload: dict[str, Any] | None = None
    """What the settling needs to know beside the intent, as it was given."""


def add(
    connection: Connection, intent: Intent, payload: Mapping[str, Any] | None, *, owner: str
) -> None:
    """Keep an intent of a living process."""
    connection.execute(
        "INSERT INTO intent VALUES (?, ?, ?, ?)",
        (intent.id, owner, intent.model_dump_json(), json.dumps(payload) if payload else None),
    )


def leave(connection: Connection, intent_id: str) -> None:
    """Give an intent whose outcome nobody can tell now to whoever settles next."""
    connection.execute("UPDATE intent SET owner = ? WHERE id = ?", (NOBODY, intent_id))


def take(connection: Connection, intent_id: str) -> Intent:
    """Take an intent out, because its outcome is known."""
    row = connection.execute(
        "DELETE FROM intent WHERE id = ? RETURNING record", (intent_id,)
    ).fetchone()
    if row is None:
        raise StoreBroken(
            f"Nothing was begun as {intent_id[:40]}, or it is settled already.",
            next_step="Look at the ledger before you try again.",
        )
    return kept(Intent, row["record"])


def adopt(
    connection: Connection,
    actions: Container[Action] | None,
    *,
    owner: str,
    is_alive: Callable[[str], bool],
) -> tuple[OpenIntent, ...]:
    """Open intents of processes that are gone, oldest first; they are this process's now."""
    rows = connection.execute("SELECT * FROM intent ORDER BY rowid").fetchall()
    alive = {name: is_alive(name) for name in {row["owner"] for row in rows}}
    orphans = [
        OpenIntent(
            intent=kept(Intent, row["record"]),
            payload=json.loads(row["payload"]) if row["payload"] else None,
        )
        for row in rows
        if not alive[row["owner"]]
    ]
    mine = [each for each in orphans if actions is None or each.intent.action in actions]
    connection.executemany(
        "UPDATE intent SET owner = ? WHERE id = ?", [(owner, each.intent.id) for each in mine]
    )
    return tuple(mine)
