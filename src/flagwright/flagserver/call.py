"""Turn a function of a transaction and a request into an HTTP endpoint."""

import json
import sqlite3
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from anyio import to_thread
from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from flagwright.flagserver.answers import Problem, bad_data
from flagwright.flagserver.database import transaction

MAX_BODY = 102_400
"""Bytes of a request, as in Unleash: 100 kB."""


@dataclass(frozen=True)
class Call:
    """What a request asks, off the wire."""

    path: dict[str, str]
    query: QueryParams
    headers: dict[str, str]
    environment: str
    """Of the application's token, for the SDK's routes."""
    body: dict[str, Any] = field(default_factory=dict)

    def text(self, name: str, default: str | None = None) -> str:
        """A field of the body as text, or a 400 where it is missing without a default."""
        value = self.body.get(name, default)
        if value is None:
            raise bad_data(f"The `/body/{name}` property is required.", f"/body/{name}")
        return str(value)


Work = Callable[[sqlite3.Connection, Call], Response]


def endpoint(work: Work) -> Callable[[Request], Awaitable[Response]]:
    """Run `work` in one transaction, off the event loop; any method but GET may write."""

    async def answer(request: Request) -> Response:
        try:
            call = await _read(request)
            database: Path = request.app.state.database
            return await to_thread.run_sync(_run, work, call, database, request.method != "GET")
        except Problem as problem:
            return problem.response()
        except sqlite3.Error as error:
            return Problem(
                500, "InternalError", f"{request.app.state.database}: {error}"
            ).response()

    return answer


def _run(work: Work, call: Call, database: Path, write: bool) -> Response:  # noqa: FBT001 (threads take no keywords)
    with transaction(database, write=write) as db:
        return work(db, call)


async def _read(request: Request) -> Call:
    """Take a request apart; only objects are accepted as a body, as every route here wants one."""
    body: Any = {}
    if raw := await _limited(request):
        if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
            raise Problem(415, "ContentTypeError", "We only accept the content type JSON.")
        try:
            body = json.loads(raw)
        except (ValueError, RecursionError):
            raise Problem(400, "BadDataError", "The body is no JSON.") from None
        if not isinstance(body, dict):
            raise bad_data("The `/body` property must be object.", "/body")
    return Call(
        path=dict(request.path_params),
        query=request.query_params,
        headers=dict(request.headers),
        environment=request.app.state.environment,
        body=body,
    )


async def _limited(request: Request) -> bytes:
    """The body, up to the limit."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY:
            raise Problem(413, "PayloadTooLargeError", "request entity too large")
    return bytes(body)


def accepted() -> Response:
    """202 without a body."""
    return Response(status_code=202)


def done() -> Response:
    """200 without a body, which is what Unleash answers to many writes."""
    return Response(status_code=200)


def created(value: Any) -> Response:
    """201 with the new thing."""
    return JSONResponse(value, 201)
