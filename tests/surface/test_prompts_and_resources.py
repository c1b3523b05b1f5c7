"""Prompts that a person picks, and what can be read beside the answers."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from mcp import Client, MCPError
from mcp.server.mcpserver import MCPServer
from mcp.types import TextContent, TextResourceContents

from flagwright.surface.session import Session

pytestmark = pytest.mark.anyio

Serving = Callable[..., MCPServer[Session]]
FLAG = "release.shop.volume-discount"
SPEC = {
    "name": FLAG,
    "description": "Volume discount",
    "owner": "shop",
    "expires_on": "2026-01-31",
}


@pytest.fixture(params=["auto", "legacy"])
def mode(request: pytest.FixtureRequest) -> Any:
    return request.param


async def read(client: Client, uri: str) -> str:
    (content,) = (await client.read_resource(uri)).contents
    assert isinstance(content, TextResourceContents)
    return content.text


async def test_three_prompts_are_offered_and_the_instructions_are_not(
    serving: Serving, shop: Path, mode: Any
) -> None:
    async with Client(serving(shop), mode=mode) as client:
        offered = (await client.list_prompts()).prompts

    assert {
        prompt.name: [(argument.name, argument.required) for argument in prompt.arguments or []]
        for prompt in offered
    } == {
        "explain-risk": [("base", False)],
        "guard-change": [("base", False), ("flag", False)],
        "retire-flag": [("flag", True), ("keep", False)],
    }


async def test_a_prompt_speaks_of_what_was_asked(serving: Serving, shop: Path, mode: Any) -> None:
    async with Client(serving(shop), mode=mode) as client:
        (message,) = (await client.get_prompt("retire-flag", {"flag": FLAG})).messages
        with pytest.raises(MCPError):
            await client.get_prompt("retire-flag", {})

    assert isinstance(message.content, TextContent)
    assert f"flag {FLAG} out" in message.content.text
    assert "with the flag on" in message.content.text
    assert "{{" not in message.content.text


async def test_a_users_own_prompt_replaces_the_shipped_one(
    serving: Serving, shop: Path, settings: Any
) -> None:
    folder = settings.config_dir / "prompts"
    folder.mkdir(parents=True)
    (folder / "explain-risk.md").write_text(
        "---\nname: explain-risk\ntitle: Risk\ndescription: Ours\n---\nOur words.\n"
    )

    async with Client(serving(shop)) as client:
        (message,) = (await client.get_prompt("explain-risk")).messages

    assert isinstance(message.content, TextContent)
    assert message.content.text == "Our words."


@pytest.mark.parametrize("name", ["approval", "naming", "risk", "wrapping"])
async def test_each_policy_can_be_read_with_its_reasons(
    serving: Serving, shop: Path, name: str
) -> None:
    async with Client(serving(shop)) as client:
        text = await read(client, f"flagwright://policies/{name}")

    assert text == (Path(__file__).parents[2] / "policies" / f"{name}.toml").read_text()


async def test_a_plans_patch_and_its_flag_can_be_read(
    serving: Serving, shop: Path, mode: Any
) -> None:
    async with Client(serving(shop), mode=mode) as client:
        await client.call_tool("create_flag", SPEC)
        proposed = (await client.call_tool("wrap_change", {"flag": FLAG})).structured_content
        patch = await read(client, f"flagwright://plans/{proposed['plan']}/patch")
        flag = json.loads(await read(client, f"flagwright://flags/{FLAG}"))

    assert f'+        if client.is_enabled("{FLAG}"):' in patch.splitlines()
    assert (flag["name"], flag["owner"], flag["on_in"]) == (FLAG, "shop", [])
    assert f"flagwright://plans/{proposed['plan']}/patch" in proposed["next_step"]


@pytest.mark.parametrize(
    ("uri", "code"),
    [
        ("flagwright://policies/secrets", "bad-request"),
        ("flagwright://plans/0123456789ab/patch", "plan-unknown"),
        ("flagwright://flags/release.never.made", "flag-unknown"),
    ],
)
async def test_what_is_not_there_is_told_with_its_code(
    serving: Serving, shop: Path, mode: Any, uri: str, code: str
) -> None:
    async with Client(serving(shop), mode=mode) as client:
        with pytest.raises(MCPError) as told:
            await client.read_resource(uri)

    assert told.value.message.partition(":")[0] == code
