"""Two servers for one suite: the embedded one and a real Unleash, both on a port."""

import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
import uvicorn

from flagwright import flagserver
from tests.contract.real_unleash import NEWEST, OLDEST, SEARCHES, CannotStart, start

PROJECT = "/api/admin/projects/default"
NOT_STARTED = pytest.StashKey[str]()


@dataclass(frozen=True)
class Server:
    """A flag server that the whole suite may fill."""

    kind: str
    url: str
    token: str
    client_token: str
    sql: Callable[[str], object]
    """For what no route of the open-source server changes."""
    version: str = NEWEST


@pytest.fixture(
    scope="session",
    params=[
        "embedded",
        pytest.param("unleash", marks=pytest.mark.unleash),
        pytest.param("unleash-oldest", marks=pytest.mark.unleash),
    ],
)
def server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    if request.param == "embedded":
        yield from embedded(tmp_path_factory.mktemp("flags") / "flags.db")
    elif request.param == "unleash":
        yield from unleash(request.config, NEWEST, searches=SEARCHES)
    else:
        yield from unleash(request.config, OLDEST, searches=None)


def embedded(database: Path) -> Iterator[Server]:
    admin, client = f"*:*.{uuid4().hex}", f"*:development.{uuid4().hex}"
    app = flagserver.app(database, admin_token=admin, client_token=client)
    running = uvicorn.Server(uvicorn.Config(app, port=0, log_level="warning"))
    thread = threading.Thread(target=running.run)
    thread.start()
    while not running.started:
        time.sleep(0.01)

    def sql(statement: str) -> None:
        with closing(sqlite3.connect(database, isolation_level=None)) as db:
            db.execute(statement)

    port = running.servers[0].sockets[0].getsockname()[1]
    yield Server("embedded", f"http://127.0.0.1:{port}", admin, client, sql)
    running.should_exit = True
    thread.join()


def unleash(config: pytest.Config, version: str, *, searches: int | None) -> Iterator[Server]:
    """A real server; without a number of searches it allows as few as one does by itself."""
    try:
        real = start(version, searches=searches)
    except CannotStart as reason:
        if "unleash" in os.environ.get("FLAGWRIGHT_REQUIRE", "").split(","):
            pytest.fail(f"a real Unleash is required: {reason}")
        config.stash[NOT_STARTED] = str(reason)
        pytest.skip(f"no real Unleash: {reason}")
    try:
        yield Server("unleash", real.url, real.token, real.client_token, real.sql, version)
    finally:
        real.stop()


@pytest.fixture
def http(server: Server) -> Iterator[httpx.Client]:
    headers = {"authorization": server.token}
    with httpx.Client(base_url=server.url, headers=headers, trust_env=False) as client:
        yield client


def set_pattern(server: Server, value: str) -> None:
    """No route of the open-source server does it."""
    if server.kind == "embedded":
        server.sql(f"UPDATE project SET naming_pattern = {value}")
        return
    server.sql(
        "INSERT INTO project_settings (project, feature_naming_pattern)"
        f" VALUES ('default', {value}) ON CONFLICT (project)"
        " DO UPDATE SET feature_naming_pattern = excluded.feature_naming_pattern"
    )


@pytest.fixture
def name() -> str:
    """A flag name that nothing on the server has had."""
    return f"contract.{uuid4().hex[:12]}"


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    if reason := config.stash.get(NOT_STARTED, None):
        terminalreporter.section("the contract was tested on the embedded server only", red=True)
        terminalreporter.write_line(f"A real Unleash did not start: {reason}")
