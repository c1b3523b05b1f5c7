"""What our client reads and sets of one flag, on both servers."""

from collections.abc import AsyncIterator
from uuid import uuid4

import httpx
import pytest

from flagwright.adapters.unleash import Unleash
from flagwright.core.records import FlagSpec
from flagwright.core.strategy import placed
from flagwright.errors import FlagUnknown
from tests.contract.conftest import PROJECT, Server

pytestmark = pytest.mark.anyio


@pytest.fixture
async def client(server: Server) -> AsyncIterator[Unleash]:
    made = Unleash(server.url, server.token, ledger_flag=f"contract.ledger.{uuid4().hex[:8]}")
    yield made
    await made.aclose()


@pytest.fixture
async def http(server: Server) -> AsyncIterator[httpx.AsyncClient]:
    headers = {"authorization": server.token}
    async with httpx.AsyncClient(base_url=server.url, headers=headers) as client:
        yield client


@pytest.fixture
async def flag(client: Unleash, name: str) -> str:
    await client.create(FlagSpec(name=name, owner="shop"))
    return name


async def test_a_flag_is_read_across_its_environments(
    client: Unleash, http: httpx.AsyncClient, flag: str
) -> None:
    place = f"{PROJECT}/features/{flag}/environments/development"
    parameters = {"rollout": "25", "stickiness": "userId", "groupId": flag}
    rule = {"contextName": "country", "operator": "IN", "values": ["de", "at"]}
    body = {"name": "flexibleRollout", "parameters": parameters, "constraints": [rule]}
    await http.post(f"{place}/strategies", json=body)
    await http.post(f"{place}/on")
    await http.post(f"{PROJECT}/features/{flag}/link", json={"url": "https://x.org", "title": "t"})

    found = await client.detail(flag)

    assert found.flag.tags == ("owner:shop",)
    assert {e.name: (e.type, placed(e, flag)) for e in found.environments} == {
        "development": ("development", "on, 25 % by userId where country IN de,at"),
        "production": ("production", "off, no strategy"),
    }
    assert found.stage == "initial"
    assert [(link.title, link.url) for link in found.links] == [("t", "https://x.org")]


async def test_an_archived_flag_is_told_as_that(
    client: Unleash, http: httpx.AsyncClient, flag: str
) -> None:
    await http.delete(f"{PROJECT}/features/{flag}")

    found = await client.detail(flag)

    assert (found.flag.archived, found.flag.owner, found.stage) == (True, "shop", "archived")
    with pytest.raises(FlagUnknown):
        await client.detail(f"{flag}.never-made")
