"""Let in only requests for this host that bring the right token.

A web page can reach a port of this machine through a name that it points here;
the exact list of hosts stops it before anything is read.
"""

from collections.abc import Collection
from secrets import compare_digest

from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send

from flagwright.flagserver.answers import Problem

OPEN = {"/health", "/ready"}
WRONG_KIND = "invalid token: expected a different token type for this endpoint"


class Gate:
    """ASGI middleware in front of every route."""

    def __init__(
        self, app: ASGIApp, *, admin_token: str, client_token: str, hosts: Collection[str]
    ) -> None:
        self._app = app
        self._admin, self._client = admin_token.encode(), client_token.encode()
        self._hosts = hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer why not."""
        problem = self._refusal(HTTPConnection(scope)) if scope["type"] == "http" else None
        if problem:
            await problem.response()(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    def _refusal(self, request: HTTPConnection) -> Problem | None:
        """Why a request is not served, where it is not."""
        if _host(request.headers.get("host", "")) not in self._hosts:
            return Problem(403, "OperationDeniedError", "This host name is not served.")
        if request.url.path in OPEN:
            return None
        token = request.headers.get("authorization", "").encode()
        is_admin, is_client = (
            compare_digest(token, self._admin),
            compare_digest(token, self._client),
        )
        if not (is_admin or is_client):
            return Problem(401, "UnauthorizedError", "You must log in to use Unleash.")
        if is_client != request.url.path.startswith("/api/client/"):
            return Problem(403, "PermissionError", WRONG_KIND)
        return None


def _host(header: str) -> str:
    """The name in a Host header, without its port."""
    name, colon, port = header.rpartition(":")
    return name if colon and port.isdigit() else header
