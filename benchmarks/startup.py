"""Time from spawn to the first reply over stdio, next to a bare server, in one run.

The two take turns, so that a busy machine slows both down.
"""

import json
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROUNDS = 9
SERVERS = {
    "bare protocol library": [sys.executable, str(Path(__file__).with_name("bare.py"))],
    "flagwright serve": [sys.executable, "-m", "flagwright", "serve"],
}
QUESTION = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {
        "protocolVersion": "2025-06-18",
        "capabilities": {},
        "clientInfo": {"name": "benchmark", "version": "1"},
    },
}


def first_reply_ms(command: list[str]) -> float:
    """Start a server, ask to initialize, and stop the clock at its answer."""
    started = time.perf_counter()
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as server:
        assert server.stdin
        assert server.stdout
        server.stdin.write(json.dumps(QUESTION).encode() + b"\n")
        server.stdin.flush()
        answer = json.loads(server.stdout.readline())
        took_ms = (time.perf_counter() - started) * 1000
        server.stdin.close()
    assert "result" in answer, answer
    return took_ms


def main() -> None:
    """Print the median of both."""
    times: dict[str, list[float]] = {name: [] for name in SERVERS}
    for _ in range(ROUNDS):
        for name, command in SERVERS.items():
            times[name].append(first_reply_ms(command))
    print(f"Spawn to first reply over stdio, median of {ROUNDS} (least - most):")
    for name, values in times.items():
        print(
            f"  {name:<24}{statistics.median(values):6.0f} ms"
            f"  ({min(values):.0f} - {max(values):.0f})"
        )


if __name__ == "__main__":
    main()
