"""Tags on flags, and the types that tags must have."""

import sqlite3
from typing import Any

from starlette.responses import JSONResponse, Response

from flagwright.flagserver.answers import Problem, bad_data, name_exists, not_found
from flagwright.flagserver.call import Call, created, done
from flagwright.flagserver.database import record


def list_types(db: sqlite3.Connection, call: Call) -> Response:
    """Every tag type."""
    types = [dict(row) for row in db.execute("SELECT * FROM tag_type ORDER BY name")]
    return JSONResponse({"version": 1, "tagTypes": types})


def create_type(db: sqlite3.Connection, call: Call) -> Response:
    """Make a tag type."""
    made = {key: call.text(key, "" if key != "name" else None) for key in _TYPE}
    if db.execute("SELECT 1 FROM tag_type WHERE name = ?", (made["name"],)).fetchone():
        raise name_exists(f"There already exists a tag-type with the name {made['name']}")
    db.execute("INSERT INTO tag_type VALUES (:name, :description, :icon, NULL)", made)
    record(db, "tag-type-created", data=made)
    return created(made)


_TYPE = ("name", "description", "icon")


def create_value(db: sqlite3.Connection, call: Call) -> Response:
    """Make a tag that flags may then be created with."""
    tag = {"type": call.text("type"), "value": call.text("value").strip()}
    _require(db, tag)
    if db.execute("SELECT 1 FROM tag_value WHERE type = :type AND value = :value", tag).fetchone():
        raise name_exists("A tag of [object Object] already exists")
    db.execute("INSERT INTO tag_value VALUES (:type, :value)", tag)
    record(db, "tag-created", data=tag)
    return created({"version": 1, "tag": tag})


def require_values(db: sqlite3.Connection, tags: Any) -> None:
    """A flag is created with tags that exist, or not at all: with a 500, as in Unleash."""
    for tag in tags or ():
        known = db.execute(
            "SELECT 1 FROM tag_value WHERE type = ? AND value = ?", (tag["type"], tag["value"])
        )
        if not known.fetchone():
            raise Problem(500, "UnknownError", "insert into feature_tag violates foreign key")


def listing(db: sqlite3.Connection, call: Call) -> Response:
    """The tags of a flag."""
    flag = _flag(db, call)
    return JSONResponse({"version": 1, "tags": tags_of(db, flag)})


def add(db: sqlite3.Connection, call: Call) -> Response:
    """Tag a flag; a tag that it has already is no error."""
    flag = _flag(db, call)
    tag = {"type": call.text("type"), "value": call.text("value").strip()}
    _require(db, tag)
    db.execute("INSERT OR IGNORE INTO tag_value VALUES (:type, :value)", tag)
    db.execute("INSERT OR IGNORE INTO tag VALUES (?, ?, ?)", (flag, tag["type"], tag["value"]))
    record(db, "feature-tagged", flag=flag, data=tag)
    return created(tag)


def remove(db: sqlite3.Connection, call: Call) -> Response:
    """Take a tag off a flag."""
    flag, tag = _flag(db, call), {key: call.path[key] for key in ("type", "value")}
    record(db, "feature-untagged", flag=flag, before=tag)
    db.execute(
        "DELETE FROM tag WHERE flag = ? AND type = ? AND value = ?",
        (flag, tag["type"], tag["value"]),
    )
    return done()


def tags_of(db: sqlite3.Connection, flag: str) -> list[dict[str, Any]]:
    """The tags of a flag, by type and value."""
    rows = db.execute("SELECT type, value FROM tag WHERE flag = ? ORDER BY type, value", (flag,))
    return [dict(row) for row in rows]


def _require(db: sqlite3.Connection, tag: dict[str, str]) -> None:
    """Refuse a value that is too short or long, or a type that does not exist."""
    if not 2 <= len(tag["value"]) <= 50:
        raise bad_data("The `/body/value` property must have 2 to 50 characters.", "/body/value")
    if not db.execute("SELECT 1 FROM tag_type WHERE name = ?", (tag["type"],)).fetchone():
        raise bad_data(f"Tag type '{tag['type']}' does not exist")


def _flag(db: sqlite3.Connection, call: Call) -> str:
    """Name of the flag of the path; an archived one still has its tags."""
    name = call.path["flag"]
    if not db.execute("SELECT 1 FROM flag WHERE name = ?", (name,)).fetchone():
        raise not_found("No feature flag found")
    return name
