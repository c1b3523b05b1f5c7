"""From the assistant's answer to files that are written: three actions of the person."""

import sys
from collections.abc import Iterator
from pathlib import Path

import anyio
import pytest
from mcp import Client, StdioServerParameters
from playwright.async_api import Browser, expect

from tests.browser.conftest import closed
from tests.surface.cli.conftest import Shell, opened
from tests.surface.cli.test_review import shown

pytestmark = pytest.mark.anyio


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[Shell]:
    with opened(tmp_path) as shell:
        yield shell


async def test_a_plan_is_approved_and_applied_in_three_actions(
    shell: Shell, chromium: Browser, tmp_path: Path
) -> None:
    plan = await anyio.to_thread.run_sync(shell.plan)
    opener, asked = tmp_path / "browser", tmp_path / "asked"
    opener.write_text(f'#!/bin/sh\nprintf %s "$1" > {asked}\n')
    opener.chmod(0o700)
    served = StdioServerParameters(
        command=sys.executable, args=["-m", "flagwright", "serve"],
        env=shell.environment, cwd=str(shell.folder),
    )  # fmt: skip
    async with Client(served) as client:
        told = (await client.call_tool("apply_plan", {"plan": plan})).structured_content
        assert told["status"] == "awaiting-approval"
        command = told["next_step"].partition("flagwright ")[2].split()[:2]

        shell.environment |= {"DISPLAY": ":0", "BROWSER": str(opener)}
        with shell.terminal(*command) as terminal:  # first: run what the answer says
            code = (await anyio.to_thread.run_sync(shown, terminal))[2]
            tab = await chromium.new_page()
            await tab.goto(asked.read_text())
            await expect(tab.locator("#code")).to_be_focused()
            await tab.keyboard.type(f"{code}\n")  # second: type the code
            await tab.click("text=Approve and write")  # third: decide
            await expect(tab.locator("[role=status]")).to_contain_text("Applied.")
            await anyio.to_thread.run_sync(terminal.ends)

        answer = (await client.call_tool("apply_plan", {"plan": plan})).structured_content
        again = await client.call_tool("apply_plan", {"plan": plan})

    assert answer["status"] == "applied"
    assert again.is_error
    assert "is_enabled" in (shell.folder / "pricing.py").read_text()
    await closed(tab.context)
