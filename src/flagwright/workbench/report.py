"""Find out everything that a report says; what cannot be had is a note in it, and stops nothing."""

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

from anyio import to_thread

from flagwright.adapters.store import Store
from flagwright.adapters.unleash import Unleash
from flagwright.core.audit import Checked
from flagwright.core.policy.replay import Preview
from flagwright.core.policy.waivers import Waiver
from flagwright.core.records.entry import LedgerEntry
from flagwright.core.report import Facts, FlagLife
from flagwright.core.report.told import about, approvals, lives, risky
from flagwright.core.stale import Evidence, stale
from flagwright.errors import FlagServerError, FlagwrightError
from flagwright.workbench.audit import Audit
from flagwright.workbench.batch import Progress
from flagwright.workbench.policies import Policies
from flagwright.workbench.preview import Look
from flagwright.workbench.rulebook import RuleBook
from flagwright.workbench.search import MOST_JUDGED, Search


class Reporting:
    """Reports about one installation, its flag server and the repositories that it is shown."""

    def __init__(
        self,
        store: Store,
        unleash: Unleash,
        audit: Audit,
        search: Search,
        policy: Policies,
        *,
        book: RuleBook,
        clock: Callable[[], datetime],
    ) -> None:
        self._store, self._unleash, self._audit, self._search = store, unleash, audit, search
        self._policy, self._book, self._clock = policy, book, clock

    async def facts(self, folders: Sequence[Path], look: Look, progress: Progress) -> Facts:
        """Look at the past, the flags and the ledger."""
        notes: list[str] = []
        previews: list[Preview] = []
        ours: set[str] = set()
        for folder in folders:
            try:
                previews += await self._policy.preview([folder], look, progress)
                ours.add(await self._policy.identity(folder))
            except FlagwrightError as error:
                notes.append(f"{folder}: {error.fact} {error.next_step}")
        flags = await self._flags(notes)
        entries, health = await self._ledger(notes)
        here = about(entries, ours) if ours else entries
        names = [preview.repository for preview in previews]
        return Facts(
            name=", ".join(names) or self._unleash.project,
            project=self._unleash.project,
            at=self._clock(),
            since=look.since,
            previews=tuple(previews),
            edited=any(one.moved or one.before != one.after for one in previews),
            flags=flags,
            approvals=approvals(here, look.since),
            risky=risky(here, self._book.assessment, look.since),
            waivers=await to_thread.run_sync(self._waivers, folders, notes),
            health=health,
            notes=tuple(notes),
        )

    async def _flags(self, notes: list[str]) -> tuple[FlagLife, ...] | None:
        try:
            living = await self._search.held()
            archived = await self._search.held(archived=True)
            lifetimes = await self._unleash.survey.lifetimes()
            everywhere = [f.name for f in living if f.environments and all(f.environments.values())]
            full = await self._unleash.survey.full_since(everywhere[:MOST_JUDGED])
            reaches = await self._unleash.survey.reaches([one.name for one in living[:MOST_JUDGED]])
            events = await self._unleash.survey.happened()
        except FlagServerError as error:
            notes.append(f"The flag server was not asked: {error.fact} {error.next_step}")
            return None
        evidence = Evidence(lifetimes=lifetimes, full_since=full, checks=None)
        rules = await to_thread.run_sync(self._book.load)
        due = stale(living, (), evidence, rules.rollout, self._unleash.project, now=self._clock())
        return lives((*living, *archived), events, reaches, full, lifetimes, due)

    async def _ledger(self, notes: list[str]) -> tuple[tuple[LedgerEntry, ...], Checked]:
        """Entries of every installation, oldest first, where the server tells them; else ours."""
        try:
            checked, held, copy = await self._audit.check()
        except FlagServerError as error:
            notes.append(f"Only the ledger of this machine was read: {error.fact}")
            copy = await to_thread.run_sync(self._store.copy)
            known = await to_thread.run_sync(self._store.verify)
            return copy.entries, Checked(
                here=len(copy.entries),
                on_server=None,
                writers=1,
                owed=len(copy.undelivered),
                problems=known,
            )
        there = {witness.entry.hash: witness.entry for witness in held if witness.entry}
        both = {entry.hash: entry for entry in copy.entries} | there
        return tuple(sorted(both.values(), key=lambda e: (e.at, e.writer, e.seq))), checked

    def _waivers(self, folders: Sequence[Path], notes: list[str]) -> tuple[Waiver, ...]:
        """Those of the user and their organisation, and of each repository where it may."""
        found: dict[Waiver, None] = {}
        for folder in folders or [Path()]:
            try:
                loaded = self._book.of_tree(folder).loaded["waivers"]
                found |= dict.fromkeys(loaded.policy.waivers)
            except FlagwrightError as error:
                notes.append(f"Waivers of {folder} were not read: {error.fact}")
        return tuple(found)
