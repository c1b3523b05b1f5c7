"""One Unleash server and one of its projects, as the workbench sees them."""

from collections.abc import Iterable
from typing import Literal

import httpx

from flagwright.adapters.unleash import detail, ending, flag, placement, rehearsal, report
from flagwright.adapters.unleash.delivery import Delivery
from flagwright.adapters.unleash.events import Events
from flagwright.adapters.unleash.report import ServerReport
from flagwright.adapters.unleash.survey import Survey
from flagwright.adapters.unleash.wire import Request, Wire, Writes
from flagwright.core.attestation import Account
from flagwright.core.flag import FlagDetail
from flagwright.core.records.flag import FlagSpec, FlagState, Made
from flagwright.core.strategy import Placement


class Unleash:
    """A client of one flag server.

    Any method raises FlagServerDown (no answer, 5xx), FlagServerBusy (429),
    FlagServerRefused (401, 403) or FlagServerOdd (no Unleash).
    """

    def __init__(
        self,
        url: str,
        token: str,
        *,
        user: str = "",
        project: str = "default",
        ledger_flag: str = "flagwright.ledger",
        transport: httpx.AsyncBaseTransport | None = None,
        writes: Writes = "sent",
        deadline_s: float = 3,
        step_s: float = 4.2,
    ) -> None:
        """Connect at the first call.

        Args:
            url: Its address; a base path and a final `/api` are fine. https, except on
                this machine.
            token: Sent to that address only; with a `user`, their password.
            project: Where a method is not told otherwise.
            ledger_flag: Flag that holds what was done without a flag.
            transport: How requests travel: a proxy, other certificates, or an ASGI app.
            writes: Whether what changes something is sent, refused, or only noted.
            deadline_s: For each request, answer included, in seconds.
            step_s: For all requests of one step together; whoever asked waits no longer.
        """
        self._wire = Wire(
            url, token, user=user, transport=transport, deadline_s=deadline_s, step_s=step_s,
            writes=writes,
        )  # fmt: skip
        self.project, self.ledger_flag = project, ledger_flag
        self.survey = Survey(self._wire, project)
        self.events = Events(self._wire, project)
        self.delivery = Delivery(self._wire, self.events, project, ledger_flag)
        self.identity = self._wire.identity

    @property
    def is_rehearsal(self) -> bool:
        """Whether nothing that changes something is sent."""
        return self._wire.is_rehearsal

    async def noted(self) -> tuple[Request, ...]:
        """What would have been sent, where the token may send all of it."""
        await rehearsal.require_rights(self._wire, self.project, self._wire.noted)
        return tuple(self._wire.noted)

    @property
    def address(self) -> str:
        """Where the server is, without its `/api`."""
        return self._wire.url

    def __repr__(self) -> str:
        return f"Unleash({self._wire.url!r}, project={self.project!r})"

    async def aclose(self) -> None:
        """Close the connections."""
        await self._wire.aclose()

    async def create(self, spec: FlagSpec) -> tuple[FlagState, Made]:
        """Make a flag that is off everywhere; the same request again finds it.

        Returns:
            The flag as the server holds it, and what this call did.

        Raises:
            FlagDiffers: If the name is taken by a flag that is not the one asked for.
            NameRefused: If the server forbids the name.
            BadRequest: If the server cannot hold a value.
        """
        with self._wire.in_time(writes=True):
            return await flag.create(self._wire, spec)

    async def state(self, name: str) -> FlagState:
        """One flag; raises FlagUnknown where there is none, or an archived one."""
        with self._wire.in_time(writes=False):
            return await flag.state(self._wire, self.project, name)

    async def detail(self, name: str) -> FlagDetail:
        """One flag across its environments, an archived one too; raises FlagUnknown."""
        with self._wire.in_time(writes=False):
            return await detail.detail(self._wire, self.project, name)

    async def place(
        self, flag: str, environment: str, before: Placement, after: Placement
    ) -> Placement:
        """Bring a flag from one state to another, in one environment; the state as it is then.

        Raises:
            FlagChanged: If somebody else changed it meanwhile.
        """
        with self._wire.in_time(writes=True):
            return await placement.place(self._wire, self.project, flag, environment, before, after)

    async def require_segments(self, names: Iterable[str]) -> None:
        """Raise BadRequest where the server has no such segment."""
        with self._wire.in_time(writes=False):
            await placement.require_segments(self._wire, names)

    async def end(self, flag: FlagDetail, keep: Literal["on", "off"]) -> FlagDetail:
        """Complete a flag, then archive it; the flag as it is then."""
        with self._wire.in_time(writes=True):
            return await ending.end(self._wire, self.project, flag, keep)

    async def flags(
        self, project: str | None = None, *, archived: bool = False
    ) -> tuple[FlagState, ...]:
        """Every living flag of a project, or every archived one, by name."""
        listing = flag.archived if archived else flag.flags
        with self._wire.in_time(writes=False):
            return await listing(self._wire, project or self.project)

    async def naming_pattern(self, project: str | None = None) -> str | None:
        """Pattern that the server holds whole flag names of a project to, if any."""
        with self._wire.understood():
            return await flag.naming_pattern(self._wire, project or self.project)

    async def whoami(self) -> Account:
        """Whose token this is, as the server's events will say it."""
        with self._wire.in_time(writes=False):
            return await report.whoami(self._wire)

    async def health(self) -> ServerReport:
        """What the server is, who the token is, and what it may do."""
        with self._wire.understood():
            return await report.health(self._wire, self.project, self.ledger_flag)
