"""Look through the ledger, here and on the flag server, and write it down for an auditor."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from anyio import to_thread

from flagwright.adapters.store import Counts, Store
from flagwright.adapters.unleash import Unleash
from flagwright.core import chronicle
from flagwright.core.audit import Checked, Copy, Witness, check
from flagwright.core.records.entry import LedgerEntry
from flagwright.core.report.ledger import page
from flagwright.core.trail import Trail
from flagwright.errors import WriteFailed
from flagwright.workbench.recorder import Recorder


@dataclass(frozen=True)
class LedgerPage:
    """Entries, newest first, those still owed by id, and the counts of the whole ledger."""

    entries: tuple[LedgerEntry, ...]
    owed_ids: frozenset[str]
    recorded: int
    delivered: int
    owed: int
    set_aside: int


@dataclass(frozen=True)
class Exported:
    """The auditor's files."""

    lines: Path
    page: Path
    entries: int
    checked: Checked


class Audit:
    """The ledger of one installation, and what the flag server holds of all of them."""

    def __init__(
        self, store: Store, unleash: Unleash, recorder: Recorder, *, clock: Callable[[], datetime]
    ) -> None:
        self._store, self._unleash, self._recorder = store, unleash, recorder
        self._clock = clock

    async def show(self, trail: Trail, *, limit: int = 20) -> LedgerPage:
        """What was recorded here, newest first, and what is still owed to the server."""

        def read() -> LedgerPage:
            if trail == Trail(flag=trail.flag):
                entries = self._store.entries(flag=trail.flag, limit=limit)
            else:
                entries = tuple(reversed(list(trail.follow(self._store.chain()))[-limit:]))
            counts = self._store.deliveries.counts()
            return LedgerPage(
                entries=entries,
                owed_ids=frozenset(self._store.deliveries.undelivered(e.id for e in entries)),
                recorded=counts.recorded,
                delivered=counts.delivered,
                owed=counts.owed,
                set_aside=counts.set_aside,
            )

        return await to_thread.run_sync(read)

    async def show_server(self, trail: Trail, *, limit: int = 20) -> tuple[LedgerEntry, ...]:
        """What the flag server holds of every installation, oldest first."""
        entries = {w.entry.hash: w.entry for w in await self.witnesses() if w.entry}
        return tuple(list(trail.follow(entries.values()))[-limit:])

    async def witnesses(self) -> tuple[Witness, ...]:
        """Everything that the flag server holds, in its own order."""
        return await self._unleash.events.witnesses()

    async def flush(self) -> Counts:
        """Tell the server what is owed or set aside now, whatever it was to wait for."""
        await to_thread.run_sync(self._store.deliveries.hurry)
        await self._recorder.deliver()
        return await to_thread.run_sync(self._store.deliveries.counts)

    async def verify(self) -> Checked:
        """Walk every chain as the server holds it, and compare ours with the copy kept here."""
        checked, _, _ = await self.check()
        return checked

    async def export(self, folder: Path) -> Exported:
        """Write the whole ledger as JSON lines, and as a page for people, into a new folder.

        Raises:
            WriteFailed: If the folder is there already, or cannot be written.
        """
        checked, held, copy = await self.check()
        lines = chronicle.lines(held, copy)
        text = "".join(f"{line}\n" for line in lines)
        drawn = page(
            held,
            copy,
            wrong=checked.wrong,
            digest=hashlib.sha256(text.encode()).hexdigest(),
            at=self._clock(),
        )

        def write() -> Exported:
            try:
                folder.mkdir(parents=True)
                (folder / "ledger.jsonl").write_text(text, encoding="utf-8")
                (folder / "ledger.html").write_text(drawn, encoding="utf-8")
            except OSError as error:
                raise WriteFailed(
                    f"{folder} cannot be written: {error.strerror}.",
                    next_step="Name a folder that does not exist yet.",
                ) from error
            return Exported(folder / "ledger.jsonl", folder / "ledger.html", len(lines), checked)

        return await to_thread.run_sync(write)

    async def check(self) -> tuple[Checked, tuple[Witness, ...], Copy]:
        """The same, with what the server holds, and the copy that is kept here.

        The copy is taken before and after, as others may record and deliver meanwhile.
        """
        before = await to_thread.run_sync(self._store.copy)
        held = await self.witnesses()
        after = await to_thread.run_sync(self._store.copy)
        known = {entry.id for entry in before.entries}
        late = {entry.id for entry in after.entries if entry.id not in known}
        copy = after.model_copy(
            update={"undelivered": after.undelivered | before.undelivered | late}
        )
        here = await to_thread.run_sync(self._store.verify)
        return check(held, copy, here), held, copy
