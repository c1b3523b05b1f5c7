"""What applications count: how often a flag was asked for, and flags that nobody made."""

import sqlite3
from datetime import UTC, datetime, timedelta
from typing import Any

from starlette.responses import JSONResponse, Response

from flagwright.flagserver.call import Call, accepted
from flagwright.flagserver.database import now

KEPT_DAYS = 2
A_DAY = timedelta(days=1)


def count(db: sqlite3.Connection, call: Call) -> Response:
    """Note when each flag was asked for, how it answered, and which flags are unknown."""
    app = call.text("appName")
    bucket = call.body.get("bucket")
    asked = bucket.get("toggles") if isinstance(bucket, dict) else None
    for name, counted in asked.items() if isinstance(asked, dict) else ():
        known = db.execute("SELECT 1 FROM flag WHERE name = ?", (name,)).fetchone()
        if known:
            _seen(db, name, call.environment, app, counted if isinstance(counted, dict) else {})
        else:
            row = (name, app, call.environment, now())
            db.execute("INSERT OR REPLACE INTO unknown_flag VALUES (?, ?, ?, ?)", row)
    oldest = _hour(datetime.now(UTC) - timedelta(days=KEPT_DAYS))
    db.execute("DELETE FROM metric WHERE hour < ?", (oldest,))
    db.execute("DELETE FROM unknown_flag WHERE seen_at < ?", (now(ago=A_DAY),))
    return accepted()


def usage(db: sqlite3.Connection, call: Call) -> Response:
    """What was counted of a flag in the last hour, and by whom."""
    flag = call.path["flag"]
    rows = db.execute(
        "SELECT environment, hour AS timestamp, sum(yes) AS yes, sum(no) AS no FROM metric"
        " WHERE flag = ? AND hour >= ? GROUP BY environment, hour",
        (flag, _last_hour()),
    ).fetchall()
    apps = db.execute("SELECT DISTINCT app FROM metric WHERE flag = ? ORDER BY app", (flag,))
    return JSONResponse(
        {
            "version": 1,
            "maturity": "stable",
            "featureName": flag,
            "lastHourUsage": [dict(row) for row in rows],
            "seenApplications": [row["app"] for row in apps],
        }
    )


def unknown(db: sqlite3.Connection, call: Call) -> Response:
    """Flags that applications asked for in the last day and that were never made; at most 1,000."""
    rows = db.execute(
        "SELECT name, max(seen_at) AS seen FROM unknown_flag WHERE seen_at > ?"
        " AND name NOT IN (SELECT name FROM flag) GROUP BY name ORDER BY name LIMIT 1000",
        (now(ago=A_DAY),),
    ).fetchall()
    found = [
        {
            "name": row["name"],
            "lastSeenAt": row["seen"],
            "lastEventAt": None,
            "reports": _reports(db, row["name"]),
        }
        for row in rows
    ]
    return JSONResponse({"unknownFlags": found})


def since_last_hour(db: sqlite3.Connection) -> dict[tuple[str, str], dict[str, int]]:
    """The same of every flag and environment that was asked for."""
    rows = db.execute(
        "SELECT flag, environment, sum(yes) AS yes, sum(no) AS no FROM metric WHERE hour >= ?"
        " GROUP BY flag, environment",
        (_last_hour(),),
    )
    return {(r["flag"], r["environment"]): {"yes": r["yes"], "no": r["no"]} for r in rows}


def last_hour(db: sqlite3.Connection, flag: str, environment: str) -> dict[str, int]:
    """How often a flag was on and off for those who asked in an environment."""
    row = db.execute(
        "SELECT coalesce(sum(yes), 0) AS yes, coalesce(sum(no), 0) AS no FROM metric"
        " WHERE flag = ? AND environment = ? AND hour >= ?",
        (flag, environment, _last_hour()),
    ).fetchone()
    return dict(row)


def _seen(
    db: sqlite3.Connection, flag: str, environment: str, app: str, counted: dict[str, Any]
) -> None:
    db.execute(
        "UPDATE flag_environment SET last_seen_at = ? WHERE flag = ? AND environment = ?",
        (now(), flag, environment),
    )
    db.execute(
        "INSERT INTO metric VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE"
        " SET yes = yes + excluded.yes, no = no + excluded.no",
        (flag, environment, app, _hour(), _whole(counted, "yes"), _whole(counted, "no")),
    )
    db.execute(
        "UPDATE flag SET pre_live_at = coalesce(pre_live_at, ?) WHERE name = ?", (now(), flag)
    )
    db.execute(
        "UPDATE flag SET live_at = coalesce(live_at, ?1) WHERE name = ?2 AND EXISTS (SELECT 1"
        " FROM environment JOIN flag_environment ON environment = name WHERE flag = ?2"
        " AND name = ?3 AND type = 'production' AND enabled)",
        (now(), flag, environment),
    )


def _reports(db: sqlite3.Connection, name: str) -> list[dict[str, Any]]:
    rows = db.execute("SELECT * FROM unknown_flag WHERE name = ? ORDER BY app", (name,)).fetchall()
    apps = dict.fromkeys(row["app"] for row in rows)
    return [
        {
            "appName": app,
            "environments": [
                {"environment": row["environment"], "seenAt": row["seen_at"]}
                for row in rows
                if row["app"] == app
            ],
        }
        for app in apps
    ]


def _whole(counted: dict[str, Any], name: str) -> int:
    number = counted.get(name)
    return number if isinstance(number, int) and number > 0 else 0


def _hour(at: datetime | None = None) -> str:
    at = (at or datetime.now(UTC)).replace(minute=0, second=0, microsecond=0)
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _last_hour() -> str:
    return _hour(datetime.now(UTC) - timedelta(hours=1))
