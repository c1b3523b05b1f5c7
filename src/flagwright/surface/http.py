"""Serve the assistant's door on a loopback port: never without a token, never to another host."""

import hmac
import socket
import sys

import uvicorn
from mcp.server.mcpserver import MCPServer
from mcp.server.transport_security import TransportSecuritySettings
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from flagwright.errors import BadRequest

ADDRESS = "127.0.0.1"
LEAST_TOKEN_CHARS = 32


class TokenGate:
    """Let a request through that carries the bearer token; compare in constant time."""

    def __init__(self, app: ASGIApp, token: str) -> None:
        self._app, self._expected = app, f"Bearer {token}".encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer 401 in the application's place where the token is missing or wrong."""
        if scope["type"] == "http" and not self._admits(scope):
            refusal = PlainTextResponse(
                "The bearer token is missing or wrong.",
                status_code=401,
                headers={"WWW-Authenticate": "Bearer"},
            )
            await refusal(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _admits(self, scope: Scope) -> bool:
        given = [value for name, value in scope["headers"] if name == b"authorization"]
        return len(given) == 1 and hmac.compare_digest(given[0], self._expected)


def guarded(server: MCPServer, port: int, token: str) -> ASGIApp:
    """The server as an ASGI application that answers this port's own names only."""
    names = [f"{host}:{port}" for host in (ADDRESS, "localhost")]
    security = TransportSecuritySettings(
        allowed_hosts=names, allowed_origins=[f"http://{name}" for name in names]
    )
    return TokenGate(server.streamable_http_app(transport_security=security), token)


async def serve(server: MCPServer, port: int, token: str) -> None:
    """Serve until stopped; port 0 picks a free one. The address goes to standard error.

    Raises:
        BadRequest: If the token is too short to be a secret.
    """
    if len(token) < LEAST_TOKEN_CHARS:
        raise BadRequest(
            f"The bearer token has fewer than {LEAST_TOKEN_CHARS} characters.",
            next_step="Give a longer random one, or none to have one made.",
        )
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((ADDRESS, port))
        port = listener.getsockname()[1]
        print(f"Serving http://{ADDRESS}:{port}/mcp", file=sys.stderr, flush=True)  # noqa: T201
        config = uvicorn.Config(guarded(server, port, token), log_level="warning")
        await uvicorn.Server(config).serve(sockets=[listener])
