"""Time from spawn to the first reply over stdio, and to the end of a hook, next to bare programs.

They take turns, so that a busy machine slows them all down. Bytecode is kept, as an installer
leaves it; the lower bound of a hook is a program that builds one record. The hook looks at a
repository with one rule of its own.
"""

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

ROUNDS = 9
ENVIRONMENT = {
    name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"
}
BARE = "import click\nfrom pydantic import BaseModel\nclass One(BaseModel):\n    x: int\nOne(x=1)"
SERVERS = {
    "bare protocol library": [sys.executable, str(Path(__file__).with_name("bare.py"))],
    "flagwright serve": [sys.executable, "-m", "flagwright", "serve"],
}
HOOKS = {
    "bare pydantic and click": [sys.executable, "-c", BARE],
    "flagwright policy lint": [sys.executable, "-m", "flagwright", "policy", "lint"],
}
RULE = """
[rules.no-pricing]
title = "Prices are frozen"
reason = "The catalogue is printed."
owner = "sales"
severity = "block"
paths = ["pricing.py"]
added = 'price'
matches = ["pricing.py\\n+price = 2"]
passes = ["mail.py\\n+price = 2"]
"""
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
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=ENVIRONMENT
    ) as server:
        assert server.stdin
        assert server.stdout
        server.stdin.write(json.dumps(QUESTION).encode() + b"\n")
        server.stdin.flush()
        answer = json.loads(server.stdout.readline())
        took_ms = (time.perf_counter() - started) * 1000
        server.stdin.close()
    assert "result" in answer, answer
    return took_ms


def whole_ms(command: list[str], folder: Path) -> float:
    """Run a program to its end."""
    started = time.perf_counter()
    subprocess.run(command, cwd=folder, stdout=subprocess.DEVNULL, check=True, env=ENVIRONMENT)
    return (time.perf_counter() - started) * 1000


def main() -> None:
    """Print the median of each."""
    table("Spawn to first reply over stdio", SERVERS, first_reply_ms)
    with TemporaryDirectory() as folder:
        file = Path(folder) / ".flagwright" / "policies" / "rules.toml"
        file.parent.mkdir(parents=True)
        file.write_text(RULE)
        table("Spawn to end", HOOKS, partial(whole_ms, folder=Path(folder)))


def table(
    title: str, commands: dict[str, list[str]], measure: Callable[[list[str]], float]
) -> None:
    times: dict[str, list[float]] = {name: [] for name in commands}
    for command in commands.values():
        measure(command)
    for _ in range(ROUNDS):
        for name, command in commands.items():
            times[name].append(measure(command))
    print(f"{title}, median of {ROUNDS} (least - most):")
    for name, values in times.items():
        print(
            f"  {name:<24}{statistics.median(values):6.0f} ms"
            f"  ({min(values):.0f} - {max(values):.0f})"
        )


if __name__ == "__main__":
    main()
