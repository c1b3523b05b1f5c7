"""Search what happened; no route changes or removes an event."""

import json
import re
import sqlite3
from typing import Any

from starlette.responses import JSONResponse, Response

from flagwright.flagserver.answers import bad_data
from flagwright.flagserver.call import Call

COLUMNS = {
    "feature": "flag",
    "project": "project",
    "type": "type",
    "environment": "environment",
    "id": "id",
    "createdBy": "created_by_user_id",
}
DAYS = {"from": "created_at >= ?", "to": "substr(created_at, 1, 10) <= ?"}
"""Whole ones, in UTC."""
MAX_LIMIT = 1000
DEFAULT_LIMIT = 50
"""Also what a limit above the highest becomes, without a word."""


def search(db: sqlite3.Connection, call: Call) -> Response:
    """Events that pass every filter, newest first."""
    where, values = _filters(call)
    total = db.execute(f"SELECT count(*) FROM event WHERE {where}", values).fetchone()[0]  # noqa: S608 (columns of ours)
    limit = _number(call, "limit", DEFAULT_LIMIT)
    limit = limit if 0 < limit <= MAX_LIMIT else DEFAULT_LIMIT
    rows = db.execute(
        f"SELECT * FROM event WHERE {where} ORDER BY id DESC LIMIT ? OFFSET ?",  # noqa: S608 (as above)
        (*values, limit, _number(call, "offset", 0)),
    )
    return JSONResponse({"events": [_told(row) for row in rows], "total": total})


def _filters(call: Call) -> tuple[str, list[Any]]:
    """Filters look like `IS:a` or `IS_ANY_OF:a,b`; `query` stands for itself."""
    conditions, values = ["1"], list[Any]()
    for name, column in COLUMNS.items():
        if (asked := call.query.get(name)) is None:
            continue
        if not (parts := re.fullmatch(r"(IS|IS_ANY_OF):(.*)", asked)):
            raise bad_data(f"The `/query/{name}` property must match a filter.", f"/query/{name}")
        wanted = [value.strip() for value in parts[2].split(",")]
        conditions.append(f"{column} IN ({', '.join('?' * len(wanted))})")
        values += wanted
    for name, condition in DAYS.items():
        if (asked := call.query.get(name)) is None:
            continue
        if not re.fullmatch(r"IS:\d{4}-\d{2}-\d{2}", asked):
            raise bad_data(f"The `/query/{name}` property must match a filter.", f"/query/{name}")
        conditions.append(condition)
        values.append(asked.removeprefix("IS:"))
    if words := call.query.get("query"):
        texts = ("data", "pre_data", "tags")
        conditions.append(f"({' OR '.join(f'{text} LIKE ? ESCAPE char(94)' for text in texts)})")
        values += ["%" + re.sub(r"([%_^])", r"^\1", words) + "%"] * len(texts)
    return " AND ".join(conditions), values


def _number(call: Call, name: str, default: int) -> int:
    asked = call.query.get(name, "")
    return int(asked) if asked.isdigit() else default


def _told(row: sqlite3.Row) -> dict[str, Any]:
    return {
        "id": row["id"],
        "type": row["type"],
        "createdBy": row["created_by"],
        "createdByUserId": row["created_by_user_id"],
        "createdAt": row["created_at"],
        "data": _json(row["data"]),
        "preData": _json(row["pre_data"]),
        "tags": _json(row["tags"]),
        "featureName": row["flag"],
        "project": row["project"],
        "environment": row["environment"],
    }


def _json(text: str | None) -> Any:
    return None if text is None else json.loads(text)
