"""An application's own UnleashClient, unchanged, against both servers."""

from collections.abc import Callable, Iterator
from pathlib import Path
from queue import SimpleQueue

import httpx
import pytest
from UnleashClient import UnleashClient  # type: ignore[attr-defined]  # as its manual says

from tests.contract.conftest import PROJECT, Server

PATIENCE_S = 30


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
