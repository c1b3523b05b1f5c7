"""Read what hangs on many flags with one query a table, so that long lists are not slow."""

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from flagwright.flagserver.metrics import since_last_hour

Place = tuple[str, str]
"""Flag and environment."""
ENVIRONMENTS = """
SELECT flag, name, type, sort_order, enabled, last_seen_at
FROM environment JOIN flag_environment ON environment = name
WHERE flag IN (SELECT value FROM json_each(?)) ORDER BY sort_order
"""
USED = """
SELECT DISTINCT flag, environment FROM strategy WHERE flag IN (SELECT value FROM json_each(?))
"""
TAGS = """
SELECT flag, type, value FROM tag WHERE flag IN (SELECT value FROM json_each(?))
ORDER BY type, value
"""


def environments(db: sqlite3.Connection, flags: Iterable[str]) -> dict[str, list[dict[str, Any]]]:
    """Every environment of each flag as it stands in a list, in order."""
    names = json.dumps(list(flags))
    rows = db.execute(ENVIRONMENTS, (names,))
    used = {(row["flag"], row["environment"]) for row in db.execute(USED, (names,))}
    asked = since_last_hour(db)
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        place = (row["flag"], row["name"])
        found[row["flag"]].append(
            {
                "name": row["name"],
                "type": row["type"],
                "sortOrder": row["sort_order"],
                "enabled": bool(row["enabled"]),
                "lastSeenAt": row["last_seen_at"],
                **asked.get(place, {"yes": 0, "no": 0}),
                "hasStrategies": place in used,
            }
        )
    return found


def tags(db: sqlite3.Connection, flags: Iterable[str]) -> dict[str, list[dict[str, Any]]]:
    """The tags of each flag, by type and value."""
    rows = db.execute(TAGS, (json.dumps(list(flags)),))
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        found[row["flag"]].append({"type": row["type"], "value": row["value"]})
    return found


def strategies(
    db: sqlite3.Connection, environment: str, flag: str | None
) -> dict[str, list[dict[str, Any]]]:
    """The strategies of every flag, or of one, in an environment, in their order."""
    rows = db.execute(
        "SELECT flag, body FROM strategy WHERE environment = ?1 AND (?2 IS NULL OR flag = ?2)"
        " ORDER BY flag, sort_order",
        (environment, flag),
    )
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        found[row["flag"]].append(json.loads(row["body"]))
    return found
