"""One person's installation: real store, real git, the embedded server, a clock that is told.

Between client and server stands a line that a test can break, so every fault is met by the
very requests that a step makes.
"""

import os
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import anyio
import httpx
from starlette.types import ASGIApp, Receive, Scope, Send

from flagwright import flagserver
from flagwright.adapters.git import Git
from flagwright.adapters.shipped import Own
from flagwright.adapters.store import Store
from flagwright.adapters.unleash import Unleash
from flagwright.core.records.entry import Actor
from flagwright.core.records.flag import FlagSpec
from flagwright.workbench.bench import Workbench

TOKEN = "*:*.planted-secret-0123456789abcdef"
ACTOR = Actor(door="terminal")
ASSISTANT = Actor(door="assistant", assistant="claude-code 2.1")
NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
IMPATIENT_S = 0.3
SHIPPED = Path(__file__).parents[1] / "policies"


def spec(name: str = "release.shop.discount", description: str = "Volume discount") -> FlagSpec:
    expires_on = (NOW + timedelta(days=20)).date()
    return FlagSpec(name=name, description=description, owner="team-shop", expires_on=expires_on)


class Clock:
    """Stands still until it is told."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now

    def turn(self, **by: float) -> None:
        self.now += timedelta(**by)


class Line:
    """The way to the flag server: open, or with a fault in it."""

    def __init__(self, server: ASGIApp) -> None:
        self.server = server
        self.fault: ASGIApp | None = None
        self.heard: list[str] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.heard.append(f"{scope['method']} {scope['path']}")
        await (self.fault or self.server)(scope, receive, send)


async def hang(scope: Scope, receive: Receive, send: Send) -> None:
    """Take the request and never say a word."""
    await anyio.sleep_forever()


async def crash(scope: Scope, receive: Receive, send: Send) -> None:
    """Take the request and break the connection."""
    raise httpx.ReadError("gone")


class Installation:
    """What lies in a person's home; each opening of the workbench is like a new process."""

    def __init__(self, home: Path, *, first_id: int = 1) -> None:
        self.home = home
        self.state, self.config = home / "state", home / "config"
        self.cache, self.clock = home / "cache", Clock()
        server = flagserver.app(home / "flags.db", admin_token=TOKEN, client_token="*:dev.x")
        self.line = Line(server)
        self.codes: list[str] = []
        self.deadline_s = 20.0
        """For each request: a busy machine is no broken server."""
        self.programs: str | None = None
        """What asks the person, as the system tells."""
        self._numbers = count(first_id)

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Workbench]:
        store = Store(self.state, new_writer="a1b2c3d4e5f6")
        transport = httpx.ASGITransport(app=self.line, raise_app_exceptions=False)

        def sign_in(token: str, user: str = "") -> Unleash:
            return Unleash(
                "http://127.0.0.1",
                token,
                user=user,
                transport=transport,
                deadline_s=self.deadline_s,
                step_s=30,
            )

        unleash = sign_in(TOKEN)
        bench = Workbench(
            git=Git(self.cache),
            store=store,
            unleash=unleash,
            sign_in=sign_in,
            embedded=True,
            locks=self.state / "locks",
            own=Own(self.config),
            project="default",
            person="ada",
            clock=self.clock,
            new_id=lambda: f"00000000-0000-4000-8000-{next(self._numbers):012d}",
            new_code=self._code,
            programs=lambda: self.programs,
        )
        try:
            await bench.settle()
            yield bench
        finally:
            await unleash.aclose()
            store.close()

    def _code(self) -> str:
        self.codes.append(f"CODE{len(self.codes) + 1:02d}")
        return self.codes[-1]

    def store(self) -> Store:
        """The same store, as another process opens it."""
        return Store(self.state, new_writer="a1b2c3d4e5f6")


async def approve(bench: Workbench, plan: str) -> None:
    """Play the person: read the code and type it."""
    code = await bench.plans.challenge(plan)
    await bench.plans.decide(plan, "approved", tier="out-of-band", code=code, actor=ACTOR)


GIT_ENVIRONMENT = {
    "PATH": os.environ["PATH"],
    "HOME": "/nonexistent",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_AUTHOR_NAME": "Ada",
    "GIT_AUTHOR_EMAIL": "ada@example.org",
    "GIT_AUTHOR_DATE": "2026-01-02T03:04:05Z",
    "GIT_COMMITTER_NAME": "Ada",
    "GIT_COMMITTER_EMAIL": "ada@example.org",
    "GIT_COMMITTER_DATE": "2026-01-02T03:04:05Z",
}

FLAGS = '''"""The flag client of this application."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from UnleashClient import UnleashClient


class Client:
    def is_enabled(self, name: str) -> bool:
        return name in ENABLED or (unleash is not None and unleash.is_enabled(name))


ENABLED: set[str] = set()
unleash: "UnleashClient | None" = None
client = Client()
'''
OTHER = """from flags import client


def mail() -> bool:
    return client.is_enabled("release.shop.mail")
"""
BEFORE = '''"""What a basket costs."""


def price(goods: int) -> int:
    tax = goods * 19 // 100
    return goods + tax
'''
AFTER = '''"""What a basket costs."""


def price(goods: int) -> int:
    discount = goods * rate(goods) // 100
    tax = (goods - discount) * 19 // 100
    return goods - discount + tax


def rate(goods: int) -> int:
    return 10 if goods >= 500 else 0
'''


def git(folder: Path, *arguments: str) -> None:
    """Run git as somebody whose commits are always the same."""
    command = ["git", *arguments]
    subprocess.run(command, cwd=folder, env=GIT_ENVIRONMENT, check=True, capture_output=True)


def shop(folder: Path) -> Path:
    """A repository of one commit, with a change that nobody has released in the work tree."""
    folder.mkdir()
    for name, text in {"flags.py": FLAGS, "mail.py": OTHER, "pricing.py": BEFORE}.items():
        (folder / name).write_text(text)
    git(folder, "init", "-q", "-b", "main")
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "The shop")
    (folder / "pricing.py").write_text(AFTER)
    return folder


def harmless(folder: Path) -> None:
    """Leave one small change in the work tree instead, of the lowest risk."""
    (folder / "pricing.py").write_text(BEFORE)
    greet = "def greet(name: str) -> str:\n    name = name.strip()\n    return name\n"
    (folder / "greet.py").write_text(greet)
    git(folder, "add", "greet.py")
    git(folder, "commit", "-qm", "Greet")
    (folder / "greet.py").write_text("def greet(name: str) -> str:\n    return name\n")


def texts(folder: Path) -> dict[str, bytes]:
    """Every Python file at the top of a folder, by name."""
    return {path.name: path.read_bytes() for path in folder.glob("*.py")}


def own_policy(home: Installation, name: str, old: str, new: str) -> Path:
    """Copy a shipped policy to the person's configuration, with one change."""
    file = home.config / "policies" / f"{name}.toml"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text((SHIPPED / f"{name}.toml").read_text().replace(old, new))
    return file
