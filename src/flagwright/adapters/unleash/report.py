"""Say what the flag server is, who its token is, and what would fail."""

from typing import Any

from flagwright.adapters.unleash.address import parts
from flagwright.adapters.unleash.flag import naming_pattern
from flagwright.adapters.unleash.wire import Wire
from flagwright.core.attestation import Account
from flagwright.core.naming.pattern import matches
from flagwright.core.record import Record
from flagwright.errors import FlagServerRefused, FlagUnknown

NEEDED = {"CREATE_FEATURE", "UPDATE_FEATURE", "CREATE_TAG_TYPE"}


class ServerReport(Record):
    """A flag server as one token sees it."""

    url: str
    version: str
    user: str
    personal: bool
    """Whether events will name a person: the token is a user's own, not a shared one."""
    is_admin: bool
    """Whether it may make other users, and so approve as one of them."""
    missing_rights: tuple[str, ...]
    """Rights that creating and recording need and the token lacks."""
    project: str
    project_exists: bool
    naming_pattern: str | None
    environments: tuple[str, ...]
    ledger_flag: str
    ledger_flag_exists: bool
    """False is fine: the flag is made when it is first needed."""
    ledger_flag_allowed: bool
    """Whether the naming pattern lets it be made."""


async def health(wire: Wire, project: str, ledger_flag: str) -> ServerReport:
    """Ask everything that a report holds; raises as any call where the server does not answer."""
    who = await wire.get(parts("user"))
    user = who.get("user") or {}
    rights = {
        right.get("permission")
        for right in who.get("permissions") or ()
        if right.get("project") in {None, "*", project}
    }
    environments = await wire.get(parts("environments"))
    exists, pattern = await _project(wire, project)
    return ServerReport(
        url=wire.url,
        version=str((await wire.get(parts("ui-config"))).get("version", "unknown")),
        user=_named(user),
        personal=user.get("type") != "admin",
        is_admin="ADMIN" in rights,
        missing_rights=() if "ADMIN" in rights else tuple(sorted(NEEDED - rights)),
        project=project,
        project_exists=exists,
        naming_pattern=pattern,
        environments=tuple(row["name"] for row in environments.get("environments") or ()),
        ledger_flag=ledger_flag,
        ledger_flag_allowed=matches(pattern, ledger_flag),
        ledger_flag_exists=exists and await _exists(wire, project, ledger_flag),
    )


async def whoami(wire: Wire) -> Account:
    """Whose token it is; a token that is no person's own has no number above 0."""
    user = (await wire.get(parts("user"))).get("user") or {}
    number = user.get("id")
    is_person = isinstance(number, int) and user.get("type") != "admin" and not user.get("isAPI")
    return Account(id=number if is_person else 0, name=_named(user))


def _named(user: dict[str, Any]) -> str:
    return str(user.get("email") or user.get("username") or user.get("name") or "unknown")


async def _project(wire: Wire, project: str) -> tuple[bool, str | None]:
    """Whether the project is there, and its naming pattern."""
    try:
        return True, await naming_pattern(wire, project)
    except FlagServerRefused:
        return False, None


async def _exists(wire: Wire, project: str, flag: str) -> bool:
    try:
        await wire.get(parts("projects", project, "features", flag))
    except FlagUnknown:
        return False
    return True
