"""Whatever stands between us and the flag server: nothing is lost, doubled or let slip."""

from pathlib import Path

import anyio
import pytest

from tests.contract.conftest import Server
from tests.contract.faults import FAULTS, Suffered, suffer
from tests.installation import shop

pytestmark = pytest.mark.anyio

PATIENCE_S, TOGETHER = 90, 3
Outcomes = dict[str, Suffered | Exception]


async def suffered(server: Server, name: str, folder: Path) -> Suffered:
    with anyio.fail_after(PATIENCE_S):
        return await suffer(server.url, server.token, name, folder / "home", shop(folder / "shop"))


@pytest.fixture(scope="module")
async def outcomes(
    server: Server, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Outcomes:
    """What came of each fault, several at a time: most of it is waiting for an answer."""
    found: Outcomes = {}
    root, limit = tmp_path_factory.mktemp("faults"), anyio.CapacityLimiter(TOGETHER)

    async def one(name: str) -> None:
        async with limit:
            try:
                found[name] = await suffered(server, name, tmp_path_factory.mktemp(name))
            except Exception as error:
                found[name] = error

    asked = [getattr(item, "callspec", None) for item in request.session.items]
    names = {each.params.get("name") for each in asked if each} & {*FAULTS, "redirect"}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOME", str(root))
        async with anyio.create_task_group() as tasks:
            for name in sorted(names):
                tasks.start_soon(one, name)
    return found


@pytest.mark.parametrize(
    "server", [pytest.param("unleash", marks=pytest.mark.unleash)], indirect=True
)
@pytest.mark.parametrize("name", [*FAULTS, "redirect"])
async def test_work_goes_on_through_a_fault(
    server: Server,
    name: str,
    outcomes: Outcomes,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))

    seen = outcomes.pop(name, None) or await suffered(server, name, tmp_path)

    if isinstance(seen, Exception):
        raise seen
    assert seen.recorded >= 5
    assert (seen.lost, seen.twice, seen.wrong, seen.leaks) == (0, 0, (), 0), seen.calls
    assert seen.placed == (True, ("25",))
