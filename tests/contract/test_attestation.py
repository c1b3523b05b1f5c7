"""An approval by attestation is another user's event on the server, and nothing else is one."""

import json
import logging
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.request import HTTPCookieProcessor, Request, build_opener
from uuid import uuid4

import anyio
import pytest
from pydantic import SecretStr

from flagwright.adapters.store import Store
from flagwright.adapters.unleash import Unleash
from flagwright.assembly import open_workbench
from flagwright.core.attestation import Account, Signing, statement
from flagwright.core.records.decision import Decision
from flagwright.core.records.entry import Actor
from flagwright.core.records.flag import FlagSpec
from flagwright.core.records.plan import Plan
from flagwright.errors import ApprovalRefused, FlagwrightError
from flagwright.settings import Settings
from flagwright.workbench.bench import Workbench
from tests.contract.conftest import Server
from tests.installation import ACTOR, ASSISTANT, SHIPPED, shop, texts

pytestmark = pytest.mark.anyio

PASSWORD = "Pw-4f1c9a-1a!"
MEDIUM = 'bands = ["critical"]', 'bands = ["medium", "high", "critical"]'


@dataclass
class Team:
    """One installation, on a server where several people have tokens of their own."""

    server: Server
    folder: Path
    home: Path
    people: dict[str, str]

    def settings(self, who: str) -> Settings:
        return Settings(
            flag_server=self.server.url,
            token=SecretStr(self.people[who]),
            config_dir=self.home / "config",
            state_dir=self.home / "state",
            cache_dir=self.home / "cache",
        )

    def policy(self, rule: str = "") -> None:
        """The band of the change needs an attestation, and whatever a rule adds."""
        text = (SHIPPED / "approval.toml").read_text().partition("[[examples]]")[0]
        text = f"examples = []\n{text}"
        file = self.home / "config" / "policies" / "approval.toml"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(
            text.replace(*MEDIUM).replace('tier = "attested"', f"{rule}\ntier = 'attested'", 1)
        )

    def client(self, who: str) -> Unleash:
        return Unleash(self.server.url, self.people[who])


def person(server: Server, role: str) -> tuple[str, str]:
    """A new user: the e-mail address, and a personal access token."""
    name = f"u{uuid4().hex[:10]}"
    plain, browser = build_opener(), build_opener(HTTPCookieProcessor())

    def post(
        through: Callable[..., object], path: str, body: object, token: str = ""
    ) -> dict[str, str]:
        kind = {"content-type": "application/json"} | ({"authorization": token} if token else {})
        with through(Request(server.url + path, json.dumps(body).encode(), kind)) as answer:  # type: ignore[attr-defined]
            return dict(json.load(answer))

    roles = {"Admin": 1, "Editor": 2, "Viewer": 3}
    user = {"username": name, "email": f"{name}@example.org", "rootRole": roles[role]}
    known = {"password": PASSWORD, "sendEmail": False}
    post(plain.open, "/api/admin/user-admin", user | known, server.token)
    post(browser.open, "/auth/simple/login", {"username": name, "password": PASSWORD})
    asked = {"description": "tests", "expiresAt": "2099-01-01T00:00:00.000Z"}
    return f"{name}@example.org", post(browser.open, "/api/admin/user/tokens", asked)["secret"]


@pytest.fixture(scope="module")
def people(server: Server) -> dict[str, tuple[str, str]]:
    if server.kind == "embedded":
        return {"ada": ("admin", server.token)}
    roles = {"ada": "Editor", "grace": "Editor", "vic": "Viewer"}
    return {name: person(server, role) for name, role in roles.items()}


@pytest.fixture
def team(server: Server, people: dict[str, tuple[str, str]], tmp_path: Path) -> Team:
    tokens = {name: token for name, (_, token) in people.items()}
    made = Team(server, shop(tmp_path / "shop"), tmp_path / "home", tokens)
    made.policy()
    return made


@pytest.fixture
async def bench(team: Team) -> AsyncIterator[Workbench]:
    async with open_workbench(team.settings("ada")) as opened:
        yield opened


@pytest.fixture
async def plan(bench: Workbench, team: Team) -> Plan:
    flag = f"release.t{uuid4().hex[:10]}"
    spec = FlagSpec(
        name=flag,
        description="Discount",
        owner="shop",
        expires_on=datetime.now(UTC).date() + timedelta(days=20),
    )
    await bench.flags.create(spec, actor=ACTOR)
    proposed = (await bench.wrap(team.folder, flag, actor=ACTOR)).plan
    assert proposed
    return proposed


class Kept(logging.Handler):
    """Everything that anybody logs, as text."""

    def __init__(self, texts: list[str]) -> None:
        super().__init__()
        self._texts = texts

    def emit(self, record: logging.LogRecord) -> None:
        self._texts.append(f"{record.getMessage()} {record.__dict__}")


async def attest(bench: Workbench, team: Team, plan: Plan, who: str) -> Decision:
    return await bench.plans.attest(plan.id, Signing(SecretStr(team.people[who])), actor=ACTOR)


@pytest.fixture
def _real(server: Server) -> None:
    if server.kind == "embedded":
        pytest.skip("the embedded server has one user only")


real = pytest.mark.usefixtures("_real")


@real
async def test_another_persons_token_approves_and_is_kept_nowhere(
    bench: Workbench, plan: Plan, team: Team, people: dict[str, tuple[str, str]]
) -> None:
    """A12: the approver is who the server says, never who this machine says."""
    assert (await bench.plans.apply(plan.id, actor=ACTOR)).status == "awaiting-approval"

    decision = await attest(bench, team, plan, "grace")

    assert (decision.tier, decision.by) == ("attested", people["grace"][0])
    assert (await bench.plans.apply(plan.id, actor=ACTOR)).status == "applied"
    await bench.deliver(deadline_s=20)
    seen = [w for w in await team.client("ada").events.witnesses(plan.flag) if w.entry]
    approved = {w.by for w in seen if w.entry and w.entry.action == "approved"}
    assert approved == {people["ada"][0], people["grace"][0]}
    assert {w.entry.actor.person for w in seen if w.entry and w.entry.actor.tier} == {
        people["grace"][0]
    }
    kept = [path for path in team.home.rglob("*") if path.is_file()]
    assert not [path for path in kept if team.people["grace"].encode() in path.read_bytes()]


@real
async def test_a_user_name_and_a_password_approve_as_a_token_does(
    bench: Workbench, plan: Plan, team: Team, people: dict[str, tuple[str, str]]
) -> None:
    name = people["grace"][0].partition("@")[0]
    caught: list[str] = []
    logging.getLogger().addHandler(handler := Kept(caught))
    logging.getLogger().setLevel(logging.DEBUG)

    signing = Signing(SecretStr(PASSWORD), name)
    decision = await bench.plans.attest(plan.id, signing, actor=ACTOR)

    logging.getLogger().removeHandler(handler)
    assert (decision.tier, decision.by) == ("attested", people["grace"][0])
    assert (await bench.plans.apply(plan.id, actor=ACTOR)).status == "applied"
    kept = [path for path in team.home.rglob("*") if path.is_file()]
    assert not [path for path in kept if PASSWORD.encode() in path.read_bytes()]
    assert PASSWORD not in "".join(caught) + repr(signing)


@real
@pytest.mark.parametrize(
    ("user", "password"), [("grace", PASSWORD + "x"), ("ada", PASSWORD), ("nobody", "x")]
)
async def test_another_password_and_ones_own_approve_nothing(
    bench: Workbench, plan: Plan, people: dict[str, tuple[str, str]], user: str, password: str
) -> None:
    name = people[user][0].partition("@")[0] if user in people else user

    with pytest.raises(ApprovalRefused) as refused:
        await bench.plans.attest(plan.id, Signing(SecretStr(password), name), actor=ACTOR)

    assert password not in f"{refused.value}{refused.value.next_step}" or len(password) == 1
    assert (await bench.plans.one(plan.id))[1] == "proposed"


@real
@pytest.mark.parametrize("who", ["ada", "vic"])
async def test_who_may_not_write_or_is_not_another_cannot_approve(
    bench: Workbench, plan: Plan, team: Team, who: str
) -> None:
    """A12: one's own token, or one without rights."""
    before = texts(team.folder)

    with pytest.raises(ApprovalRefused):
        await attest(bench, team, plan, who)

    assert (await bench.plans.apply(plan.id, actor=ACTOR)).status == "awaiting-approval"
    assert texts(team.folder) == before


@pytest.mark.parametrize("token", ["", "x", "user:0123456789abcdef", "a b", "\u202e"])
async def test_what_is_no_token_approves_nothing(
    bench: Workbench, plan: Plan, team: Team, token: str
) -> None:
    with pytest.raises(ApprovalRefused):
        await bench.plans.attest(plan.id, Signing(SecretStr(token)), actor=ACTOR)
    assert (await bench.plans.one(plan.id))[1] == "proposed"


async def test_the_embedded_server_says_that_nobody_else_can_sign_in(
    bench: Workbench, plan: Plan, team: Team
) -> None:
    if team.server.kind == "embedded":
        async with open_workbench(
            team.settings("ada").model_copy(update={"flag_server": None})
        ) as own:
            with pytest.raises(ApprovalRefused, match="one user only"):
                await own.plans.attest(plan.id, Signing(SecretStr("user:00")), actor=ACTOR)


@real
async def test_four_eyes_know_the_author_by_the_servers_log(
    plan: Plan, team: Team, bench: Workbench
) -> None:
    """A12: the author changes the token that the installation works with, and signs in alone."""
    team.policy("four_eyes = true")
    again = (await bench.wrap(team.folder, plan.flag, actor=ACTOR)).plan
    assert again
    await bench.deliver(deadline_s=20)
    async with open_workbench(team.settings("grace")) as other:
        with pytest.raises(ApprovalRefused, match="four eyes"):
            await attest(other, team, again, "ada")

    await attest(bench, team, again, "grace")
    assert (await bench.plans.apply(again.id, actor=ACTOR)).status == "applied"


@real
async def test_only_owners_approve_where_the_policy_names_them(
    bench: Workbench, plan: Plan, team: Team, people: dict[str, tuple[str, str]]
) -> None:
    team.policy("owners = ['boss@example.org']")
    first = (await bench.wrap(team.folder, plan.flag, actor=ACTOR)).plan
    assert first
    with pytest.raises(ApprovalRefused, match="none of those who may approve"):
        await attest(bench, team, first, "grace")

    team.policy(f"owners = ['boss@example.org', '{people['grace'][0].upper()}']")
    second = (await bench.wrap(team.folder, plan.flag, actor=ACTOR)).plan
    assert second
    await attest(bench, team, second, "grace")


@real
@pytest.mark.parametrize("forgery", ["no event", "an event of our own", "of another plan"])
async def test_a_decision_forged_with_the_key_of_this_machine_writes_no_file(
    bench: Workbench, plan: Plan, team: Team, forgery: str
) -> None:
    """A2, A12: a program with a shell has the key and the working token, and not the other one."""
    at, forged = datetime.now(UTC), str(uuid4())
    before = texts(team.folder)
    if forgery == "an event of our own":
        (proposed,) = (await bench.ledger(plan=plan.id)).entries
        said = statement(
            plan, Account(id=9, name="grace"), subject=proposed.subject, note_id=forged,
            writer="abcdefabcdef", at=at,
        )  # fmt: skip
        await team.client("ada").delivery.write_on(plan.flag, said)
    if forgery == "of another plan":
        other = (await bench.wrap(team.folder, plan.flag, actor=ASSISTANT)).plan
        assert other
        assert other.id != plan.id
        decision = await attest(bench, team, other, "grace")
        assert decision.attestation
        forged, at = decision.attestation, decision.at

    def forge() -> None:
        store = Store(team.home / "state", new_writer="a1b2c3d4e5f6")
        (proposed,) = store.entries(plan=plan.digest, action="proposed", limit=1)
        intent = str(uuid4())
        store.begin(intent, "approved", proposed.subject, Actor(door="terminal"), at=at, plan=plan)
        decision = Decision(
            plan_digest=plan.digest, verdict="approved", by="grace", tier="attested", at=at,
            expires_at=at + timedelta(hours=1), nonce=str(uuid4()), attestation=forged,
        )  # fmt: skip
        store.settle(
            intent, outcome="done", at=at, plan=plan, plan_state="approved", decision=decision
        )
        store.close()

    await anyio.to_thread.run_sync(forge)
    with pytest.raises(ApprovalRefused):
        await bench.plans.apply(plan.id, actor=ACTOR)
    assert texts(team.folder) == before


@real
async def test_an_attested_approval_is_asked_for_again_when_it_is_used(
    bench: Workbench, plan: Plan, team: Team
) -> None:
    """The event decides at the time of use: with the approver's token at work it is none."""
    await attest(bench, team, plan, "grace")
    async with open_workbench(team.settings("grace")) as other:
        with pytest.raises(FlagwrightError):
            await other.plans.apply(plan.id, actor=ACTOR)
    assert (await bench.plans.apply(plan.id, actor=ACTOR)).status == "applied"
