"""A password goes to the server once; the session that it gives goes with every request."""

import httpx
import pytest

from flagwright.adapters.unleash import Unleash
from flagwright.errors import FlagServerBusy, FlagServerRefused

pytestmark = pytest.mark.anyio
WHO = {"user": {"id": 7, "email": "grace@example.org"}}


class Server:
    """Lets people in as it is told to, and keeps what it was asked."""

    def __init__(self, login: httpx.Response) -> None:
        self.login, self.asked = login, list[httpx.Request]()

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        return self.login if request.method == "POST" else httpx.Response(200, json=WHO)

    def client(self) -> Unleash:
        transport = httpx.MockTransport(self)
        return Unleash("http://127.0.0.1", "Pw-planted", user="grace", transport=transport)


async def test_the_password_is_sent_once_and_no_token_at_all() -> None:
    server = Server(httpx.Response(200, json={}, headers={"set-cookie": "unleash-session=s1"}))
    client = server.client()
    await client.whoami()
    await client.whoami()
    await client.aclose()

    assert [b"Pw-planted" in request.content for request in server.asked] == [True, False, False]
    assert [r.headers.get("cookie") for r in server.asked[1:]] == ["unleash-session=s1"] * 2
    assert not [r for r in server.asked if "authorization" in r.headers]
    assert "Pw-planted" not in repr(client)


@pytest.mark.parametrize(
    ("status", "error"),
    [(401, FlagServerRefused), (404, FlagServerRefused), (302, FlagServerRefused),
     (200, FlagServerRefused), (429, FlagServerBusy)],
)  # fmt: skip
async def test_whoever_is_not_let_in_learns_what_to_do(status: int, error: type[Exception]) -> None:
    server = Server(httpx.Response(status, json={}))
    client = server.client()

    with pytest.raises(error) as refused:
        await client.whoami()
    await client.aclose()

    assert "Pw-planted" not in str(refused.value)
    assert len(server.asked) == 1
