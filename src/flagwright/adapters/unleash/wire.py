"""Ask an Unleash one thing over HTTP, and turn whatever goes wrong into one of our errors.

The token goes to the one configured origin only: no redirect, no proxy from the
environment. Each call has one deadline for all of it, and an answer a highest size.
"""

import hashlib
import json
import logging
import math
from collections.abc import Awaitable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Literal, NamedTuple, TypeVar, cast
from urllib.parse import quote

import anyio
import httpx

from flagwright.errors import (
    BadRequest,
    FlagServerBusy,
    FlagServerDown,
    FlagServerError,
    FlagServerOdd,
    FlagServerRefused,
    FlagUnknown,
    FlagwrightError,
)

T = TypeVar("T")
MAX_ANSWER = 10_000_000
"""Bytes. The largest honest answer, 11,000 flags in one list, has 5.6 million."""
MAX_CONNECTIONS = 8
"""More only add latency."""
MAX_RETRY_AFTER_S = 300.0
MAX_QUOTED = 300
"""Characters of the server's own words in an error."""
Writes = Literal["sent", "refused", "noted"]
"""What becomes of a request that changes something."""
LOOPBACK = {"127.0.0.1", "localhost", "::1"}

TRY_LATER = "Nothing is lost: try again when the server answers; `flagwright doctor` tests it."
CHECK_URL = "Check FLAGWRIGHT_UNLEASH_URL: it must be the address of an Unleash server."
CHECK_ACCESS = (
    "Check FLAGWRIGHT_UNLEASH_TOKEN, the rights of its user in the project, and that "
    "FLAGWRIGHT_UNLEASH_PROJECT exists; `flagwright doctor` shows all three."
)

logging.getLogger("httpx").setLevel(logging.WARNING)
logging.getLogger("httpcore").setLevel(logging.WARNING)


class Conflict(FlagServerError):
    """409: the name is taken. Stays inside this adapter."""

    code = "flag-differs"


class Rejected(BadRequest):
    """400 and the like: the server says what is wrong with the request."""


class Request(NamedTuple):
    """A request that would change something."""

    method: str
    path: str
    body: Any = None


class Wire:
    """A connection to one Unleash. Its token shows in no text."""

    def __init__(
        self,
        url: str,
        token: str,
        *,
        transport: httpx.AsyncBaseTransport | None = None,
        deadline_s: float = 3,
        step_s: float = 4.2,
        writes: Writes = "sent",
    ) -> None:
        self.url = origin(url)
        if not token or not token.isascii() or not token.isprintable() or " " in token:
            raise BadRequest("The flag server's token is no token.", next_step=CHECK_ACCESS)
        self._token, self._deadline_s, self._step_s = token, deadline_s, step_s
        self._writes = writes
        self.noted: list[Request] = []
        """What would have been sent, where writes are only noted."""
        self.identity = hashlib.sha256(f"{self.url} {token}".encode()).hexdigest()[:16]
        self._client = httpx.AsyncClient(
            base_url=self.url,
            headers={"authorization": token, "accept": "application/json"},
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

    @contextmanager
    def in_time(self, *, writes: bool) -> Iterator[None]:
        """Let all requests of a step take so long together; raises FlagServerDown."""
        try:
            with anyio.fail_after(self._step_s):
                yield
        except TimeoutError as error:
            late = self._down(f"was not done within {self._step_s:g} s")
            late.unsure = writes
            raise late from error

    async def get(self, path: str, query: Mapping[str, str] | None = None) -> dict[str, Any]:
        """The object at a path; raises as `send` does, and FlagServerOdd where it is none."""
        answer = await self.send("GET", path, query=query)
        if not isinstance(answer, dict):
            raise self._odd("no object")
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
        try:
            return await self._ask(method, path, body, query)
        except (FlagServerDown, FlagServerOdd) as error:
            was_sent = not isinstance(error.__cause__, httpx.ConnectError | httpx.ConnectTimeout)
            error.unsure = method != "GET" and was_sent and not isinstance(error, FlagServerBusy)
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
            raise self._down(f"gave no whole answer in {self._deadline_s:g} s") from error
        except httpx.TimeoutException as error:
            raise self._down("did not answer in time") from error
        except httpx.TransportError as error:
            raise self._down(f"cannot be reached ({type(error).__name__})") from error
        except httpx.DecodingError as error:
            raise self._odd("broken compression") from error
        if not response.is_success:
            raise self._error(response, content)
        if not content:
            return None
        try:
            return json.loads(content)
        except (ValueError, RecursionError) as error:
            raise self._odd("no JSON") from error

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
                    raise self._odd(f"more than {MAX_ANSWER:,} bytes")
        finally:
            await response.aclose()
        return response, bytes(content)

    def _error(self, response: httpx.Response, content: bytes) -> Exception:
        """What an answer that is no success means."""
        status, words = response.status_code, self._words(content)
        if response.is_redirect or status < 400:
            return self._odd(f"status {status}: it points elsewhere, and the token stays here")
        if status == 429:
            return FlagServerBusy(
                f"The flag server at {self.url} has had too many requests.",
                next_step=TRY_LATER,
                retry_after_s=_seconds(response.headers.get("retry-after")),
            )
        if status >= 500:
            retry_after_s = _seconds(response.headers.get("retry-after"))
            return self._down(f"failed with status {status}: {words}", retry_after_s)
        if status in {401, 403}:
            fact = f"The flag server at {self.url} refused this ({status}): {words}"
            return FlagServerRefused(fact, next_step=CHECK_ACCESS)
        if status == 404:
            return FlagUnknown(
                f"The flag server says: {words}",
                next_step="Look for the flag by name, or create it first.",
            )
        if status == 409:
            return Conflict(f"The flag server says: {words}", next_step="Choose another name.")
        if status in {400, 413, 422}:
            return Rejected(
                f"The flag server does not accept this: {words}",
                next_step="Correct what it names and try again.",
            )
        return self._odd(f"status {status}: {words}")

    def _down(self, what: str, retry_after_s: float | None = None) -> FlagServerDown:
        fact = f"The flag server at {self.url} {what}."
        return FlagServerDown(fact, next_step=TRY_LATER, retry_after_s=retry_after_s)

    def _odd(self, what: str) -> FlagServerOdd:
        fact = f"What answers at {self.url} is no Unleash server, or something stands before it"
        return FlagServerOdd(f"{fact}: {what}.", next_step=CHECK_URL)

    def _words(self, content: bytes) -> str:
        """The server's own words on one line, cut, and without the token."""
        try:
            said = json.loads(content)
            details = [str(detail["message"]) for detail in said.get("details") or []]
            text = "; ".join(details) or str(said["message"])
        except (ValueError, RecursionError, LookupError, TypeError, AttributeError):
            text = content[:MAX_ANSWER].decode("utf-8", "replace")
        text = text.replace(self._token, "[token]")
        line = "".join(char if char.isprintable() else " " for char in text)
        return " ".join(line.split())[:MAX_QUOTED].rstrip(".") + "."


async def together(*calls: Awaitable[T]) -> list[T]:
    """Ask several things at once; of those that go wrong, the first of the calls is raised."""
    found: dict[int, T | FlagwrightError] = {}

    async def ask(place: int, call: Awaitable[T]) -> None:
        try:
            found[place] = await call
        except FlagwrightError as error:
            found[place] = error

    async with anyio.create_task_group() as tasks:
        for place, call in enumerate(calls):
            tasks.start_soon(ask, place, call)
    answers = [found[place] for place in range(len(calls))]
    for answer in answers:
        if isinstance(answer, FlagwrightError):
            raise answer
    return cast(list[T], answers)


def parts(*path: str) -> str:
    """A path whose parts may hold anything: each is quoted by itself."""
    return "/api/admin/" + "/".join(_quoted(part) for part in path)


def _quoted(part: str) -> str:
    """`.` and `..` survive quoting, and a URL library would walk them."""
    try:
        quoted = quote(part, safe="")
    except UnicodeEncodeError:
        quoted = ""
    if quoted in {"", ".", ".."}:
        raise BadRequest(f"{part!a} is no name on the flag server.", next_step="Give a real name.")
    return quoted


def origin(url: str) -> str:
    """The address of a server, with its base path and without a final `/api`.

    Raises:
        BadRequest: If it is not https (http is fine on this machine only), or holds a
            user, a query or a fragment.
    """
    try:
        parsed = httpx.URL(url.strip())
    except httpx.InvalidURL as error:
        raise BadRequest("The flag server's address is no URL.", next_step=CHECK_URL) from error
    safe = parsed.scheme == "https" or (parsed.scheme == "http" and parsed.host in LOOPBACK)
    if not parsed.host or not safe:
        raise BadRequest(
            f"The flag server's address must start with https://; on this machine http:// will do,"
            f" but the host is {parsed.host or 'missing'}.",
            next_step="The token would travel readable: set FLAGWRIGHT_UNLEASH_URL to https.",
        )
    if parsed.userinfo or parsed.query or parsed.fragment:
        raise BadRequest(
            "The flag server's address holds a user, a query or a fragment.", next_step=CHECK_URL
        )
    path = parsed.path.rstrip("/")
    for suffix in ("/admin", "/api"):
        path = path.removesuffix(suffix).rstrip("/")
    return str(parsed.copy_with(path=path or "/")).rstrip("/")


def _seconds(header: str | None) -> float | None:
    """Retry-After in seconds, from 0 to 300; none where it is missing or a date."""
    try:
        seconds = float(header or "nan")
    except ValueError:
        return None
    return None if math.isnan(seconds) else min(max(seconds, 0.0), MAX_RETRY_AFTER_S)
