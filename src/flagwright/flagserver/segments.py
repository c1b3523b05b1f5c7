"""Segments: constraints with a name, which many strategies may share."""

import json
import sqlite3
from typing import Any

from starlette.responses import JSONResponse, Response

from flagwright.flagserver.answers import Problem, bad_data, name_exists, not_found
from flagwright.flagserver.call import Call, created
from flagwright.flagserver.database import now, record

NO_CONTENT = 204


def listing(db: sqlite3.Connection, call: Call) -> Response:
    """Every segment."""
    rows = db.execute("SELECT * FROM segment ORDER BY name")
    return JSONResponse({"segments": [_told(row) for row in rows]})


def create(db: sqlite3.Connection, call: Call) -> Response:
    """Make a segment."""
    name, rules = call.text("name"), call.body.get("constraints")
    if not isinstance(rules, list):
        raise bad_data("The `/body/constraints` property must be array.", "/body/constraints")
    if db.execute("SELECT 1 FROM segment WHERE name = ?", (name,)).fetchone():
        raise name_exists("Segment name already exists")
    made = db.execute(
        "INSERT INTO segment (name, description, constraints, created_at) VALUES (?, ?, ?, ?)",
        (name, call.body.get("description"), json.dumps(rules), now()),
    )
    row = _told(_row(db, made.lastrowid or 0))
    record(db, "segment-created", data=row)
    return created(row)


def remove(db: sqlite3.Connection, call: Call) -> Response:
    """Remove a segment that no strategy uses."""
    number = int(call.path["segment"]) if call.path["segment"].isdigit() else 0
    row = _told(_row(db, number))
    if any(number in segments_in(body) for (body,) in db.execute("SELECT body FROM strategy")):
        raise Problem(409, "ConflictError", "Segment is in use")
    db.execute("DELETE FROM segment WHERE id = ?", (number,))
    record(db, "segment-deleted", before=row)
    return Response(status_code=NO_CONTENT)


def require(db: sqlite3.Connection, numbers: Any) -> list[int]:
    """The numbers, or a 404 where there is no such segment."""
    for number in numbers or ():
        if not db.execute("SELECT 1 FROM segment WHERE id = ?", (number,)).fetchone():
            raise not_found(f'No segment exists with ID "{number}"')
    return [int(number) for number in numbers or ()]


def segments_in(body: str) -> list[int]:
    """Numbers of the segments that a stored strategy uses."""
    return list(json.loads(body).get("segments") or ())


def for_sdk(db: sqlite3.Connection) -> list[dict[str, Any]]:
    """What an SDK needs of every segment."""
    rows = db.execute("SELECT id, name, constraints FROM segment ORDER BY id")
    return [dict(row) | {"constraints": json.loads(row["constraints"])} for row in rows]


def _row(db: sqlite3.Connection, number: int) -> sqlite3.Row:
    row = db.execute("SELECT * FROM segment WHERE id = ?", (number,)).fetchone()
    if row is None:
        raise not_found(f"No segment exists with ID {number}")
    return row  # type: ignore[no-any-return]  # sqlite3 is not typed that far


def _told(row: sqlite3.Row) -> dict[str, Any]:
    return {
        "id": row["id"],
        "name": row["name"],
        "description": row["description"],
        "constraints": json.loads(row["constraints"]),
        "createdBy": "admin",
        "createdAt": row["created_at"],
    }
