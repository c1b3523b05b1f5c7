"""One flag across its environments: everything that the flag server knows of it."""

from pydantic import AwareDatetime

from flagwright.core.record import Record
from flagwright.core.records.flag import FlagState
from flagwright.core.strategy import Environment, Link
from flagwright.errors import BadRequest


class FlagDetail(Record):
    """A flag with its environments, its place in life, and what hangs on it."""

    flag: FlagState
    environments: tuple[Environment, ...] = ()
    stage: str | None = None
    """Of its life: `initial`, `pre-live`, `live`, `completed`, `archived`."""
    stage_since: AwareDatetime | None = None
    links: tuple[Link, ...] = ()
    depends_on: tuple[str, ...] = ()
    """`flag`, `flag off` or `flag as variant`: what another flag must be."""
    needed_by: tuple[str, ...] = ()
    """Flags that depend on this one."""

    def environment(self, name: str) -> Environment:
        """One of its environments; raises BadRequest where it has none of that name."""
        for environment in self.environments:
            if environment.name == name:
                return environment
        names = ", ".join(environment.name for environment in self.environments)
        raise BadRequest(
            f"{self.flag.name} has no environment {name!r}.", next_step=f"Name one of: {names}."
        )


class FlagEvent(Record):
    """One thing that happened to a flag, as the flag server's log says."""

    flag: str
    type: str
    environment: str | None = None
    at: AwareDatetime
    by: str = ""
