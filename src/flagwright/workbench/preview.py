"""Replay the past of repositories under an edit of the policies, before it is merged."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path

import anyio
from anyio import to_thread

from flagwright.adapters import worker
from flagwright.adapters.git import Git, History
from flagwright.core.demand import Server
from flagwright.core.policy.replay import (
    Examined,
    Judged,
    Judges,
    Preview,
    Replayed,
    examine,
    findings_key,
    moved_by,
    replay,
)
from flagwright.core.records import Assessment, Change
from flagwright.errors import CannotJudge, FlagwrightError
from flagwright.workbench.learn import placed
from flagwright.workbench.rules import Rules

TOGETHER = 8
"""Changes of one call of a worker."""
JUDGED_TOGETHER = 250
CALL_S = 60
Progress = Callable[[str, int, int], None]


async def preview(
    git: Git,
    folder: Path,
    before: Rules,
    after: Rules,
    *,
    since: datetime,
    newest: int,
    server: Server,
    progress: Progress,
) -> Preview:
    """Judge the newest changes of code of one repository under both sets of policies.

    Scores are placed among the repository's own changes of now. What was judged is kept, so
    that the next preview judges only what an edit can change.
    """
    with git.history(folder) as history:
        name = history.name
        head = await to_thread.run_sync(history.commit, "HEAD")
        await to_thread.run_sync(partial(history.read, head, partial(progress, f"{name}: reading")))
        oldest = int(since.timestamp())
        shas = [one for one in history.changes(head) if one[1] >= oldest][:newest]
        keys = [findings_key(rules.risk, rules.weights) for rules in (before, after)]
        first = await placed(history, head, before, None, partial(progress, f"{name}: placing"))
        if keys[0] == keys[1]:
            second = replace(after, weights=first.weights)
        else:
            told = partial(progress, f"{name}: placing again")
            second = await placed(history, head, after, None, told)
        names = [sha for sha, _ in shas]
        was = await _examined(history, names, keys[0], first, partial(progress, name))
        now = was
        if keys[0] != keys[1]:
            told = partial(progress, f"{name}: again")
            now = await _examined(history, names, keys[1], second, told)
        both = [sha for sha in names if sha in was and sha in now]
        judged = await _judged(
            [(was[sha], now[sha]) for sha in both],
            _judges(first, server),
            _judges(second, server),
            partial(progress, f"{name}: judging"),
        )
        rows = dict(zip(both, judged, strict=True))
        titles = await to_thread.run_sync(history.titles, list(rows))
    changes = tuple(
        Replayed(
            sha=sha,
            at=at,
            title=titles.get(sha, ""),
            before=rows[sha][0],
            after=rows[sha][1],
            moved_by=moved_by(*rows[sha]),
        )
        for sha, at in shas
        if sha in rows
    )
    return Preview(
        repository=name,
        since=oldest,
        until=head,
        before=before.digest,
        after=after.digest,
        changes=changes,
        unread=len(shas) - len(changes),
    )


def _judges(rules: Rules, server: Server) -> Judges:
    return Judges(
        rules.risk, rules.weights, rules.rules, rules.waivers.waivers, rules.approval, server
    )


async def _judged(
    examined: Sequence[tuple[Examined, Examined]],
    before: Judges,
    after: Judges,
    progress: Callable[[int, int], None],
) -> list[tuple[Judged, Judged]]:
    found: list[tuple[Judged, Judged]] = []
    for start in range(0, len(examined), JUDGED_TOGETHER):
        some = examined[start : start + JUDGED_TOGETHER]
        found += await worker.run(replay, some, before, after, timeout_s=CALL_S)
        progress(len(found), len(examined))
    return found


async def _examined(
    history: History,
    shas: Sequence[str],
    key: str,
    rules: Rules,
    progress: Callable[[int, int], None],
) -> dict[str, Examined]:
    """What the score finds of each change; what was found once is kept."""
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
