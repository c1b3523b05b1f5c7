"""Switch flags: on and off by environment, and the strategies that say for whom."""

import json
import sqlite3
from typing import Any
from uuid import uuid4

from starlette.responses import JSONResponse, Response

from flagwright.flagserver import segments
from flagwright.flagserver.answers import Problem, bad_data, not_found, not_permitted
from flagwright.flagserver.call import Call, done
from flagwright.flagserver.database import record
from flagwright.flagserver.metrics import last_hour

STRATEGIES = ("default", "flexibleRollout", "userWithId", "remoteAddress", "applicationHostname")
MAX_STRATEGIES = 30
WHOLE = 1000
"""Weight of all variants together."""
_COMPARED = ("EQ", "GT", "GTE", "LT", "LTE")
OPERATORS = (
    *("NOT_IN", "IN", "STR_ENDS_WITH", "STR_STARTS_WITH", "STR_CONTAINS"),
    *(f"{kind}_{how}" for kind in ("NUM", "SEMVER") for how in _COMPARED),
    *("DATE_AFTER", "DATE_BEFORE", "REGEX"),
)


def on(db: sqlite3.Connection, call: Call) -> Response:
    """Switch a flag on. One without a strategy that counts gets a rollout to everybody."""
    flag, environment = _place(db, call, "UPDATE_FEATURE_ENVIRONMENT")
    if all(strategy["disabled"] for strategy in strategies_of(db, flag, environment)):
        _add(db, flag, environment, {"name": "flexibleRollout"})
    return _switch(db, flag, environment, enabled=True)


def off(db: sqlite3.Connection, call: Call) -> Response:
    """Switch a flag off; its strategies stay."""
    flag, environment = _place(db, call, "UPDATE_FEATURE_ENVIRONMENT")
    return _switch(db, flag, environment, enabled=False)


def list_strategies(db: sqlite3.Connection, call: Call) -> Response:
    """The strategies of a flag in one environment; any of them lets a user in."""
    flag, environment = _place(db, call, "CREATE_FEATURE_STRATEGY")
    return JSONResponse(strategies_of(db, flag, environment))


def add_strategy(db: sqlite3.Connection, call: Call) -> Response:
    """Add one more strategy, each time: this call is not idempotent."""
    flag, environment = _place(db, call, "CREATE_FEATURE_STRATEGY")
    if len(strategies_of(db, flag, environment)) >= MAX_STRATEGIES:
        raise Problem(400, "ExceedsLimitError", f"Limit of {MAX_STRATEGIES} strategies reached.")
    return JSONResponse(_add(db, flag, environment, call.body))


def change_strategy(db: sqlite3.Connection, call: Call) -> Response:
    """Replace a strategy; segments that the request leaves out stay, nothing else does."""
    flag, environment = _place(db, call, "UPDATE_FEATURE_STRATEGY")
    before = _strategy(db, call)
    kept = {"name": before["name"], "segments": before["segments"], "title": before["title"]}
    after = before | _checked(db, flag, kept | call.body)
    stored = json.dumps({key: value for key, value in after.items() if key not in _OUTSIDE})
    db.execute("UPDATE strategy SET body = ? WHERE id = ?", (stored, before["id"]))
    record(
        db, "feature-strategy-update", flag=flag, environment=environment, data=after, before=before
    )
    return JSONResponse(after)


def remove_strategy(db: sqlite3.Connection, call: Call) -> Response:
    """Remove a strategy; where it was the last, the flag is switched off there."""
    flag, environment = _place(db, call, "DELETE_FEATURE_STRATEGY")
    before = _strategy(db, call)
    db.execute("DELETE FROM strategy WHERE id = ?", (before["id"],))
    record(db, "feature-strategy-remove", flag=flag, environment=environment, before=before)
    if not strategies_of(db, flag, environment):
        _switch(db, flag, environment, enabled=False)
    return done()


def environments_of(db: sqlite3.Connection, flag: str) -> list[dict[str, Any]]:
    """Every environment, with what the flag is there."""
    rows = db.execute(
        "SELECT name, type, sort_order, enabled, last_seen_at FROM environment"
        " JOIN flag_environment ON environment = name WHERE flag = ? ORDER BY sort_order",
        (flag,),
    )
    return [
        {
            "name": row["name"],
            "type": row["type"],
            "sortOrder": row["sort_order"],
            "enabled": bool(row["enabled"]),
            "lastSeenAt": row["last_seen_at"],
            **last_hour(db, flag, row["name"]),
            "strategies": strategies_of(db, flag, row["name"]),
        }
        for row in rows.fetchall()
    ]


def strategies_of(db: sqlite3.Connection, flag: str, environment: str) -> list[dict[str, Any]]:
    """The strategies of a flag in one environment, in their order."""
    rows = db.execute(
        "SELECT id, sort_order, body FROM strategy WHERE flag = ? AND environment = ?"
        " ORDER BY sort_order",
        (flag, environment),
    )
    return [_told(row) for row in rows]


_OUTSIDE = ("id", "sortOrder")


def _told(row: sqlite3.Row) -> dict[str, Any]:
    return {"id": row["id"], **json.loads(row["body"]), "sortOrder": row["sort_order"]}


def _switch(db: sqlite3.Connection, flag: str, environment: str, *, enabled: bool) -> Response:
    """Repeated, it changes nothing and leaves no event."""
    changed = db.execute(
        "UPDATE flag_environment SET enabled = ?1"
        " WHERE flag = ?2 AND environment = ?3 AND enabled != ?1",
        (enabled, flag, environment),
    )
    if changed.rowcount:
        kind = f"feature-environment-{'enabled' if enabled else 'disabled'}"
        record(db, kind, flag=flag, environment=environment)
    return done()


def _add(
    db: sqlite3.Connection, flag: str, environment: str, asked: dict[str, Any]
) -> dict[str, Any]:
    body = _checked(db, flag, asked)
    last = db.execute(
        "SELECT coalesce(max(sort_order), -1) FROM strategy WHERE flag = ? AND environment = ?",
        (flag, environment),
    ).fetchone()[0]
    made = {"id": str(uuid4()), **body, "sortOrder": last + 1}
    db.execute(
        "INSERT INTO strategy (id, flag, environment, sort_order, body) VALUES (?, ?, ?, ?, ?)",
        (made["id"], flag, environment, last + 1, json.dumps(body)),
    )
    record(db, "feature-strategy-add", flag=flag, environment=environment, data=made)
    return made


def _checked(db: sqlite3.Connection, flag: str, asked: dict[str, Any]) -> dict[str, Any]:
    """A strategy with the fields that Unleash fills in: no parameters mean everybody."""
    name = asked.get("name")
    if name not in STRATEGIES:
        raise bad_data(f"Could not find strategy type with name {name}")
    parameters = dict(asked.get("parameters") or {})
    if name == "flexibleRollout":
        parameters = {"groupId": flag, "rollout": "100", "stickiness": "default"} | parameters
    return {
        "name": name,
        "title": asked.get("title"),
        "disabled": bool(asked.get("disabled")),
        "constraints": _constraints(asked.get("constraints") or []),
        "parameters": {key: str(value) for key, value in parameters.items()},
        "variants": _variants(asked.get("variants") or []),
        "segments": segments.require(db, asked.get("segments")),
    }


def _constraints(rules: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Constraints whose operators there are, with values that those can compare."""
    for rule in rules:
        if rule.get("operator") not in OPERATORS:
            known = ", ".join(f'"{name}"' for name in OPERATORS)
            message = f"The `operator` property must be equal to one of the allowed values: {known}"
            raise bad_data(message, "operator")
        if str(rule["operator"]).startswith("NUM_") and not _is_number(rule.get("value")):
            raise bad_data(f'"value" must be a number. You provided "{rule.get("value")}".')
    return list(rules)


def _is_number(value: Any) -> bool:
    try:
        return float(value) == float(value)
    except (TypeError, ValueError):
        return False


def _variants(variants: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Variants by name, with what the fixed ones leave shared among the others, as Unleash does."""
    free = [variant for variant in variants if variant.get("weightType") != "fix"]
    if variants and not free:
        raise bad_data('There must be at least one "variable" variant')
    fixed = sum(int(v.get("weight", 0)) for v in variants if v.get("weightType") == "fix")
    if fixed > WHOLE:
        raise bad_data("The traffic distribution total must equal 100%")
    average, left = divmod(WHOLE - fixed, len(free)) if free else (0, 0)
    shared = [
        variant | {"weight": average + (number < left), "weightType": "variable"}
        for number, variant in enumerate(free)
    ]
    told = shared + [variant for variant in variants if variant not in free]
    return sorted(told, key=lambda variant: (str(variant["name"]).casefold(), variant["name"]))


def _strategy(db: sqlite3.Connection, call: Call) -> dict[str, Any]:
    row = db.execute(
        "SELECT id, sort_order, body FROM strategy WHERE id = ? AND flag = ?",
        (call.path["strategy"], call.path["flag"]),
    ).fetchone()
    if row is None:
        raise not_found(f"Could not find strategy with id={call.path['strategy']}")
    return _told(row)


def _place(db: sqlite3.Connection, call: Call, permission: str) -> tuple[str, str]:
    """Flag and environment of the path; an unknown environment is a 403, as in Unleash."""
    flag, environment = call.path["flag"], call.path["environment"]
    known = db.execute("SELECT 1 FROM environment WHERE name = ?", (environment,)).fetchone()
    if known is None:
        raise not_permitted(permission)
    row = db.execute(
        "SELECT archived_at FROM flag WHERE name = ? AND project = ?", (flag, call.path["project"])
    ).fetchone()
    if row is None:
        project = call.path["project"]
        raise not_found(f'There\'s no feature named "{flag}" in project "{project}".')
    if row["archived_at"]:
        raise Problem(
            400, "ArchivedFeatureError", "Cannot perform this operation on archived features"
        )
    return flag, environment
