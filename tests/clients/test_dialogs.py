"""Dialogs and answers as clients of other people see them, over stdio and HTTP, in both eras."""

import json
import os
import shlex
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.surface.conftest import greeter_in

SCRIPT = Path(__file__).parent / "dialogs.mjs"
SERVE = [sys.executable, "-m", "flagwright", "serve"]
TOKEN = "t" * 43
PATIENCE_S = 120


@dataclass
class Place:
    """A repository with a change, and the home of whoever made it."""

    folder: Path
    home: Path
    node: Path
    packages: Path

    @property
    def environment(self) -> dict[str, str]:
        return {
            "PATH": os.environ["PATH"], "HOME": str(self.home), "USER": "ada",
            "GIT_CONFIG_NOSYSTEM": "1", "MCP_INSPECTOR_SECRET_STORE": "file",
        }  # fmt: skip

    def lets_dialogs_decide(self) -> None:
        """A policy by which the lowest band needs no more than a dialog."""
        file = self.home / ".config/flagwright/policies/approval.toml"
        file.parent.mkdir(parents=True)
        file.write_text('[least_tier]\nlow = "dialog"\n')

    def is_wrapped(self) -> bool:
        return "is_enabled" in (self.folder / "greet.py").read_text()

    def typescript(
        self, era: str, answer: str, modes: str, *transport: str
    ) -> list[dict[str, Any]]:
        """What the TypeScript client was asked, and the answer that it got in the end."""
        script = self.packages.parent / SCRIPT.name
        shutil.copy(SCRIPT, script)
        command = [
            str(self.node),
            str(script),
            era,
            answer,
            modes,
            *(transport or ("stdio", *self.served())),
        ]
        done = subprocess.run(
            command, env=self.environment, capture_output=True, text=True, timeout=PATIENCE_S,
            check=False, cwd=self.folder,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return [json.loads(line) for line in done.stdout.splitlines()]

    def served(self) -> list[str]:
        return [*SERVE, "--root", str(self.folder)]

    @contextmanager
    def http(self) -> Iterator[str]:
        """The server on a port; its address."""
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = str(free.getsockname()[1])
        with subprocess.Popen(
            [*self.served(), "--http", "--port", port, "--token", TOKEN],
            env=self.environment, cwd=self.folder, stderr=subprocess.PIPE, text=True,
        ) as server:  # fmt: skip
            assert server.stderr
            yield server.stderr.readline().split()[-1]
            server.terminate()


@pytest.fixture
def place(tmp_path: Path, clients: tuple[Path, Path]) -> Place:
    home = tmp_path / "home"
    home.mkdir()
    return Place(greeter_in(tmp_path), home, *clients)


@pytest.fixture(params=["modern", "legacy"])
def era(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_a_form_that_a_person_accepts_applies_the_plan(place: Place, era: str) -> None:
    place.lets_dialogs_decide()

    asked, told = place.typescript(era, "accept:yes", "form,url")

    assert asked["asked"] == "form"
    assert len(asked["message"].splitlines()) == 2
    assert f"digest {told['plan']}" in asked["message"]
    assert (told["status"], place.is_wrapped()) == ("applied", True)


@pytest.mark.parametrize("answer", ["accept:no", "decline", "cancel"])
def test_any_other_answer_to_a_form_writes_nothing(place: Place, era: str, answer: str) -> None:
    place.lets_dialogs_decide()

    *_, told = place.typescript(era, answer, "form")

    expected = "rejected" if answer == "accept:no" else "awaiting-approval"
    assert (told["status"], place.is_wrapped()) == (expected, False)


def test_the_page_is_offered_and_its_address_is_in_the_answer(place: Place, era: str) -> None:
    asked, told = place.typescript(era, "decline", "url")

    assert asked["asked"] == "url"
    assert asked["url"].endswith(f"/plans/{told['plan']}")
    assert asked["url"] in told["next_step"]
    assert (told["status"], place.is_wrapped()) == ("awaiting-approval", False)


def test_a_client_without_dialogs_is_told_where_a_person_decides(place: Place, era: str) -> None:
    (told,) = place.typescript(era, "accept:yes", "")

    assert f"flagwright review {told['plan']}" in told["next_step"]
    assert "http://127.0.0.1:" in told["next_step"]
    assert not place.is_wrapped()


def test_the_same_goes_over_http(place: Place, era: str) -> None:
    with place.http() as address:
        asked, told = place.typescript(era, "decline", "form,url", "http", address, TOKEN)

    assert (asked["asked"], told["status"]) == ("url", "awaiting-approval")
    assert not place.is_wrapped()


def mcpdo(place: Place, era: str, *target: str) -> list[dict[str, Any]]:
    """What the Inspector shows: the question of an apply, and what it got once a person said no."""
    program = place.packages / "@modelcontextprotocol/inspector/clients/mcpdo/build/mcp-bin.js"
    run = f"{shlex.quote(str(place.node))} {shlex.quote(str(program))}"
    script = f"""
set -e
eval "$({run} private)"
trap '{run} daemon stop >/dev/null 2>&1' EXIT
{run} connect --connection it --era {era} {shlex.join(target)} >&2
call() {{ {run} --connection it --format json "$@" 2>&1 | tr -d '\\n'; echo; }}
soon=$(date -u -d '+20 days' +%F)
call tools/call create_flag name:=release.greeter.hello description:=Hello owner:=greeters \\
  expires_on:=$soon >&2
wrapped=$(call tools/call wrap_change flag:=release.greeter.hello)
plan=$(echo "$wrapped" | grep -o 'Plan [0-9a-f]*' | head -1 | cut -d' ' -f2)
asked=$(call tools/call apply_plan "plan:=\\"$plan\\"")
echo "$asked"
{shlex.join([sys.executable, "-m", "flagwright"])} reject "$plan" >&2
id=$(echo "$asked" | grep -o 'elicitation-[0-9a-f-]*' | head -1)
call elicitation/respond "$id" --done
"""
    done = subprocess.run(
        ["bash", "-c", script], env=place.environment, cwd=place.folder, capture_output=True,
        text=True, timeout=PATIENCE_S, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_the_inspector_opens_the_page_and_reports_what_is_stored(place: Place, era: str) -> None:
    """`mcpdo` says that the page was opened; the person has said no, in a terminal."""
    asked, told = mcpdo(place, era, "-e", f"HOME={place.home}", "--", *place.served())

    assert asked["elicitationPending"]["mode"] == "url"
    assert told["structuredContent"]["status"] == "rejected"
    assert not place.is_wrapped()


def test_the_inspector_does_the_same_over_http(place: Place) -> None:
    with place.http() as address:
        bearer = f"Authorization: Bearer {TOKEN}"
        asked, told = mcpdo(place, "modern", address, "--transport", "http", "--header", bearer)

    assert asked["elicitationPending"]["mode"] == "url"
    assert told["structuredContent"]["status"] == "rejected"
    assert not place.is_wrapped()
