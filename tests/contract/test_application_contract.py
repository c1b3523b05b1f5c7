"""An application's own UnleashClient, unchanged, against both servers."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from queue import SimpleQueue

import httpx
import pytest
from UnleashClient import UnleashClient  # type: ignore[attr-defined]  # as its manual says

from flagwright.core.wrapping.module import new_module
from tests.contract.conftest import PROJECT, Server

PATIENCE_S = 30
FETCHES = 20
"""Most applications that are started until one sees a switch."""


@pytest.fixture
def is_on(server: Server, name: str, tmp_path: Path) -> Iterator[Callable[[bool], bool]]:
    """Whether a running application comes to see the flag as expected, fetch by fetch."""
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

    def comes_to_be(expected: bool) -> bool:
        while client.is_enabled(name, {"userId": "ada"}) is not expected:
            fetched.get(timeout=PATIENCE_S)
        return True

    client.initialize_client()
    yield comes_to_be
    client.destroy()


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


def test_the_module_that_a_plan_adds_asks_the_server(
    http: httpx.Client, name: str, server: Server, tmp_path: Path
) -> None:
    found = new_module(["page.py"], [], "unleash")
    assert found is not None
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
