"""What our client reads and sets of one flag, on both servers."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import anyio
import httpx
import pytest

from flagwright.adapters.unleash import Application, Unleash
from flagwright.core.records.flag import FlagSpec, FlagType
from flagwright.core.rollout import Asked, resolve
from flagwright.core.strategy import Placement, Strategy, placed
from flagwright.errors import BadRequest, FlagChanged, FlagDiffers, FlagServerRefused, FlagUnknown
from tests.contract.conftest import PROJECT, Server
from tests.contract.real_unleash import OLDEST
from tests.contract.test_attestation import person

pytestmark = pytest.mark.anyio


@pytest.fixture
async def client(server: Server) -> AsyncIterator[Unleash]:
    made = Unleash(server.url, server.token, ledger_flag=f"contract.ledger.{uuid4().hex[:8]}")
    yield made
    await made.aclose()


@pytest.fixture
async def http(server: Server) -> AsyncIterator[httpx.AsyncClient]:
    headers = {"authorization": server.token}
    async with httpx.AsyncClient(base_url=server.url, headers=headers) as client:
        yield client


@pytest.fixture
async def flag(client: Unleash, name: str) -> str:
    await client.create(FlagSpec(name=name, owner="shop"))
    return name


async def test_a_flag_is_read_across_its_environments(
    client: Unleash, http: httpx.AsyncClient, flag: str
) -> None:
    place = f"{PROJECT}/features/{flag}/environments/development"
    parameters = {"rollout": "25", "stickiness": "userId", "groupId": flag}
    rule = {"contextName": "country", "operator": "IN", "values": ["de", "at"]}
    body = {"name": "flexibleRollout", "parameters": parameters, "constraints": [rule]}
    await http.post(f"{place}/strategies", json=body)
    await http.post(f"{place}/on")
    await http.post(f"{PROJECT}/features/{flag}/link", json={"url": "https://x.org", "title": "t"})

    found = await client.detail(flag)

    assert found.flag.tags == ("owner:shop",)
    assert {e.name: (e.type, placed(e, flag)) for e in found.environments} == {
        "development": ("development", "on, 25 % by userId where country IN de,at"),
        "production": ("production", "off, no strategy"),
    }
    assert found.stage in {"initial", None}  # a real server notes it a little later
    assert [(link.title, link.url) for link in found.links] == [("t", "https://x.org")]


async def test_an_archived_flag_is_told_as_that(
    client: Unleash, http: httpx.AsyncClient, flag: str
) -> None:
    await http.delete(f"{PROJECT}/features/{flag}")

    found = await client.detail(flag)

    assert (found.flag.archived, found.flag.owner, found.stage) == (True, "shop", "archived")
    for number in range(20):  # a server by itself allows 15 searches a minute
        with pytest.raises(FlagUnknown):
            await client.detail(f"{flag}.never-made-{number}")


async def test_tags_and_impression_data_are_made_and_mended(
    client: Unleash, http: httpx.AsyncClient, name: str
) -> None:
    kind = f"k{name[-6:]}"
    newest: FlagType = "sunset" if "sunset" in await client.survey.lifetimes() else "permission"
    spec = FlagSpec(name=name, type=newest, tags=(f"{kind}:new one", "plain"))
    spec = spec.model_copy(update={"impression_data": True, "owner": "shop"})

    made, how = await client.create(spec)
    await http.delete(f"/api/admin/features/{name}/tags/{kind}/new%20one")
    again, how_again = await client.create(spec)

    assert (how, how_again) == ("created", "completed")
    assert made == again
    assert made.impression_data
    assert made.tags == tuple(sorted((f"{kind}:new one", "owner:shop", "simple:plain")))
    with pytest.raises(FlagDiffers, match="impression data"):
        await client.create(spec.model_copy(update={"impression_data": False}))
    with pytest.raises(BadRequest):
        await client.create(spec.model_copy(update={"tags": ("expires:2030-01-01",)}))


async def test_a_flag_that_is_made_with_a_tag_that_does_not_exist_is_not_made(
    http: httpx.AsyncClient, name: str
) -> None:
    tag = {"type": "simple", "value": f"v-{name}"}
    body = {"name": name, "tags": [tag]}

    assert (await http.post(f"{PROJECT}/features", json=body)).status_code == 500
    assert (await http.post("/api/admin/tags", json=tag)).status_code == 201
    assert (await http.post("/api/admin/tags", json=tag)).status_code == 409
    assert (await http.post(f"{PROJECT}/features", json=body)).status_code == 201
    tags = (await http.get(f"/api/admin/features/{name}/tags")).json()["tags"]
    assert [(row["type"], row["value"]) for row in tags] == [("simple", tag["value"])]


async def test_what_a_look_over_all_flags_needs(server: Server, client: Unleash, flag: str) -> None:
    lifetimes = await client.survey.lifetimes()
    assert lifetimes["release"] == 40
    assert lifetimes.get("sunset") == (None if server.version == OLDEST else 90)
    assert "default" in await client.survey.projects()
    assert set(await client.survey.environments()) >= {"development", "production"}
    assert await client.survey.full_since([flag, f"{flag}.never-made"]) == {}
    for environment in [e.name for e in (await client.detail(flag)).environments]:
        now = (await client.detail(flag)).environment(environment).placement
        strategy = resolve(now, Asked(percent=100), flag)
        await client.place(flag, environment, now, Placement(on=True, strategies=(strategy,)))

    since = await client.survey.full_since([flag])

    assert abs(since[flag] - datetime.now(UTC)).total_seconds() < 60


# --- rollouts


async def everywhere(client: Unleash, flag: str) -> Placement:
    return (await client.detail(flag)).environment("development").placement


async def set_to(client: Unleash, flag: str, **asked: Any) -> Placement:
    now = await everywhere(client, flag)
    strategy = resolve(now, Asked(**asked), flag)
    after = Placement(on=now.on, strategies=(strategy,))
    return await client.place(flag, "development", now, after)


async def test_a_rollout_is_set_whole_and_the_same_again_leaves_no_event(
    client: Unleash, http: httpx.AsyncClient, flag: str
) -> None:
    segment = f"beta-{flag}"
    rule = {"contextName": "userId", "operator": "IN", "values": ["7"]}
    made = {"name": segment, "constraints": [rule]}
    assert (await http.post("/api/admin/segments", json=made)).status_code == 201
    asked = {
        "percent": 40,
        "stickiness": "userId",
        "constraints": ("country IN de,at", "NOT appVersion SEMVER_LT 2.1.0"),
        "segments": (segment,),
        "variants": {"red": 66.7, "blue": 33.3},
    }

    first = await set_to(client, flag, **asked)
    before = await count_events(http, flag)
    second = await set_to(client, flag, **asked)

    assert second == first
    assert await count_events(http, flag) == before
    assert placed(first, flag) == (
        "off, 40 % by userId where country IN de,at and NOT appVersion SEMVER_LT 2.1.0"
        f" in segment {segment} as blue 33.3 %, red 66.7 %"
    )
    with pytest.raises(BadRequest, match="no segment 'nobody'"):
        await client.require_segments(["nobody"])


async def test_what_is_left_out_stays_and_an_empty_list_means_none(
    client: Unleash, http: httpx.AsyncClient, flag: str
) -> None:
    rule = {"contextName": "userId", "operator": "IN", "values": ["7"]}
    body = {"name": f"kept-{flag}", "constraints": [rule]}
    await http.post("/api/admin/segments", json=body)
    segments = (f"kept-{flag}",)
    await set_to(client, flag, percent=10, constraints=("country IN de",), segments=segments)

    more = await set_to(client, flag, percent=20)
    none = await set_to(client, flag, constraints=(), segments=())

    assert placed(more, flag) == f"off, 20 % where country IN de in segment kept-{flag}"
    assert placed(none, flag) == "off, 20 %"


async def test_one_rollout_replaces_all_that_are_there_and_nobody_else_is_let_in_meanwhile(
    client: Unleash, http: httpx.AsyncClient, flag: str
) -> None:
    place = f"{PROJECT}/features/{flag}/environments/development"
    for share in ("10", "10", "10"):
        body = {"name": "flexibleRollout", "parameters": {"rollout": share}}
        await http.post(f"{place}/strategies", json=body)
    await http.post(f"{place}/on")

    now = await set_to(client, flag, percent=5)

    assert placed(now, flag) == "on, 5 %"
    kinds = [event["type"] for event in await events(http, flag)][:3]
    assert kinds == [
        "feature-strategy-remove",
        "feature-strategy-remove",
        "feature-strategy-update",
    ]


async def test_the_last_strategy_that_goes_switches_the_flag_off(
    http: httpx.AsyncClient, flag: str
) -> None:
    place = f"{PROJECT}/features/{flag}/environments/development"
    await http.post(f"{place}/on")
    [strategy] = (await http.get(f"{place}/strategies")).json()

    await http.delete(f"{place}/strategies/{strategy['id']}")

    found = (await http.get(f"{PROJECT}/features/{flag}")).json()["environments"]
    assert [row["enabled"] for row in found if row["name"] == "development"] == [False]


async def test_a_flag_whose_strategies_are_all_disabled_gets_one_for_everybody(
    http: httpx.AsyncClient, flag: str
) -> None:
    place = f"{PROJECT}/features/{flag}/environments/development"
    body = {"name": "flexibleRollout", "disabled": True, "parameters": {"rollout": "5"}}
    await http.post(f"{place}/strategies", json=body)

    await http.post(f"{place}/on")

    found = (await http.get(f"{place}/strategies")).json()
    assert [s["parameters"]["rollout"] for s in found] == ["5", "100"]


async def test_a_switch_that_somebody_else_got_in_the_way_of_is_taken_back(
    client: Unleash, http: httpx.AsyncClient, flag: str
) -> None:
    """We believe that there is a rollout to 5 %, and somebody has removed it by then."""
    believed = await set_to(client, flag, percent=5)
    place = f"{PROJECT}/features/{flag}/environments/development"
    await http.delete(f"{place}/strategies/{believed.strategies[0].id}")

    after = believed.model_copy(update={"on": True})
    with pytest.raises(FlagChanged):
        await client.place(flag, "development", believed, after)

    assert not (await everywhere(client, flag)).on


async def test_what_a_strategy_must_not_be(http: httpx.AsyncClient, flag: str) -> None:
    address = f"{PROJECT}/features/{flag}/environments/development/strategies"
    blue = {"name": "blue", "weight": 500, "stickiness": "default"}
    number = {"contextName": "x", "operator": "NUM_GT", "value": "a"}
    bodies: list[tuple[dict[str, Any], int]] = [
        ({"segments": [987654]}, 404),
        ({"constraints": [{"contextName": "x", "operator": "NOPE", "values": ["a"]}]}, 400),
        ({"constraints": [number]}, 400),
        ({"variants": [blue | {"weightType": "fix"}]}, 400),
    ]

    answers = [
        (await http.post(address, json={"name": "flexibleRollout"} | body)).status_code
        for body, _ in bodies
    ]

    assert answers == [status for _, status in bodies]


async def test_variants_are_held_by_name_and_share_what_is_left(
    http: httpx.AsyncClient, flag: str
) -> None:
    address = f"{PROJECT}/features/{flag}/environments/development/strategies"
    given = [
        {"name": name, "weight": 99, "weightType": kind, "stickiness": "default"}
        for name, kind in (("c", "variable"), ("d", "variable"), ("a", "fix"), ("b", "variable"))
    ]
    await http.post(address, json={"name": "flexibleRollout", "variants": given})

    [held] = (await http.get(address)).json()

    shares = [(variant["name"], variant["weight"]) for variant in held["variants"]]
    assert shares == [("a", 99), ("b", 300), ("c", 301), ("d", 300)]


async def test_a_flag_that_others_depend_on_is_not_archived(
    client: Unleash, http: httpx.AsyncClient, flag: str
) -> None:
    child = f"{flag}.child"
    await client.create(FlagSpec(name=child))
    address = f"{PROJECT}/features/{child}/dependencies"
    await http.post(address, json={"feature": flag, "enabled": True})

    refused = await http.delete(f"{PROJECT}/features/{flag}")

    assert (refused.status_code, refused.json()["name"]) == (403, "InvalidOperationError")
    assert (await client.detail(flag)).needed_by == (child,)
    assert (await client.detail(child)).depends_on == (flag,)
    assert (await http.delete(f"{address}/{flag}")).status_code == 200
    assert (await http.delete(f"{PROJECT}/features/{flag}")).status_code == 202


async def test_what_applications_count_is_told(
    server: Server, client: Unleash, http: httpx.AsyncClient, flag: str
) -> None:
    at = datetime.now(UTC).isoformat().replace("+00:00", "Z")
    counted = {flag: {"yes": 3, "no": 1}, f"{flag}.never": {"yes": 1, "no": 0}}
    body = {"appName": "x", "bucket": {"start": at, "stop": at, "toggles": counted}}
    token = {"authorization": server.client_token}
    assert (await http.post("/api/client/metrics", json=body, headers=token)).status_code == 202

    with anyio.fail_after(60):
        while not (found := (await client.detail(flag)).environment("development")).yes:  # noqa: ASYNC110  a server tells no event
            await anyio.sleep(1)

    assert (found.yes, found.no) == (3, 1)
    usage = (await http.get(f"/api/admin/client-metrics/features/{flag}")).json()
    assert usage["seenApplications"] == ["x"]
    with anyio.fail_after(60):
        while "pre-live" not in await stages(http, flag):  # noqa: ASYNC110  it tells no event
            await anyio.sleep(1)


async def test_when_an_application_sees_a_switch_is_measured(
    server: Server, client: Unleash, flag: str
) -> None:
    application = Application(server.url, server.client_token)
    off = await set_to(client, flag, percent=100)
    on = await client.place(flag, "development", off, off.model_copy(update={"on": True}))

    assert 0 <= await application.sees(flag, on) < 20
    application.require("development")
    with pytest.raises(BadRequest):
        application.require("production")
    await application.aclose()


async def stages(http: httpx.AsyncClient, flag: str) -> list[str]:
    """In the order of their writing: Unleash may write `initial` after what came of metrics."""
    answer = await http.get(f"{PROJECT}/features/{flag}/lifecycle")
    return [row["stage"] for row in answer.json()]


async def events(http: httpx.AsyncClient, flag: str) -> list[dict[str, Any]]:
    answer = await http.get("/api/admin/search/events", params={"feature": f"IS:{flag}"})
    return list(answer.json()["events"])


async def count_events(http: httpx.AsyncClient, flag: str) -> int:
    return len(await events(http, flag))


async def test_a_flag_ends_completed_and_archived_and_nothing_brings_it_back(
    client: Unleash, http: httpx.AsyncClient, flag: str
) -> None:
    ended = await client.end(await client.detail(flag), "on")

    assert ended.flag.archived
    kinds = [event["type"] for event in await events(http, flag)][:2]
    assert kinds == ["feature-archived", "feature-completed"]
    with pytest.raises(FlagDiffers, match="archived"):
        await client.create(FlagSpec(name=flag, owner="shop", tags=("team:pay",)))
    assert (await client.detail(flag)).flag.archived


async def test_a_rehearsal_checks_for_real_and_sends_nothing_that_changes(
    server: Server, client: Unleash, http: httpx.AsyncClient, flag: str
) -> None:
    def rehearsing() -> Unleash:
        return Unleash(server.url, server.token, writes="noted")

    new = FlagSpec(name=f"{flag}.new", owner="shop", tags=(f"k{flag[-6:]}:v1",))
    creating, placing, ending = rehearsing(), rehearsing(), rehearsing()
    await creating.create(new)
    now = (await placing.detail(flag)).environment("development").placement
    strategy = resolve(now, Asked(percent=5), flag)
    await placing.place(flag, "development", now, Placement(on=True, strategies=(strategy,)))
    await ending.end(await ending.detail(flag), "off")

    made, placed_, ended = [await each.noted() for each in (creating, placing, ending)]

    assert made[0][:2] == ("POST", f"{PROJECT}/features")
    assert [one.body for one in made[-2:]] == [
        {"type": "owner", "value": "shop"},
        {"type": f"k{flag[-6:]}", "value": "v1"},
    ]
    place = f"{PROJECT}/features/{flag}/environments/development"
    assert [one[:2] for one in placed_] == [
        ("POST", f"{place}/strategies"),
        ("POST", f"{place}/on"),
    ]
    assert ended[0].body == {"status": "discarded", "statusValue": ""}
    assert ended[1][:2] == ("DELETE", f"{PROJECT}/features/{flag}")
    with pytest.raises(FlagUnknown):
        await client.state(new.name)
    assert (await everywhere(client, flag)).strategies == ()
    await http.delete(f"{PROJECT}/features/{flag}")
    with pytest.raises(FlagDiffers):
        await rehearsing().create(FlagSpec(name=flag))


async def test_a_rehearsal_knows_each_right_that_the_server_asks_for(
    server: Server, http: httpx.AsyncClient, flag: str
) -> None:
    """The embedded server knows one user, who may do all."""
    if server.kind == "embedded":
        pytest.skip("it has no other users")
    tokens = [person(server, role)[1] for role in ("Editor", "Viewer")]
    editor, viewer = (Unleash(server.url, token, writes="noted") for token in tokens)
    for client in (editor, viewer):
        new = FlagSpec(name=f"{flag}.new", owner="shop", tags=(f"k{flag[-6:]}:v1",))
        await client.create(new)
        for on in (True, False):
            now = Placement(on=not on, strategies=(Strategy(id="gone"),))
            then = Placement(on=on, strategies=(Strategy(parameters={"rollout": "5"}),))
            await client.place(flag, "development", now, then)
        kept = Strategy(id="kept", parameters={"rollout": "5"})
        less = kept.model_copy(update={"parameters": {"rollout": "1"}})
        held, wanted = (Placement(on=False, strategies=(one,)) for one in (kept, less))
        await client.place(flag, "production", held, wanted)
        await client.end(await client.detail(flag), "on")

    requests = await editor.noted()
    with pytest.raises(FlagServerRefused) as refused:
        await viewer.noted()

    seen = set()
    for method, path, body in requests:
        headers = {"authorization": tokens[1]}
        answer = await http.request(method, path, json=body, headers=headers)
        assert answer.status_code == 403, (method, path)
        seen |= set(answer.json()["permissions"])
    named = refused.value.fact.removeprefix("The token lacks the right ").rstrip(".").split(", ")
    assert {right.partition(" ")[0] for right in named} == seen


async def test_a_client_that_only_reads_sends_nothing_else(server: Server, flag: str) -> None:
    reading = Unleash(server.url, server.token, writes="refused")

    assert (await reading.state(flag)).name == flag
    with pytest.raises(FlagServerRefused, match="read-only"):
        await reading.create(FlagSpec(name=f"{flag}.new"))


async def test_flags_that_were_never_made_are_told_with_who_asks(
    server: Server, client: Unleash, http: httpx.AsyncClient, name: str
) -> None:
    """A real server writes down what applications tell every two minutes."""
    at = datetime.now(UTC).isoformat().replace("+00:00", "Z")
    body = {"appName": "shop", "bucket": {"start": at, "stop": at, "toggles": {name: {"yes": 1}}}}
    if server.kind == "embedded":
        token = {"authorization": server.client_token}
        await http.post("/api/client/metrics", json=body, headers=token)
    else:
        row = f"'{name}', 'shop', now(), 'development'"
        server.sql(
            f"INSERT INTO unknown_flags (name, app_name, seen_at, environment) VALUES ({row})"
        )

    asking = (await client.survey.unknown())[name]
    await client.create(FlagSpec(name=name))

    assert asking.applications == ("shop",)
    assert abs(asking.last_at - datetime.now(UTC)).total_seconds() < 60
    assert name not in await client.survey.unknown()
