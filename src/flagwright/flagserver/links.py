"""Links on flags; the only entries whose change no application has to fetch."""

import re
import sqlite3
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit
from uuid import uuid4

from starlette.responses import Response

from flagwright.flagserver.answers import Problem, bad_data, not_found
from flagwright.flagserver.call import Call
from flagwright.flagserver.database import record

MAX_LINKS = 10
PORTS = {"http": 80, "https": 443}
NO_CONTENT = 204


def add(db: sqlite3.Connection, call: Call) -> Response:
    """Give a flag a link. The answer does not say its id: the flag does."""
    flag, url = call.path["flag"], normal(call.text("url"))
    living = "SELECT 1 FROM flag WHERE name = ? AND project = ? AND archived_at IS NULL"
    if not db.execute(living, (flag, call.path["project"])).fetchone():
        raise not_found(f"Could not find feature with name {flag}")
    if len(links_of(db, flag)) >= MAX_LINKS:
        too_many = f"Too many links ({MAX_LINKS}) exist for this feature"
        raise Problem(403, "OperationDeniedError", too_many)
    title = call.body.get("title")
    db.execute("INSERT INTO link VALUES (?, ?, ?, ?)", (str(uuid4()), flag, url, title))
    record(db, "feature-link-added", flag=flag, data=_data(url, title))
    return Response(status_code=NO_CONTENT)


def change(db: sqlite3.Connection, call: Call) -> Response:
    """Replace a link, on an archived flag too; another flag's link moves to this one."""
    flag, url, title = call.path["flag"], normal(call.text("url")), call.body.get("title")
    row = _link(db, call)
    db.execute(
        "UPDATE link SET flag = ?, url = ?, title = ? WHERE id = ?", (flag, url, title, row["id"])
    )
    before = _data(row["url"], row["title"])
    record(db, "feature-link-updated", flag=flag, data=_data(url, title), before=before)
    return Response(status_code=NO_CONTENT)


def remove(db: sqlite3.Connection, call: Call) -> Response:
    """Take a link off a flag."""
    row = _link(db, call)
    db.execute("DELETE FROM link WHERE id = ?", (row["id"],))
    before = _data(row["url"], row["title"])
    record(db, "feature-link-removed", flag=row["flag"], before=before)
    return Response(status_code=NO_CONTENT)


def links_of(db: sqlite3.Connection, flag: str) -> list[dict[str, Any]]:
    """The links of a flag."""
    rows = db.execute("SELECT id, url, title, flag AS feature FROM link WHERE flag = ?", (flag,))
    return [dict(row) for row in rows]


def normal(url: str) -> str:
    """Write a URL as Unleash stores it; the fragment is kept byte for byte.

    The host loses its case, `www.` and the default port, the query loses `utm_*` and
    is sorted, user and password go. Raises a 400 where it is no URL.
    """
    if not re.match(r"[a-zA-Z][a-zA-Z0-9+.-]*:", url):
        url = f"https://{url}"
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").removeprefix("www."), parts.port
    except ValueError:
        raise bad_data(f"Invalid URL: {url}") from None
    if parts.scheme not in PORTS:
        return url
    if not host or re.search(r"[\s<>\"^`{|}]", host):
        raise bad_data(f"Invalid URL: {url}")
    if port not in {None, PORTS[parts.scheme]}:
        host = f"{host}:{port}"
    query = [
        (key, value)
        for key, value in parse_qsl(parts.query, keep_blank_values=True)
        if not key.lower().startswith("utm_")
    ]
    path = quote(parts.path, safe="/%:@!$&'()*+,;=~").rstrip("/")
    return urlunsplit((parts.scheme, host, path, urlencode(sorted(query)), parts.fragment))


def _data(url: str, title: Any) -> dict[str, Any]:
    """A link as an event holds it: without a title where it has none."""
    return {"url": url} | ({} if title is None else {"title": title})


def _link(db: sqlite3.Connection, call: Call) -> sqlite3.Row:
    row = db.execute("SELECT * FROM link WHERE id = ?", (call.path["link"],)).fetchone()
    if row is None:
        raise not_found(f"No item with id {call.path['link']}")
    return row  # type: ignore[no-any-return]  # sqlite3 is not typed that far
