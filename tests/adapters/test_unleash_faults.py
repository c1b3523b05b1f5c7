"""Each fault of a flag server becomes one error, in time, and the token stays where it belongs."""

import asyncio
import gzip
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from functools import partial

import pytest

from flagwright.adapters.unleash import Unleash
from flagwright.core.records.flag import FlagSpec
from flagwright.errors import (
    BadRequest,
    FlagDiffers,
    FlagServerBusy,
    FlagServerDown,
    FlagServerError,
    FlagServerOdd,
    FlagServerRefused,
    FlagUnknown,
)

pytestmark = pytest.mark.anyio

TOKEN = "user:0123456789abcdef"
DEADLINE_S = 0.3
HANG = b""
"""Accept, read the request, and never say a word."""

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def answer(status: str, body: bytes = b"", *headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close", *headers]
    return "\r\n".join([*lines, "", ""]).encode() + body


@asynccontextmanager
async def faulty(said: bytes | Talk, heard: list[bytes] | None = None) -> AsyncIterator[str]:
    """A server on a real port that says one thing to everybody; yields its address."""
    ended = asyncio.Event()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = await reader.readuntil(b"\r\n\r\n")
        if heard is not None:
            heard.append(request)
        try:
            if callable(said):
                await said(reader, writer)
            elif said:
                writer.write(said)
                await writer.drain()
            else:
                await ended.wait()
        except ConnectionError:
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    ended.set()
    server.close()


@asynccontextmanager
async def client_of(url: str) -> AsyncIterator[Unleash]:
    client = Unleash(url, TOKEN, deadline_s=DEADLINE_S)
    yield client
    await client.aclose()


async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """One byte at a time, each well within any timeout of a read."""
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
    for _ in range(1000):
        writer.write(b" ")
        await writer.drain()
        await asyncio.sleep(DEADLINE_S / 10)


async def flood(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A small answer that unpacks to twenty megabytes."""
    body = gzip.compress(b" " * 20_000_000)
    writer.write(answer("200 OK", body, "Content-Encoding: gzip"))
    await writer.drain()


async def reset(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.transport.abort()


NAMED = b'{"name":"BadDataError","message":"look","details":[{"message":"the useful words"}]}'


@pytest.mark.parametrize(
    ("said", "error"),
    [
        pytest.param(HANG, FlagServerDown, id="hang"),
        pytest.param(drip, FlagServerDown, id="drip"),
        pytest.param(reset, FlagServerDown, id="reset"),
        pytest.param(answer("500 Oops", b"no"), FlagServerDown, id="500"),
        pytest.param(answer("503 Busy", b"", "Retry-After: 7"), FlagServerDown, id="503"),
        pytest.param(answer("429 Slow", b"slow"), FlagServerBusy, id="429"),
        pytest.param(answer("401 No", b"{}"), FlagServerRefused, id="401"),
        pytest.param(answer("403 No", b'{"message":"x"}'), FlagServerRefused, id="403"),
        pytest.param(answer("413 Large", b"x"), BadRequest, id="413"),
        pytest.param(answer("404 None", NAMED), FlagUnknown, id="404"),
        pytest.param(answer("400 Bad", NAMED), BadRequest, id="400"),
        pytest.param(answer("409 Conflict", NAMED), FlagServerError, id="409"),
        pytest.param(answer("418 Teapot", b"short"), FlagServerOdd, id="418"),
        pytest.param(answer("204 No Content"), FlagServerOdd, id="nothing"),
        pytest.param(answer("200 OK", b"<html>"), FlagServerOdd, id="html"),
        pytest.param(answer("200 OK", b"[1]"), FlagServerOdd, id="list"),
        pytest.param(answer("200 OK", b"{}"), FlagServerOdd, id="no-flag"),
        pytest.param(answer("200 OK", b"[" * 99_999), FlagServerOdd, id="deep"),
        pytest.param(
            answer("200 OK", b"x", "Content-Encoding: gzip"), FlagServerOdd, id="broken-gzip"
        ),
        pytest.param(flood, FlagServerOdd, id="flood"),
        pytest.param(b"SSH-2.0-OpenSSH\r\n\r\n", FlagServerDown, id="no-http"),
        pytest.param(answer("302 Found", b"", "Location: /x"), FlagServerOdd, id="redirect"),
        pytest.param(answer("304 Not Modified"), FlagServerOdd, id="304"),
    ],
)
async def test_a_fault_is_one_error(said: bytes | Talk, error: type[FlagServerError]) -> None:
    async with faulty(said) as url, client_of(url) as client:
        with pytest.raises(error) as raised:
            await client.state("some.flag")

    assert type(raised.value).code == error.code or error is FlagServerError
    assert raised.value.next_step
    assert TOKEN not in f"{raised.value} {raised.value.__dict__} {client!r} {client.__dict__}"


async def test_a_port_where_nobody_listens_is_a_server_that_is_down() -> None:
    async with faulty(HANG) as url:
        pass
    async with client_of(url) as client:
        with pytest.raises(FlagServerDown):
            await client.flags()


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("60", 60), ("99999", 300), ("-5", 0), ("nan", None), ("Thu, 1 Jan 2026", None), ("", None)],
)
async def test_when_to_come_back_is_capped(header: str, seconds: float | None) -> None:
    said = answer("429 Slow", b"", f"Retry-After: {header}")
    async with faulty(said) as url, client_of(url) as client:
        with pytest.raises(FlagServerBusy) as raised:
            await client.flags()

    assert raised.value.retry_after_s == seconds


async def test_the_token_does_not_follow_a_redirect() -> None:
    heard: list[bytes] = []
    async with faulty(answer("200 OK", b"{}"), heard) as catcher:
        said = answer("307 Temporary Redirect", b"", f"Location: {catcher}/api")
        async with faulty(said) as url, client_of(url) as client:
            with pytest.raises(FlagServerOdd):
                await client.flags()

    assert heard == []


async def test_a_proxy_in_the_environment_does_not_get_the_token(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    heard: list[bytes] = []
    async with faulty(answer("200 OK", b"{}"), heard) as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy)
        monkeypatch.setenv("ALL_PROXY", proxy)
        async with faulty(answer("200 OK", b'{"features":[]}')) as url, client_of(url) as client:
            assert await client.flags() == ()

    assert heard == []


async def test_what_the_server_says_is_quoted_on_one_line_and_without_the_token() -> None:
    words = f"bad\x1b[31m\n\u202eheader {TOKEN} {'x' * 999}".encode()
    async with faulty(answer("500 Oops", words)) as url, client_of(url) as client:
        with pytest.raises(FlagServerDown) as raised:
            await client.flags()

    assert "[token]" in raised.value.fact
    assert TOKEN not in str(raised.value)
    assert raised.value.fact.isprintable()
    assert raised.value.fact.endswith("x.")
    assert len(raised.value.fact) < 500


async def test_the_useful_words_of_a_refusal_are_in_the_error() -> None:
    async with faulty(answer("400 Bad", NAMED)) as url, client_of(url) as client:
        with pytest.raises(BadRequest, match="the useful words"):
            await client.flags()


@pytest.mark.parametrize(
    ("given", "path"),
    [("", ""), ("/", ""), ("/api", ""), ("/api/", ""), ("/base/api/admin", "/base"), ("/b", "/b")],
)
async def test_a_base_path_is_kept_and_a_final_api_is_not(given: str, path: str) -> None:
    heard: list[bytes] = []
    async with (
        faulty(answer("200 OK", b'{"features":[]}'), heard) as url,
        client_of(f"{url}{given}") as client,
    ):
        await client.flags()

    assert heard[0].startswith(f"GET {path}/api/admin/projects/default/features ".encode())


@pytest.mark.parametrize(
    "url",
    [
        "http://unleash.example.com",
        "http://127.0.0.1.example.com",
        "http://10.0.0.1:4242",
        "https://user:password@unleash.example.com",
        "https://unleash.example.com/?x=1",
        "https://unleash.example.com/#x",
        "ftp://127.0.0.1",
        "unleash.example.com",
        "https://",
        "",
        "http://[::1",
    ],
)
def test_an_address_that_would_give_the_token_away_is_refused(url: str) -> None:
    with pytest.raises(BadRequest) as raised:
        Unleash(url, TOKEN)

    assert "password" not in str(raised.value)


@pytest.mark.parametrize("token", ["", " ", "a b", "a\nX-Evil: 1", "tökén"])
def test_what_is_no_token_is_refused_without_being_shown(token: str) -> None:
    with pytest.raises(BadRequest) as raised:
        Unleash("https://unleash.example.com", token)

    assert len(token) < 2 or token not in str(raised.value)


async def test_a_server_that_wants_no_more_searches_is_left_alone_until_it_said() -> None:
    heard: list[bytes] = []
    busy = answer("429 Slow", b"slow", "Retry-After: 60")
    async with faulty(busy, heard) as url, client_of(url) as client:
        for _ in range(3):
            with pytest.raises(FlagServerBusy) as raised:
                await client.flags(archived=True)
        with pytest.raises(FlagServerBusy):
            await client.flags()

    assert 59 < (raised.value.retry_after_s or 0) <= 60
    assert raised.value.next_step == "Nothing is lost: ask again in 60 s."
    assert len(heard) == 2


async def test_a_whole_ledger_is_read_on_when_a_busy_server_says_so() -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        busy = answer("429 Slow", b"slow", "Retry-After: 0.01")
        writer.write(busy if len(heard) == 1 else answer("200 OK", b'{"events":[]}'))
        await writer.drain()

    heard: list[bytes] = []
    async with faulty(talk, heard) as url, client_of(url) as client:
        assert await client.events.witnesses() == ()

    assert len(heard) == 2


@pytest.mark.parametrize("name", ["", ".", ".."])
async def test_a_name_that_walks_up_never_leaves(name: str) -> None:
    async with client_of("http://127.0.0.1:9") as client:
        with pytest.raises(BadRequest):
            await client.state(name)


async def test_an_answer_that_was_lost_is_looked_up() -> None:
    """The flag is made, then the connection breaks before the server can say so."""
    made: list[bytes] = []
    flag = b'{"name":"shop.tax","type":"release","environments":[]}'

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = heard[-1]
        if request.startswith(b"POST"):
            made.append(request)
            writer.transport.abort()
        elif b"/overview" in request or b"/tags" in request:
            writer.write(answer("200 OK", b"{}"))
        else:
            writer.write(answer("200 OK", flag) if made else answer("404 None", b"{}"))
        await writer.drain()

    heard: list[bytes] = []
    async with faulty(talk, heard) as url, client_of(url) as client:
        found, how = await client.create(FlagSpec(name="shop.tax"))

    assert (found.name, how, len(made)) == ("shop.tax", "created", 1)


async def test_a_name_taken_meanwhile_is_compared() -> None:
    """Two callers create one name at once: the later one gets a 409."""
    other = b'{"name":"shop.tax","type":"kill-switch","environments":[]}'
    posted: list[bytes] = []

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = heard[-1]
        if request.startswith(b"POST"):
            posted.append(request)
            writer.write(answer("409 Conflict", NAMED))
        elif b"/overview" in request or b"/tags" in request:
            writer.write(answer("200 OK", b"{}"))
        else:
            writer.write(answer("200 OK", other) if posted else answer("404 None", b"{}"))
        await writer.drain()

    heard: list[bytes] = []
    async with faulty(talk, heard) as url, client_of(url) as client:
        with pytest.raises(FlagDiffers, match="kill-switch"):
            await client.create(FlagSpec(name="shop.tax"))


@pytest.mark.parametrize(
    "said",
    [{}, {"features": 7}, {"features": ["x"]}, {"features": [{"name": 1}]}, {"events": True},
     {"events": [[]]}, {"events": [{"data": "x"}], "types": "x", "projects": [{}], "links": [7]},
     {"environments": [7]}, {"environments": [{"strategies": [7]}], "featureNaming": "x"}],
)  # fmt: skip
async def test_an_answer_of_another_form_is_one_error_everywhere(said: object) -> None:
    async with faulty(answer("200 OK", json.dumps(said).encode())) as url, client_of(url) as client:
        for ask in (
            client.flags, partial(client.flags, archived=True), partial(client.state, "a"),
            partial(client.detail, "a"), partial(client.create, FlagSpec(name="a")),
            client.events.read, client.events.witnesses, client.naming_pattern,
            client.survey.lifetimes, client.survey.projects, client.survey.environments,
            client.survey.unknown, client.survey.happened,
            partial(client.survey.full_since, ["a", "b"]), partial(client.survey.reaches, ["a"]),
        ):  # fmt: skip
            with suppress(FlagServerError, FlagDiffers):
                await ask()
