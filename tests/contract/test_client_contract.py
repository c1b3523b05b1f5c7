"""What our client does on both servers."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from uuid import uuid4

import httpx
import pytest

from flagwright.adapters.unleash import HOST, Unleash
from flagwright.core.ledger import batches, chain
from flagwright.core.records.entry import Actor, Intent, LedgerEntry, Subject
from flagwright.core.records.flag import FlagSpec
from flagwright.errors import (
    BadRequest,
    FlagDiffers,
    FlagServerRefused,
    FlagUnknown,
    NameRefused,
)
from tests.contract.conftest import PROJECT, Server, set_pattern

pytestmark = pytest.mark.anyio

AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


@pytest.fixture
async def client(server: Server) -> AsyncIterator[Unleash]:
    ledger_flag = f"contract.ledger.{uuid4().hex[:8]}"
    made = Unleash(server.url, server.token, ledger_flag=ledger_flag)
    yield made
    await made.aclose()


@pytest.fixture
async def http(server: Server) -> AsyncIterator[httpx.AsyncClient]:
    headers = {"authorization": server.token}
    async with httpx.AsyncClient(base_url=server.url, headers=headers) as client:
        yield client


@pytest.fixture
def spec(name: str) -> FlagSpec:
    return FlagSpec(
        name=name,
        description="Tax by country",
        owner="Team Ä / shop@example.com",
        expires_on=date(2030, 1, 2),
    )


def chained(count: int, flag: str | None) -> list[LedgerEntry]:
    """Entries as an installation would write them."""
    entries: list[LedgerEntry] = []
    for number in range(count):
        intent = Intent(
            id=str(uuid4()),
            action="scored",
            subject=Subject(project="default", flag=flag, paths=(f"src/file_{number}.py",)),
            actor=Actor(door="terminal", person="Ada"),
            at=AT,
            score=72,
        )
        head = entries[-1] if entries else None
        entries.append(chain(head, intent, writer="0123456789ab", outcome="done", at=AT))
    return entries


def ids(entries: list[LedgerEntry]) -> tuple[str, ...]:
    return tuple(entry.id for entry in entries)


async def record(
    client: Unleash, entries: list[LedgerEntry], *, again: bool = False
) -> tuple[str, ...]:
    """Deliver as the workbench does: what may be there already is looked for first."""
    links = list(batches(entries, HOST))
    held = await client.delivery.held(links) if again else set()
    for link in links:
        if rest := [entry for entry in link if entry.id not in held]:
            await client.delivery.write(rest, again=again)
    held |= await client.delivery.held(links)
    return tuple(entry.id for entry in entries if entry.id in held)


async def test_a_flag_is_made_as_asked_for_and_off(client: Unleash, spec: FlagSpec) -> None:
    made, how = await client.create(spec)

    assert how == "created"
    assert (made.name, made.type, made.description) == (spec.name, "release", "Tax by country")
    assert (made.owner, made.expires_on) == (spec.owner, spec.expires_on)
    assert set(made.environments) >= {"development", "production"}
    assert not any(made.environments.values())
    assert await client.state(spec.name) == made


async def test_the_same_request_again_finds_the_flag(client: Unleash, spec: FlagSpec) -> None:
    made, _ = await client.create(spec)

    assert await client.create(spec) == (made, "exists")


async def test_a_different_request_under_the_name_says_how_it_differs(
    client: Unleash, spec: FlagSpec
) -> None:
    await client.create(spec)

    other = spec.model_copy(update={"type": "kill-switch", "owner": "others"})
    with pytest.raises(FlagDiffers) as refusal:
        await client.create(other)

    assert "its type is 'release', asked for 'kill-switch'" in refusal.value.fact
    assert "its owner is" in refusal.value.fact
    assert (await client.state(spec.name)).owner == spec.owner


async def test_what_an_interrupted_creation_left_out_is_added(
    client: Unleash, http: httpx.AsyncClient, spec: FlagSpec
) -> None:
    body = {"name": spec.name, "type": "release", "description": spec.description}
    await http.post(f"{PROJECT}/features", json=body)

    made, how = await client.create(spec)

    assert how == "completed"
    assert (made.owner, made.expires_on) == (spec.owner, spec.expires_on)


async def test_the_name_of_an_archived_flag_is_refused(
    client: Unleash, http: httpx.AsyncClient, spec: FlagSpec
) -> None:
    await client.create(spec)
    await http.delete(f"{PROJECT}/features/{spec.name}")

    with pytest.raises(FlagDiffers) as refusal:
        await client.create(spec)
    assert "archived" in refusal.value.fact
    with pytest.raises(FlagUnknown):
        await client.state(spec.name)
    assert spec.name in {flag.name for flag in await client.flags(archived=True)}


async def test_a_project_that_does_not_exist_is_a_refusal(client: Unleash, spec: FlagSpec) -> None:
    with pytest.raises(FlagServerRefused, match="no project missing"):
        await client.create(spec.model_copy(update={"project": "missing"}))


async def test_the_pattern_of_the_server_refuses_a_name_before_it_is_made(
    server: Server, client: Unleash, spec: FlagSpec
) -> None:
    set_pattern(server, "'[A-Z]+-.*'")
    try:
        assert await client.naming_pattern() == "[A-Z]+-.*"
        assert not (await client.health()).ledger_flag_allowed
        with pytest.raises(NameRefused):
            await client.create(spec)
    finally:
        set_pattern(server, "NULL")
    with pytest.raises(FlagUnknown):
        await client.state(spec.name)


async def test_a_pattern_that_only_the_server_can_read_still_refuses(
    server: Server, client: Unleash, spec: FlagSpec
) -> None:
    set_pattern(server, "'(?!contract).*'")
    try:
        with pytest.raises(NameRefused):
            await client.create(spec)
    finally:
        set_pattern(server, "NULL")


@pytest.mark.parametrize(
    "evil",
    ["../../admin", "a b", "a%2fb", "a\u202eb", "\u0430dmin", "a\u200bb", "a\x00b", ".", "a?b=c"],
)
async def test_an_evil_name_makes_no_flag(client: Unleash, spec: FlagSpec, evil: str) -> None:
    before = {flag.name for flag in await client.flags()}

    with pytest.raises((NameRefused, BadRequest)):
        await client.create(spec.model_copy(update={"name": evil}))

    assert {flag.name for flag in await client.flags()} == before


@pytest.mark.parametrize("said", [{"owner": "x"}, {"owner": "y" * 51}, {"description": "a\0b"}])
async def test_what_the_server_cannot_keep_is_refused_before_the_flag_is_made(
    client: Unleash, spec: FlagSpec, said: dict[str, str]
) -> None:
    with pytest.raises(BadRequest):
        await client.create(spec.model_copy(update=said))
    with pytest.raises(FlagUnknown):
        await client.state(spec.name)


async def test_a_flag_is_among_those_of_its_project(client: Unleash, spec: FlagSpec) -> None:
    await client.create(spec)

    found = [flag for flag in await client.flags() if flag.name == spec.name]

    assert [flag.owner for flag in found] == [spec.owner]


async def test_an_entry_is_recorded_on_its_flag_and_read_back(
    client: Unleash, spec: FlagSpec
) -> None:
    await client.create(spec)
    first, second = chained(2, spec.name)

    assert await record(client, [first]) == (first.id,)
    assert await record(client, [second]) == (second.id,)

    assert await client.events.read(spec.name) == (first, second)


async def test_an_entry_is_recorded_once(
    client: Unleash, http: httpx.AsyncClient, spec: FlagSpec
) -> None:
    await client.create(spec)
    entries = chained(3, spec.name)

    for again in (False, True, True):
        assert await record(client, entries, again=again) == ids(entries)

    assert [witness.entry for witness in await client.events.witnesses(spec.name)] == entries
    assert len((await http.get(f"{PROJECT}/features/{spec.name}")).json()["links"]) == 1


async def test_a_long_outage_is_caught_up_in_few_links(
    client: Unleash, http: httpx.AsyncClient, spec: FlagSpec
) -> None:
    await client.create(spec)
    entries = chained(150, spec.name)

    assert await record(client, entries) == ids(entries)

    assert await client.events.read(spec.name, limit=150) == tuple(entries)
    assert await client.events.read(spec.name, limit=10) == tuple(entries[-10:])
    feature = {"feature": f"IS:{spec.name}", "query": "flagwright"}
    assert (await http.get("/api/admin/search/events", params=feature)).json()["total"] < 10


async def test_entries_about_several_flags_travel_together_and_their_link_names_each(
    client: Unleash, http: httpx.AsyncClient, spec: FlagSpec
) -> None:
    flags = [f"{spec.name}.{number}" for number in range(60)]
    entries = [entry for flag in flags for entry in chained(1, flag)]

    assert await record(client, entries) == ids(entries)

    assert await client.events.read(client.ledger_flag) == tuple(entries)
    named = {"feature": f"IS:{client.ledger_flag}", "query": f"flag={flags[7]}"}
    assert (await http.get("/api/admin/search/events", params=named)).json()["total"] == 1


async def test_an_entry_without_a_flag_goes_to_the_ledger_flag(client: Unleash) -> None:
    entries = chained(2, None)

    assert await record(client, entries) == ids(entries)

    assert await client.events.read(client.ledger_flag) == tuple(entries)
    assert (await client.state(client.ledger_flag)).type == "permission"
    assert set(entries) <= set(await client.events.read())


async def test_an_entry_of_a_flag_that_is_gone_goes_to_the_ledger_flag(
    server: Server, client: Unleash, http: httpx.AsyncClient, spec: FlagSpec
) -> None:
    """But for who knows our link on it: a link may still change."""
    await client.create(spec)
    first, second, third = chained(3, spec.name)
    await record(client, [first])
    await http.delete(f"{PROJECT}/features/{spec.name}")

    newcomer = Unleash(server.url, server.token, ledger_flag=client.ledger_flag)

    assert await record(newcomer, [second]) == (second.id,)
    assert await record(client, [third]) == (third.id,)

    assert await client.events.read(client.ledger_flag) == (second,)
    assert await client.events.read(spec.name) == (first, third)
    await newcomer.aclose()


async def test_a_flag_full_of_links_sends_its_entries_to_the_ledger_flag(
    client: Unleash, http: httpx.AsyncClient, spec: FlagSpec
) -> None:
    await client.create(spec)
    for number in range(10):
        link = {"url": f"https://example.com/{number}"}
        await http.post(f"{PROJECT}/features/{spec.name}/link", json=link)
    entries = chained(1, spec.name)

    assert await record(client, entries) == ids(entries)

    assert await client.events.read(client.ledger_flag) == tuple(entries)


async def test_a_link_that_stands_there_without_its_event_is_written_again(
    server: Server, client: Unleash, http: httpx.AsyncClient, spec: FlagSpec
) -> None:
    """The server swallows a failed event, and drops one that changes nothing."""
    await client.create(spec)
    entries = chained(1, spec.name)
    await record(client, entries)
    table, column = ("event", "flag") if server.kind == "embedded" else ("events", "feature_name")
    server.sql(f"DELETE FROM {table} WHERE {column} = '{spec.name}' AND type LIKE '%link%'")
    assert await client.events.read(spec.name) == ()

    assert await record(client, entries, again=True) == ids(entries)

    assert await client.events.read(spec.name) == tuple(entries)


async def test_a_link_that_somebody_removed_is_made_again(
    client: Unleash, http: httpx.AsyncClient, spec: FlagSpec
) -> None:
    await client.create(spec)
    entries = chained(3, spec.name)
    for entry in entries[:2]:
        await record(client, [entry])
    [link] = (await http.get(f"{PROJECT}/features/{spec.name}")).json()["links"]
    await http.delete(f"{PROJECT}/features/{spec.name}/link/{link['id']}")

    assert await record(client, entries[2:]) == ids(entries[2:])

    assert await client.events.read(spec.name) == tuple(entries)


async def test_a_slow_link_that_is_sent_again_is_kept_once(
    client: Unleash, http: httpx.AsyncClient, spec: FlagSpec
) -> None:
    """It arrives between the look for it and the second sending."""
    await client.create(spec)
    first, second = chained(2, spec.name)
    await record(client, [first])
    await client.delivery.write([second])

    await client.delivery.write([second], again=True)

    held = await client.events.witnesses(spec.name)
    assert [witness.entry for witness in held] == [first, second]
    assert {witness.by for witness in held} == {"admin"}
    assert [witness.event for witness in held] == sorted(witness.event for witness in held)


async def test_the_server_says_whose_token_it_is(client: Unleash) -> None:
    assert (await client.whoami()).name == "admin"


async def test_links_of_people_are_left_alone(
    client: Unleash, http: httpx.AsyncClient, spec: FlagSpec
) -> None:
    await client.create(spec)
    theirs = {"url": "https://example.com/ticket", "title": "the ticket"}
    await http.post(f"{PROJECT}/features/{spec.name}/link", json=theirs)

    for entry in chained(2, spec.name):
        await record(client, [entry])

    links = (await http.get(f"{PROJECT}/features/{spec.name}")).json()["links"]
    assert len(links) == 2
    assert "the ticket" in {link["title"] for link in links}


async def test_a_report_names_server_user_and_project(server: Server, client: Unleash) -> None:
    report = await client.health()

    assert (report.version, report.user) == (server.version, "admin")
    assert report.personal == (server.kind == "unleash")
    assert report.missing_rights == ()
    assert report.project_exists
    assert set(report.environments) >= {"development", "production"}
    assert report.ledger_flag_allowed
    assert not report.ledger_flag_exists


async def test_a_wrong_token_is_a_refusal(server: Server) -> None:
    client = Unleash(server.url, "nonsense")
    with pytest.raises(FlagServerRefused):
        await client.health()
    await client.aclose()


async def test_a_server_is_found_by_its_api_address(server: Server) -> None:
    client = Unleash(f"{server.url}/api/", server.token, project="missing")
    assert not (await client.health()).project_exists
    await client.aclose()
