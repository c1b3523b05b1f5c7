"""An application's own UnleashClient, unchanged, against both servers."""

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import anyio
import httpx
import pytest
from UnleashClient import UnleashClient  # type: ignore[attr-defined]  # as its manual says

from flagwright.adapters.unleash import Unleash
from flagwright.core.flag import FlagDetail
from flagwright.core.records.flag import FlagSpec
from flagwright.core.rollout import Asked, resolve
from flagwright.core.strategy import Placement, placed
from flagwright.core.wrapping.module import new_module
from tests.contract.conftest import PROJECT, Server

PATIENCE_S = 30
BLUE, RED = 16, 35
"""Of a hundred users, by the hash that all of Unleash's clients share."""
FETCHES = 20
"""Most applications that are started until one sees a switch."""


@dataclass
class Running:
    """A running application; its client tells of each fetch."""

    client: UnleashClient
    fetched: SimpleQueue[object]

    def until(self, is_seen: Callable[[UnleashClient], bool]) -> None:
        """Wait, fetch by fetch, until the application sees what is expected."""
        while not is_seen(self.client):
            self.fetched.get(timeout=PATIENCE_S)


@pytest.fixture
def application(server: Server, name: str, tmp_path: Path) -> Iterator[Running]:
    fetched: SimpleQueue[object] = SimpleQueue()
    client = UnleashClient(
        url=f"{server.url}/api",
        app_name="contract",
        instance_id=name,
        refresh_interval=1,
        metrics_interval=1,
        custom_headers={"Authorization": server.client_token},
        cache_directory=str(tmp_path),
        event_callback=fetched.put,
    )
    client.initialize_client()
    yield Running(client, fetched)
    client.destroy()


@pytest.fixture
def is_on(application: Running, name: str) -> Callable[[bool], bool]:
    """Whether a running application comes to see the flag as expected."""

    def comes_to_be(expected: bool) -> bool:
        application.until(lambda client: client.is_enabled(name, {"userId": "ada"}) is expected)
        return True

    return comes_to_be


def roll_out(server: Server, flag: str, asked: Asked) -> str:
    """Make a flag and switch it on in development; who is let in, in words."""

    async def work() -> str:
        client = Unleash(server.url, server.token)
        await client.create(FlagSpec(name=flag))
        now = (await client.detail(flag)).environment("development").placement
        wanted = Placement(on=True, strategies=(resolve(now, asked, flag),))
        await client.place(flag, "development", now, wanted)
        there = (await client.detail(flag)).environment("development")
        await client.aclose()
        return placed(there, flag)

    return anyio.run(work)


def test_a_running_application_follows_the_switch_without_a_restart(
    http: httpx.Client, name: str, is_on: Callable[[bool], bool]
) -> None:
    made = http.post(f"{PROJECT}/features", json={"name": name, "type": "release"})
    place = f"{PROJECT}/features/{name}/environments"

    assert made.status_code == 201
    assert is_on(False)
    http.post(f"{place}/production/on")
    http.post(f"{place}/development/on")
    assert is_on(True)
    http.post(f"{place}/development/off")
    assert is_on(False)


def test_an_application_evaluates_shares_constraints_segments_and_variants(
    server: Server, http: httpx.Client, name: str, application: Running
) -> None:
    """By the same group, the same users are in on every server."""
    many = {"contextName": "userId", "operator": "NOT_IN", "values": ["user-1"]}
    made = http.post("/api/admin/segments", json={"name": f"s-{name}", "constraints": [many]})
    assert made.status_code == 201
    asked = Asked(
        percent=50,
        stickiness="userId",
        group="contract",
        constraints=("country IN de,at",),
        segments=(f"s-{name}",),
        variants={"blue": 25, "red": 75},
        payloads={"blue": 'json:{"color": "blue"}', "red": "csv:a,b"},
    )

    words = roll_out(server, name, asked)

    def variants(country: str) -> list[dict[str, Any]]:
        users = ({"userId": f"user-{number}", "country": country} for number in range(100))
        answers = [application.client.get_variant(name, user) for user in users]
        return [answer for answer in answers if answer["enabled"]]

    assert words == (
        f"on, 50 % by userId in group contract where country IN de,at in segment s-{name} "
        'as blue 25 % (json: {"color": "blue"}), red 75 % (csv: a,b)'
    )
    application.until(lambda _: bool(variants("de")))
    assert variants("fr") == []
    told = [(answer["name"], answer["payload"]["value"]) for answer in variants("de")]
    assert Counter(told) == {("blue", '{"color": "blue"}'): BLUE, ("red", "a,b"): RED}
    assert not application.client.is_enabled(name, {"userId": "user-1", "country": "de"})


def test_what_an_application_counts_is_seen_on_the_flag(
    server: Server, name: str, application: Running
) -> None:
    """A real server writes it down half a minute later; another test waits for that."""
    if server.kind != "embedded":
        pytest.skip("see test_what_applications_count_is_told")
    roll_out(server, name, Asked(percent=100))
    application.until(lambda client: client.is_enabled(name, {"userId": "ada"}))

    async def looked_at() -> FlagDetail:
        client = Unleash(server.url, server.token)
        with anyio.fail_after(PATIENCE_S):
            while not (found := await client.detail(name)).environment("development").yes:  # noqa: ASYNC110
                await anyio.sleep(0.2)
        await client.aclose()
        return found

    found = anyio.run(looked_at)
    assert found.flag.last_seen_at
    assert found.stage == "pre-live"


def test_the_module_that_a_plan_adds_asks_the_server(
    http: httpx.Client, name: str, server: Server, tmp_path: Path
) -> None:
    found = new_module(["page.py"], {}, "unleash")
    assert found
    assert found[1]
    (tmp_path / "flags.py").write_bytes(found[1].text or b"")
    program = f"import flags, os; print(flags.is_enabled({name!r}), flush=True); os._exit(0)"
    environment = {
        "PATH": os.environ["PATH"],
        "TMPDIR": str(tmp_path),
        "UNLEASH_URL": f"{server.url}/api",
        "UNLEASH_API_TOKEN": server.client_token,
        "UNLEASH_APP_NAME": name,
    }

    def asked() -> str:
        return subprocess.run(
            [sys.executable, "-c", program],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            check=True,
            timeout=PATIENCE_S,
        ).stdout.strip()

    made = http.post(f"{PROJECT}/features", json={"name": name, "type": "release"})
    place = f"{PROJECT}/features/{name}/environments"
    off = asked()
    http.post(f"{place}/production/on")
    http.post(f"{place}/development/on")

    assert made.status_code == 201
    assert off == "False"
    assert any(asked() == "True" for _ in range(FETCHES)), "a server may answer from its cache"
