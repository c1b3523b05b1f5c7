"""What a client may know of the server: projects, environments, flag types, itself."""

import sqlite3
from typing import Any

from starlette.responses import JSONResponse, Response

from flagwright.flagserver.answers import not_found
from flagwright.flagserver.call import Call

VERSION = "8.2.0"
"""The Unleash whose behaviour this server has."""

TYPES: dict[str, int | None] = {
    "release": 40,
    "experiment": 40,
    "operational": 7,
    "kill-switch": None,
    "permission": None,
    "sunset": 90,
}
"""Expected lifetime of a flag in days; none: permanent."""


def health(db: sqlite3.Connection, call: Call) -> Response:
    """Answer that the file can be read."""
    return JSONResponse({"health": "GOOD"})


def settings(db: sqlite3.Connection, call: Call) -> Response:
    """Version and kind of this server."""
    return JSONResponse(
        {"version": VERSION, "environment": "Flagwright", "name": "Flagwright's own flag server"}
    )


def user(db: sqlite3.Connection, call: Call) -> Response:
    """Who the token is: the one administrator."""
    answer: dict[str, Any] = {"user": {"username": "admin", "type": "admin", "id": -42}}
    return JSONResponse(answer | {"permissions": [{"permission": "ADMIN"}]})


def types(db: sqlite3.Connection, call: Call) -> Response:
    """The flag types and their lifetimes."""
    found = [{"id": name, "name": name, "lifetimeDays": days} for name, days in TYPES.items()]
    return JSONResponse({"version": 1, "types": found})


def projects(db: sqlite3.Connection, call: Call) -> Response:
    """Every project."""
    rows = db.execute("SELECT id, name, description, created_at AS createdAt FROM project")
    return JSONResponse({"version": 1, "projects": [dict(row) for row in rows]})


def overview(db: sqlite3.Connection, call: Call) -> Response:
    """One project, with the pattern that the names of its flags must match."""
    row = db.execute("SELECT * FROM project WHERE id = ?", (call.path["project"],)).fetchone()
    if row is None:
        raise not_found("No project found")
    naming = {part: row[f"naming_{part}"] for part in ("pattern", "example", "description")}
    names = db.execute("SELECT name AS environment FROM environment ORDER BY sort_order")
    return JSONResponse(
        {
            "name": row["name"],
            "description": row["description"],
            "createdAt": row["created_at"],
            "featureNaming": naming,
            "environments": [dict(name) for name in names],
            "version": 1,
        }
    )


def environments(db: sqlite3.Connection, call: Call) -> Response:
    """Every environment."""
    rows = db.execute(
        "SELECT name, type, sort_order AS sortOrder FROM environment ORDER BY sort_order"
    )
    found = [dict(row) | {"enabled": True, "protected": False} for row in rows]
    return JSONResponse({"version": 1, "environments": found})
