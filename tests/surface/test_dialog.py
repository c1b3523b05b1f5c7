"""A dialog decides only where policy lets it, about one exact plan, and never by silence."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest
from mcp import Client, MCPError
from mcp.server.mcpserver import MCPServer
from mcp.types import (
    CallToolResult,
    ElicitRequestFormParams,
    ElicitRequestURLParams,
    ElicitResult,
    InputRequiredResult,
    TextContent,
)

from flagwright.surface.session import Session
from tests.installation import git

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("low_by_dialog")]

Serving = Callable[..., MCPServer[Session]]
FLAG = "release.greeter.hello"
SPEC = {
    "name": FLAG,
    "description": "Say hello",
    "owner": "greeters",
    "expires_on": "2026-01-31",
}
YES = {"approve": True, "note": "looks good"}


class Person:
    """Answers every question the same way, and remembers what it was asked."""

    def __init__(
        self,
        action: Any = "accept",
        content: dict[str, Any] | None = None,
        *,
        meanwhile: Callable[[], object] = lambda: None,
    ) -> None:
        self._action, self._content, self._meanwhile = action, content, meanwhile
        self.asked: list[str] = []
        self.invited: list[str] = []

    async def __call__(self, context: Any, params: Any) -> ElicitResult:
        if isinstance(params, ElicitRequestURLParams):
            self.invited.append(f"{params.message}\n{params.url}")
            self._meanwhile()
            return ElicitResult(action=self._action)
        assert isinstance(params, ElicitRequestFormParams)
        self.asked.append(params.message)
        self._meanwhile()
        return ElicitResult(action=self._action, content=self._content)


@pytest.fixture(params=["auto", "legacy"])
def mode(request: pytest.FixtureRequest) -> Any:
    return request.param


async def propose(client: Client) -> str:
    """Plan the change of the repository; its id."""
    await client.call_tool("create_flag", SPEC)
    result = await client.call_tool("wrap_change", {"flag": FLAG})
    assert result.structured_content, result.content
    plan: str = result.structured_content["plan"]
    return plan


async def apply(client: Client, plan: str) -> str:
    """The status of an application, or the code of its error."""
    result = await client.call_tool("apply_plan", {"plan": plan})
    assert isinstance(result, CallToolResult)
    if result.is_error:
        (content,) = result.content
        assert isinstance(content, TextContent)
        return content.text.partition(":")[0]
    status: str = result.structured_content["status"]
    return status


def wrapped(repository: Path) -> bool:
    return "is_enabled" in (repository / "greet.py").read_text()


async def test_an_accepted_question_applies_the_plan(
    serving: Serving, greeter: Path, mode: Any
) -> None:
    person = Person(content=YES)
    async with Client(serving(greeter), mode=mode, elicitation_callback=person) as client:
        plan = await propose(client)

        assert await apply(client, plan) == "applied"
        entries = (await client.call_tool("read_ledger", {"plan": plan})).structured_content

    assert wrapped(greeter)
    assert len(person.asked) == 1
    assert {entry["action"]: entry["by"].rpartition("(")[2] for entry in entries["entries"]} == {
        "applied": "assistant)",
        "approved": "dialog)",
        "proposed": "assistant)",
    }


async def test_the_question_names_the_exact_plan_in_two_short_lines(
    serving: Serving, greeter: Path
) -> None:
    person = Person("cancel")
    async with Client(serving(greeter), elicitation_callback=person) as client:
        plan = await propose(client)
        await apply(client, plan)

    first, second = person.asked[0].splitlines()
    assert FLAG in first
    assert second.startswith(f"Plan {plan}, digest {plan}")
    assert max(len(first), len(second)) <= 100


async def test_a_no_in_the_dialog_rejects_the_plan_for_good(
    serving: Serving, greeter: Path, mode: Any
) -> None:
    person = Person(content={"approve": False})
    async with Client(serving(greeter), mode=mode, elicitation_callback=person) as client:
        plan = await propose(client)

        assert await apply(client, plan) == "rejected"
        assert await apply(client, plan) == "rejected"

    assert not wrapped(greeter)
    assert len(person.asked) == 1


@pytest.mark.parametrize("action", ["decline", "cancel"])
async def test_a_question_put_away_decides_nothing(
    serving: Serving, greeter: Path, mode: Any, action: str
) -> None:
    person = Person(action)
    async with Client(serving(greeter), mode=mode, elicitation_callback=person) as client:
        plan = await propose(client)

        assert await apply(client, plan) == "awaiting-approval"
        assert await apply(client, plan) == "awaiting-approval"

    assert not wrapped(greeter)
    assert len(person.asked) == 2


async def test_a_client_without_dialogs_waits_for_a_person_elsewhere(
    serving: Serving, greeter: Path, mode: Any
) -> None:
    async with Client(serving(greeter), mode=mode) as client:
        plan = await propose(client)

        assert await apply(client, plan) == "awaiting-approval"

    assert not wrapped(greeter)


async def test_a_risky_plan_is_never_decided_by_a_dialog(
    serving: Serving, shop: Path, mode: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A client that accepts whatever it is asked has opened the review page at most."""
    monkeypatch.setattr("flagwright.surface.dialog.PAGE_S", 0.1)
    """A6: a client that accepts everything at once."""
    person = Person(content=YES)
    before = (shop / "shop" / "checkout.py").read_bytes()
    async with Client(serving(shop), mode=mode, elicitation_callback=person) as client:
        plan = await propose(client)

        assert await apply(client, plan) == "awaiting-approval"

    assert person.asked == []
    assert len(person.invited) == 1
    assert (shop / "shop" / "checkout.py").read_bytes() == before


async def test_the_page_is_offered_once_and_then_told(
    serving: Serving, shop: Path, mode: Any
) -> None:
    person = Person("decline")
    async with Client(serving(shop), mode=mode, elicitation_callback=person) as client:
        plan = await propose(client)
        for _ in range(2):
            answer = (await client.call_tool("apply_plan", {"plan": plan})).structured_content

    assert len(person.invited) == 1
    first, second, url = person.invited[0].splitlines()
    assert f"Plan {plan}, digest {plan}" in first
    assert second == f"Its code: run flagwright review {plan}"
    assert url.startswith("http://127.0.0.1:")
    assert url.endswith(f"/plans/{plan}")
    assert url in answer["next_step"]
    assert f"flagwright review {plan}" in answer["next_step"]


async def test_what_a_person_writes_on_the_page_is_the_answer_to_the_waiting_call(
    serving: Serving, open_bench: Any, shop: Path, mode: Any
) -> None:
    """The person goes through the page itself, over HTTP, while the client waits."""

    async def decides(url: str) -> None:
        address = url.partition("/plans/")[0]
        origin = address[: address.index("/", 8)]
        async with (
            open_bench() as bench,
            httpx.AsyncClient(headers={"Origin": origin}, trust_env=False, timeout=60) as browser,
        ):
            code = await bench.review.new_code(address)
            await browser.post(f"{address}/sign-in", data={"code": code})
            text = (await browser.get(url)).text
            form = text.partition('name="form" value="')[2].partition('"')[0]
            digest = text.partition('name="digest" value="')[2].partition('"')[0]
            decision = {"form": form, "digest": digest, "choice": "apply"}
            assert (await browser.post(f"{url}/decide", data=decision)).status_code == 303

    class Reader(Person):
        async def __call__(self, context: Any, params: Any) -> ElicitResult:
            tasks.start_soon(decides, params.url)
            if mode == "legacy":
                await anyio.sleep_forever()  # Three actions: command, code, button; no dialog.
            return ElicitResult(action="accept")

    async with (
        anyio.create_task_group() as tasks,
        Client(serving(shop), mode=mode, elicitation_callback=Reader()) as client,
    ):
        plan = await propose(client)

        assert await apply(client, plan) == "applied"

    assert "volume_discount" in (shop / "shop" / "pricing.py").read_text()


async def test_nobody_is_asked_about_a_plan_that_is_stale(
    serving: Serving, greeter: Path, mode: Any
) -> None:
    person = Person(content=YES)
    async with Client(serving(greeter), mode=mode, elicitation_callback=person) as client:
        plan = await propose(client)
        (greeter / "greet.py").write_text("def greet(name: str) -> str:\n    return name * 2\n")

        assert await apply(client, plan) == "plan-stale"

    assert not person.asked


def broken() -> None:
    raise MCPError(code=-32601, message="Method not found")


@pytest.mark.parametrize("mode", ["legacy"])
async def test_a_client_that_cannot_ask_after_all_is_told_where_to_decide(
    serving: Serving, greeter: Path, mode: Any
) -> None:
    person = Person(meanwhile=broken)
    async with Client(serving(greeter), mode=mode, elicitation_callback=person) as client:
        plan = await propose(client)

        said = (await client.call_tool("apply_plan", {"plan": plan})).structured_content

    assert person.asked
    assert said
    assert said["status"] == "awaiting-approval"
    assert "flagwright" in said["next_step"]


async def applied(serving: Serving, greeter: Path, mode: Any) -> dict[str, Any]:
    """What a client hears of a plan that the person approves."""
    async with Client(
        serving(greeter), mode=mode, elicitation_callback=Person(content=YES)
    ) as client:
        plan = await propose(client)

        said = (await client.call_tool("apply_plan", {"plan": plan})).structured_content

    assert said
    return dict(said)


async def test_what_git_does_not_track_is_told(serving: Serving, greeter: Path, mode: Any) -> None:
    git(greeter, "rm", "-q", "--cached", "greet.py")
    said = await applied(serving, greeter, mode)

    assert said["message"].endswith(
        "Git does not track greet.py: add it, or a commit leaves it out."
    )


async def test_a_change_that_is_staged_without_its_flag_is_told(
    serving: Serving, greeter: Path, mode: Any
) -> None:
    git(greeter, "add", "greet.py")
    said = await applied(serving, greeter, mode)

    assert "greet.py: the change is staged WITHOUT the flag" in said["message"]
    assert said["next_step"].startswith(
        f"First stage what was written: git -C {greeter} add -- greet.py - then: "
    )


async def test_a_file_edited_between_question_and_answer_is_kept_and_asked_about_anew(
    serving: Serving, greeter: Path, mode: Any
) -> None:
    file = greeter / "greet.py"
    edited = "def greet(name: str) -> str:\n    # Hello\n    return name\n"
    person = Person(content=YES, meanwhile=lambda: file.write_text(edited))
    async with Client(serving(greeter), mode=mode, elicitation_callback=person) as client:
        first = await propose(client)
        assert await apply(client, first) == "plan-stale"
        assert file.read_text() == edited

        second = await propose(client)
        person = Person(content=YES)

    async with Client(serving(greeter), mode=mode, elicitation_callback=person) as client:
        assert await apply(client, second) == "applied"

    assert second != first
    assert "Hello" in file.read_text()
    assert second in person.asked[0]


async def test_an_answer_that_fits_no_question_is_an_error_and_no_approval(
    serving: Serving, greeter: Path, mode: Any
) -> None:
    person = Person(content={"approve": "perhaps"})
    async with Client(serving(greeter), mode=mode, elicitation_callback=person) as client:
        plan = await propose(client)
        result = await client.call_tool("apply_plan", {"plan": plan})

    assert result.is_error
    assert not wrapped(greeter)


async def test_no_byte_of_a_questions_state_may_be_another_and_no_plan_either(
    serving: Serving, greeter: Path
) -> None:
    """A5: a client calls again with a state it changed, for another plan, and once more."""
    yes: dict[str, Any] = {"developer": ElicitResult(action="accept", content=YES)}
    async with Client(serving(greeter), elicitation_callback=Person(content=YES)) as client:
        plan = await propose(client)

        async def call(plan: str, state: str | None) -> Any:
            return await client.session.call_tool(
                "apply_plan", {"plan": plan}, input_responses=yes, request_state=state,
                allow_input_required=True,
            )  # fmt: skip

        asked = await client.session.call_tool(
            "apply_plan", {"plan": plan}, allow_input_required=True
        )
        assert isinstance(asked, InputRequiredResult)
        state = asked.request_state
        assert state
        for place in range(0, len(state), max(1, len(state) // 40)):
            other = "B" if state[place] == "A" else "A"
            with pytest.raises(MCPError):
                await call(plan, state[:place] + other + state[place + 1 :])
        with pytest.raises(MCPError):
            await call(plan[:8], state)
        assert isinstance(await call(plan, None), InputRequiredResult)
        assert not wrapped(greeter)

        assert (await call(plan, state)).structured_content["status"] == "applied"
        now = (greeter / "greet.py").read_bytes()
        again = await call(plan, state)

    assert again.is_error
    assert again.content[0].text.startswith("plan-used")
    assert (greeter / "greet.py").read_bytes() == now
