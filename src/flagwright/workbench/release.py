"""Look before a release whether every flag check that it adds is accounted for."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Literal, get_args

from anyio import to_thread

from flagwright.adapters import worker
from flagwright.adapters.git import Git, Repository
from flagwright.adapters.unleash import Unleash
from flagwright.core.change import read_change
from flagwright.core.demand import Case, Server
from flagwright.core.records.change import Change
from flagwright.core.records.decision import Tier
from flagwright.core.records.entry import LedgerEntry
from flagwright.core.records.score import Band
from flagwright.core.release import (
    AddedCheck,
    Judged,
    Merged,
    added_checks,
    credible,
    judge_flag,
    judge_unflagged,
)
from flagwright.core.risk.owners import Owners
from flagwright.core.unflagged import applied_here, unflagged
from flagwright.errors import FlagUnknown
from flagwright.workbench import judging
from flagwright.workbench.rulebook import RuleBook
from flagwright.workbench.rules import Rules

SEARCH_S = 60
"""Longest time to look for checks in what a range changes."""
EARLIER = timedelta(days=30)
"""How long before the oldest commit of a range a plan of it may have been applied."""


@dataclass(frozen=True)
class Released:
    """Every flag whose checks a range adds, by name."""

    flags: tuple[Judged, ...]
    files: int
    """How many files the range changes."""
    left_out: tuple[str, ...] = ()
    """What the repository's policies say and what does not count."""
    in_part: tuple[str, ...] = ()
    """Files that say so, and that the range does not touch."""


class Release:
    """The guard before a release; it changes and records nothing."""

    def __init__(self, git: Git, unleash: Unleash, *, book: RuleBook, server: Server) -> None:
        self._git, self._unleash = git, unleash
        self._book, self._server = book, server

    async def judge(self, path: Path, revisions: str) -> Released:
        """Judge a range `A..B` of a repository, by the ledger that the flag server holds.

        Raises:
            UnknownRevision: If a side names no commit of this clone.
        """
        repository = await to_thread.run_sync(self._git.open, path)
        change = await to_thread.run_sync(repository.change, revisions)
        rules = await to_thread.run_sync(self._book.load, repository, change)
        added = await worker.run(added_checks, change, rules.wrapping, timeout_s=SEARCH_S)
        by_flag: dict[str, list[AddedCheck]] = defaultdict(list)
        for check in added:
            by_flag[check.flag].append(check)
        flags = [
            await self._judged(by_flag[flag], change, rules, repository) for flag in sorted(by_flag)
        ]
        wrong = {one.flag: one for one in await self._unflagged(change, repository)}
        flags = [one for one in flags if one.flag not in wrong] + list(wrong.values())
        in_part = rules.not_mended_by(change)
        return Released(tuple(flags), len(change.files), rules.left_out, in_part)

    async def _unflagged(self, change: Change, repository: Repository) -> list[Judged]:
        """Flags of applied plans that the range has the change of, and not what they wrote.

        One that lives no more was given up, or is done with, wherever that was done.
        """
        changed = {file.path for file in change.files}
        oldest = await to_thread.run_sync(repository.oldest, change.base, change.head)
        if not changed or oldest is None:
            return []
        held = await self._unleash.events.witnesses(since=oldest - EARLIER)
        entries = [one.entry for one in held if one.entry]
        found = []
        for plan in applied_here(entries, repository.identity):
            paths = [one.path for one in plan.subject.written or ()]
            if changed.isdisjoint(paths):
                continue
            texts = await to_thread.run_sync(repository.versions, change.base, change.head, paths)
            files = unflagged(plan, texts)
            if files and await self._state(plan.subject.flag or "") == "living":
                missing = [path for path in files if texts[path].after is None]
                found.append(judge_unflagged(plan, files, missing))
        return found

    async def _judged(
        self, checks: list[AddedCheck], change: Change, rules: Rules, repository: Repository
    ) -> Judged:
        flag = checks[0].flag
        state = await self._state(flag)
        needed = None
        entries: list[LedgerEntry] = []
        if state == "living":
            needed = await self._needed(checks, change, rules, repository)
        if needed:
            entries = await self._entries(flag)
        return judge_flag(
            checks,
            state=state,
            needed=needed,
            entries=entries,
            repository=repository.identity,
            merged=await to_thread.run_sync(_merged, change, repository),
        )

    async def _state(self, flag: str) -> Literal["living", "archived", "unknown"]:
        try:
            return "archived" if (await self._unleash.detail(flag)).flag.archived else "living"
        except FlagUnknown:
            return "unknown"

    async def _needed(
        self, checks: list[AddedCheck], change: Change, rules: Rules, repository: Repository
    ) -> Tier | None:
        """Least tier of an approval, by the risk of the files that hold the checks."""
        limit = rules.approval.release_needs_plan_from
        if limit == "never":
            return None
        paths = {check.path for check in checks}
        files = [file for file in change.files if file.path in paths]
        part = read_change(change.base, change.head, files, owners=change.owners)
        band = (await judging.assess(part, rules, repository)).band
        if _rank(band) < _rank(limit):
            return None
        case = Case(band=band, server=self._server, paths=tuple(sorted(paths)))
        return rules.approval.demand(case).tier

    async def _entries(self, flag: str) -> list[LedgerEntry]:
        """What the server holds about a flag, on the flag itself and on the ledger flag."""
        held = [
            witness
            for name in (flag, self._unleash.ledger_flag)
            for witness in await self._unleash.events.witnesses(name)
        ]
        return credible(sorted(held, key=lambda w: w.event))


def _merged(change: Change, repository: Repository) -> Merged:
    owners = Owners(change.owners)
    return Merged(
        commits=repository.commits(change.base, change.head),
        owned=frozenset(file.path for file in change.files if owners.of(file.path)),
    )


def _rank(band: Band) -> int:
    return get_args(Band).index(band)
