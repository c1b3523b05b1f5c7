"""Ask an Unleash one thing over HTTP, and turn whatever goes wrong into one of our errors.

The token goes to the one configured origin only: no redirect, no proxy from the
environment. Each call has one deadline for all of it, and an answer a highest size.
"""

import hashlib
import json
import logging
import time
from collections.abc import Awaitable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Literal, NamedTuple, TypeVar, cast

import anyio
import httpx

from flagwright.adapters.unleash.address import LOOPBACK, origin, parts
from flagwright.adapters.unleash.fault import CHECK_ACCESS, Faults
from flagwright.adapters.unleash.password import Password
from flagwright.errors import (
    BadRequest,
    FlagServerBusy,
    FlagServerDown,
    FlagServerOdd,
    FlagServerRefused,
    FlagwrightError,
)

T = TypeVar("T")
MAX_ANSWER = 10_000_000
"""Bytes. The largest honest answer, 11,000 flags in one list, has 5.6 million."""
MAX_CONNECTIONS = 8
"""More only add latency."""
FORMS = (AttributeError, LookupError, TypeError, ValueError)
"""What reading an answer of another form ends in."""
Writes = Literal["sent", "refused", "noted"]
"""What becomes of a request that changes something."""
SEARCH = parts("search", "features")
"""The one address that a server by itself lets be asked 15 times a minute only."""

logging.getLogger("httpx").setLevel(logging.WARNING)
logging.getLogger("httpcore").setLevel(logging.WARNING)


class Request(NamedTuple):
    """A request that would change something."""

    method: str
    path: str
    body: Any = None


class Wire:
    """A connection to one Unleash. Its token, or the password of a user, shows in no text."""

    def __init__(
        self,
        url: str,
        token: str,
        *,
        user: str = "",
        transport: httpx.AsyncBaseTransport | None = None,
        deadline_s: float = 3,
        step_s: float = 4.2,
        writes: Writes = "sent",
    ) -> None:
        self.url = origin(url)
        if not token or not (
            user or (token.isascii() and token.isprintable() and " " not in token)
        ):
            raise BadRequest("The flag server's token is no token.", next_step=CHECK_ACCESS)
        self._faults, self._deadline_s, self._step_s = Faults(self.url, token), deadline_s, step_s
        self._search_from = 0.0
        self._writes = writes
        self.noted: list[Request] = []
        """What would have been sent, where writes are only noted."""
        self.identity = hashlib.sha256(f"{self.url} {token}".encode()).hexdigest()[:16]
        self._client = httpx.AsyncClient(
            base_url=self.url,
            headers=self._headers() | ({} if user else {"authorization": token}),
            auth=Password(self.url, user, token) if user else None,
            transport=transport,
            timeout=deadline_s,
            limits=httpx.Limits(max_connections=MAX_CONNECTIONS),
            trust_env=False,
            follow_redirects=False,
        )

    def __repr__(self) -> str:
        return f"Wire({self.url!r})"

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    def _headers(self) -> dict[str, str]:
        """What a server on this machine compressed would cost both sides more than it saves."""
        is_near = httpx.URL(self.url).host in LOOPBACK
        return {"accept": "application/json"} | ({"accept-encoding": "identity"} if is_near else {})

    @contextmanager
    def in_time(self, *, writes: bool) -> Iterator[None]:
        """Let all requests of a step take so long together; raises FlagServerDown."""
        try:
            with anyio.fail_after(self._step_s), self.understood(writes=writes):
                yield
        except TimeoutError as error:
            late = self._faults.down(f"was not done within {self._step_s:g} s")
            late.unsure = writes
            raise late from error

    @contextmanager
    def understood(self, *, writes: bool = False) -> Iterator[None]:
        """Tell what has not the form of an Unleash's answer as that; raises FlagServerOdd."""
        try:
            yield
        except FORMS as error:
            odd = self._faults.odd("an answer has another form")
            odd.unsure = writes
            raise odd from error

    def rows(self, answer: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
        """A list of objects in an answer; raises FlagServerOdd where it is none."""
        found = answer.get(name) or []
        if not isinstance(found, list) or not all(isinstance(row, dict) for row in found):
            raise self._faults.odd(f"no list of {name}")
        return found

    async def get(self, path: str, query: Mapping[str, str] | None = None) -> dict[str, Any]:
        """The object at a path; raises as `send` does, and FlagServerOdd where it is none."""
        answer = await self.send("GET", path, query=query)
        if not isinstance(answer, dict):
            raise self._faults.odd("no object")
        return answer

    async def send(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        query: Mapping[str, str] | None = None,
        harmless: bool = False,
    ) -> Any:
        """Ask, and return the JSON of a success, or none where it has no body.

        Args:
            path: Below the server's address, each part quoted by `parts`.
            harmless: It changes nothing, whatever its method is.

        Raises:
            FlagServerDown: No answer in time, no connection, or 5xx.
            FlagServerBusy: 429.
            FlagServerRefused: 401 or 403.
            FlagUnknown: 404.
            Rejected: 400 with the server's details, or more data than it takes.
            Conflict: 409.
            FlagServerOdd: A redirect, no JSON, too large.
        """
        if method != "GET" and not harmless and self._writes != "sent":
            return self._not_sent(Request(method, path, body))
        if path == SEARCH and (left := self._search_from - time.monotonic()) > 0:
            raise self._faults.busy(left)
        try:
            return await self._ask(method, path, body, query)
        except FlagServerBusy as error:
            if path == SEARCH:
                self._search_from = time.monotonic() + (error.retry_after_s or 0)
            raise
        except (FlagServerDown, FlagServerOdd) as error:
            was_sent = not isinstance(error.__cause__, httpx.ConnectError | httpx.ConnectTimeout)
            error.unsure = method != "GET" and was_sent
            raise

    @property
    def is_rehearsal(self) -> bool:
        """Whether writes are only noted, so that nothing is to be read back."""
        return self._writes == "noted"

    def _not_sent(self, request: Request) -> None:
        if self._writes == "refused":
            raise FlagServerRefused(
                "This server was started with --read-only.", next_step="Start one without it."
            )
        self.noted.append(request)

    async def _ask(self, method: str, path: str, body: Any, query: Mapping[str, str] | None) -> Any:
        """Send a request, and turn what goes wrong into an error."""
        try:
            with anyio.fail_after(self._deadline_s):
                response, content = await self._exchange(method, path, body, query)
        except TimeoutError as error:
            raise self._faults.down(f"gave no whole answer in {self._deadline_s:g} s") from error
        except httpx.TimeoutException as error:
            raise self._faults.down("did not answer in time") from error
        except httpx.TransportError as error:
            raise self._faults.down(f"cannot be reached ({type(error).__name__})") from error
        except httpx.DecodingError as error:
            raise self._faults.odd("broken compression") from error
        if not response.is_success:
            raise self._faults.of(response, content)
        if not content:
            return None
        try:
            return json.loads(content)
        except (ValueError, RecursionError) as error:
            raise self._faults.odd("no JSON") from error

    async def _exchange(
        self, method: str, path: str, body: Any, query: Mapping[str, str] | None
    ) -> tuple[httpx.Response, bytes]:
        """Send a request and read the answer up to the limit."""
        request = self._client.build_request(
            method, path, json=body, params=dict(query) if query else None
        )
        response = await self._client.send(request, stream=True)
        try:
            content = bytearray()
            async for chunk in response.aiter_bytes():
                content += chunk
                if len(content) > MAX_ANSWER:
                    raise self._faults.odd(f"more than {MAX_ANSWER:,} bytes")
        finally:
            await response.aclose()
        return response, bytes(content)


async def together(*calls: Awaitable[T]) -> list[T]:
    """Ask several things at once; of those that go wrong, the first of the calls is raised."""
    found: dict[int, T | Exception] = {}

    async def ask(place: int, call: Awaitable[T]) -> None:
        try:
            found[place] = await call
        except (FlagwrightError, *FORMS) as error:
            found[place] = error

    async with anyio.create_task_group() as tasks:
        for place, call in enumerate(calls):
            tasks.start_soon(ask, place, call)
    answers = [found[place] for place in range(len(calls))]
    for answer in answers:
        if isinstance(answer, Exception):
            raise answer
    return cast(list[T], answers)
