"""The first reply of the server waits for nothing heavy, and for nothing that it may not need."""

import json
import os
import subprocess
import sys
from pathlib import Path

HEAVY = {
    "git",
    "gitdb",
    "httpx",
    "jinja2",
    "libcst",
    "lizard",
    "pygments",
    "rapidfuzz",
    "re2",
    "unidiff",
    "UnleashClient",
    "flagwright.adapters.git",
    "flagwright.adapters.store",
    "flagwright.adapters.unleash",
    "flagwright.core.risk",
    "flagwright.core.wrapping",
    "flagwright.flagserver",
    "flagwright.surface.review",
    "flagwright.workbench",
}
REQUESTS = [
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
]


def test_nothing_heavy_is_imported_before_the_first_call(tmp_path: Path) -> None:
    """Python itself tells every import of a real server that is asked for its tools only."""
    with subprocess.Popen(
        [sys.executable, "-X", "importtime", "-m", "flagwright", "serve"],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin
        assert process.stdout
        assert process.stderr
        process.stdin.write("".join(json.dumps(request) + "\n" for request in REQUESTS))
        process.stdin.flush()
        answered = [json.loads(process.stdout.readline())["id"] for _ in range(2)]
        process.stdin.close()
        stderr = process.stderr.read()

    imported = {line.rpartition("|")[2].strip() for line in stderr.splitlines() if "|" in line}
    assert answered == [1, 2]
    assert "flagwright.surface.tools" in imported
    assert not {
        name
        for name in imported
        for heavy in HEAVY
        if name == heavy or name.startswith(heavy + ".")
    }
