"""One Unleash server and one of its projects, as the workbench sees them."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Literal

import httpx

from flagwright.adapters.unleash import (
    detail,
    ending,
    events,
    flag,
    placement,
    rehearsal,
    report,
    survey,
)
from flagwright.adapters.unleash.delivery import Delivery
from flagwright.adapters.unleash.report import ServerReport
from flagwright.adapters.unleash.wire import Request, Wire, Writes
from flagwright.core.attestation import Account
from flagwright.core.audit import Witness
from flagwright.core.flag import FlagDetail, FlagEvent
from flagwright.core.records.entry import LedgerEntry
from flagwright.core.records.flag import FlagSpec, FlagState
from flagwright.core.stale import Asking
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
        self._delivery = Delivery(self._wire, project, ledger_flag)
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

    async def create(self, spec: FlagSpec) -> tuple[FlagState, bool]:
        """Make a flag that is off everywhere; the same request again finds it.

        Returns:
            The flag as the server holds it, and whether this call made it.

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

    async def lifetimes(self) -> dict[str, int | None]:
        """Days that a flag of each type is expected to live; none: for ever."""
        return await survey.lifetimes(self._wire)

    async def unknown(self) -> dict[str, Asking]:
        """Flags that applications asked for in the last day and that were never made."""
        return await survey.unknown(self._wire)

    async def full_since(self, flags: Iterable[str]) -> dict[str, datetime]:
        """Those of some flags that are on for everybody everywhere, and their last change."""
        return await survey.full_since(self._wire, self.project, flags)

    async def reaches(self, flags: Iterable[str]) -> dict[str, int]:
        """Largest share of the users that each of some flags is on for anywhere, in percent."""
        return await survey.reaches(self._wire, self.project, flags)

    async def happened(self) -> list[FlagEvent]:
        """The newest of what was done to the flags of the project, as the server's log says."""
        return await survey.happened(self._wire, self.project)

    async def projects(self) -> tuple[str, ...]:
        """Projects that the token sees."""
        return await survey.projects(self._wire)

    async def environments(self) -> tuple[str, ...]:
        """Environments of the server."""
        return await survey.environments(self._wire)

    async def flags(
        self, project: str | None = None, *, archived: bool = False
    ) -> tuple[FlagState, ...]:
        """Every living flag of a project, or every archived one, by name."""
        listing = flag.archived if archived else flag.flags
        with self._wire.in_time(writes=False):
            return await listing(self._wire, project or self.project)

    async def naming_pattern(self, project: str | None = None) -> str | None:
        """Pattern that the server holds whole flag names of a project to, if any."""
        return await flag.naming_pattern(self._wire, project or self.project)

    async def held(self, sent: Iterable[Sequence[LedgerEntry]]) -> set[str]:
        """Ids of the ledger entries that the server was seen to hold, of links sent to it."""
        return await self._delivery.held(sent)

    async def write(self, link: Sequence[LedgerEntry], *, again: bool = False) -> None:
        """Write ledger entries into the event log; `held` says whether they arrived.

        They go to the flag that all are about; where there is none, to the ledger flag.

        Args:
            link: Entries that fit one link, as `batches` cuts them.
            again: They were sent before, and nobody knows what became of them.
        """
        await self._delivery.write(link, again=again)

    async def write_on(self, flag: str, entry: LedgerEntry) -> None:
        """Write one ledger entry on a flag and no other; raises where it does not take it."""
        with self._wire.in_time(writes=True):
            await self._delivery.write_on(flag, (entry,))

    async def read_ledger(
        self, flag: str | None = None, *, limit: int = 100
    ) -> tuple[LedgerEntry, ...]:
        """The newest entries that the server holds, on one flag or on all, oldest first."""
        return await events.read(self._wire, self.project, flag=flag, limit=limit)

    async def witnesses(self, flag: str | None = None) -> tuple[Witness, ...]:
        """Everything that the server holds of the ledger, in its own order; takes its time."""
        return await events.witnesses(self._wire, self.project, flag)

    async def witnessed(self, entry_id: str, flag: str, made: datetime) -> tuple[Witness, ...]:
        """Every event that added the entry with this id, about a flag, with who wrote it."""
        with self._wire.in_time(writes=False):
            return await events.witnessed(self._wire, self.project, entry_id, flag, made)

    async def whoami(self) -> Account:
        """Whose token this is, as the server's events will say it."""
        with self._wire.in_time(writes=False):
            return await report.whoami(self._wire)

    async def health(self) -> ServerReport:
        """What the server is, who the token is, and what it may do."""
        return await report.health(self._wire, self.project, self.ledger_flag)
