"""What an application's own UnleashClient asks: the flags, and to be counted."""

import sqlite3
from typing import Any

from starlette.responses import JSONResponse, Response

from flagwright.flagserver import dependencies, many, segments
from flagwright.flagserver.answers import not_found
from flagwright.flagserver.call import Call, accepted

KEPT = ("name", "constraints", "parameters", "variants", "segments")
NOT_MODIFIED = 304


def features(db: sqlite3.Connection, call: Call) -> Response:
    """Every flag in the environment of the token, or 304 where none changed since the ETag."""
    revision = db.execute(
        "SELECT coalesce(max(id), 0) FROM event WHERE type NOT LIKE 'feature-link-%'"
    ).fetchone()[0]
    etag = f'"{call.environment}:{revision}"'
    if call.headers.get("if-none-match", "").removeprefix("W/") == etag:
        return Response(status_code=NOT_MODIFIED, headers={"etag": etag})
    body = {
        "version": 2,
        "features": _features(db, call.environment),
        "query": {"environment": call.environment, "inlineSegmentConstraints": False},
        "segments": segments.for_sdk(db),
        "meta": {"revisionId": revision, "etag": etag},
    }
    return JSONResponse(body, headers={"etag": etag})


def feature(db: sqlite3.Connection, call: Call) -> Response:
    """One flag in the environment of the token."""
    found = _features(db, call.environment, call.path["flag"])
    if not found:
        raise not_found(f"Could not find feature flag {call.path['flag']}")
    return JSONResponse(found[0])


def register(db: sqlite3.Connection, call: Call) -> Response:
    """Greet an application; nothing is kept of it."""
    call.text("appName")
    return accepted()


def _features(
    db: sqlite3.Connection, environment: str, name: str | None = None
) -> list[dict[str, Any]]:
    rows = db.execute(
        "SELECT flag.*, enabled FROM flag JOIN flag_environment ON flag = name"
        " WHERE archived_at IS NULL AND environment = ?1 AND (?2 IS NULL OR name = ?2)"
        " ORDER BY name",
        (environment, name),
    )
    held = many.strategies(db, environment, name)
    children = {row["child"] for row in db.execute("SELECT child FROM dependency")}
    return [
        {
            "name": row["name"],
            "type": row["type"],
            "enabled": bool(row["enabled"]),
            "project": row["project"],
            "stale": bool(row["stale"]),
            "description": row["description"],
            "impressionData": bool(row["impression_data"]),
            "variants": [],
            "strategies": [
                {key: strategy[key] for key in KEPT if strategy[key] or key != "segments"}
                for strategy in held.get(row["name"], ())
                if not strategy["disabled"]
            ],
        }
        | ({"dependencies": dependencies.of(db, row["name"])} if row["name"] in children else {})
        for row in rows.fetchall()
    ]
