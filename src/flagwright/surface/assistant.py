"""The assistant's door: one server for both protocol eras, over stdio or loopback HTTP."""

import logging
import sys
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from functools import partial
from importlib.metadata import version
from pathlib import Path

import anyio
from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.tools import Tool

from flagwright.core.prompt import PromptBook
from flagwright.surface import prompts as prompt_door
from flagwright.surface import resources
from flagwright.surface.session import OpenWorkbench, Session, running
from flagwright.surface.tools import tools


def build_server(
    open_workbench: OpenWorkbench,
    roots: Sequence[Path],
    prompts: PromptBook,
    served: Sequence[Tool] | None = None,
) -> MCPServer[Session]:
    """A server over one installation.

    Args:
        open_workbench: Called at the first call that needs a workbench.
        roots: Folders that calls may be about; the first is the default where it is alone.
        served: The tools to serve; none: all.
    """

    def lifespan(_: MCPServer[Session]) -> AbstractAsyncContextManager[Session]:
        return running(open_workbench, roots)

    server = MCPServer(
        "flagwright",
        title="Flagwright",
        version=version("flagwright"),
        instructions=prompt_door.instructions(prompts),
        tools=list(served or tools()),
        lifespan=lifespan,
        log_level="WARNING",
    )
    prompt_door.offer(server, prompts)
    resources.offer(server)
    return server


def serve_stdio(
    open_workbench: OpenWorkbench,
    roots: Sequence[Path],
    prompts: PromptBook,
    served: Sequence[Tool] | None = None,
) -> None:
    """Serve one client until it closes standard input. Standard output is the protocol's."""
    _log_plainly()
    build_server(open_workbench, roots, prompts, served).run("stdio")


def serve_http(
    open_workbench: OpenWorkbench,
    roots: Sequence[Path],
    prompts: PromptBook,
    served: Sequence[Tool] | None = None,
    *,
    port: int,
    token: str,
) -> None:
    """Serve on a loopback port, to whoever has the token, until stopped."""
    from flagwright.surface import http

    _log_plainly()
    server = build_server(open_workbench, roots, prompts, served)
    anyio.run(partial(http.serve, server, port, token))


def _log_plainly() -> None:
    """Log to standard error in plain lines, before the protocol library sets up its own."""
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING)
