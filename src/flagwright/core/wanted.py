"""Which flags are looked for."""

from typing import Literal

from flagwright.core.record import Record
from flagwright.core.records.flag import FlagState, FlagType

State = Literal["on", "off", "archived", "stale"]


class Wanted(Record):
    """Which flags are looked for; what is none matches all."""

    words: str | None = None
    """All of them in name, description, owner or type."""
    like: str | None = None
    """A name for a new flag: those that it would repeat."""
    description: str = ""
    """Of that new flag."""
    owner: str | None = None
    tag: str | None = None
    """As `type:value`, or a value."""
    type: FlagType | None = None
    state: State | None = None

    def matches(self, flag: FlagState) -> bool:
        """Whether a flag has all that is wanted of it."""
        text = f"{flag.name} {flag.description} {flag.owner or ''} {flag.type}".lower()
        is_on = any(flag.environments.values())
        return (
            all(word in text for word in (self.words or "").lower().split())
            and (self.owner is None or (flag.owner or "").lower() == self.owner.lower())
            and (self.type is None or flag.type == self.type)
            and (self.tag is None or any(_is_tag(tag, self.tag) for tag in flag.tags))
            and (self.state not in {"on", "off"} or is_on is (self.state == "on"))
        )


def _is_tag(tag: str, wanted: str) -> bool:
    return wanted in {tag, tag.partition(":")[2]}
