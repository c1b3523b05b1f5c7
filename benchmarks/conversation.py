"""Bytes on the wire of the main job, and memory of the server, with a real client over stdio.

Score, create, wrap, apply (nobody has approved), the person approves, apply again.
"""

import json
import subprocess
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

import anyio
from mcp import Client, StdioServerParameters

from benchmarks.stage import FLAG, approve, set_up

MODES: tuple[Literal["auto", "legacy"], ...] = ("auto", "legacy")
TAP = Path(__file__).with_name("tap.py")


async def converse(mode: Literal["auto", "legacy"], folder: Path) -> int:
    """Do the main job once; returns the resident memory of the server at its end, in KiB."""
    shop, environment = set_up(folder)
    server = [sys.executable, "-m", "flagwright", "serve", "--root", str(shop)]
    tapped = StdioServerParameters(
        command=sys.executable, args=[str(TAP), str(folder), *server], env=environment
    )
    expires = datetime.now(UTC).date() + timedelta(days=30)
    async with Client(tapped, mode=mode) as client:

        async def call(tool: str, /, **arguments: Any) -> dict[str, Any]:
            result = await client.call_tool(tool, arguments)
            assert not result.is_error, result.content
            return dict(result.structured_content or {})

        await client.list_tools()
        await call("score_change")
        await call(
            "create_flag",
            name=FLAG,
            description="Volume discount, and retries of late payments",
            owner="checkout-team",
            expires_on=str(expires),
        )
        plan = (await call("wrap_change", flag=FLAG))["plan"]
        waiting = await call("apply_plan", plan=plan)
        assert waiting["status"] == "awaiting-approval", waiting
        await anyio.to_thread.run_sync(approve, plan, shop, environment)
        applied = await call("apply_plan", plan=plan)
        assert applied["status"] == "applied", applied
        return resident_kib(int((folder / "pid").read_text()))


def resident_kib(pid: int) -> int:
    """Memory of one process, as `ps` knows it on Linux and macOS."""
    told = subprocess.run(
        ["ps", "-o", "rss=", "-p", str(pid)], capture_output=True, text=True, check=True
    )
    return int(told.stdout)


def sizes(folder: Path) -> list[tuple[str, int, int]]:
    """What was asked, and the bytes of each request and of its answer."""
    lines = {name: (folder / name).read_bytes().splitlines() for name in ("sent", "answered")}
    answers = {json.loads(line).get("id"): len(line) for line in lines["answered"]}
    asked = []
    for line in lines["sent"]:
        message = json.loads(line)
        if "id" in message and "method" in message:
            name = message["method"]
            if name == "tools/call":
                name = f"  {message['params']['name']}"
            asked.append((name, len(line), answers.get(message["id"], 0)))
    return asked


def main() -> None:
    """Print the sizes for both protocol eras."""
    for mode in MODES:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            kib = anyio.run(converse, mode, folder)
            exchanged = sizes(folder)
        print(f"{mode} client: bytes of request and answer")
        for what, request, answer in exchanged:
            print(f"  {what:<18}{request:7,}{answer:8,}")
        calls = sum(request + answer for what, request, answer in exchanged if what[0] == " ")
        print(f"  {'all five calls':<25}{calls:8,}")
        print(f"  server memory at the end{kib / 1024:8.0f} MiB")


if __name__ == "__main__":
    main()
