"""Flags that are on only where another flag is."""

import json
import sqlite3
from typing import Any

from starlette.responses import Response

from flagwright.flagserver.answers import Problem, not_found
from flagwright.flagserver.call import Call, done
from flagwright.flagserver.database import record


def add(db: sqlite3.Connection, call: Call) -> Response:
    """Let a flag depend on a parent; one level deep, as in Unleash."""
    child, parent = _living(db, call.path["flag"]), call.text("feature")
    row = db.execute("SELECT archived_at FROM flag WHERE name = ?", (parent,)).fetchone()
    if child == parent or row is None or row["archived_at"]:
        raise Problem(403, "InvalidOperationError", f"No active feature {parent} exists")
    if of(db, parent):
        raise Problem(403, "InvalidOperationError", "Transitive dependency detected.")
    enabled, variants = bool(call.body.get("enabled", True)), call.body.get("variants") or []
    db.execute(
        "INSERT OR REPLACE INTO dependency VALUES (?, ?, ?, ?)",
        (child, parent, enabled, json.dumps(variants)),
    )
    data = {"feature": parent, "enabled": enabled, "variants": variants}
    record(db, "feature-dependency-added", flag=child, data=data)
    return done()


def remove(db: sqlite3.Connection, call: Call) -> Response:
    """Take one dependency away."""
    child, parent = _living(db, call.path["flag"]), call.path["parent"]
    gone = db.execute("DELETE FROM dependency WHERE child = ? AND parent = ?", (child, parent))
    if not gone.rowcount:
        raise not_found(f'No dependency on "{parent}" for feature "{child}".')
    record(db, "feature-dependency-removed", flag=child, before={"feature": parent})
    return done()


def of(db: sqlite3.Connection, child: str) -> list[dict[str, Any]]:
    """What a flag depends on."""
    rows = db.execute("SELECT * FROM dependency WHERE child = ? ORDER BY parent", (child,))
    return [
        {
            "feature": row["parent"],
            "enabled": bool(row["enabled"]),
            "variants": json.loads(row["variants"]),
        }
        for row in rows
    ]


def children_of(db: sqlite3.Connection, parent: str) -> list[str]:
    """Living flags that depend on one."""
    rows = db.execute(
        "SELECT child FROM dependency JOIN flag ON name = child"
        " WHERE parent = ? AND archived_at IS NULL ORDER BY child",
        (parent,),
    )
    return [row["child"] for row in rows]


def _living(db: sqlite3.Connection, name: str) -> str:
    row = db.execute("SELECT archived_at FROM flag WHERE name = ?", (name,)).fetchone()
    if row is None or row["archived_at"]:
        raise not_found(f"Could not find feature {name}")
    return name
