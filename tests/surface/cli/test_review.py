"""`flagwright review`: the page's address and its code, in the person's own terminal alone."""

import re
import subprocess
import sys

import anyio
import httpx
import pytest
from mcp import Client, StdioServerParameters

from tests.surface.cli.conftest import Shell, Terminal

SHOWN = re.compile(r"(http://127\.0\.0\.1:\d+/[\w-]+)(/\S*).*?Code .*?([A-Z2-9]{6})", re.DOTALL)


def shown(terminal: Terminal) -> tuple[str, str, str]:
    """Address of the page, the place in it, and the code, read off the terminal."""
    terminal.shows("within two minutes, once.")
    plain = re.sub(r"\x1b\[[0-9;]*m", "", terminal.seen).replace("\r\n", "\n")
    found = SHOWN.search(plain)
    assert found, plain
    return found[1], found[2], found[3]


def sign_in(address: str, code: str) -> int:
    origin = address[: address.index("/", 8)]
    answer = httpx.post(
        f"{address}/sign-in", data={"code": code}, headers={"Origin": origin}, trust_env=False
    )
    return answer.status_code


def test_the_terminal_shows_the_address_and_a_code_that_opens_it(shell: Shell) -> None:
    plan = shell.plan()
    with shell.terminal("review", plan) as terminal:
        address, place, code = shown(terminal)
        assert place == f"/plans/{plan}"
        assert "Ctrl-C ends this" in " ".join(terminal.seen.split())
        assert httpx.get(address + place, trust_env=False).status_code == 401
        assert sign_in(address, code) == 303
        terminal.shows("Ctrl-D closes the page")
        assert sign_in(address, code) == 403
        terminal.type("\x04")

        assert terminal.ends() == 0


def test_enter_brings_another_code_and_voids_the_last(shell: Shell) -> None:
    with shell.terminal("review") as terminal:
        address, place, first = shown(terminal)
        assert place == "/"
        terminal.type("\n")
        terminal.shows("Press Enter")
        terminal.seen = address + place
        address, _, second = shown(terminal)

        assert sign_in(address, first) == 403
        assert sign_in(address, second) == 303
        terminal.type("\x04")
        terminal.ends()


@pytest.mark.parametrize("stdin", [subprocess.DEVNULL, "ABCDEF\n"], ids=["null", "piped"])
def test_without_a_terminal_there_is_no_code(shell: Shell, stdin: int | str) -> None:
    given = {"input": stdin} if isinstance(stdin, str) else {"stdin": stdin}

    said = shell.process("review", **given)

    assert said.code == 1
    assert "approval-refused" in said.err
    assert "Code" not in said.out + said.err


@pytest.mark.anyio
async def test_the_code_of_the_terminal_opens_the_page_of_an_assistants_server(
    shell: Shell,
) -> None:
    plan = await anyio.to_thread.run_sync(shell.plan)
    served = StdioServerParameters(
        command=sys.executable, args=["-m", "flagwright", "serve"],
        env=shell.environment, cwd=str(shell.folder),
    )  # fmt: skip

    def person() -> tuple[str, str, str]:
        with shell.terminal("review", plan) as terminal:
            found = shown(terminal)
            assert sign_in(found[0], found[2]) == 303
            terminal.shows("as long as the assistant's server")
            assert terminal.ends() == 0
            return found

    async with Client(served) as client:
        answer = await client.call_tool("apply_plan", {"plan": plan})
        address, place, code = await anyio.to_thread.run_sync(person)
        again = await client.call_tool("apply_plan", {"plan": plan})

    for told in (answer, again):
        assert address + place in told.structured_content["next_step"]
        assert code not in str(told)
