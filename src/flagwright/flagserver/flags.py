"""Flags: create, read, change, archive, revive."""

import sqlite3
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

import re2
from starlette.responses import JSONResponse, Response

from flagwright.flagserver import dependencies, many
from flagwright.flagserver.answers import Problem, bad_data, name_exists, not_found, not_permitted
from flagwright.flagserver.call import Call, accepted, created, done
from flagwright.flagserver.database import now, record
from flagwright.flagserver.links import links_of
from flagwright.flagserver.project import TYPES
from flagwright.flagserver.switch import environments_of
from flagwright.flagserver.tags import require_values

UNRESERVED = "!'()*"
"""What JavaScript's encodeURIComponent leaves alone besides letters, digits and `-_.~`."""


def create(db: sqlite3.Connection, call: Call) -> Response:
    """Make a flag that is off in every environment and has no strategy."""
    project = _project(db, call.path["project"])
    name = call.text("name")
    kind = call.text("type", "release")
    _judge(db, name, project)
    if kind not in TYPES:
        raise bad_data(f"The `type` property must be one of {', '.join(TYPES)}.", "type")
    require_values(db, call.body.get("tags"))
    description = call.body.get("description")
    db.execute(
        "INSERT INTO flag (name, project, type, description, impression_data, created_at)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        (
            name,
            project["id"],
            kind,
            None if description is None else str(description),
            bool(call.body.get("impressionData")),
            now(),
        ),
    )
    db.execute(
        "INSERT INTO flag_environment (flag, environment) SELECT ?, name FROM environment", (name,)
    )
    for tag in call.body.get("tags") or ():
        db.execute("INSERT INTO tag VALUES (?, ?, ?)", (name, tag["type"], tag["value"]))
    made = _summary(_row(db, name))
    record(db, "feature-created", flag=name, data=made)
    return created(made)


def validate(db: sqlite3.Connection, call: Call) -> Response:
    """Say whether such a flag could be made; a project that is named adds its pattern."""
    project = call.body.get("projectId")
    _judge(db, call.text("name"), None if project is None else _project(db, str(project)))
    return done()


def read(db: sqlite3.Connection, call: Call) -> Response:
    """One flag with its environments and links; tags have an address of their own."""
    row = _living(db, call)
    more: dict[str, Any] = {"environments": environments_of(db, row["name"]), "favorite": False}
    more |= {"dependencies": dependencies.of(db, row["name"])}
    more |= {"children": dependencies.children_of(db, row["name"])}
    more |= {"links": links_of(db, row["name"])}
    more |= {"lifecycle": _stages(row)[-1]}
    return JSONResponse(_summary(row) | more)


def listing(db: sqlite3.Connection, call: Call) -> Response:
    """Every flag of a project that is not archived, at once."""
    rows = db.execute(
        "SELECT * FROM flag WHERE project = ? AND archived_at IS NULL ORDER BY created_at, name",
        (call.path["project"],),
    )
    return JSONResponse({"version": 2, "features": _listed(db, rows.fetchall())})


def search(db: sqlite3.Connection, call: Call) -> Response:
    """Flags of all projects by words in name or description, living or archived ones."""
    asked = call.query.get("limit", "50")
    limit = int(asked) if asked.isdigit() and 0 < int(asked) <= 100 else 50
    offset = call.query.get("offset", "0")
    gone = call.query.get("archived") == "IS:true"
    words = f"%{call.query.get('query', '')}%"
    rows = db.execute(
        f"SELECT * FROM flag WHERE archived_at IS {'NOT ' if gone else ''}NULL"  # noqa: S608 (one of two words of ours)
        " AND (name LIKE ?1 OR coalesce(description, '') LIKE ?1) ORDER BY created_at, name",
        (words,),
    ).fetchall()
    start = int(offset) if offset.isdigit() else 0
    page = rows[start : start + limit]
    found = [
        listed
        | {"project": row["project"], "archivedAt": row["archived_at"]}
        | {"lifecycle": _stages(row)[-1]}
        for row, listed in zip(page, _listed(db, page), strict=True)
    ]
    return JSONResponse({"features": found, "total": len(rows)})


def change(db: sqlite3.Connection, call: Call) -> Response:
    """Replace type, description and staleness. It also un-archives the flag, without a word."""
    row = _any(db, call)
    before = _summary(row)
    kind = call.text("type", row["type"])
    if kind not in TYPES:
        raise bad_data(f"The `type` property must be one of {', '.join(TYPES)}.", "type")
    db.execute(
        "UPDATE flag SET type = ?, description = ?, stale = ?, archived_at = NULL WHERE name = ?",
        (kind, call.body.get("description"), bool(call.body.get("stale")), row["name"]),
    )
    after = _summary(_row(db, row["name"]))
    record(db, "feature-metadata-updated", flag=row["name"], data=after, before=before)
    return JSONResponse(after)


def archive(db: sqlite3.Connection, call: Call) -> Response:
    """Take a flag out of service; its name stays taken and its events stay."""
    row = _any(db, call)
    if dependencies.children_of(db, row["name"]):
        because = "You can not archive/delete this feature since other features depend on it."
        raise Problem(403, "InvalidOperationError", because)
    db.execute("DELETE FROM dependency WHERE child = ?", (row["name"],))
    db.execute("UPDATE flag SET archived_at = ? WHERE name = ?", (now(), row["name"]))
    db.execute("UPDATE flag_environment SET enabled = 0 WHERE flag = ?", (row["name"],))
    record(db, "feature-archived", flag=row["name"])
    return accepted()


def revive(db: sqlite3.Connection, call: Call) -> Response:
    """Bring an archived flag back, off."""
    row = _row(db, call.path["flag"])
    db.execute("UPDATE flag SET archived_at = NULL WHERE name = ?", (row["name"],))
    record(db, "feature-revived", flag=row["name"])
    return done()


def delete(db: sqlite3.Connection, call: Call) -> Response:
    """Remove an archived flag for good; a living one stays, without a word."""
    row = _row(db, call.path["flag"])
    if row["archived_at"]:
        record(db, "feature-deleted", flag=row["name"], before=_summary(row))
        db.execute("DELETE FROM flag WHERE name = ?", (row["name"],))
    return done()


def stale(db: sqlite3.Connection, call: Call) -> Response:
    """Mark flags as no longer needed, or as needed again."""
    is_stale = bool(call.body.get("stale"))
    for name in call.body.get("features", []):
        _row(db, str(name))
        db.execute("UPDATE flag SET stale = ? WHERE name = ?", (is_stale, str(name)))
        record(db, f"feature-stale-{'on' if is_stale else 'off'}", flag=str(name))
    return accepted()


def lifecycle(db: sqlite3.Connection, call: Call) -> Response:
    """The stages that a flag has entered, oldest first."""
    return JSONResponse(_stages(_any(db, call)))


def _stages(row: sqlite3.Row) -> list[dict[str, Any]]:
    """What a flag has been, oldest first; a completion says which side is kept."""
    stages: list[tuple[str, str | None, dict[str, Any]]] = [
        ("initial", row["created_at"], {}),
        ("pre-live", row["pre_live_at"], {}),
        ("live", row["live_at"], {}),
        ("completed", row["completed_at"], {"status": row["completed_as"]}),
        ("archived", row["archived_at"], {}),
    ]
    return [{"stage": stage, "enteredStageAt": at} | more for stage, at, more in stages if at]


def complete(db: sqlite3.Connection, call: Call) -> Response:
    """Note which side of a flag is kept."""
    status = call.text("status")
    row = _living(db, call)
    db.execute(
        "UPDATE flag SET completed_at = ?, completed_as = ? WHERE name = ?",
        (now(), status, row["name"]),
    )
    data = {"status": status, "statusValue": call.body.get("statusValue") or ""}
    record(db, "feature-completed", flag=row["name"], data=data | {"kept": status == "kept"})
    return done()


def uncomplete(db: sqlite3.Connection, call: Call) -> Response:
    """Take a completion back."""
    row = _living(db, call)
    db.execute("UPDATE flag SET completed_at = NULL WHERE name = ?", (row["name"],))
    record(db, "feature-uncompleted", flag=row["name"])
    return done()


def _judge(db: sqlite3.Connection, name: str, project: sqlite3.Row | None) -> None:
    """Refuse a name that no URL can carry, that the project forbids, or that is taken."""
    if quote(name, safe=UNRESERVED) != name or name in {"", ".", ".."}:
        raise bad_data(f'"name" must be URL friendly. You provided "{name}".')
    if len(name) > 100:
        raise bad_data('"name" length must be less than or equal to 100 characters long.')
    pattern = project["naming_pattern"] if project else None
    if pattern and not _matches(pattern, name):
        raise bad_data(f'The feature flag name "{name}" does not match the pattern "{pattern}".')
    taken = db.execute("SELECT archived_at FROM flag WHERE name = ?", (name,)).fetchone()
    if taken:
        which = "An archived flag" if taken["archived_at"] else "A flag"
        raise name_exists(f"{which} with that name already exists")


def _matches(pattern: str, name: str) -> bool:
    """A pattern that cannot be read matches nothing."""
    try:
        return re2.fullmatch(pattern, name) is not None
    except re2.error:
        return False


def _project(db: sqlite3.Connection, project: str) -> sqlite3.Row:
    row = db.execute("SELECT * FROM project WHERE id = ?", (project,)).fetchone()
    if row is None:
        raise not_permitted("CREATE_FEATURE")
    return row  # type: ignore[no-any-return]  # sqlite3 is not typed that far


def _row(db: sqlite3.Connection, name: str) -> sqlite3.Row:
    """A flag, archived or not."""
    row = db.execute("SELECT * FROM flag WHERE name = ?", (name,)).fetchone()
    if row is None:
        raise not_found("No feature flag found")
    return row  # type: ignore[no-any-return]  # as above


def _any(db: sqlite3.Connection, call: Call) -> sqlite3.Row:
    """The flag of the path, archived or not, if it is in the project of the path."""
    name, project = call.path["flag"], call.path["project"]
    row = db.execute("SELECT * FROM flag WHERE name = ?", (name,)).fetchone()
    if row is None or row["project"] != project:
        raise not_found(f'There\'s no feature named "{name}" in project "{project}".')
    return row  # type: ignore[no-any-return]  # as above


def _living(db: sqlite3.Connection, call: Call) -> sqlite3.Row:
    """The flag of the path, unless it is archived."""
    row = _any(db, call)
    if row["archived_at"]:
        raise not_found(f"Could not find feature flag with name {row['name']}")
    return row


def _summary(row: sqlite3.Row) -> dict[str, Any]:
    """A flag without its environments."""
    return {
        "name": row["name"],
        "description": row["description"],
        "type": row["type"],
        "project": row["project"],
        "stale": bool(row["stale"]),
        "createdAt": row["created_at"],
        "impressionData": bool(row["impression_data"]),
        "archived": row["archived_at"] is not None,
    }


def _listed(db: sqlite3.Connection, rows: Sequence[sqlite3.Row]) -> list[dict[str, Any]]:
    """Flags as they stand in a list: tags only where they have some."""
    names = [row["name"] for row in rows]
    environments, tags = many.environments(db, names), many.tags(db, names)
    listed = []
    for row in rows:
        summary = _summary(row) | {"environments": environments[row["name"]]}
        del summary["project"], summary["archived"]
        listed.append(summary | ({"tags": tags[row["name"]]} if row["name"] in tags else {}))
    return listed
