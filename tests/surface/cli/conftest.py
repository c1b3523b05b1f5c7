"""A person's shell: commands, their answers, and a terminal to be asked in."""

import json
import os
import pty
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from select import select
from typing import Any

import pytest
from click.testing import CliRunner

from flagwright.surface.cli import cli
from tests.installation import shop

PATIENCE_S = 30
FLAG = "release.shop.discount"
READ_IT = "Press Enter when you have read it:"
ASKED = re.compile(r"Type ([A-Z2-9]{6}) to approve:")


@dataclass(frozen=True)
class Said:
    """What a command wrote, and its exit code."""

    code: int
    out: str
    err: str

    @property
    def answer(self) -> dict[str, Any]:
        """The answer of `--json`: one object, alone on standard output."""
        answer: dict[str, Any] = json.loads(self.out)
        assert list(answer)[:3] == ["status", "message", "next_step"], answer
        assert self.err == ""
        return answer


class Shell:
    """Commands in one folder, by a person who has configured nothing else."""

    def __init__(self, folder: Path, home: Path) -> None:
        self.folder, self.home = folder, home
        self.environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(home),
            "USER": "ada",
            "GIT_CONFIG_NOSYSTEM": "1",
        }

    def run(self, *arguments: str, typed: str | None = None) -> Said:
        """Run a command in this process."""
        unset = {name: None for name in os.environ if name.startswith(("FLAGWRIGHT_", "XDG_"))}
        done = CliRunner().invoke(cli, arguments, input=typed, env={**unset, **self.environment})
        if done.exception and not isinstance(done.exception, SystemExit):
            raise done.exception
        return Said(done.exit_code, done.stdout, done.stderr)

    def json(self, *arguments: str) -> dict[str, Any]:
        """Run a command that must be done, and read its answer."""
        said = self.run(*arguments, "--json")
        assert said.code == 0, said
        return said.answer

    def process(self, *arguments: str, **how: Any) -> Said:
        """Run a command in a process of its own, without a terminal."""
        done = subprocess.run(
            [sys.executable, "-m", "flagwright", *arguments],
            cwd=self.folder, env=self.environment, timeout=60,
            capture_output=True, text=True, check=False, start_new_session=True, **how,
        )  # fmt: skip
        return Said(done.returncode, done.stdout, done.stderr)

    @contextmanager
    def terminal(self, *arguments: str) -> Iterator["Terminal"]:
        """Run a command in a terminal of its own."""
        with self.typed_in([sys.executable, "-m", "flagwright", *arguments]) as terminal:
            yield terminal

    @contextmanager
    def typed_in(self, command: list[str]) -> Iterator["Terminal"]:
        child, descriptor = pty.fork()
        if child == 0:
            signal.signal(signal.SIGINT, signal.SIG_DFL)  # a job in the background ignores it
            os.chdir(self.folder)
            os.execvpe(command[0], command, self.environment)
        yield Terminal(child, descriptor)
        os.close(descriptor)

    def plan(self) -> str:
        """A flag, and a plan that nobody has decided."""
        self.json("create", FLAG, "--description", "Discount", "--owner", "shop",
                  "--expires", soon())  # fmt: skip
        plan: str = self.json("wrap", FLAG)["plan"]
        return plan


class Terminal:
    """What a person sees and types."""

    def __init__(self, child: int, descriptor: int) -> None:
        self._child, self._descriptor, self.seen = child, descriptor, ""

    def shows(self, text: str) -> None:
        """Read on until a text is shown."""
        while text not in self.seen:
            assert self._read(), self.seen

    def asks(self) -> str:
        """Read the plan, and read on until the code is asked for; the code."""
        self.shows(READ_IT)
        self.type("\n")
        while not (asked := ASKED.search(self.seen)):
            assert self._read(), self.seen
        return asked[1]

    def type(self, text: str) -> None:
        os.write(self._descriptor, text.encode())

    def ends(self) -> int:
        """Read to the end; the exit code."""
        while self._read():
            pass
        return os.waitstatus_to_exitcode(os.waitpid(self._child, 0)[1])

    def _read(self) -> bool:
        assert select([self._descriptor], [], [], PATIENCE_S)[0], self.seen
        try:
            chunk = os.read(self._descriptor, 65536)
        except OSError:
            return False
        self.seen += chunk.decode("utf-8", "replace")
        return bool(chunk)


def soon(days: int = 20) -> str:
    """A day on which a release flag may expire."""
    from datetime import UTC, datetime, timedelta

    return str(datetime.now(UTC).date() + timedelta(days=days))


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[Shell]:
    with opened(tmp_path) as shell:
        yield shell


@pytest.fixture(scope="module")
def waiting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Shell, str]]:
    """A plan for tests that leave it undecided."""
    with opened(tmp_path_factory.mktemp("waiting")) as shell:
        yield shell, shell.plan()


@contextmanager
def opened(parent: Path) -> Iterator[Shell]:
    folder = shop(parent / "shop")
    (parent / "home").mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        yield Shell(folder, parent / "home")
