"""Rows of codes that show that it is a person who answers: for a plan, or for the page.

Of a code only the keyed hash is stored, bound to what it is for. It is good for five tries in
two minutes, and once.
"""

import hashlib
import hmac
from datetime import datetime
from sqlite3 import Connection
from typing import Literal

from flagwright.core.record import canonical

TRIES = 5
LIFETIME_S = 120
"""How long a code is good, on either side of the time when it was made."""
Purpose = Literal["code", "sign-in"]
_TABLE = {"code": ("challenge", "plan"), "sign-in": ("entrance", "page")}


def mac(key: bytes, purpose: str, content: object) -> str:
    """Keyed hash, in hex, for one purpose only."""
    return hmac.new(key, canonical([purpose, content]), hashlib.sha256).hexdigest()


def ask(
    connection: Connection,
    key: bytes,
    purpose: Purpose,
    about: str,
    code: str,
    now: datetime,
    *more: str,
) -> None:
    """Keep the keyed hash of a code; an older one for the same is void."""
    table, _ = _TABLE[purpose]
    row = (about, mac(key, purpose, [about, code]), TRIES, now.timestamp(), *more)
    marks = ", ".join("?" * len(row))
    connection.execute(f"INSERT OR REPLACE INTO {table} VALUES ({marks})", row)  # noqa: S608


def answer(
    connection: Connection, key: bytes, purpose: Purpose, about: str, code: str, now: datetime
) -> tuple[str, ...] | None:
    """What was kept with a code beside it, where it is right."""
    table, column = _TABLE[purpose]
    where = f"{table} WHERE {column} = ?"
    row = connection.execute(f"SELECT * FROM {where}", (about,)).fetchone()  # noqa: S608
    if row is None:
        return None
    name, kept, tries_left, made_at, *more = row
    is_fresh = abs(now.timestamp() - made_at) < LIFETIME_S
    is_right = is_fresh and hmac.compare_digest(kept, mac(key, purpose, [name, code]))
    if is_right or not is_fresh or tries_left <= 1:
        connection.execute(f"DELETE FROM {where}", (about,))  # noqa: S608
    else:
        lowered = f"UPDATE {table} SET tries_left = tries_left - 1 WHERE {column} = ?"  # noqa: S608
        connection.execute(lowered, (about,))
    return tuple(more) if is_right else None
