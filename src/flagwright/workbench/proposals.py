"""Make plans: wrap a change, retire a flag. No file is written here."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from anyio import to_thread

from flagwright.adapters import worker, workspace
from flagwright.adapters.git import Repository
from flagwright.core.change import read_change
from flagwright.core.demand import Demand
from flagwright.core.proposal import propose
from flagwright.core.record import sha256
from flagwright.core.records.change import Change, FileChange
from flagwright.core.records.flag import FlagState
from flagwright.core.records.plan import Convention, Plan, Segment
from flagwright.core.records.score import Assessment
from flagwright.core.wrapping.keeper import clients_of
from flagwright.errors import CannotWrap, PlanStale, PlanUncommitted, RuleBlocks
from flagwright.workbench.conventions import Chosen, asked, completed, convention_for
from flagwright.workbench.moved import names_in_texts
from flagwright.workbench.retiring import left_behind, shipped, turned
from flagwright.workbench.rules import Rules

if TYPE_CHECKING:
    from flagwright.core.wrapping.wrapped import Wrapped


DRAWS_LOTS = (
    "it asks without a user: a rollout to a share of them draws lots at each question, and what "
    "goes by a field of the user lets in nobody. Switch it for all at once, or ask for somebody"
)
REWRITE_S = 60
"""Longest time for the whole change, in seconds."""
Judge = Callable[[Change], Awaitable[Assessment]]
"""Scores a change under the same rules, and keeps that score."""


@dataclass(frozen=True)
class Proposal:
    """A plan with the bytes it leaves, or none where no file needs an edit."""

    plan: Plan | None
    blobs: Mapping[str, bytes]
    coverage: tuple[Segment, ...]
    notes: tuple[str, ...]
    assessment: Assessment
    demand: Demand | None = None
    """What an approval of the plan needs, once it is kept."""


async def wrap(
    repository: Repository,
    change: Change,
    flag: str,
    rules: Rules,
    judge: Judge,
    *,
    given: Convention | None,
    context: str,
    by: str,
    at: datetime,
) -> Proposal:
    """Put a change behind a flag, in the guarded worker, with its proof.

    Args:
        given: How to ask for the flag; none: the policy or the repository says.
        context: For whom, as an expression; empty: as the convention says.

    Raises:
        CannotWrap: If some of the change has no flagged form.
        PlanStale: If the work tree does not hold the after-side.
        BadRequest: If the repository shows no way to ask for a flag, and cannot get one.
    """
    from flagwright.core.wrapping.dropped import with_dropped
    from flagwright.core.wrapping.fornobody import is_for_nobody
    from flagwright.core.wrapping.given import for_whom, require_question
    from flagwright.core.wrapping.plan import wrap_change

    await to_thread.run_sync(_require_after_side, repository.root, change)
    modules = await to_thread.run_sync(repository.python_files)
    if given is None:
        naming = partial(_naming, repository)
        chosen = await convention_for(change, modules, rules.wrapping, naming)
    else:
        chosen = Chosen(given, notes=(asked(for_whom(require_question(given), context)),))
    convention = for_whom(chosen.convention, context)
    near = {} if context else {path: for_whom(way, "") for path, way in chosen.near.items()}
    assessment = await judge(change)
    _refuse_blocked(assessment)
    _refuse_irreversible(assessment)
    rewrite = partial(
        wrap_change,
        flag=flag,
        convention=convention,
        policy=rules.wrapping,
        modules=modules,
        near=near,
    )
    try:
        wrapped = await worker.run(rewrite, change, timeout_s=REWRITE_S)
    except CannotWrap as error:
        if error.category == "convention":
            error.advise(f"Now it {asked(convention)}.")
        raise
    moved = await names_in_texts(wrapped, repository, modules, rules.wrapping)
    looks = (repository.under_way, repository.beside)
    said = filter(None, [await to_thread.run_sync(look, change) for look in looks])
    notes = (*with_dropped(change, wrapped.files, wrapped.notes), *moved, *said)
    wrapped = completed(wrapped.model_copy(update={"notes": notes}), chosen)
    if "guarded" in {s.treatment for s in wrapped.coverage} and is_for_nobody(convention, modules):
        wrapped = wrapped.model_copy(update={"notes": (*wrapped.notes, DRAWS_LOTS)})
    return _proposal(
        wrapped, repository, flag, rules, assessment, "wrap", None, convention, by, at,
        how=chosen.notes,
    )  # fmt: skip


async def _naming(repository: Repository, package: str) -> tuple[str, ...]:
    places = await to_thread.run_sync(repository.files_mentioning, package)
    return tuple(place.path for place in places)


def require_committed(applied: Iterable[Plan], change: Change, flag: str) -> None:
    """Let nobody wrap what another plan has just wrapped, as if both were one change.

    Raises:
        PlanUncommitted: If a plan for another flag wrote a file, and no commit has that yet.
    """
    changed = {file.path: file for file in change.files}
    for plan in applied:
        if plan.kind != "wrap" or plan.flag == flag:
            continue
        name = plan.flag.encode()
        for file in (changed[edit.path] for edit in plan.edits if edit.path in changed):
            if name in (file.after or b"") and name not in (file.before or b""):
                raise PlanUncommitted(
                    f"{file.path} holds plan {plan.id}, which is applied and not committed: its "
                    f"flag {plan.flag} would stand inside {flag}.",
                    next_step=f"Commit it first, or take it back: flagwright undo {plan.id}",
                )


async def retire(
    repository: Repository,
    flag: str,
    keep: Literal["on", "off"],
    rules: Rules,
    judge: Judge,
    *,
    state: FlagState | None,
    applied: Iterable[Plan],
    by: str,
    at: datetime,
) -> Proposal:
    """Take a flag out of every Python file of the repository that names it.

    Args:
        state: Where it is on; none where the server did not say.
        applied: Plans that were applied here.
    """
    from flagwright.core.wrapping.remaining import place
    from flagwright.core.wrapping.retire import retire_files

    files = await to_thread.run_sync(repository.python_files)
    own = [plan for plan in applied if plan.flag == flag]
    ways = tuple(plan.convention for plan in own if plan.convention)
    rewrite = partial(retire_files, flag=flag, on=keep == "on", policy=rules.wrapping, ways=ways)
    wrapped = await worker.run(rewrite, files, timeout_s=REWRITE_S)
    edited = (
        FileChange(
            path=file.path,
            kind="deleted" if file.text is None else "modified",
            before=file.before,
            after=file.text,
            mode=file.mode,
        )
        for file in wrapped.files
    )
    base = await to_thread.run_sync(repository.head) or "worktree"
    assessment = await judge(read_change(base, "worktree", edited))
    _refuse_blocked(assessment)
    elsewhere = await to_thread.run_sync(repository.files_mentioning, flag)
    others = (place(p.path, p.line, "left", "no Python: change it by hand") for p in elsewhere)
    coverage = (*wrapped.coverage, *others)
    stays = shipped(own) if keep == "off" else ()
    asks = clients_of(files, flag, rules.wrapping.known_checks, rules.wrapping.is_test)
    turns = turned(state, keep, asks)
    notes = (*wrapped.notes, *stays, *turns, *left_behind(files, wrapped))
    return _proposal(
        wrapped.model_copy(update={"coverage": coverage, "notes": notes}),
        repository, flag, rules, assessment, "retire", keep, None, by, at,
    )  # fmt: skip


def _proposal(
    wrapped: "Wrapped",
    repository: Repository,
    flag: str,
    rules: Rules,
    assessment: Assessment,
    kind: Literal["wrap", "retire"],
    keep: Literal["on", "off"] | None,
    convention: Convention | None,
    by: str,
    at: datetime,
    how: tuple[str, ...] = (),
) -> Proposal:
    """The plan with every note that is not about how it asks, which the code shows."""
    plan = None
    if wrapped.files:
        told = tuple(note for note in wrapped.notes if note not in how)
        plan = propose(
            wrapped.model_copy(update={"notes": told}),
            kind=kind,
            flag=flag,
            keep=keep,
            root=str(repository.root),
            convention=convention,
            assessment=assessment,
            policy_digest=rules.digest,
            proposed_by=by,
            at=at,
            lifetime=timedelta(hours=rules.approval.plan_lifetime_h),
        )
    blobs = {
        sha256(content): content
        for file in wrapped.files
        for content in (file.before, file.text)
        if content is not None
    }
    notes = (*rules.left_out, *wrapped.notes)
    return Proposal(plan, blobs, wrapped.coverage, notes, assessment)


def _refuse_blocked(assessment: Assessment) -> None:
    for hit in assessment.rules:
        if hit.severity == "block" and hit.bites:
            raise RuleBlocks(
                hit.rule, hit.title, hit.reason, hit.owner, hit.path, hit.line,
                waivable=hit.waivable,
            )  # fmt: skip


def _refuse_irreversible(assessment: Assessment) -> None:
    from flagwright.core.wrapping.refusal import refuse

    for finding in assessment.findings:
        if finding.rule == "data_migration.reader":
            because = "it names what a migration of the same change takes away"
            raise refuse(finding.line or 1, "irreversible", because, path=finding.path or "")


def _require_after_side(root: Path, change: Change) -> None:
    """The plan edits the work tree, so the work tree must hold what was wrapped."""
    for file in change.files:
        if file.unreadable or file.mode in ("120000", "160000"):
            continue
        if workspace.read(root, file.path) != file.after:
            raise PlanStale(
                f"{file.path} in the work tree is not the after-side of this change.",
                next_step="Check out the newest commit of the range, without other changes, "
                "or leave the revision out to wrap the work tree itself.",
            )
