"""Play a person and other processes for the demo: a terminal, servers, requests."""

import os
import pty
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

PATIENCE_S = 20


def typed_in_a_terminal(
    command: list[str], folder: Path, environment: dict[str, str], *, shown_from: str = ""
) -> int:
    """Run a command on a pseudo-terminal of its own, type what it asks for, and show what it says.

    Args:
        shown_from: The words before which nothing is shown.
    """
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(folder)
        os.execvpe(command[0], command, environment)  # noqa: S606  our own command
    seen, shown = "", 0
    questions = [r"Press Enter()", r"Type ([A-Z2-9]{6}) to approve:"]
    while chunk := _read(terminal):
        seen += chunk
        if shown_from in seen:
            shown = shown or seen.index(shown_from)
            sys.stdout.write(seen[shown:])
            sys.stdout.flush()
            shown = len(seen)
        if questions and (asked := re.search(questions[0], seen)):
            os.write(terminal, f"{asked[1]}\n".encode())
            questions.pop(0)
    os.close(terminal)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def _read(terminal: int) -> str:
    """Read what came, or nothing once the other side is closed."""
    try:
        return os.read(terminal, 65536).decode("utf-8", "replace")
    except OSError:
        return ""


@contextmanager
def process(
    command: list[str],
    folder: Path,
    environment: dict[str, str],
    *,
    stdout: int = subprocess.DEVNULL,
    stderr: int | None = None,
) -> Iterator["subprocess.Popen[str]"]:
    """Run a command for as long as the block lasts."""
    with subprocess.Popen(
        command, cwd=folder, env=environment, stdout=stdout, stderr=stderr, text=True
    ) as started:
        try:
            yield started
        finally:
            started.terminate()


def until(holds: Callable[[], bool]) -> None:
    """Wait for another process, at most PATIENCE_S."""
    deadline = time.monotonic() + PATIENCE_S
    while not holds():
        if time.monotonic() > deadline:
            raise SystemExit("The demo waited in vain for another process.")
        time.sleep(0.1)


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def get(url: str) -> str:
    """The text at an address of this machine."""
    with urllib.request.urlopen(url, timeout=PATIENCE_S) as answer:  # noqa: S310
        text: str = answer.read().decode()
        return text


def answers(url: str) -> bool:
    """Whether anybody answers there yet."""
    try:
        get(url)
    except (urllib.error.URLError, OSError):
        return False
    return True
