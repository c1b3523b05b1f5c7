"""Stand between a client and a server on stdio, and keep a copy of every line.

    python tap.py FOLDER COMMAND...

FOLDER then holds `sent`, `answered`, and `pid` of the server.
"""

import subprocess
import sys
import threading
from pathlib import Path
from typing import IO


def copy(source: IO[bytes], target: IO[bytes], log: Path) -> None:
    """Pass lines on until the source ends, then close the target."""
    with log.open("wb") as kept:
        for line in iter(source.readline, b""):
            kept.write(line)
            kept.flush()
            target.write(line)
            target.flush()
    target.close()


def main() -> None:
    """Run the command between two copies."""
    folder, command = Path(sys.argv[1]), sys.argv[2:]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as server:
        assert server.stdin
        assert server.stdout
        (folder / "pid").write_text(str(server.pid))
        asking = threading.Thread(
            target=copy, args=(sys.stdin.buffer, server.stdin, folder / "sent"), daemon=True
        )
        asking.start()
        copy(server.stdout, sys.stdout.buffer, folder / "answered")


if __name__ == "__main__":
    main()
