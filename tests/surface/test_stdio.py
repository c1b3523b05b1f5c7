"""The server as clients start it: a process whose standard output is the protocol's alone."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from mcp import Client, StdioServerParameters

COMMAND = [sys.executable, "-m", "flagwright", "serve"]
FLAG = "release.greeter.hello"


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    home = tmp_path / "home"
    home.mkdir()
    return {"PATH": os.environ["PATH"], "HOME": str(home), "GIT_CONFIG_NOSYSTEM": "1"}


@pytest.mark.anyio
@pytest.mark.parametrize("mode", ["auto", "legacy"])
async def test_a_client_does_the_job_over_stdio(
    greeter: Path, environment: dict[str, str], mode: Any
) -> None:
    served = StdioServerParameters(
        command=COMMAND[0],
        args=[*COMMAND[1:], "--root", str(greeter)],
        env=environment,
        cwd=str(greeter.parent),
    )
    async with Client(served, mode=mode) as client:
        assert len((await client.list_tools()).tools) == 10
        scored = await client.call_tool("score_change", {})
        waiting = await client.call_tool("apply_plan", {"plan": "0123456789ab"})

    assert scored.structured_content
    assert scored.structured_content["status"] == "scored"
    assert waiting.is_error


def test_every_line_of_standard_output_is_the_protocols(
    greeter: Path, environment: dict[str, str]
) -> None:
    messages: list[dict[str, Any]] = [
        {
            "jsonrpc": "2.0",
            "id": 1,
            "method": "initialize",
            "params": {
                "protocolVersion": "2025-06-18",
                "capabilities": {},
                "clientInfo": {"name": "raw", "version": "1"},
            },
        },
        {"jsonrpc": "2.0", "method": "notifications/initialized"},
        {"jsonrpc": "2.0", "id": 2, "method": "tools/list"},
        call(3, "score_change", {}),
        call(4, "score_change", {"base": "no-such-revision"}),
        call(5, "wrap_change", {"flag": FLAG}),
        call(6, "no_such_tool", {}),
    ]

    lines, errors = talk(messages, greeter, environment)

    answers = {line["id"]: line for line in lines if "id" in line}
    assert {line["jsonrpc"] for line in lines} == {"2.0"}
    assert sorted(answers) == [1, 2, 3, 4, 5, 6]
    assert answers[3]["result"]["structuredContent"]["status"] == "scored"
    assert [answers[number]["result"]["isError"] for number in (4, 5)] == [True, True]
    assert "Traceback" not in errors


def call(number: int, tool: str, arguments: dict[str, Any]) -> dict[str, Any]:
    params = {"name": tool, "arguments": arguments}
    return {"jsonrpc": "2.0", "id": number, "method": "tools/call", "params": params}


def talk(
    messages: list[dict[str, Any]], repository: Path, environment: dict[str, str]
) -> tuple[list[dict[str, Any]], str]:
    """Send messages one by one, wait for each answer, hang up; all of stdout and stderr."""
    with subprocess.Popen(
        [*COMMAND, "--root", str(repository)],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin
        assert process.stdout
        assert process.stderr
        lines: list[dict[str, Any]] = []
        for message in messages:
            process.stdin.write(json.dumps(message) + "\n")
            process.stdin.flush()
            while "id" in message and (not lines or lines[-1].get("id") != message["id"]):
                lines.append(json.loads(process.stdout.readline()))
        process.stdin.close()
        lines += [json.loads(line) for line in process.stdout]
        errors = process.stderr.read()
        assert process.wait(timeout=20) == 0
    return lines, errors
