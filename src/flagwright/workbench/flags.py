"""The steps that a flag itself takes on the flag server, and what is told of it."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Literal

import anyio
from anyio import to_thread

from flagwright.adapters import worker
from flagwright.adapters.git import Git, Repository
from flagwright.adapters.store import Store
from flagwright.adapters.unleash import Unleash
from flagwright.core.ending import holds
from flagwright.core.flag import FlagDetail
from flagwright.core.naming.judge import judge
from flagwright.core.place import Place
from flagwright.core.records.entry import Actor, LedgerEntry
from flagwright.core.records.flag import FlagSpec, FlagState, Made
from flagwright.core.rollout import meant_without_user
from flagwright.errors import (
    CannotJudge,
    FlagServerError,
    NameRefused,
    NotARepository,
)
from flagwright.workbench.lookup import look_up
from flagwright.workbench.recorder import UNCHANGED, Recorder
from flagwright.workbench.rulebook import RuleBook
from flagwright.workbench.rules import Rules

HELD = "still-used"
PATTERN_S = 1
"""Longest time that a refused name waits for the server's own pattern."""
SEARCH_S = 20
"""Longest time to look through the Python files of a repository."""


@dataclass(frozen=True)
class Known:
    """Everything that is known of one flag."""

    detail: FlagDetail
    code: tuple[Place, ...] | None
    """Places in the Python files of the repository, checks first; none: it was not looked at."""
    elsewhere: tuple[Place, ...]
    """Where other files first name it."""
    entries: tuple[LedgerEntry, ...]
    """What was recorded about it, by anybody, newest first."""
    for_nobody: tuple[Place, ...] = ()
    """Where the code asks for it without a user, if that makes a difference somewhere."""


@dataclass(frozen=True)
class Ended:
    """A flag that is archived, or what still holds it."""

    flag: str
    held: tuple[str, ...] = ()
    is_new: bool = True


class Flags:
    """The flags of one project."""

    def __init__(
        self,
        git: Git,
        store: Store,
        unleash: Unleash,
        recorder: Recorder,
        *,
        book: RuleBook,
        clock: Callable[[], datetime],
    ) -> None:
        self._git, self._store, self._unleash = git, store, unleash
        self._recorder, self._book, self._clock = recorder, book, clock

    async def create(
        self, spec: FlagSpec, repository: Path | None = None, *, actor: Actor
    ) -> tuple[FlagState, Made]:
        """Create a flag, off everywhere, or return the equal one, with the tags asked for.

        Args:
            repository: A folder whose repository may be stricter about names; none: nobody is.
        """
        payload = {"spec": spec.model_dump(mode="json")}
        async with self._recorder.step("created", actor, flag=spec.name, payload=payload) as step:
            rules = await to_thread.run_sync(self._rules, repository)
            step.policy = rules.digest
            others: tuple[str, ...] = ()
            if rules.naming.near_duplicates == "refuse":
                held = await self._unleash.flags(archived=False)
                others = tuple(flag.name for flag in held)
            judged = partial(
                judge, spec, rules.naming, today=self._clock().date(), others=others,
                place=rules.place_of_name,
            )  # fmt: skip
            try:
                judged()
                flag, made = await self._unleash.create(spec)
            except NameRefused:
                judged(pattern=await self._pattern(spec.project))
                raise
            step.code = UNCHANGED if made == "exists" else None
            return flag, made

    async def left_out(self, repository: Path | None) -> tuple[str, ...]:
        """What a repository says about names, or anything else, and what does not count."""
        return (await to_thread.run_sync(self._rules, repository)).left_out

    async def _pattern(self, project: str) -> str | None:
        """What the server wants names to match, so that a better one is not refused there."""
        with anyio.move_on_after(PATTERN_S), suppress(FlagServerError):
            return await self._unleash.naming_pattern(project)
        return None

    def _rules(self, folder: Path | None) -> Rules:
        """What counts in a folder, whether it is in a repository or not."""
        try:
            return self._book.load(self._git.open(folder) if folder else None)
        except NotARepository:
            return self._book.load()

    async def end(
        self, name: str, keep: Literal["on", "off"], repository: Path, *, actor: Actor
    ) -> Ended:
        """Complete and archive a flag that no code names and no application asks for any more.

        Raises:
            CannotJudge: If the code of the repository cannot be searched.
        """
        payload = {"flag": name}
        async with self._recorder.step("archived", actor, flag=name, payload=payload) as step:
            detail = await look_up(self._unleash, name)
            if detail.flag.archived:
                step.code = UNCHANGED
                return Ended(name, is_new=False)
            repo = await to_thread.run_sync(self._git.open, repository)
            step.subject = step.subject.model_copy(update={"repository": repo.identity})
            rules = await self._book.under(step, repo)
            code, elsewhere = await self._places(name, repo, rules)
            quiet = timedelta(hours=rules.rollout.quiet_hours)
            files = [p.path for p in elsewhere if not rules.wrapping.is_document(p.path)]
            last = () if code else await to_thread.run_sync(repo.committed_mentioning, name)
            plans = await to_thread.run_sync(self._open_plans, name)
            held = tuple(holds(detail, code, files, last, plans, quiet=quiet, now=self._clock()))
            if held:
                step.outcome, step.code = "refused", HELD
                return Ended(name, held)
            await self._unleash.end(detail, keep)
            return Ended(name)

    def _open_plans(self, flag: str) -> list[str]:
        """Plans of this installation that would put code behind a flag, if somebody says so."""
        now = self._clock()
        return [
            plan.id
            for plan, state in self._store.plans()
            if plan.flag == flag and plan.kind == "wrap" and now < plan.expires_at
            if state in ("proposed", "approved")
        ]

    async def one(self, name: str, repository: Path | None, *, entries: int) -> Known:
        """Everything about one flag; only looks, and records nothing.

        Args:
            repository: Where the code is searched; none: nowhere.
            entries: Most of what was recorded about it.

        Raises:
            FlagUnknown: If there is no such flag, not even an archived one.
        """
        detail = await look_up(self._unleash, name)
        code, elsewhere = await self._in_code(name, repository) if repository else (None, ())
        held = await self._unleash.events.read(name, limit=entries)
        own = await to_thread.run_sync(partial(self._store.entries, flag=name, limit=entries))
        by_id = {entry.id: entry for entry in (*held, *own)}
        newest = sorted(by_id.values(), key=lambda entry: (entry.at, entry.seq), reverse=True)
        counts = any(place.on and meant_without_user(place) for place in detail.environments)
        nobody = await self.asked_for_nobody(name, repository) if counts and code else ()
        return Known(detail, code, elsewhere, tuple(newest[:entries]), nobody)

    async def asked_for_nobody(self, name: str, folder: Path | None) -> tuple[Place, ...]:
        """Where the code of a folder asks for a flag without a user, as far as that shows."""
        from flagwright.core.wrapping.fornobody import asked_for_nobody

        if folder is None:
            return ()
        with suppress(NotARepository, CannotJudge):
            repo = await to_thread.run_sync(self._git.open, folder)
            rules = await to_thread.run_sync(self._book.load, repo)
            files = await to_thread.run_sync(repo.python_files)
            return await worker.run(
                asked_for_nobody, files, name, rules.wrapping, timeout_s=SEARCH_S
            )
        return ()

    async def _in_code(
        self, name: str, folder: Path
    ) -> tuple[tuple[Place, ...] | None, tuple[Place, ...]]:
        """The same; none for code that cannot be searched, or where there is no repository."""
        try:
            repo = await to_thread.run_sync(self._git.open, folder)
        except NotARepository:
            return None, ()
        rules = await to_thread.run_sync(self._book.load, repo)
        try:
            return await self._places(name, repo, rules)
        except CannotJudge:
            return None, await to_thread.run_sync(repo.files_mentioning, name)

    async def _places(
        self, name: str, repo: Repository, rules: Rules
    ) -> tuple[tuple[Place, ...], tuple[Place, ...]]:
        """Where a repository has to do with a flag, in Python and in other files."""
        from flagwright.core.wrapping.where import places

        files = await to_thread.run_sync(repo.python_files)
        elsewhere = await to_thread.run_sync(repo.files_mentioning, name)
        found = await worker.run(places, files, name, rules.wrapping, timeout_s=SEARCH_S)
        return found, elsewhere
