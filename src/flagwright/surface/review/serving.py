"""Serve the page on a loopback port that nobody chose, for as long as somebody may need it."""

import secrets
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING

import anyio
import uvicorn
from starlette.applications import Starlette

from flagwright.errors import StoreBroken
from flagwright.surface.review.gate import Gate
from flagwright.surface.review.pages import Pages

if TYPE_CHECKING:
    from flagwright.workbench.bench import Workbench

HOST = "127.0.0.1"
PATH_BYTES = 6
PATIENCE_S = 5
TRIES = 20


class _Server(uvicorn.Server):
    """Leaves signals to the program that it is part of."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@asynccontextmanager
async def page(bench: "Workbench") -> AsyncIterator[tuple[str, bool]]:
    """Address of this installation's page, and whether it is served here while this is open.

    There is one page for each installation: where another process serves it, that one's
    address is the answer.
    """
    with socket.socket() as listener:
        listener.bind((HOST, 0))
        host = f"{HOST}:{listener.getsockname()[1]}"
        path = f"/{secrets.token_urlsafe(PATH_BYTES)}"
        for _ in range(TRIES):
            with bench.review.serving(f"http://{host}{path}") as is_ours:
                if is_ours:
                    async with _served(bench, listener, host, path):
                        yield f"http://{host}{path}", True
                    return
            if other := await bench.review.address():
                yield other, False
                return
            await anyio.sleep(PATIENCE_S / TRIES)
    raise StoreBroken(
        "The review page cannot be served.", next_step="Use the terminal: flagwright approve"
    )


@asynccontextmanager
async def _served(
    bench: "Workbench", listener: socket.socket, host: str, path: str
) -> AsyncIterator[None]:
    routes = Pages(bench, f"http://{host}", path).routes()
    app = Gate(Starlette(routes=routes), host)
    config = uvicorn.Config(
        app, log_level="error", access_log=False, server_header=False, lifespan="off",
        timeout_graceful_shutdown=1,
    )  # fmt: skip
    server = _Server(config)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(server.serve, [listener])
        while not server.started:  # noqa: ASYNC110  it tells no event
            await anyio.sleep(0.01)
        try:
            yield
        finally:
            server.should_exit = True
