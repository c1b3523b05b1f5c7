"""End a flag on the server: note which side is kept, then archive it. Nothing here revives one."""

from typing import Any, Literal

from flagwright.adapters.unleash.address import parts
from flagwright.adapters.unleash.detail import detail
from flagwright.adapters.unleash.wire import Wire
from flagwright.core.flag import FlagDetail
from flagwright.errors import FlagServerDown, FlagServerOdd

KEPT = {"on": "kept", "off": "discarded"}
COMPLETED = "completed"


async def end(wire: Wire, project: str, flag: FlagDetail, keep: Literal["on", "off"]) -> FlagDetail:
    """Complete, then archive; where an answer is lost, look what became of it.

    Returns:
        The flag as the server holds it then: archived.
    """
    address = parts("projects", project, "features", flag.flag.name)
    try:
        for method, path, body in requests(flag, keep):
            await wire.send(method, f"{address}{path}", body)
    except FlagServerDown:
        if not (now := await detail(wire, project, flag.flag.name)).flag.archived:
            raise
        return now
    if wire.is_rehearsal:
        return flag
    now = await detail(wire, project, flag.flag.name)
    if not now.flag.archived:
        raise FlagServerOdd(
            f"The flag server did not archive {flag.flag.name}.",
            next_step="Look at it, then ask again.",
        )
    return now


def requests(flag: FlagDetail, keep: Literal["on", "off"]) -> list[tuple[str, str, Any]]:
    """Method, path below the flag and body of each request, in their order."""
    done = {"status": KEPT[keep], "statusValue": ""}
    completes = [("POST", "/lifecycle/complete", done)] if flag.stage != COMPLETED else []
    return [*completes, ("DELETE", "", None)]
