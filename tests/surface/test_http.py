"""The server on a port: nobody without the token, nobody under another name."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

pytestmark = pytest.mark.anyio

TOKEN = "a-token-that-is-long-enough-for-a-secret"
LIST = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
ACCEPT = {"Accept": "application/json, text/event-stream"}
SERVE = """
import os, sys
from functools import partial
from pathlib import Path
from flagwright.assembly import open_workbench, prompts
from flagwright.settings import from_environment
from flagwright.surface.assistant import serve_http

settings = from_environment(os.environ)
opener = partial(open_workbench, settings)
serve_http(opener, [Path(sys.argv[1])], prompts(settings), port=0, token=sys.argv[2])
"""


def environment(home: Path) -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "HOME": str(home), "GIT_CONFIG_NOSYSTEM": "1"}


@pytest.fixture(scope="module")
def address(shared_greeter: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where a server over a repository listens."""
    with subprocess.Popen(
        [sys.executable, "-c", SERVE, str(shared_greeter), TOKEN],
        env=environment(tmp_path_factory.mktemp("home")),
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr
        lines = (re.search(r"Serving (http://\S+)", line) for line in process.stderr)
        yield next(found[1] for found in lines if found)
        process.terminate()


@pytest.mark.parametrize("mode", ["auto", "legacy"])
async def test_a_client_with_the_token_does_the_job(address: str, mode: Any) -> None:
    async with httpx2.AsyncClient(headers={"Authorization": f"Bearer {TOKEN}"}) as http:
        transport = streamable_http_client(address, http_client=http)
        async with Client(transport, mode=mode) as client:
            scored = await client.call_tool("score_change", {})

    assert scored.structured_content
    assert scored.structured_content["status"] == "scored"


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": ""},
        {"Authorization": "Bearer"},
        {"Authorization": f"Bearer {TOKEN[:-1]}"},
        {"Authorization": f"bearer {TOKEN}x"},
        {"Authorization": f"Basic {TOKEN}"},
    ],
)
async def test_nobody_gets_in_without_the_token(address: str, headers: dict[str, str]) -> None:
    async with httpx2.AsyncClient() as http:
        answer = await http.post(address, json=LIST, headers={**ACCEPT, **headers})

    assert answer.status_code == 401
    assert TOKEN not in answer.text


@pytest.mark.parametrize(
    ("header", "value", "status"),
    [
        ("Host", "evil.example", 421),
        ("Host", "127.0.0.1:1", 421),
        ("Host", "127.0.0.1.evil.example", 421),
        ("Origin", "https://evil.example", 403),
        ("Origin", "http://127.0.0.1:1", 403),
        ("Origin", "null", 403),
    ],
)
async def test_the_token_does_not_help_under_another_name(
    address: str, header: str, value: str, status: int
) -> None:
    headers = {**ACCEPT, "Authorization": f"Bearer {TOKEN}", header: value}
    async with httpx2.AsyncClient() as http:
        answer = await http.post(address, json=LIST, headers=headers)

    assert answer.status_code == status


def test_a_token_that_is_no_secret_is_refused(tmp_path: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", SERVE, str(tmp_path), "short"],
        env=environment(tmp_path),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert ran.returncode == 1
    assert "BadRequest" in ran.stderr
