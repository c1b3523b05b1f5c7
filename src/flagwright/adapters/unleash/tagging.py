"""Tags carry what a flag on Unleash has no field for: owner, expiry, and a team's own."""

import re

from flagwright.adapters.unleash.address import parts
from flagwright.adapters.unleash.fault import Conflict
from flagwright.adapters.unleash.wire import Wire
from flagwright.core.records.flag import FlagSpec
from flagwright.errors import BadRequest

TAG_TYPES = {"owner": "Team or person that owns the flag", "expires": "Day the flag should be gone"}
TAG_CHARS = range(2, 51)
"""How long a tag on Unleash may be."""
PLAIN, OWN_TYPE = "simple", "Of the team's own"
_TAG_TYPE = re.compile(r"[a-z0-9][a-z0-9_-]{1,49}")


def check(spec: FlagSpec) -> None:
    """Refuse what the server would refuse after the flag was made; raises BadRequest."""
    if spec.owner is not None and len(spec.owner.strip()) not in TAG_CHARS:
        raise BadRequest(
            f"The owner {spec.owner!r} is no tag that the flag server takes: 2 to 50 characters.",
            next_step="Give the name of a team or a person, such as checkout-team.",
        )
    if "\0" in "".join((spec.description, spec.owner or "", *spec.tags)):
        raise BadRequest(
            "A NUL character stands in what is said of the flag; no flag server can keep it.",
            next_step="Leave it out.",
        )
    for kind, value in others(spec):
        if not _TAG_TYPE.fullmatch(kind) or len(value) not in TAG_CHARS or kind in TAG_TYPES:
            raise BadRequest(
                f"{f'{kind}:{value}'!r} is no tag for a flag.",
                next_step="Write type:value with 2 to 50 characters each; owner and expiry have "
                "fields of their own.",
            )


async def make_types(wire: Wire, kinds: set[str]) -> None:
    """Make the types of tags that are not there yet."""
    known = {kind.get("name") for kind in (await wire.get(parts("tag-types"))).get("tagTypes", ())}
    for kind in sorted(kinds - known):
        body = {"name": kind, "description": TAG_TYPES.get(kind, OWN_TYPE), "icon": ""}
        try:
            await wire.send("POST", parts("tag-types"), body)
        except Conflict:
            continue


def own(spec: FlagSpec) -> dict[str, str]:
    """Tags that carry what a flag on Unleash has no field for."""
    wanted = {
        "owner": spec.owner and spec.owner.strip(),
        "expires": spec.expires_on and spec.expires_on.isoformat(),
    }
    return {kind: value for kind, value in wanted.items() if value}


def others(spec: FlagSpec) -> list[tuple[str, str]]:
    """Every other tag, by type and value; one without a type is of the type that is there."""
    parted = (tag.partition(":") if ":" in tag else (PLAIN, "", tag) for tag in spec.tags)
    return [(kind.strip(), value.strip()) for kind, _, value in parted]
