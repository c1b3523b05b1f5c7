"""Show the main job on a real little application, with the very commands a person types.

Everything happens in a folder of its own, with a state of its own; nothing of the user's is
touched. The demo plays the person: it types the code through a pseudo-terminal, because
nothing else can approve a plan.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec
from pathlib import Path

from flagwright.assembly import admin_token
from flagwright.errors import Unsupported
from flagwright.settings import from_environment
from flagwright.surface.cli import stage
from flagwright.surface.cli.show import console

FLAG = "release.shop.volume-discount"
QUESTION = "/price?sku=chair&count=2&country=DE"

out = console()


def run_demo(*, keep: bool) -> None:
    """Run every act; raises what a command raises.

    Raises:
        Unsupported: If the shop's own libraries or its files are not installed.
    """
    if find_spec("UnleashClient") is None:
        raise Unsupported(
            "The demo's shop asks for flags with UnleashClient, which is not installed.",
            next_step="Install it with: pip install 'flagwright[demo]'",
        )
    started = time.monotonic()
    folder = Path(tempfile.mkdtemp(prefix="flagwright-demo-"))
    try:
        Demo(folder).play()
    finally:
        if not keep:
            shutil.rmtree(folder, ignore_errors=True)
    out.print(f"\nDone in {time.monotonic() - started:.0f} s.", style="bold green")
    if keep:
        out.print(f"Look around in {folder}")


class Demo:
    """One run in one folder."""

    def __init__(self, folder: Path) -> None:
        self.shop = folder / "shop"
        self.environment = {
            **{name: value for name, value in os.environ.items() if name not in _OURS},
            "XDG_CONFIG_HOME": str(folder / "config"),
            "XDG_STATE_HOME": str(folder / "state"),
            "XDG_CACHE_HOME": str(folder / "cache"),
            "PYTHONDONTWRITEBYTECODE": "1",
            "COLUMNS": str(out.width),
        }
        if out.is_terminal:
            self.environment["FORCE_COLOR"] = "1"

    def play(self) -> None:
        """Play the acts in order."""
        self._say("A shop in a git repository, and a change that nobody has released yet")
        self._prepare()
        self._run("score")
        self._say("The team's naming policy judges a flag before the server sees it")
        self._run("create", "VolumeDiscount", expect=1)
        expires = datetime.now(UTC).date() + timedelta(days=30)
        self._run(
            "create", FLAG, "--description", "Volume discount, and retries of late payments",
            "--owner", "checkout-team", "--expires", str(expires),
        )  # fmt: skip
        self._say("The change goes behind the flag, with a proof; still no file is written")
        plan = self._plan("wrap", FLAG)
        self._say("Without a person's approval nothing is applied")
        self._run("apply", plan, expect=3)
        self._approve(plan)
        self._run("apply", plan)
        self._say("The shop runs for real: old answer, switched on, new answer, switched off")
        self._switch()
        self._say("The rollout is over: the flag comes out again")
        retirement = self._plan("retire", FLAG, "--keep", "on")
        self._approve(retirement, shown_from="Proved:")
        self._run("apply", retirement)
        self._same_as_change()
        self._say("What was done, as the flag server itself holds it")
        self._run("ledger", "--server")

    def _prepare(self) -> None:
        source = _example()
        shutil.copytree(
            source, self.shop, ignore=shutil.ignore_patterns("change", "__pycache__", ".*cache")
        )
        git = ["git", "-c", "user.name=Demo", "-c", "user.email=demo@example.org"]
        for command in (["init", "-q", "-b", "main"], ["add", "."], ["commit", "-qm", "The shop"]):
            subprocess.run([*git, *command], cwd=self.shop, check=True, env=self.environment)
        self.change = {
            path.relative_to(source / "change"): path.read_bytes()
            for path in (source / "change").rglob("*.py")
        }
        for path, content in self.change.items():
            (self.shop / path).write_bytes(content)

    def _say(self, text: str) -> None:
        out.print()
        out.rule(f"[bold]{text}", align="left")

    def _run(self, *arguments: str, expect: int = 0) -> str:
        """Run one command as a person would, show it, and insist on its exit code."""
        out.print(f"\n$ flagwright {_quoted(arguments)}", style="bold cyan", markup=False)
        done = subprocess.run(
            [sys.executable, "-P", "-m", "flagwright", *arguments],
            cwd=self.shop,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        sys.stdout.write(done.stdout + done.stderr)
        sys.stdout.flush()
        if done.returncode != expect:
            raise SystemExit(f"flagwright {arguments[0]} ended with {done.returncode}.")
        return done.stdout

    def _plan(self, *arguments: str) -> str:
        found = re.search(r"\bPlan ([0-9a-f]{12})\b", self._run(*arguments))
        if not found:
            raise SystemExit("No plan was made.")
        return found[1]

    def _approve(self, plan: str, shown_from: str = "") -> None:
        """Approve as a person does; a newcomer reads one plan whole, and of another its end."""
        out.print(f"\n$ flagwright approve {plan}", style="bold cyan", markup=False)
        out.print("(the demo plays the person and types the code it is shown)", style="dim")
        if shown_from:
            out.print("(and reads the files side by side, as above)", style="dim")
        status = stage.typed_in_a_terminal(
            [sys.executable, "-P", "-m", "flagwright", "approve", plan],
            self.shop,
            self.environment,
            shown_from=shown_from,
        )
        if status:
            raise SystemExit("The plan was not approved.")

    def _switch(self) -> None:
        """Run the shop against the flag server, and switch the flag while it runs."""
        with self._flag_server() as (url, token), self._application(url, token) as shop:
            self._show("off", shop)
            before = _total(shop)
            self._turn(url, "on")
            stage.until(lambda: _total(shop) != before)
            self._show("on", shop)
            self._turn(url, "off")
            stage.until(lambda: _total(shop) == before)
            self._show("off", shop)

    def _show(self, state: str, shop: str) -> None:
        out.print(
            f"flag {state:<3}  GET {QUESTION}  ->  {stage.get(shop + QUESTION)}",
            markup=False,
            soft_wrap=True,
        )

    def _turn(self, url: str, state: str) -> None:
        path = f"/admin/projects/default/features/{FLAG}/environments/development/{state}"
        request = urllib.request.Request(  # noqa: S310  our own loopback address
            url + path,
            method="POST",
            headers={"Authorization": admin_token(from_environment(self.environment))},
        )
        with urllib.request.urlopen(request, timeout=stage.PATIENCE_S):  # noqa: S310
            out.print(f"switched {state} on the flag server, no restart", style="bold")

    @contextmanager
    def _flag_server(self) -> Iterator[tuple[str, str]]:
        command = [
            sys.executable,
            "-P",
            "-m",
            "flagwright",
            "serve-flags",
            "--port",
            str(stage.free_port()),
        ]
        with stage.process(command, self.shop, self.environment, stdout=subprocess.PIPE) as server:
            if server.stdout is None:
                raise SystemExit("The flag server has no output.")
            said = dict(server.stdout.readline().strip().split("=", 1) for _ in range(2))
            url = said["UNLEASH_URL"]
            stage.until(lambda: stage.answers(url.removesuffix("/api") + "/health"))
            yield url, said["UNLEASH_API_TOKEN"]

    @contextmanager
    def _application(self, url: str, token: str) -> Iterator[str]:
        port = stage.free_port()
        environment = self.environment | {
            "UNLEASH_URL": url,
            "UNLEASH_API_TOKEN": token,
            "UNLEASH_REFRESH_SECONDS": "1",
        }
        command = [sys.executable, "-m", "shop", "--port", str(port)]
        with stage.process(command, self.shop, environment, stderr=subprocess.DEVNULL):
            address = f"http://127.0.0.1:{port}"
            stage.until(lambda: stage.answers(f"{address}/health"))
            yield address

    def _same_as_change(self) -> None:
        """Say whether the retired files are the very bytes of the change."""
        same = all((self.shop / path).read_bytes() == text for path, text in self.change.items())
        out.print(
            "The files are the change again, byte for byte."
            if same
            else "The files are the change again, but not byte for byte.",
            style="green" if same else "yellow",
        )


_OURS = {name for name in os.environ if name.startswith("FLAGWRIGHT_")}


def _example() -> Path:
    """Folder of the example application: in the installed package, or in the checkout."""
    package = Path(__file__).parents[2]
    for home in (package / "_shipped", package.parents[1]):
        if (home / "examples" / "shop" / "change").is_dir():
            return home / "examples" / "shop"
    raise Unsupported("The example application is missing.", next_step="Install flagwright again.")


def _total(shop: str) -> int:
    total: int = json.loads(stage.get(shop + QUESTION))["total"]
    return total


def _quoted(arguments: tuple[str, ...]) -> str:
    return " ".join(f'"{word}"' if " " in word else word for word in arguments)
