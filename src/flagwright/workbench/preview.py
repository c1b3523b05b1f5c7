"""Replay the past of repositories under an edit of the policies, before it is merged."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import NamedTuple

import anyio
from anyio import to_thread

from flagwright.adapters import worker
from flagwright.adapters.git import Git, History
from flagwright.core.demand import Server
from flagwright.core.policy.movement import moved_by
from flagwright.core.policy.names import refused, wrapped
from flagwright.core.policy.recorded import Known, replay_recorded
from flagwright.core.policy.replay import (
    Examined,
    Judged,
    Judges,
    Preview,
    Replayed,
    examine,
    findings_key,
    replay,
)
from flagwright.core.records.change import Change
from flagwright.core.records.entry import LedgerEntry
from flagwright.core.records.score import Assessment
from flagwright.core.risk.scale import Scale
from flagwright.errors import CannotJudge, FlagwrightError
from flagwright.workbench.batch import Progress
from flagwright.workbench.instead import AS_IT_IS, Instead
from flagwright.workbench.learn import placed
from flagwright.workbench.rules import Rules
from flagwright.workbench.sectioned import Sectioned, Touched

TOGETHER = 8
"""Changes of one call of a worker."""
JUDGED_TOGETHER = 250
CALL_S = 60
Moved = Callable[[int, int], None]


class Look(NamedTuple):
    """Which past is looked at, and under which edit."""

    since: datetime
    """Of the oldest change."""
    newest: int
    """Most changes of each repository."""
    against: str | None = None
    """The revision or digest whose policies are compared with; none: HEAD."""
    instead: Instead = AS_IT_IS
    """Folders of policies that are tried on the edited side."""


async def preview(
    git: Git,
    folder: Path,
    sides: tuple[Sectioned, Sectioned],
    look: Look,
    *,
    server: Server,
    entries: Sequence[LedgerEntry],
    known: Known,
    progress: Progress,
) -> Preview:
    """Judge the newest changes of code of one repository under both sets of policies.

    Scores are placed among the repository's own changes of now. What was judged is kept, so
    that the next preview judges only what an edit can change.

    Args:
        entries: What the ledger of this installation holds of the same time, oldest first.
    """
    with git.history(folder) as history:
        told = partial(_told, progress, history.name)
        head = await to_thread.run_sync(history.commit, "HEAD")
        await to_thread.run_sync(partial(history.read, head, told("reading")))
        oldest = int(look.since.timestamp())
        shas = [one for one in history.changes(head) if one[1] >= oldest][: look.newest]
        names = [sha for sha, _ in shas]
        pairs, paths = await _both(history, head, names, sides, server, told)
        titles = await to_thread.run_sync(history.titles, list(pairs))
    changes = tuple(
        _replayed(sha, at, titles.get(sha, ""), *pairs[sha]) for sha, at in shas if sha in pairs
    )

    def by(change: Change) -> tuple[Judges, Judges]:
        return sides[0].recorded(change, server), sides[1].recorded(change, server)

    return Preview(
        repository=history.name,
        since=oldest,
        until=head,
        before=sides[0].whole.digest,
        after=sides[1].whole.digest,
        changes=changes,
        unread=len(shas) - len(changes),
        recorded=await to_thread.run_sync(replay_recorded, entries, known, by),
        refused=refused(entries, (sides[0].whole.naming, sides[1].whole.naming)),
        wrapped=wrapped(paths, (sides[0].whole.wrapping, sides[1].whole.wrapping)),
    )


def _replayed(sha: str, at: int, title: str, was: Judged, now: Judged) -> Replayed:
    moved = moved_by(was, now)
    return Replayed(sha=sha, at=at, title=title, before=was, after=now, moved_by=moved)


def _told(progress: Progress, name: str, what: str) -> Moved:
    return partial(progress, f"{name}: {what}")


async def _both(
    history: History,
    head: str,
    shas: Sequence[str],
    sides: tuple[Sectioned, Sectioned],
    server: Server,
    told: Callable[[str], Moved],
) -> tuple[dict[str, tuple[Judged, Judged]], set[str]]:
    """What both sets of policies say of each change that could be read, and the files of all.

    What findings depend on is looked at once, however many sides and sections it holds for.
    """
    scales: dict[str, Scale] = {}

    async def place(rules: Rules) -> Rules:
        key = findings_key(rules.risk, rules.weights)
        if key not in scales:
            scales[key] = (await placed(history, head, rules, None, told("placing"))).weights.scale
        return replace(rules, weights=rules.weights.model_copy(update={"scale": scales[key]}))

    was, now = [await _looked_at(history, shas, side, place, told) for side in sides]
    groups: dict[tuple[Touched, Touched], list[str]] = {}
    for sha in shas:
        if sha in was and sha in now:
            groups.setdefault((was[sha][1], now[sha][1]), []).append(sha)
    judged: dict[str, tuple[Judged, Judged]] = {}
    for touched, some in groups.items():
        before, after = (side.judges(met, server) for side, met in zip(sides, touched, strict=True))
        examined = [(was[sha][0], now[sha][0]) for sha in some]
        found = await _judged(examined, before, after, told("judging"))
        judged |= zip(some, found, strict=True)
    return judged, {file.path for one, _ in was.values() for file in one.change.files}


async def _looked_at(
    history: History,
    shas: Sequence[str],
    side: Sectioned,
    place: Callable[[Rules], Awaitable[Rules]],
    told: Callable[[str], Moved],
) -> dict[str, tuple[Examined, Touched]]:
    """What one set of policies finds of each change, and which of its sections that touches."""
    await side.place(place)
    whole = side.whole
    found = await _examined(history, shas, whole, told("looking"))

    def group() -> dict[Touched, list[str]]:
        groups: dict[Touched, list[str]] = {}
        for sha, one in found.items():
            groups.setdefault(side.touched(one.change), []).append(sha)
        return groups

    groups = await to_thread.run_sync(group)
    await side.place(place)
    looked: dict[str, tuple[Examined, Touched]] = {}
    for touched, some in groups.items():
        here = await _examined(history, some, side.rules(touched), told("looking again"))
        looked |= {sha: (one, touched) for sha, one in here.items()}
    return looked


async def _judged(
    examined: Sequence[tuple[Examined, Examined]], before: Judges, after: Judges, progress: Moved
) -> list[tuple[Judged, Judged]]:
    found: list[tuple[Judged, Judged]] = []
    for start in range(0, len(examined), JUDGED_TOGETHER):
        some = examined[start : start + JUDGED_TOGETHER]
        found += await worker.run(replay, some, before, after, timeout_s=CALL_S)
        progress(len(found), len(examined))
    return found


async def _examined(
    history: History, shas: Sequence[str], rules: Rules, progress: Moved
) -> dict[str, Examined]:
    """What the score finds of each change; what was found once is kept."""
    key = findings_key(rules.risk, rules.weights)
    kept = await to_thread.run_sync(history.rows, key)
    missing = [sha for sha in shas if sha not in kept]
    done = len(shas) - len(missing)

    async def look(some: Sequence[str]) -> None:
        nonlocal done
        for sha, found in (await _together(history, some, rules)).items():
            kept[sha] = f"{found.scored.model_dump_json()}\n{found.change.model_dump_json()}"
        done += len(some)
        progress(done, len(shas))

    for start in range(0, len(missing), 4 * TOGETHER):
        async with anyio.create_task_group() as tasks:
            for place in range(start, min(start + 4 * TOGETHER, len(missing)), TOGETHER):
                tasks.start_soon(look, missing[place : place + TOGETHER])
    if missing:
        await to_thread.run_sync(history.keep_rows, key, kept)
    return {sha: _read(kept[sha]) for sha in shas if sha in kept}


def _read(row: str) -> Examined:
    scored, _, change = row.partition("\n")
    return Examined(Assessment.model_validate_json(scored), Change.model_validate_json(change))


async def _together(history: History, shas: Sequence[str], rules: Rules) -> dict[str, Examined]:
    """Look at some changes in one call; where that fails, at each by itself."""
    read = {}
    for sha in shas:
        try:
            read[sha] = await to_thread.run_sync(history.committed, sha)
        except FlagwrightError:
            continue
    try:
        found = await worker.run(
            examine, list(read.values()), rules.risk, rules.weights, timeout_s=CALL_S
        )
    except CannotJudge:
        if len(shas) == 1:
            return {}
        alone = [await _together(history, [sha], rules) for sha in read]
        return {sha: row for one in alone for sha, row in one.items()}
    return dict(zip(read, found, strict=True))
