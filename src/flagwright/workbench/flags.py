"""The steps that a flag itself takes on the flag server, and what is told of it."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path

from anyio import to_thread

from flagwright.adapters import worker
from flagwright.adapters.git import Git
from flagwright.adapters.store import Store
from flagwright.adapters.unleash import Unleash
from flagwright.core.flag import FlagDetail
from flagwright.core.naming import judge
from flagwright.core.place import Place
from flagwright.core.records import Actor, FlagSpec, FlagState, LedgerEntry
from flagwright.errors import CannotJudge
from flagwright.workbench.recorder import Recorder
from flagwright.workbench.rules import RuleBook

SEARCH_S = 20
"""Longest time to look through the Python files of a repository."""


@dataclass(frozen=True)
class Known:
    """Everything that is known of one flag."""

    detail: FlagDetail
    code: tuple[Place, ...] | None
    """Places in the Python files of the repository, checks first; none: it was not looked at."""
    elsewhere: tuple[str, ...]
    """Other files that name it."""
    entries: tuple[LedgerEntry, ...]
    """What was recorded about it, by anybody, newest first."""


class Flags:
    """The flags of one project."""

    def __init__(
        self,
        *,
        git: Git,
        store: Store,
        unleash: Unleash,
        recorder: Recorder,
        book: RuleBook,
        clock: Callable[[], datetime],
    ) -> None:
        self._git, self._store, self._unleash = git, store, unleash
        self._recorder, self._book, self._clock = recorder, book, clock

    async def create(self, spec: FlagSpec, *, actor: Actor) -> tuple[FlagState, bool]:
        """Create a flag, off everywhere, or return the equal one; true where it is new."""
        payload = {"spec": spec.model_dump(mode="json")}
        async with self._recorder.step("created", actor, flag=spec.name, payload=payload) as step:
            rules = await to_thread.run_sync(self._book.load)
            step.policy = rules.digest
            others: tuple[str, ...] = ()
            if rules.naming.near_duplicates == "refuse":
                held = await self._unleash.flags(archived=False)
                others = tuple(flag.name for flag in held)
            judge(spec, rules.naming, today=self._clock().date(), others=others)
            return await self._unleash.create(spec)

    async def one(self, name: str, repository: Path | None, *, entries: int) -> Known:
        """Everything about one flag; only looks, and records nothing.

        Args:
            repository: Where the code is searched; none: nowhere.
            entries: Most of what was recorded about it.

        Raises:
            FlagUnknown: If there is no such flag, not even an archived one.
        """
        detail = await self._unleash.detail(name)
        code, elsewhere = await self._in_code(name, repository) if repository else (None, ())
        held = await self._unleash.read_ledger(name, limit=entries)
        own = await to_thread.run_sync(partial(self._store.entries, flag=name, limit=entries))
        by_id = {entry.id: entry for entry in (*held, *own)}
        newest = sorted(by_id.values(), key=lambda entry: (entry.at, entry.seq), reverse=True)
        return Known(detail, code, elsewhere, tuple(newest[:entries]))

    async def _in_code(
        self, name: str, folder: Path
    ) -> tuple[tuple[Place, ...] | None, tuple[str, ...]]:
        """Where a repository has to do with a flag, in Python and in other files."""
        from flagwright.core.wrapping.where import places

        repository = await to_thread.run_sync(self._git.open, folder)
        policy = (await to_thread.run_sync(self._book.load, repository)).wrapping
        files = await to_thread.run_sync(repository.python_files)
        elsewhere = await to_thread.run_sync(repository.files_mentioning, name)
        with suppress(CannotJudge):
            found = await worker.run(places, files, name, policy, timeout_s=SEARCH_S)
            return found, elsewhere
        return None, elsewhere
