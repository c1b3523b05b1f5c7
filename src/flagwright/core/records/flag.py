"""A flag, as it is asked for and as the server holds it."""

from datetime import date
from typing import Literal

from pydantic import AwareDatetime

from flagwright.core.record import Record

FlagType = Literal["release", "experiment", "operational", "kill-switch", "permission", "sunset"]
Made = Literal["created", "completed", "exists"]
"""What became of a flag that was asked for: new; there before, and tagged now; there, and equal."""


class FlagSpec(Record):
    """A flag as it is asked for."""

    name: str
    type: FlagType = "release"
    project: str = "default"
    description: str = ""
    owner: str | None = None
    """Team or person, as the tag `owner:...` on the server."""
    expires_on: date | None = None
    """As the tag `expires:YYYY-MM-DD` on the server."""
    tags: tuple[str, ...] = ()
    """Others, as `type:value`; without a type, of the type `simple`."""
    impression_data: bool = False
    """Whether SDKs tell applications of each answer."""


class FlagState(Record):
    """A flag as the server holds it."""

    name: str
    type: str
    project: str
    description: str = ""
    owner: str | None = None
    expires_on: date | None = None
    environments: dict[str, bool] = {}
    """On or off, by environment."""
    stale: bool = False
    archived: bool = False
    created_at: AwareDatetime | None = None
    tags: tuple[str, ...] = ()
    """As `type:value`, those of owner and expiry included."""
    impression_data: bool = False
    last_seen_at: AwareDatetime | None = None
    """When an application last asked for it, anywhere."""
