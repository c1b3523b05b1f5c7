"""What both servers answer on the wire, traps included."""

import json
import time
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from tests.contract.conftest import PROJECT, Server, set_pattern
from tests.contract.real_unleash import OLDEST

NOTICES_S = 2.5
"""After so long without news a real server has noticed what was done, in seconds."""


@pytest.fixture
def flag(http: httpx.Client, name: str) -> str:
    made = http.post(f"{PROJECT}/features", json={"name": name, "type": "release"})
    assert made.status_code == 201
    return name


def events(http: httpx.Client, flag: str, **more: str) -> list[dict[str, Any]]:
    answer = http.get("/api/admin/search/events", params={"feature": f"IS:{flag}", **more})
    assert answer.status_code == 200
    return list(answer.json()["events"])


def test_a_new_flag_is_off_everywhere_and_has_no_strategy(http: httpx.Client, flag: str) -> None:
    found = http.get(f"{PROJECT}/features/{flag}").json()

    assert found["type"] == "release"
    assert found["archived"] is False
    assert {place["name"] for place in found["environments"]} >= {"development", "production"}
    assert not any(place["enabled"] or place["strategies"] for place in found["environments"])
    assert found["links"] == []


@pytest.mark.parametrize(
    ("body", "status", "error"),
    [
        ({"name": "with space"}, 400, "BadDataError"),
        ({"name": ".."}, 400, "BadDataError"),
        ({"name": "a" * 101}, 400, "BadDataError"),
        ({"type": "release"}, 400, "BadDataError"),
        ({"name": "contract.bad", "type": "nope"}, 400, "BadDataError"),
    ],
)
def test_a_bad_flag_is_refused_with_details(
    http: httpx.Client, body: dict[str, str], status: int, error: str
) -> None:
    answer = http.post(f"{PROJECT}/features", json=body)

    assert (answer.status_code, answer.json()["name"]) == (status, error)
    assert answer.json()["details"][0]["message"]


def test_fields_that_do_not_exist_are_ignored(http: httpx.Client, name: str) -> None:
    answer = http.post(f"{PROJECT}/features", json={"name": name, "owner": "x", "expires": "y"})

    assert answer.status_code == 201
    assert "owner" not in answer.json()


def test_a_missing_project_is_a_missing_right(http: httpx.Client, name: str) -> None:
    answer = http.post("/api/admin/projects/missing/features", json={"name": name})

    assert answer.status_code == 403
    assert answer.json()["permissions"] == ["CREATE_FEATURE"]


def test_the_name_of_an_archived_flag_stays_taken(http: httpx.Client, flag: str) -> None:
    assert http.delete(f"{PROJECT}/features/{flag}").status_code == 202

    assert http.get(f"{PROJECT}/features/{flag}").status_code == 404
    assert http.post(f"{PROJECT}/features", json={"name": flag}).status_code == 409
    assert http.post("/api/admin/features/validate", json={"name": flag}).status_code == 409
    on = http.post(f"{PROJECT}/features/{flag}/environments/development/on")
    assert (on.status_code, on.json()["name"]) == (400, "ArchivedFeatureError")
    found = http.get(
        "/api/admin/search/features", params={"archived": "IS:true", "query": flag}
    ).json()
    assert [row["name"] for row in found["features"]] == [flag]
    assert http.post(f"/api/admin/archive/revive/{flag}").status_code == 200
    assert http.get(f"{PROJECT}/features/{flag}").status_code == 200


def test_a_change_of_an_archived_flag_brings_it_back(http: httpx.Client, flag: str) -> None:
    http.delete(f"{PROJECT}/features/{flag}")

    body = {"name": flag, "type": "release", "description": "new"}
    assert http.put(f"{PROJECT}/features/{flag}", json=body).status_code == 200
    assert http.get(f"{PROJECT}/features/{flag}").json()["description"] == "new"


def test_switching_on_without_a_strategy_lets_everybody_in(http: httpx.Client, flag: str) -> None:
    place = f"{PROJECT}/features/{flag}/environments/development"

    first, second = http.post(f"{place}/on"), http.post(f"{place}/on")

    assert (first.status_code, first.content) == (200, b"")
    assert second.status_code == 200
    [strategy] = http.get(f"{place}/strategies").json()
    assert strategy["name"] == "flexibleRollout"
    assert strategy["parameters"] == {"groupId": flag, "rollout": "100", "stickiness": "default"}
    kinds = [event["type"] for event in events(http, flag)]
    assert kinds == ["feature-environment-enabled", "feature-strategy-add", "feature-created"]


def test_each_call_adds_another_strategy(http: httpx.Client, flag: str) -> None:
    strategies = f"{PROJECT}/features/{flag}/environments/production/strategies"
    body = {"name": "flexibleRollout", "parameters": {"rollout": "50"}}

    ids = [http.post(strategies, json=body).json()["id"] for _ in range(2)]

    assert [strategy["id"] for strategy in http.get(strategies).json()] == ids
    assert http.delete(f"{strategies}/{ids[0]}").status_code == 200
    assert http.delete(f"{strategies}/{ids[0]}").status_code == 404


def test_an_unknown_environment_is_a_missing_right(http: httpx.Client, flag: str) -> None:
    answer = http.post(f"{PROJECT}/features/{flag}/environments/nowhere/on")

    assert answer.status_code == 403


def test_a_tag_needs_its_type_and_two_characters(http: httpx.Client, flag: str) -> None:
    tags = f"/api/admin/features/{flag}/tags"

    assert http.post(tags, json={"type": "unheard-of", "value": "ab"}).status_code == 400
    assert http.post(tags, json={"type": "simple", "value": "a"}).status_code == 400
    for _ in range(2):
        assert http.post(tags, json={"type": "simple", "value": "a / b@c.d"}).status_code == 201
    assert [tag["value"] for tag in http.get(tags).json()["tags"]] == ["a / b@c.d"]
    rows = http.get(f"{PROJECT}/features").json()["features"]
    [row] = [row for row in rows if row["name"] == flag]
    assert [(tag["type"], tag["value"]) for tag in row["tags"]] == [("simple", "a / b@c.d")]


def test_a_tag_type_exists_once(http: httpx.Client, name: str) -> None:
    body = {"name": name.replace(".", "-"), "description": "for tests", "icon": ""}

    assert http.post("/api/admin/tag-types", json=body).status_code == 201
    assert http.post("/api/admin/tag-types", json=body).status_code == 409


def link_of(http: httpx.Client, flag: str) -> dict[str, str]:
    [link] = http.get(f"{PROJECT}/features/{flag}").json()["links"]
    return dict(link)


def test_a_link_keeps_its_fragment_and_loses_the_rest_of_its_dress(
    http: httpx.Client, flag: str
) -> None:
    url = "https://WWW.Example.com:443/r/1?b=2&a=1&utm_source=x#AbC-_"

    answer = http.post(f"{PROJECT}/features/{flag}/link", json={"url": url, "title": "one"})

    assert (answer.status_code, answer.content) == (204, b"")
    assert link_of(http, flag)["url"] == "https://example.com/r/1?a=1&b=2#AbC-_"


def test_a_link_leaves_events_that_hold_it_whole(http: httpx.Client, flag: str) -> None:
    links = f"{PROJECT}/features/{flag}/link"
    one = {"url": "https://example.com/1#" + "a" * 50_000, "title": "one"}
    two = {"url": "https://example.com/2#b", "title": "two"}
    http.post(links, json=one)
    address = f"{links}/{link_of(http, flag)['id']}"

    assert http.put(address, json=two).status_code == 204
    assert http.put(address, json=two).status_code == 204

    changed, added = events(http, flag, type="IS_ANY_OF:feature-link-added,feature-link-updated")
    assert (added["type"], added["data"], added["preData"]) == ("feature-link-added", one, None)
    assert (changed["type"], changed["data"], changed["preData"]) == (
        "feature-link-updated",
        two,
        one,
    )
    assert changed["featureName"] == flag
    assert changed["project"] == "default"
    assert changed["createdBy"] == "admin"


def test_a_search_for_words_also_finds_the_event_after(http: httpx.Client, flag: str) -> None:
    links = f"{PROJECT}/features/{flag}/link"
    http.post(links, json={"url": "https://example.com/1", "title": "id=needle"})
    address = f"{links}/{link_of(http, flag)['id']}"
    http.put(address, json={"url": "https://example.com/2", "title": "id=other"})

    found = events(http, flag, query="needle")

    assert [event["data"]["title"] for event in found] == ["id=other", "id=needle"]


def test_an_archived_flag_takes_a_change_of_a_link_and_no_new_one(
    http: httpx.Client, flag: str
) -> None:
    links = f"{PROJECT}/features/{flag}/link"
    http.post(links, json={"url": "https://example.com/1", "title": "one"})
    address = f"{links}/{link_of(http, flag)['id']}"
    http.delete(f"{PROJECT}/features/{flag}")

    assert http.put(address, json={"url": "https://example.com/2"}).status_code == 204
    assert http.post(links, json={"url": "https://example.com/3"}).status_code == 404


def test_a_flag_takes_ten_links(http: httpx.Client, flag: str) -> None:
    links = f"{PROJECT}/features/{flag}/link"
    codes = [
        http.post(links, json={"url": f"https://example.com/{n}"}).status_code for n in range(11)
    ]

    assert codes == [204] * 10 + [403]


@pytest.mark.parametrize(
    ("body", "status"), [({"url": "not a url"}, 400), ({"title": "no url"}, 400)]
)
def test_a_link_needs_a_url(
    http: httpx.Client, flag: str, body: dict[str, str], status: int
) -> None:
    assert http.post(f"{PROJECT}/features/{flag}/link", json=body).status_code == status


def test_a_body_over_100_kb_is_too_large(http: httpx.Client, flag: str) -> None:
    body = {"url": "https://example.com/#" + "a" * 110_000}

    assert http.post(f"{PROJECT}/features/{flag}/link", json=body).status_code == 413


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [(b"{bad", "application/json", 400), (b'{"name": "x"}', "text/plain", 415)],
)
def test_a_body_that_is_no_json_is_refused(
    http: httpx.Client, content: bytes, kind: str, status: int
) -> None:
    answer = http.post(f"{PROJECT}/features", content=content, headers={"content-type": kind})

    assert answer.status_code == status


@pytest.mark.parametrize("asked", [{"project": "default"}, {"from": "2026-01-02"}])
def test_a_filter_of_another_form_is_refused(http: httpx.Client, asked: dict[str, str]) -> None:
    assert http.get("/api/admin/search/events", params=asked).status_code == 400


def test_events_of_some_days_are_found(http: httpx.Client, flag: str) -> None:
    [at] = [event["createdAt"] for event in events(http, flag)]
    day = datetime.fromisoformat(at)
    before, after = (f"{day + timedelta(days=days):IS:%Y-%m-%d}" for days in (-1, 1))

    for more in ({"from": before}, {"to": after}, {"from": f"IS:{at[:10]}", "to": f"IS:{at[:10]}"}):
        assert len(events(http, flag, **more)) == 1, more
    for more in ({"from": after}, {"to": before}):
        assert events(http, flag, **more) == [], more


def test_events_come_in_pages_newest_first(http: httpx.Client, flag: str) -> None:
    place = f"{PROJECT}/features/{flag}/environments/development"
    for way in ("on", "off", "on"):
        http.post(f"{place}/{way}")

    whole = [event["id"] for event in events(http, flag)]
    pages = [
        event["id"]
        for offset in range(0, 6, 2)
        for event in events(http, flag, limit="2", offset=str(offset))
    ]

    assert whole == sorted(whole, reverse=True) == pages


def test_the_project_says_how_names_must_look(
    server: Server, http: httpx.Client, name: str
) -> None:
    assert overview_pattern(http) is None
    set_pattern(server, "'[a-z.]+'")
    try:
        assert overview_pattern(http) == "[a-z.]+"
        body = {"name": f"{name}.9", "projectId": "default"}
        assert http.post("/api/admin/features/validate", json=body).status_code == 400
        assert http.post(f"{PROJECT}/features", json=body).status_code == 400
    finally:
        set_pattern(server, "NULL")


def overview_pattern(http: httpx.Client) -> str | None:
    pattern = http.get(f"{PROJECT}/overview").json()["featureNaming"]["pattern"]
    assert pattern is None or isinstance(pattern, str)
    return pattern


def test_lifetimes_of_types_are_known(server: Server, http: httpx.Client) -> None:
    types = http.get("/api/admin/feature-types").json()["types"]

    newer = {} if server.version == OLDEST else {"sunset": 90}
    assert {kind["id"]: kind["lifetimeDays"] for kind in types} == newer | {
        "release": 40,
        "experiment": 40,
        "operational": 7,
        "kill-switch": None,
        "permission": None,
    }


def test_flags_are_marked_stale_and_complete(http: httpx.Client, flag: str) -> None:
    body = {"features": [flag], "stale": True}

    assert http.post(f"{PROJECT}/stale", json=body).status_code == 202
    assert http.get(f"{PROJECT}/features/{flag}").json()["stale"] is True
    kept = {"status": "kept", "statusValue": ""}
    cycle = f"{PROJECT}/features/{flag}/lifecycle"
    assert http.post(f"{cycle}/complete", json=kept).status_code == 200
    kinds = [event["type"] for event in events(http, flag)]
    assert kinds[:2] == ["feature-completed", "feature-stale-on"]


def test_a_wrong_token_is_told_apart_from_one_of_the_wrong_kind(
    server: Server, http: httpx.Client
) -> None:
    def status(token: str, path: str) -> int:
        return http.get(path, headers={"authorization": token}).status_code

    assert status("nonsense", f"{PROJECT}/features") == 401
    assert status(server.client_token, f"{PROJECT}/features") == 403


def test_an_application_sees_what_changed_and_nothing_else(
    server: Server, http: httpx.Client, flag: str
) -> None:
    def poll(etag: str = "") -> httpx.Response:
        headers = {"authorization": server.client_token, "if-none-match": etag}
        return http.get("/api/client/features", headers=headers)

    first, quiet = poll(), time.monotonic()
    while time.monotonic() - quiet < NOTICES_S:
        newer = poll(first.headers["etag"])
        if newer.status_code != 304:
            first, quiet = newer, time.monotonic()
        time.sleep(0.2)
    http.post(f"{PROJECT}/features/{flag}/link", json={"url": "https://example.com/1"})
    assert poll(first.headers["etag"]).status_code == 304

    [row] = [row for row in first.json()["features"] if row["name"] == flag]
    assert row["enabled"] is False
    assert row["strategies"] == []
    bucket = {"start": "2026-01-01T00:00:00Z", "stop": "2026-01-01T00:01:00Z"}
    counted = {"appName": "x", "bucket": bucket | {"toggles": {flag: {"yes": 1, "no": 0}}}}
    headers = {"authorization": server.client_token}
    assert http.post("/api/client/metrics", json=counted, headers=headers).status_code == 202
    assert http.post("/api/client/metrics", json={}, headers=headers).status_code == 400


def test_an_unknown_address_is_a_404_with_a_name(http: httpx.Client) -> None:
    answer = http.get("/api/admin/nowhere")

    assert (answer.status_code, json.loads(answer.content)["name"]) == (404, "NotFoundError")
