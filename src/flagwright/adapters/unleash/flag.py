"""Create a flag as it was asked for, and read flags back.

Creating is idempotent: what is there already is compared, what an interrupted call left
out is added, and a flag that differs is never changed.
"""

from contextlib import suppress
from datetime import date
from typing import Any

from pydantic import ValidationError

from flagwright.adapters.unleash import tagging
from flagwright.adapters.unleash.address import parts
from flagwright.adapters.unleash.fault import CHECK_ACCESS, Conflict, Rejected
from flagwright.adapters.unleash.wire import Wire, together
from flagwright.core.naming.pattern import matches
from flagwright.core.records.flag import FlagSpec, FlagState, Made
from flagwright.errors import (
    FlagDiffers,
    FlagServerDown,
    FlagServerError,
    FlagServerOdd,
    FlagServerRefused,
    FlagUnknown,
    NameRefused,
)

OTHER_NAME = "Choose another name, or ask for the flag exactly as it is."


async def create(wire: Wire, spec: FlagSpec) -> tuple[FlagState, Made]:
    """Make the flag, off everywhere and without a strategy, and tag its owner and expiry.

    Returns:
        The flag as the server holds it, and what this call did.

    Raises:
        FlagDiffers: If another flag has the name, here, archived or in another project.
        NameRefused: If the project's own pattern forbids the name.
        BadRequest: If the server cannot hold a value.
    """
    tagging.check(spec)
    _, there = await together(_judge(wire, spec), _found(wire, spec))
    found, is_new = (there, False) if there else await _make(wire, spec)
    whole = await _complete(wire, spec, found)
    if differences := _differences(spec, whole):
        raise FlagDiffers(
            f"The flag {spec.name} exists and differs: {'; '.join(differences)}.",
            next_step=OTHER_NAME,
        )
    return whole, "created" if is_new else "exists" if whole is found else "completed"


async def state(wire: Wire, project: str, name: str) -> FlagState:
    """One flag; raises FlagUnknown where there is none, or an archived one."""
    flag, tags = await together(
        wire.get(parts("projects", project, "features", name)),
        wire.get(parts("features", name, "tags")),
    )
    return state_of(flag | {"tags": tags.get("tags", ())}, project)


async def flags(wire: Wire, project: str) -> tuple[FlagState, ...]:
    """Every flag of a project that is not archived, by name."""
    answer = await wire.get(parts("projects", project, "features"))
    found = (state_of(flag, project) for flag in wire.rows(answer, "features"))
    return tuple(sorted(found, key=lambda flag: flag.name))


async def archived(wire: Wire, project: str) -> tuple[FlagState, ...]:
    """Every archived flag of a project, by name; their names stay taken."""
    found: list[dict[str, Any]] = []
    while True:
        query = {"archived": "IS:true", "project": f"IS:{project}", "limit": "100"}
        page = await wire.get(parts("search", "features"), query | {"offset": str(len(found))})
        rows = wire.rows(page, "features")
        found += rows
        if not rows or len(found) >= page.get("total", 0):
            break
    states = (state_of(flag | {"archived": True}, project) for flag in found)
    return tuple(sorted(states, key=lambda flag: flag.name))


async def naming_pattern(wire: Wire, project: str) -> str | None:
    """Pattern that the whole name of a flag must match on the server, if there is one.

    Raises FlagServerRefused where the project does not exist or is not shown to this token.
    """
    try:
        overview = await wire.get(parts("projects", project, "overview"))
    except FlagUnknown as error:
        raise FlagServerRefused(
            f"The flag server shows this token no project {project}.", next_step=CHECK_ACCESS
        ) from error
    naming = overview.get("featureNaming") or {}
    return naming.get("pattern") or None


async def validate(wire: Wire, asked: dict[str, str]) -> None:
    """Whether a flag of a name could be made; raises Rejected or Conflict."""
    await wire.send("POST", parts("features", "validate"), asked, harmless=True)


async def is_taken(wire: Wire, name: str) -> bool:
    """Whether any flag has a name, an archived one too: a search would say so less often."""
    try:
        await validate(wire, {"name": name})
    except Conflict:
        return True
    except Rejected:
        return False
    return False


async def _found(wire: Wire, spec: FlagSpec) -> FlagState | None:
    """The flag, where it is there."""
    with suppress(FlagUnknown):
        return await state(wire, spec.project, spec.name)
    return None


async def _judge(wire: Wire, spec: FlagSpec) -> None:
    """Hold the name to the pattern of the server's project."""
    pattern = await naming_pattern(wire, spec.project)
    if not matches(pattern, spec.name):
        raise NameRefused(
            f"The flag server's project {spec.project} wants names that match {pattern!r},"
            f" and {spec.name} does not.",
            next_step="Choose a name that matches both this pattern and the naming policy.",
        )


async def _make(wire: Wire, spec: FlagSpec) -> tuple[FlagState, bool]:
    """Make the flag; where the answer is lost, look whether it was made."""
    body: dict[str, Any] = {"name": spec.name, "type": spec.type, "description": spec.description}
    if spec.impression_data:
        body["impressionData"] = True
    try:
        if wire.is_rehearsal:
            await validate(wire, {"name": spec.name, "projectId": spec.project})
        await wire.send("POST", parts("projects", spec.project, "features"), body)
        if wire.is_rehearsal:
            return state_of(body, spec.project), True
    except Rejected as error:
        raise NameRefused(error.fact, next_step=error.next_step) from error
    except Conflict as error:
        return await _taken(wire, spec, error), False
    except (FlagServerDown, FlagServerOdd) as lost:
        if not lost.unsure:
            raise
        with suppress(FlagUnknown, FlagServerError):
            return await state(wire, spec.project, spec.name), True
        raise
    return await state(wire, spec.project, spec.name), True


async def _taken(wire: Wire, spec: FlagSpec, conflict: Conflict) -> FlagState:
    """The flag that took the name meanwhile, if it is a living one of this project."""
    try:
        return await state(wire, spec.project, spec.name)
    except FlagUnknown:
        raise FlagDiffers(
            f"The name {spec.name} is taken by a flag that is archived or belongs to another"
            f" project. {conflict.fact}",
            next_step="Choose another name; names of archived flags stay taken.",
        ) from conflict


async def _complete(wire: Wire, spec: FlagSpec, found: FlagState) -> FlagState:
    """Add the tags that are wanted and missing, if everything else is as wanted."""
    wanted = tagging.own(spec)
    held = {"owner": found.owner, "expires": _text(found.expires_on)}
    missing = {kind: value for kind, value in wanted.items() if held[kind] is None}
    tags = [
        *missing.items(),
        *(tag for tag in tagging.others(spec) if ":".join(tag) not in found.tags),
    ]
    if not tags or _differences(spec, found, ignoring=missing):
        return found
    await tagging.make_types(wire, {kind for kind, _ in tags})
    address = parts("features", spec.name, "tags")
    await together(
        *(wire.send("POST", address, {"type": kind, "value": value}) for kind, value in tags)
    )
    if wire.is_rehearsal:
        return _as_asked(spec, found)
    return await state(wire, spec.project, spec.name)


def _as_asked(spec: FlagSpec, found: FlagState) -> FlagState:
    """What a flag would be, were it tagged."""
    return found.model_copy(
        update={"owner": tagging.own(spec).get("owner"), "expires_on": spec.expires_on}
    )


def _text(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _differences(
    spec: FlagSpec, found: FlagState, ignoring: dict[str, str] | None = None
) -> list[str]:
    """How the flag on the server is not the one asked for."""
    tags = tagging.own(spec)
    pairs = {
        "type": (spec.type, found.type),
        "description": (spec.description, found.description),
        "owner": (tags.get("owner"), found.owner),
        "expires": (tags.get("expires"), _text(found.expires_on)),
        "impression data": (spec.impression_data, found.impression_data),
    }
    return [
        f"its {part} is {there!r}, asked for {asked!r}"
        for part, (asked, there) in pairs.items()
        if asked != there and part not in (ignoring or {})
    ]


def state_of(flag: dict[str, Any], project: str) -> FlagState:
    """A flag off the wire; raises FlagServerOdd where it is none."""
    try:
        rows = flag.get("tags") or ()
        tags = {tag["type"]: tag["value"] for tag in rows}
        places = flag.get("environments") or ()
        seen = [place["lastSeenAt"] for place in places if place.get("lastSeenAt")]
        return FlagState(
            name=flag["name"],
            type=flag.get("type") or "release",
            project=flag.get("project") or project,
            description=flag.get("description") or "",
            owner=tags.get("owner"),
            expires_on=_day(tags.get("expires")),
            environments={place["name"]: bool(place["enabled"]) for place in places},
            stale=bool(flag.get("stale")),
            archived=bool(flag.get("archived")),
            created_at=flag.get("createdAt"),
            tags=tuple(sorted(f"{tag['type']}:{tag['value']}" for tag in rows)),
            impression_data=bool(flag.get("impressionData")),
            last_seen_at=max(seen, default=None),
        )
    except (LookupError, TypeError, AttributeError, ValidationError) as error:
        raise odd() from error


def odd() -> FlagServerOdd:
    """What stands where a flag should is none."""
    return FlagServerOdd(
        "The flag server described a flag in a form that is not Unleash's.",
        next_step="Check FLAGWRIGHT_UNLEASH_URL; Unleash 7.4 and newer are supported.",
    )


def _day(text: str | None) -> date | None:
    """The day of an `expires` tag; none where a person wrote something else."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None
