"""Rows of the rights of files that a plan removes: its undo gives them back as they were."""

from collections.abc import Mapping
from sqlite3 import Connection


def keep(connection: Connection, plan: str, found: Mapping[str, int]) -> None:
    """Keep them by path; what was kept before counts no more."""
    connection.executemany(
        "INSERT OR REPLACE INTO rights VALUES (?, ?, ?)",
        [(plan, path, mode) for path, mode in found.items()],
    )


def of(connection: Connection, plan: str) -> dict[str, int]:
    """What was kept, by path."""
    rows = connection.execute("SELECT path, mode FROM rights WHERE plan = ?", (plan,))
    return {row["path"]: row["mode"] for row in rows}
