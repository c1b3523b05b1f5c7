"""Let through what a person's own browser asks of this very page, and nothing else.

Another site, another name for this address, a frame and a form that comes from elsewhere are
refused before anything is looked up. No answer may run or load what is not ours.
"""

from starlette.datastructures import MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

READS, EFFECTS = ("GET", "HEAD"), ("POST",)
MAX_BODY = 16_384
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; "
    "connect-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'",
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


class Gate:
    """The page behind its rules; `host` is the one name and port that it answers to."""

    def __init__(self, app: ASGIApp, host: str) -> None:
        self._app, self._host = app, host

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse in the page's place, or pass on and see to the headers of the answer."""
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self._app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(HEADERS)
            await send(message)

        if refused := self._refusal(scope):
            status, because = refused
            await PlainTextResponse(because, status)(scope, receive, with_headers)
            return
        await self._app(scope, receive, with_headers)

    def _refusal(self, scope: Scope) -> tuple[int, str] | None:
        if _all(scope, b"host") != [self._host]:
            return 421, "This page answers to its own address only."
        method, site = scope["method"], _all(scope, b"sec-fetch-site")
        if method in EFFECTS:
            if _all(scope, b"origin") != [f"http://{self._host}"]:
                return 403, "Another site may not decide anything here."
            if site not in ([], ["same-origin"]):
                return 403, "Another site may not decide anything here."
            if not _is_small(_all(scope, b"content-length")):
                return 413, "That is too much for a form of this page."
        elif method not in READS:
            return 405, "This page reads and decides; it knows nothing else."
        elif site in (["cross-site"], ["same-site"]) and not _opens_a_tab(scope):
            return 403, "Another site may only link here."
        return None


def _opens_a_tab(scope: Scope) -> bool:
    """A link that a person followed; a frame, an image or a script asks differently."""
    mode, destination = _all(scope, b"sec-fetch-mode"), _all(scope, b"sec-fetch-dest")
    return mode == ["navigate"] and destination == ["document"]


def _is_small(lengths: list[str]) -> bool:
    return len(lengths) == 1 and lengths[0].isdecimal() and int(lengths[0]) <= MAX_BODY


def _all(scope: Scope, name: bytes) -> list[str]:
    return [value.decode("latin-1") for key, value in scope["headers"] if key == name]
