"""Look over the flags of a project: find, reuse before create, and what is due to go."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import anyio
from anyio import to_thread

from flagwright.adapters import worker
from flagwright.adapters.git import Git, Repository
from flagwright.adapters.unleash import Unleash
from flagwright.core.duplicates import Match, Spot, near_duplicates, spots
from flagwright.core.place import Place
from flagwright.core.records.entry import Actor
from flagwright.core.records.flag import FlagState
from flagwright.core.stale import Evidence, stale
from flagwright.core.wanted import Wanted
from flagwright.errors import FlagServerBusy, FlagwrightError, NotARepository
from flagwright.workbench.recorder import Recorder
from flagwright.workbench.rulebook import RuleBook

SEARCH_S, BESIDE_S = 30, 2
"""Longest time to look through a repository; the second where something else was asked for."""
SAME = "has this very name"
MOST_JUDGED = 200
"""Flags that the server is asked about one by one: since when each is on for everybody."""


@dataclass(frozen=True)
class Found:
    """Flags that matched, best first, with the reasons, and how many there are in all."""

    matches: tuple[Match, ...]
    total: int
    projects: tuple[str, ...] = ()
    environments: tuple[str, ...] = ()
    """Told where everything was asked for."""
    unjudged: int = 0
    """Flags that are on everywhere and too many to find out since when; the youngest."""


class Search:
    """Everything that looks at many flags; it changes none."""

    def __init__(
        self,
        git: Git,
        unleash: Unleash,
        recorder: Recorder,
        *,
        book: RuleBook,
        clock: Callable[[], datetime],
    ) -> None:
        self._git, self._unleash, self._recorder = git, unleash, recorder
        self._book, self._clock = book, clock

    async def find(
        self, wanted: Wanted, repository: Path | None, *, limit: int = 20, actor: Actor
    ) -> Found:
        """Flags of the project that match; `like` and `stale` look into the repository, too."""
        async with self._recorder.step("found", actor):
            if wanted.state == "stale":
                return await self._stale(wanted, repository, limit)
            flags = await self.held(archived=wanted.state == "archived")
        if wanted.like:
            own = [flag for flag in flags if flag.name == wanted.like]
            matches = tuple(Match(flag=flag, why=(SAME,), likeness=100) for flag in own)
            matches += await self.duplicates(wanted.like, wanted.description, flags, repository)
        else:
            matches = tuple(Match(flag=flag, why=(), likeness=0) for flag in flags)
        matches = tuple(match for match in matches if wanted.matches(match.flag))
        if wanted != Wanted():
            return Found(matches[:limit], len(matches))
        return Found(
            matches[:limit],
            len(matches),
            await self._unleash.survey.projects(),
            await self._unleash.survey.environments(),
        )

    async def duplicates(
        self,
        name: str,
        description: str,
        flags: Sequence[FlagState] | None,
        repository: Path | None,
        seconds: float = SEARCH_S,
    ) -> tuple[Match, ...]:
        """Flags that a new one would repeat, likeliest first.

        Args:
            seconds: Longest time to look into the repository.
        """
        flags = flags if flags is not None else await self.held()
        rules = await to_thread.run_sync(self._book.load)
        checks: dict[str, tuple[Place, ...]] = {}
        changed: tuple[Spot, ...] = ()
        if repository:
            # Where there is no repository, no change or no time, names are compared.
            with suppress(FlagwrightError), anyio.move_on_after(seconds):
                repo = await to_thread.run_sync(self._git.open, repository)
                changed = spots(await to_thread.run_sync(repo.change))
                checks = await self.checks(repo)
        return near_duplicates(
            name, description, flags, rules.naming, checks=checks, changed=changed
        )

    async def beside(self, flag: FlagState, repository: Path | None) -> tuple[Match, ...]:
        """Flags that one which was just made may repeat; none where that cannot be found out."""
        with suppress(FlagwrightError):
            return await self.duplicates(
                flag.name, flag.description, None, repository, seconds=BESIDE_S
            )
        return ()

    async def _stale(self, wanted: Wanted, repository: Path | None, limit: int) -> Found:
        from flagwright.core.wrapping.where import named

        flags, asked = await self.held(), await self._unleash.survey.unknown()
        checks, words = None, frozenset[str]()
        if repo := await self._repository(repository):
            checks = await self.checks(repo)
            files = await to_thread.run_sync(repo.python_files)
            names = [*(flag.name for flag in flags), *asked]
            words = await worker.run(named, files, names, timeout_s=SEARCH_S)
        archived: set[str] | None = set()
        if (checks or {}).keys() - {flag.name for flag in flags}:
            archived = await self._archived()
        everywhere = [f for f in flags if f.environments and all(f.environments.values())]
        everywhere.sort(key=lambda flag: str(flag.created_at))
        evidence = Evidence(
            lifetimes=await self._unleash.survey.lifetimes(),
            full_since=await self._unleash.survey.full_since(
                f.name for f in everywhere[:MOST_JUDGED]
            ),
            checks=checks,
            asked=asked,
            named=words,
        )
        rules = await to_thread.run_sync(self._book.load)
        found = stale(
            flags, archived, evidence, rules.rollout, self._unleash.project, now=self._clock()
        )
        found = tuple(match for match in found if wanted.matches(match.flag))
        return Found(
            found[:limit], len(found), unjudged=len(everywhere) - len(everywhere[:MOST_JUDGED])
        )

    async def _repository(self, folder: Path | None) -> Repository | None:
        """The repository around a folder, if there is one."""
        try:
            return await to_thread.run_sync(self._git.open, folder) if folder else None
        except NotARepository:
            return None

    async def _archived(self) -> set[str] | None:
        """Names of the archived flags; none where the server has been asked too often."""
        try:
            return {flag.name for flag in await self._unleash.flags(archived=True)}
        except FlagServerBusy:
            return None

    async def held(self, *, archived: bool = False) -> tuple[FlagState, ...]:
        """The flags of the project, but for the one of the ledger."""
        held = await self._unleash.flags(archived=archived)
        return tuple(flag for flag in held if flag.name != self._unleash.ledger_flag)

    async def checks(self, repo: Repository) -> dict[str, tuple[Place, ...]]:
        """Where the code of a repository asks for each flag; tests do not count."""
        from flagwright.core.wrapping.where import all_checks

        rules = await to_thread.run_sync(self._book.load, repo)
        files = await to_thread.run_sync(repo.python_files)
        code = {path: text for path, text in files.items() if not rules.wrapping.is_test(path)}
        return await worker.run(all_checks, code, rules.wrapping, timeout_s=SEARCH_S)
