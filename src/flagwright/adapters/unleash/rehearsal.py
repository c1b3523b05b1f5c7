"""Note requests instead of sending them, and check that the token may send each of them."""

import re
from collections.abc import Iterable

from flagwright.adapters.unleash.address import parts
from flagwright.adapters.unleash.fault import CHECK_ACCESS
from flagwright.adapters.unleash.wire import Request, Wire
from flagwright.errors import FlagServerRefused

_FLAG = r"/api/admin/projects/[^/]+/features"
_PLACE = rf"{_FLAG}/[^/]+/environments/(?P<environment>[^/]+)"
RIGHTS = (
    ("POST", _FLAG, "CREATE_FEATURE"),
    ("POST", r"/api/admin/tag-types", "CREATE_TAG_TYPE"),
    ("POST", r"/api/admin/features/[^/]+/tags", "UPDATE_FEATURE"),
    ("POST", rf"{_PLACE}/strategies", "CREATE_FEATURE_STRATEGY"),
    ("PUT", rf"{_PLACE}/strategies/[^/]+", "UPDATE_FEATURE_STRATEGY"),
    ("DELETE", rf"{_PLACE}/strategies/[^/]+", "DELETE_FEATURE_STRATEGY"),
    ("POST", rf"{_PLACE}/(on|off)", "UPDATE_FEATURE_ENVIRONMENT"),
    ("POST", rf"{_FLAG}/[^/]+/lifecycle/complete", "UPDATE_FEATURE"),
    ("DELETE", rf"{_FLAG}/[^/]+", "DELETE_FEATURE"),
)
"""Which right each request needs, as Unleash asks for it."""


async def require_rights(wire: Wire, project: str, requests: Iterable[Request]) -> None:
    """Raise FlagServerRefused where the token lacks a right that a request needs."""
    held = {
        (row.get("permission"), row.get("environment"))
        for row in (await wire.get(parts("user"))).get("permissions") or ()
        if row.get("project") in {None, "*", project}
    }
    if any(right == "ADMIN" for right, _ in held):
        return
    missing = sorted(
        f"{right} in {where}" if where else right
        for right, where in {pair for request in requests for pair in _needed(request)}
        if not held & {(right, None), (right, where)}
    )
    if missing:
        raise FlagServerRefused(
            f"The token lacks the right {', '.join(missing)}.", next_step=CHECK_ACCESS
        )


def _needed(request: Request) -> Iterable[tuple[str, str | None]]:
    for method, path, right in RIGHTS:
        if request.method == method and (found := re.fullmatch(path, request.path)):
            yield right, found.groupdict().get("environment")
