"""Score one change of a repository with what is known of its past, and read more of that."""

from contextlib import suppress
from functools import partial

from anyio import to_thread

from flagwright.adapters import worker
from flagwright.adapters.git import Repository
from flagwright.core.change import read_change
from flagwright.core.records.change import Change
from flagwright.core.records.score import Assessment
from flagwright.core.risk.past import Familiarity
from flagwright.core.risk.verdict import Judgement, beside, unasked
from flagwright.core.wrapping.behind import behind, is_marked
from flagwright.errors import CannotJudge, StoreBroken, UnknownRevision
from flagwright.workbench.batch import Progress, judged
from flagwright.workbench.rules import Rules

AT_ONCE_S = 0.3
"""A history that takes longer to read, in seconds, is not waited for: a score says so."""
BEHIND_S = 60
"""Longest time for finding out whether a change is wrapped already, in seconds: a gate waits."""


async def assess(
    change: Change,
    rules: Rules,
    repository: Repository | None,
    *,
    wait: bool = False,
    progress: Progress | None = None,
) -> Assessment:
    """Score a change with what is known of its past.

    Args:
        repository: Whose history counts; none: nothing is said of the past.
        wait: Whether to wait until it is read and its changes are placed.
        progress: Told of both.
    """
    past, told = None, dict[str, bool]()
    if repository and change.files:
        told["is_shallow"] = await to_thread.run_sync(lambda: repository.is_shallow)
        with suppress(StoreBroken):  # the score says that it knows no past
            seconds = None if wait else AT_ONCE_S
            looked = await _looked_back(change, rules, repository, seconds, progress)
            past, rules, told = looked[0], looked[1], told | looked[2]
    found = (await judged(change, rules, past)).model_copy(update=told)
    if repository and not found.is_shallow:
        others = await to_thread.run_sync(_learned_elsewhere, rules, repository)
        under_way = await to_thread.run_sync(repository.under_way, change)
        others += (f"{under_way[:1].upper()}{under_way[1:]}.",) if under_way else ()
        found = found.model_copy(update={"warnings": (*found.warnings, *others)})
    return await _behind(found, change, rules, repository, past)


def _learned_elsewhere(rules: Rules, repository: Repository) -> tuple[str, ...]:
    """That the weights were learned from another project: a commit of its past is not here."""
    learned = rules.weights.provenance
    if "commit" not in learned:
        return ()
    try:
        repository.named(str(learned["commit"]))
    except UnknownRevision:
        line, projects = rules.loaded["risk"].place("weights")[1], learned.get("projects", ())
        named = ", ".join(projects) if isinstance(projects, tuple) else projects
        return (
            f"{line} goes by what was learned from {named}, which this project is not: take the "
            "line out here, or learn from this one (flagwright risk fit).",
        )
    return ()


async def _behind(
    found: Assessment,
    change: Change,
    rules: Rules,
    repository: Repository | None,
    past: Familiarity | None,
) -> Assessment:
    """A score that knows what only wrapping can tell: that a change waits for a flag."""
    if found.verdict not in ("flag", "reuse", "not-needed") or not is_marked(change):
        return found
    modules = await to_thread.run_sync(repository.python_files) if repository else {}
    look = partial(behind, policy=rules.wrapping, modules=modules)
    with suppress(CannotJudge):  # it stays unknown
        if one := await worker.run(look, change, timeout_s=BEHIND_S):
            because = f"All of it waits for the flag {one.flag}, as wrapping it once more shows."
            because = because if one.is_asked else unasked((one.flag,))
            judgement = Judgement("already-flagged", because, (one.flag,))
            if one.apart:
                rest = read_change(change.base, change.head, one.apart, owners=change.owners)
                alone = await judged(rest, rules, past)
                paths = [file.path for file in one.apart]
                judgement = beside((one.flag,), paths, alone, rules.risk, asked=one.is_asked)
            told = {"because": judgement.because, "flags": judgement.flags}
            return found.model_copy(update={"verdict": judgement.verdict, **told})
    return found


async def look_back(repository: Repository, rules: Rules, progress: Progress) -> None:
    """Read the history up to the commit that is checked out, and score its newest changes."""
    from flagwright.workbench.learn import placed

    head = await to_thread.run_sync(repository.head)
    if head is None or repository.is_shallow:
        return
    most = 0

    def read(done: int, whole: int) -> None:
        nonlocal most
        most = max(most, whole)
        progress("Reading", most - whole + done, most)

    with repository.history() as history:
        read_on = partial(history.read, head, read, seconds=1)
        while not await to_thread.run_sync(read_on):
            pass
        await placed(history, head, rules, None, partial(progress, "Scoring"))


async def _looked_back(
    change: Change,
    rules: Rules,
    repository: Repository,
    seconds: float | None,
    progress: Progress | None,
) -> tuple[Familiarity | None, Rules, dict[str, bool]]:
    """What came before a change, the rules with the project's own scale, and what they lack."""
    from flagwright.workbench.learn import LEAST, placed

    with repository.history() as history:
        reading, scoring = (
            progress and partial(progress, title) for title in ("Reading", "Scoring")
        )
        look = partial(repository.familiarity, change, history, seconds=seconds, progress=reading)
        past = await to_thread.run_sync(look)
        if past is None:
            return (
                None,
                rules,
                {"is_first": await to_thread.run_sync(history.is_first, change.base)},
            )
        rules = await placed(history, change.base, rules, seconds, scoring)
        is_old = len(history.changes(change.base, LEAST)) == LEAST
        lacks = is_old and rules.weights.scale.of == "shipped"
        return past, rules, {"is_unplaced": lacks}
