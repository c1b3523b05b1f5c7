"""Rows of what a person decided.

They carry a keyed hash, so that a row written past this module is no approval.
"""

import hmac
from sqlite3 import Connection

from flagwright.adapters.store.codes import mac
from flagwright.adapters.store.database import kept
from flagwright.core.records.decision import Decision
from flagwright.errors import ApprovalRefused


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
    decision = kept(Decision, row["record"])
    if decision.plan_digest != plan or not hmac.compare_digest(row["mac"], _seal(key, decision)):
        raise ApprovalRefused(
            f"The stored decision about plan {plan[:12]} was not made by this installation.",
            next_step=f"Have it approved again: flagwright approve {plan[:12]}",
        )
    return decision


def _seal(key: bytes, decision: Decision) -> str:
    return mac(key, "decision", decision.model_dump(mode="json", exclude_none=True))
