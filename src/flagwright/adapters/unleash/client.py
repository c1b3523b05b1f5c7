"""One Unleash server and one of its projects, as the workbench sees them."""

from collections.abc import Sequence

import httpx

from flagwright.adapters.unleash import delivery, detail, flag, report
from flagwright.adapters.unleash.report import ServerReport
from flagwright.adapters.unleash.wire import Wire
from flagwright.core.flag import FlagDetail
from flagwright.core.records import FlagSpec, FlagState, LedgerEntry


class Unleash:
    """A client of one flag server. It never switches a flag on, and keeps no state.

    Any method raises FlagServerDown (no answer, 5xx), FlagServerBusy (429),
    FlagServerRefused (401, 403) or FlagServerOdd (no Unleash).
    """

    def __init__(
        self,
        url: str,
        token: str,
        *,
        project: str = "default",
        ledger_flag: str = "flagwright.ledger",
        transport: httpx.AsyncBaseTransport | None = None,
        deadline_s: float = 10,
    ) -> None:
        """Connect at the first call.

        Args:
            url: Its address; a base path and a final `/api` are fine. https, except on
                this machine.
            token: Sent to that address only.
            project: Where a method is not told otherwise.
            ledger_flag: Flag that holds what was done without a flag.
            transport: How requests travel: a proxy, other certificates, or an ASGI app.
            deadline_s: For each request, answer included, in seconds.
        """
        self._wire = Wire(url, token, transport=transport, deadline_s=deadline_s)
        self.project, self.ledger_flag = project, ledger_flag

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
        return await flag.create(self._wire, spec)

    async def state(self, name: str) -> FlagState:
        """One flag; raises FlagUnknown where there is none, or an archived one."""
        return await flag.state(self._wire, self.project, name)

    async def detail(self, name: str) -> FlagDetail:
        """One flag across its environments, an archived one too; raises FlagUnknown."""
        return await detail.detail(self._wire, self.project, name)

    async def flags(
        self, project: str | None = None, *, archived: bool = False
    ) -> tuple[FlagState, ...]:
        """Every living flag of a project, or every archived one, by name."""
        listing = flag.archived if archived else flag.flags
        return await listing(self._wire, project or self.project)

    async def search(self, words: str) -> tuple[FlagState, ...]:
        """Living flags whose name or description holds each of the words, in any case."""
        wanted = words.casefold().split()
        return tuple(
            found
            for found in await self.flags()
            if all(word in f"{found.name} {found.description}".casefold() for word in wanted)
        )

    async def naming_pattern(self, project: str | None = None) -> str | None:
        """Pattern that the server holds whole flag names of a project to, if any."""
        return await flag.naming_pattern(self._wire, project or self.project)

    async def record(self, entries: Sequence[LedgerEntry], *, flag: str | None) -> tuple[str, ...]:
        """Deliver ledger entries and read them back; what the server holds is not sent again.

        Args:
            flag: Whose event log takes them; none, or one that is gone: the ledger flag's.

        Returns:
            Ids of the entries that the server was seen to hold; the others are still owed.
        """
        return await delivery.record(
            self._wire, self.project, entries, flag=flag, ledger_flag=self.ledger_flag
        )

    async def read_ledger(
        self, flag: str | None = None, *, limit: int = 100
    ) -> tuple[LedgerEntry, ...]:
        """The newest entries that the server holds, of one flag or of all, oldest first."""
        return await delivery.read(self._wire, self.project, flag=flag, limit=limit)

    async def health(self) -> ServerReport:
        """What the server is, who the token is, and what it may do."""
        return await report.health(self._wire, self.project, self.ledger_flag)
