"""Another person approves on the review page, with their own token of a real flag server."""

import httpx
import pytest

from flagwright.core.records.plan import Plan
from flagwright.surface.review.serving import page as serving
from flagwright.workbench.bench import Workbench
from tests.contract.test_attestation import PASSWORD, Team, _real, bench, people, plan, real, team
from tests.installation import texts

__all__ = ["_real", "bench", "people", "plan", "team"]
pytestmark = pytest.mark.anyio


async def decided(
    bench: Workbench, plan: Plan, secret: str, user: str = ""
) -> tuple[str, int, str]:
    """What a person who is signed in sees, and what their decision leads to."""
    async with (
        serving(bench) as (address, _),
        httpx.AsyncClient(trust_env=False, timeout=30) as browser,
    ):
        browser.headers["Origin"] = address[: address.index("/", 8)]
        code = await bench.review.new_code(address)
        await browser.post(f"{address}/sign-in", data={"code": code})
        shown = (await browser.get(f"{address}/plans/{plan.id}")).text
        form = shown.partition('name="form" value="')[2].partition('"')[0]
        answer = await browser.post(
            f"{address}/plans/{plan.id}/decide",
            data={"form": form, "digest": plan.digest, "choice": "apply", "secret": secret,
                  "user": user},
        )  # fmt: skip
        return shown, answer.status_code, answer.text


@real
async def test_another_persons_token_approves_and_applies(
    bench: Workbench, plan: Plan, team: Team, people: dict[str, tuple[str, str]]
) -> None:
    shown, status, _ = await decided(bench, plan, team.people["grace"])

    assert 'type="password"' in shown
    assert status == 303
    assert (await bench.plans.one(plan.id))[1] == "applied"
    entries = (await bench.ledger(plan=plan.id)).entries
    approved = next(entry for entry in entries if entry.action == "approved")
    assert (approved.actor.tier, approved.actor.person) == ("attested", people["grace"][0])
    kept = [path for path in team.home.rglob("*") if path.is_file()]
    assert not [path for path in kept if team.people["grace"].encode() in path.read_bytes()]


@real
async def test_another_persons_password_approves_and_applies(
    bench: Workbench, plan: Plan, people: dict[str, tuple[str, str]]
) -> None:
    _, status, _ = await decided(bench, plan, PASSWORD, people["grace"][0].partition("@")[0])

    assert status == 303
    assert (await bench.plans.one(plan.id))[1] == "applied"


@real
@pytest.mark.parametrize("who", ["ada", "vic", ""])
async def test_nobody_elses_token_and_no_token_approve(
    bench: Workbench, plan: Plan, team: Team, who: str
) -> None:
    before = texts(team.folder)

    _, status, text = await decided(bench, plan, team.people.get(who, ""))

    assert status == 409
    assert "approval-refused" in text
    assert (await bench.plans.one(plan.id))[1] == "proposed"
    assert texts(team.folder) == before


async def test_the_embedded_server_says_why_nobody_can_approve_here(
    bench: Workbench, plan: Plan, team: Team
) -> None:
    if team.server.kind != "embedded":
        pytest.skip("about the embedded server")
    shown, status, _ = await decided(bench, plan, "x")

    assert status in (409, 303)
    assert "Reject" in shown
