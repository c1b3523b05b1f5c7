"""One file, several processes, and any of them may be killed."""

import os
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path

import httpx
import pytest

from flagwright import flagserver
from flagwright.flagserver import database

FEATURES = "/api/admin/projects/default/features"
SERVE = """
import sys, pathlib
from flagwright import flagserver
app = flagserver.app(pathlib.Path(sys.argv[1]), admin_token="admin", client_token="*:development.x")
flagserver.serve(app, int(sys.argv[2]))
"""

START = """
import sys, pathlib
from flagwright.flagserver.database import record, transaction
with transaction(pathlib.Path(sys.argv[1]), write=True) as db:
    record(db, "feature-created", data={})
"""


@contextmanager
def served(database: Path) -> Iterator[tuple[httpx.Client, subprocess.Popen[bytes]]]:
    """A process that serves a file, once it answers."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-c", SERVE, str(database), str(port)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        retrying = httpx.HTTPTransport(retries=9)
        headers = {"authorization": "admin"}
        with httpx.Client(
            base_url=f"http://127.0.0.1:{port}", headers=headers, transport=retrying, timeout=30
        ) as client:
            client.get("/health")
            yield client, process
        process.kill()
        assert process.stdout is not None
        assert process.stdout.read() == b""


def names(client: httpx.Client) -> list[str]:
    return sorted(flag["name"] for flag in client.get(FEATURES).json()["features"])


def test_two_processes_write_one_file_and_lose_nothing(tmp_path: Path) -> None:
    database = tmp_path / "state" / "flags.db"
    wanted = [f"shop.flag-{number:02}" for number in range(40)]
    with served(database) as (one, _), served(database) as (other, _):

        def create(number: int) -> int:
            client = (one, other)[number % 2]
            return client.post(FEATURES, json={"name": wanted[number]}).status_code

        with ThreadPoolExecutor(8) as pool:
            codes = list(pool.map(create, range(40)))

        assert codes == [201] * 40
        assert names(one) == names(other) == wanted


def test_of_two_processes_only_one_makes_a_flag(tmp_path: Path) -> None:
    database = tmp_path / "flags.db"
    with (
        served(database) as (one, _),
        served(database) as (other, _),
        ThreadPoolExecutor(8) as pool,
    ):
        body = {"name": "shop.tax"}
        made = pool.map(lambda http: http.post(FEATURES, json=body).status_code, [one, other] * 4)

        assert sorted(made) == [201] + [409] * 7


def test_what_was_answered_survives_a_kill(tmp_path: Path) -> None:
    database = tmp_path / "flags.db"
    with served(database) as (client, process):
        assert client.post(FEATURES, json={"name": "shop.tax"}).status_code == 201
        etag = client.get(
            "/api/client/features", headers={"authorization": "*:development.x"}
        ).headers["etag"]
        os.kill(process.pid, signal.SIGKILL)

    with served(database) as (client, _):
        assert names(client) == ["shop.tax"]
        known = {"authorization": "*:development.x", "if-none-match": etag}
        assert client.get("/api/client/features", headers=known).status_code == 304


def test_processes_that_start_at_once_make_one_file(tmp_path: Path) -> None:
    command = [sys.executable, "-c", START, str(tmp_path / "flags.db")]
    processes = [subprocess.Popen(command) for _ in range(6)]

    assert [process.wait() for process in processes] == [0] * 6


@pytest.mark.anyio
async def test_the_file_is_for_this_user_only(tmp_path: Path) -> None:
    database = tmp_path / "state" / "flags.db"
    app = flagserver.app(database, admin_token="admin", client_token="x")
    transport, headers = httpx.ASGITransport(app), {"authorization": "admin"}
    async with httpx.AsyncClient(
        transport=transport, base_url="http://localhost", headers=headers
    ) as http:
        await http.post(FEATURES, json={"name": "shop.tax"})

    assert database.parent.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in database.parent.iterdir()} == {0o600}


@pytest.mark.anyio
async def test_a_file_of_another_version_is_left_alone(tmp_path: Path) -> None:
    database = tmp_path / "flags.db"
    with sqlite3.connect(database) as db:
        db.execute("PRAGMA user_version = 99")
    before = database.read_bytes()
    app = flagserver.app(database, admin_token="admin", client_token="x")
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as http:
        answer = await http.get("/api/admin/projects", headers={"authorization": "admin"})

    assert answer.status_code == 500
    assert "has version 99" in answer.json()["message"]
    assert database.read_bytes() == before


def test_a_file_of_the_version_before_is_brought_up_and_keeps_what_it_holds(
    tmp_path: Path,
) -> None:
    file = tmp_path / "flags.sqlite"
    with closing(sqlite3.connect(file, isolation_level=None)) as db:
        db.executescript(database.SCHEMA)
        db.execute("INSERT INTO tag_type VALUES ('team', '', '', NULL)")
        db.execute("INSERT INTO project VALUES ('default', 'D', '', '', NULL, NULL, NULL)")
        db.execute(
            "INSERT INTO flag (name, project, type, created_at) VALUES ('a', 'default', '', '')"
        )
        db.execute("INSERT INTO tag VALUES ('a', 'team', 'shop')")
        db.execute("PRAGMA user_version = 1")

    for _ in range(2):
        with database.transaction(file, write=True) as db:
            assert [tuple(row) for row in db.execute("SELECT * FROM tag_value")] == [
                ("team", "shop")
            ]
            assert db.execute("SELECT completed_as FROM flag").fetchone()[0] is None
            assert db.execute("PRAGMA user_version").fetchone()[0] == database.VERSION
