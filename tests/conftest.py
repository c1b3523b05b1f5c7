"""What every test may use."""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

# How long an example takes says how busy the machine is.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")

if TYPE_CHECKING:
    from tests.installation import Installation


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """Run coroutine tests on asyncio, once."""
    return "asyncio"


@pytest.fixture
def home(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> "Installation":
    """The installation of a person who has configured nothing."""
    from tests.installation import IMPATIENT_S, Installation

    folder = tmp_path / "home"
    folder.mkdir()
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    made = Installation(folder)
    if request.node.get_closest_marker("impatient"):
        made.deadline_s = IMPATIENT_S
    return made


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What fails with a real server or browser is tried once more: they have their own timers."""
    for item in items:
        if item.get_closest_marker("unleash") or "chromium" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.flaky(reruns=1))
