"""What an assistant may read beside its answers: policies, a plan's whole patch, a flag."""

from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any, ParamSpec

from mcp.server.mcpserver import Context, MCPServer
from mcp.server.mcpserver.exceptions import ResourceNotFoundError

from flagwright.core.patch import visible
from flagwright.errors import BadRequest, FlagwrightError
from flagwright.surface.answers import view_flag
from flagwright.surface.session import Session, session_of

Ctx = Context[Session, Any]
P = ParamSpec("P")


def offer(server: MCPServer[Session]) -> None:
    """Register every resource."""
    for uri, (title, kind, read) in RESOURCES.items():
        server.resource(uri, title=title, mime_type=kind)(_told(read))


async def policy(name: str, ctx: Ctx) -> str:
    """A policy in force, each of its files as it is written, such as approval, naming or risk."""
    workbench = await session_of(ctx).workbench()
    layers = workbench.policies()
    if name not in layers:
        raise BadRequest(
            f"There is no policy {name!r}.", next_step=f"Read one of: {', '.join(layers)}."
        )
    if len(layers[name]) == 1:
        return layers[name][0].text
    return "\n".join(f"# --- {file.layer}: {file.path}\n{file.text}" for file in layers[name])


async def patch(plan: str, ctx: Ctx) -> str:
    """Everything that a plan would write, as one unified diff."""
    found, _ = await session_of(ctx).plan(plan)
    return visible("".join(edit.patch for edit in found.edits))


async def reasons(plan: str, ctx: Ctx) -> str:
    """Why a plan scored, and needs an approval, as it does: each rule with its line and owner."""
    found, _ = await session_of(ctx).plan(plan)
    told = await (await session_of(ctx).workbench()).policy.explain(found.id)
    lines = [told.says]
    for one in told.reasons:
        lines += [f"{one.rule}: {one.says}", f"  {one.place} ({one.layer}). {one.change}"]
    lines += [f"Warning: {warning}" for warning in told.warnings]
    return "\n".join(map(visible, lines)) + "\n"


async def flag(name: str, ctx: Ctx) -> str:
    """A flag's type, owner, expiry, and where it is on."""
    workbench = await session_of(ctx).workbench()
    known = await workbench.flags.one(name, None, entries=1)
    return view_flag(known.detail.flag).model_dump_json()


def _told(read: Callable[P, Awaitable[str]]) -> Callable[P, Awaitable[str]]:
    """Tell our own errors in our own words, as tools do."""

    @wraps(read)
    async def told(*args: P.args, **kwargs: P.kwargs) -> str:
        try:
            return await read(*args, **kwargs)
        except FlagwrightError as error:
            raise ResourceNotFoundError(f"{error.code}: {error}") from error

    return told


RESOURCES: dict[str, tuple[str, str, Callable[..., Awaitable[str]]]] = {
    "flagwright://policies/{name}": ("A policy in force", "application/toml", policy),
    "flagwright://plans/{plan}/patch": ("The patch of a plan", "text/x-diff", patch),
    "flagwright://plans/{plan}/reasons": ("Why a plan is as it is", "text/plain", reasons),
    "flagwright://flags/{name}": ("A flag on the server", "application/json", flag),
}
"""Title, kind and reader by address."""
