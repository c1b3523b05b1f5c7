"""Tell the flag server what it is owed: at least once, in order, and seen to have arrived.

Whoever comes first delivers, and nobody waits for a server that did not answer just now.
Nothing here raises: what could not be delivered stays owed.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta

from anyio import to_thread

from flagwright.adapters.store import Store
from flagwright.adapters.unleash import Unleash, together
from flagwright.errors import BadRequest, FlagServerDown, FlagwrightError, StoreBroken
from flagwright.workbench.link import Link, cut

REST = timedelta(seconds=5)
"""How long a server that did not answer is not told anything."""
A_ROUND = 500
"""Entries that are sent together: as many as one look at the newest events finds again."""


class Outbox:
    """What this installation owes to one flag server."""

    def __init__(
        self, store: Store, unleash: Unleash, *, clock: Callable[[], datetime], is_quiet: bool
    ) -> None:
        """`is_quiet`: the server is told nothing."""
        self._deliveries, self._unleash, self._clock = store.deliveries, unleash, clock
        self._is_quiet = is_quiet
        self._account: str | None = None
        self._down_since: datetime | None = None

    def account(self) -> str | None:
        """Whose token it is, as the server last said; none: it was never asked."""
        if self._account is None:
            self._account = self._deliveries.account(self._unleash.identity)
        return self._account

    def rest(self) -> None:
        """Note that the server did not answer just now."""
        self._down_since = self._clock()

    @property
    def is_resting(self) -> bool:
        """Whether nobody should wait for the server again yet."""
        since = self._down_since
        return since is not None and abs(self._clock() - since) < REST

    async def deliver(self) -> None:
        """Send what is owed, oldest first, until nothing is or the server does not answer.

        An entry that the server will not take is set aside, and shown.
        """
        if self._is_quiet or self.is_resting:
            return
        with suppress(StoreBroken), self._deliveries.turn() as mine:
            coming, unseen = await self._due() if mine else [], list[Link]()
            while coming or unseen:
                coming, unseen = await self._round(coming, unseen)

    async def _round(self, coming: list[Link], unseen: list[Link]) -> tuple[list[Link], list[Link]]:
        """Send some links, while those of the last round are looked for and the next are read.

        Returns what comes next, and what was sent now; nothing where the server took not all.
        """
        try:
            lost, sent, following = await together(
                self._lost(unseen), self._send_all(coming), self._due([*unseen, *coming])
            )
        except FlagwrightError as error:
            await to_thread.run_sync(self._failed, [*unseen, *coming], error)
            return [], []
        if unseen:
            await self._learn_account()
        return ([], []) if lost else (following, sent)

    async def _due(self, after: Sequence[Link] = ()) -> list[Link]:
        """Owed entries, oldest first, in the links that they are to travel in.

        Where there are more, the last link may not be full yet: it is left for the next round.
        """
        last = after[-1].entries[-1].seq if after else 0

        def read() -> list[Link]:
            owed = self._deliveries.owed(limit=A_ROUND, after=last, now=self._clock())
            links = cut(owed, after)
            return links[:-1] if len(owed) == A_ROUND and len(links) > 1 else links

        return await to_thread.run_sync(read)

    async def _held(self, links: Sequence[Link]) -> set[str]:
        """Ids of the entries of some links that the server shows."""
        held = await self._unleash.delivery.held(link.entries for link in links)
        await to_thread.run_sync(self._deliveries.mark_delivered, held, self._clock())
        return held

    async def _lost(self, links: Sequence[Link]) -> list[Link]:
        """What the server does not show of some links."""
        held = await self._held(links) if links else ()
        return [rest for link in links if (rest := link.without(held)).entries]

    async def _send_all(self, links: Sequence[Link]) -> list[Link]:
        """Send links in their order; those that travelled, which the server may hold now."""
        known = await self._held(again) if (again := [link for link in links if link.again]) else ()
        left = [rest for link in links if (rest := link.without(known)).entries]
        await to_thread.run_sync(self._deliveries.mark_sent, [link.ids for link in left])
        return [sent for link in left for sent in await self._send(link)]

    async def _send(self, link: Link) -> list[Link]:
        """Send one link; where the server will never take it, each entry by itself.

        Returns what was sent: what cannot be is set aside, so that others may pass.
        """
        try:
            await self._unleash.delivery.write(link.entries, again=link.again)
        except BadRequest as error:
            if len(link.entries) == 1:
                await to_thread.run_sync(self._deliveries.set_aside, link.ids, error.code)
                return []
            singles = list(link.singly())
            await to_thread.run_sync(self._deliveries.mark_sent, [one.ids for one in singles])
            return [sent for one in singles for sent in await self._send(one)]
        return [link]

    async def _learn_account(self) -> None:
        """Ask once whose token it is, for the entries that follow."""
        if self._account is None:
            with suppress(FlagwrightError):
                name = self._account = (await self._unleash.whoami()).name
                await to_thread.run_sync(
                    self._deliveries.know_account, self._unleash.identity, name
                )

    def _failed(self, links: list[Link], error: FlagwrightError) -> None:
        wait = error.retry_after_s if isinstance(error, FlagServerDown) else None
        self._deliveries.mark_failed(
            [each for link in links for each in link.ids],
            error.code,
            retry_after=None if wait is None else timedelta(seconds=wait),
            now=self._clock(),
        )
