"""A shop with an unreleased change, and the workbench of a person who has a flag for it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from flagwright.core.records.plan import Plan
from flagwright.workbench.bench import Workbench
from tests.installation import ACTOR, Installation, shop, spec


@pytest.fixture(scope="session", autouse=True)
async def one_loop(anyio_backend: str) -> AsyncIterator[None]:
    """Keep one event loop, so that all tests share its guarded workers."""
    yield  # noqa: PT022  the loop lives until here


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return shop(tmp_path / "shop")


@pytest.fixture
async def bench(home: Installation) -> AsyncIterator[Workbench]:
    async with home.open() as opened:
        await opened.flags.create(spec(), actor=ACTOR)
        yield opened


@pytest.fixture
async def plan(bench: Workbench, folder: Path) -> Plan:
    """A proposed plan that nobody has decided."""
    proposed = (await bench.wrap(folder, spec().name, actor=ACTOR)).plan
    assert proposed
    return proposed
