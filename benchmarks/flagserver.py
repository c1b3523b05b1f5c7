"""Ask the embedded flag server with 10,000 flags and 100,000 events what is asked of an empty one.

python -m benchmarks.flagserver
"""

import json
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import httpx
from starlette.testclient import TestClient

from flagwright import flagserver

FLAGS, EVENTS, TIMES = 10_000, 100_000, 30
ADMIN, CLIENT = "*:*.benchmark", "*:development.benchmark"
PROJECT = "/api/admin/projects/default"
SEARCH = "/api/admin/search/events"
LINKS = "IS_ANY_OF:feature-link-added,feature-link-updated"
LISTS = ("list flags", "poll, something changed", "look anywhere")
"""What reads every flag or event by its nature: judged by the piece, not by the call."""
NOTICED_MS = 50


def fill(database: Path) -> None:
    """Flags with a strategy and a tag, and ten events for each, as rows."""
    with closing(sqlite3.connect(database)) as db, db:
        at = "2026-01-02T03:04:05.000Z"
        names = [f"release.team-{n % 50}.flag-{n:05}" for n in range(FLAGS)]
        db.executemany(
            "INSERT INTO flag (name, project, type, description, created_at) VALUES"
            " (?, 'default', 'release', 'One of many', ?)",
            [(name, at) for name in names],
        )
        db.execute(
            "INSERT INTO flag_environment (flag, environment, enabled)"
            " SELECT flag.name, environment.name, 1 FROM flag, environment"
        )
        body = {"name": "flexibleRollout", "title": None, "disabled": False, "constraints": []}
        body |= {"parameters": {"rollout": "50"}, "variants": [], "segments": []}
        db.executemany(
            "INSERT INTO strategy VALUES (?, ?, 'development', 0, ?)",
            [(f"id-{name}", name, json.dumps(body)) for name in names],
        )
        data = json.dumps({"url": "https://flagwright.invalid/r/x#" + "a" * 900, "title": "x"})
        db.executemany(
            "INSERT INTO event (type, created_by, created_by_user_id, created_at, data, pre_data,"
            " tags, flag, project) VALUES ('feature-link-updated', 'admin', -42, ?, ?, ?, '[]',"
            " ?, 'default')",
            [(at, data, data, names[n % FLAGS]) for n in range(EVENTS)],
        )


def ask(database: Path, flags: int) -> dict[str, float]:
    """Median time of each request, in milliseconds."""
    app = flagserver.app(database, admin_token=ADMIN, client_token=CLIENT)
    with TestClient(app, base_url="http://127.0.0.1") as http:
        http.headers["authorization"] = ADMIN
        http.get("/health")
        if flags:
            fill(database)
        created = iter(range(10**6))
        one = f"release.one-{flags}"
        http.post(f"{PROJECT}/features", json={"name": one})
        place = f"{PROJECT}/features/{one}"
        http.post(f"{place}/link", json={"url": "https://example.com/0", "title": "x"})
        link = http.get(place).json()["links"][0]["id"]
        sdk = {"authorization": CLIENT}
        etag = http.get("/api/client/features", headers=sdk).headers["etag"]
        word = {"project": "IS:default", "type": LINKS, "limit": "50"}

        def make() -> httpx.Response:
            return http.post(f"{PROJECT}/features", json={"name": f"new.{next(created)}"})

        def record() -> httpx.Response:
            body = {"url": f"https://example.com/{next(created)}#" + "a" * 900, "title": "x"}
            return http.put(f"{place}/link/{link}", json=body)

        requests: dict[str, Callable[[], httpx.Response]] = {
            "read a flag": lambda: http.get(place),
            "record by link": record,
            "poll, nothing changed": lambda: http.get(
                "/api/client/features", headers=sdk | {"if-none-match": etag}
            ),
            "newest events": lambda: http.get(SEARCH, params=word),
            "events of a flag": lambda: http.get(SEARCH, params=word | {"feature": f"IS:{one}"}),
            "look for a record": lambda: http.get(
                SEARCH, params=word | {"feature": f"IS:{one}", "query": "nothing-like-it"}
            ),
            "look anywhere": lambda: http.get(SEARCH, params=word | {"query": "nothing-like-it"}),
            "list flags": lambda: http.get(f"{PROJECT}/features"),
            "poll, something changed": lambda: http.get("/api/client/features", headers=sdk),
            "create a flag": make,
        }
        took = {}
        for name, request in requests.items():
            seconds = []
            for _ in range(3 if flags and name in LISTS else TIMES):
                start = time.perf_counter()
                assert request().status_code < 400, name
                seconds.append(time.perf_counter() - start)
            took[name] = 1000 * statistics.median(seconds)
        return took


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        small = ask(Path(folder) / "empty" / "flags.sqlite", 0)
        large = ask(Path(folder) / "full" / "flags.sqlite", FLAGS)
    slower = 0
    print(f"{'':<26}   empty   {FLAGS:,} flags, {EVENTS:,} events")
    for name, took in large.items():
        pieces = EVENTS if name == "look anywhere" else FLAGS
        each = f"  ({1000 * took / pieces:.0f} us each)" if name in LISTS else ""
        print(f"{name:<26} {small[name]:7.1f}  {took:7.1f} ms{each}")
        slower += name not in LISTS and took > small[name] + NOTICED_MS
    print(f"{slower} are slower by more than {NOTICED_MS} ms")
    return slower


if __name__ == "__main__":
    sys.exit(main() > 0)
