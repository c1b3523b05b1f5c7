"""Rows of what a person decided, and of the code that shows that it was a person.

Decisions carry a keyed hash, so that a row written past this module is no approval. Of a
code only the keyed hash is stored, bound to the plan.
"""

import hashlib
import hmac
from datetime import datetime
from sqlite3 import Connection

from flagwright.core.record import canonical
from flagwright.core.records.decision import Decision
from flagwright.errors import ApprovalRefused

TRIES = 5
LIFETIME_S = 120
"""How long a code is good, on either side of the time when it was made."""


def mac(key: bytes, purpose: str, content: object) -> str:
    """Keyed hash, in hex, for one purpose only."""
    return hmac.new(key, canonical([purpose, content]), hashlib.sha256).hexdigest()


def add(connection: Connection, key: bytes, decision: Decision) -> None:
    """Keep a decision; the newest about a plan counts."""
    connection.execute(
        "INSERT INTO decision (plan, record, mac) VALUES (?, ?, ?)",
        (decision.plan_digest, decision.model_dump_json(), _seal(key, decision)),
    )


def newest(connection: Connection, key: bytes, plan: str) -> Decision | None:
    """Newest decision about the plan with this digest.

    Raises:
        ApprovalRefused: If it was not made by this installation.
    """
    row = connection.execute(
        "SELECT record, mac FROM decision WHERE plan = ? ORDER BY number DESC LIMIT 1", (plan,)
    ).fetchone()
    if row is None:
        return None
    decision = Decision.model_validate_json(row["record"])
    if decision.plan_digest != plan or not hmac.compare_digest(row["mac"], _seal(key, decision)):
        raise ApprovalRefused(
            f"The stored decision about plan {plan[:12]} was not made by this installation.",
            next_step=f"Have it approved again: flagwright approve {plan[:12]}",
        )
    return decision


def _seal(key: bytes, decision: Decision) -> str:
    return mac(key, "decision", decision.model_dump(mode="json", exclude_none=True))


def ask(connection: Connection, key: bytes, plan: str, code: str, now: datetime) -> None:
    """Keep the keyed hash of a code; an older code for this plan is void."""
    connection.execute(
        "INSERT OR REPLACE INTO challenge VALUES (?, ?, ?, ?)",
        (plan, mac(key, "code", [plan, code]), TRIES, now.timestamp()),
    )


def answer(connection: Connection, key: bytes, plan: str, code: str, now: datetime) -> bool:
    """Whether a code is right: at most five tries in two minutes, and once."""
    row = connection.execute("SELECT * FROM challenge WHERE plan = ?", (plan,)).fetchone()
    if row is None:
        return False
    fresh = abs(now.timestamp() - row["made_at"]) < LIFETIME_S
    right = fresh and hmac.compare_digest(row["mac"], mac(key, "code", [plan, code]))
    connection.execute("UPDATE challenge SET tries_left = tries_left - 1 WHERE plan = ?", (plan,))
    if right or not fresh or row["tries_left"] <= 1:
        connection.execute("DELETE FROM challenge WHERE plan = ?", (plan,))
    return right
