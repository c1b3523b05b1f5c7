"""Whatever stands between us and the flag server: nothing is lost, doubled or let slip."""

from pathlib import Path

import anyio
import pytest

from tests.contract.conftest import Server
from tests.contract.faults import FAULTS, suffer
from tests.installation import shop

pytestmark = pytest.mark.anyio

PATIENCE_S = 60


@pytest.mark.parametrize(
    "server", [pytest.param("unleash", marks=pytest.mark.unleash)], indirect=True
)
@pytest.mark.parametrize("name", [*FAULTS, "redirect"])
async def test_work_goes_on_through_a_fault(
    server: Server, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))

    with anyio.fail_after(PATIENCE_S):
        seen = await suffer(
            server.url, server.token, name, tmp_path / "home", shop(tmp_path / "shop")
        )

    assert seen.recorded >= 5
    assert (seen.lost, seen.twice, seen.wrong, seen.leaks) == (0, 0, (), 0), seen.calls
    assert seen.placed == (True, ("25",))
