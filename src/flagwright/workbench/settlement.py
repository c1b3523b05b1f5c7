"""Find out what became of an action whose process died: ask the server, look at the files."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from anyio import to_thread

from flagwright.adapters import workspace
from flagwright.adapters.git import git_dir_of
from flagwright.adapters.store import OpenIntent, Store
from flagwright.adapters.unleash import Unleash
from flagwright.core.records.entry import Outcome
from flagwright.core.records.flag import FlagSpec
from flagwright.core.records.plan import Plan, PlanState, Switch
from flagwright.core.strategy import Placement
from flagwright.errors import BadRequest, FlagUnknown, WriteInterrupted

INTERRUPTED = "interrupted"


@dataclass(frozen=True)
class Settled:
    """The outcome to record, and the state that the plan gets with it."""

    outcome: Outcome
    code: str | None = None
    plan: Plan | None = None
    plan_state: PlanState | None = None


async def what_became(opened: OpenIntent, store: Store, unleash: Unleash, locks: Path) -> Settled:
    """Judge by the world alone; raises where the world does not answer, to be asked again."""
    intent = opened.intent
    if opened.payload:
        done = await is_done(opened.payload, unleash)
        return Settled("done") if done else Settled("failed", INTERRUPTED)
    if intent.action in ("applied", "undone") and intent.plan:
        plan, state = await to_thread.run_sync(store.plan, intent.plan)
        if plan.switch:
            return await _switched(plan, plan.switch, state, store, unleash)
        if intent.action == "applied" and state == "approved":
            return await to_thread.run_sync(_applied, plan, store, locks)
        if intent.action == "undone" and state == "applied":
            return await to_thread.run_sync(_written, plan, "before", store, locks)
        await to_thread.run_sync(_forget, plan)
    return Settled("failed", INTERRUPTED)


def _forget(plan: Plan) -> None:
    root = Path(plan.root)
    workspace.forget(root, plan.edits, git_dir_of(root))


async def is_done(payload: Mapping[str, Any], unleash: Unleash) -> bool:
    """Whether the server is as an action wanted it: the flag is there, gone, or as switched."""
    try:
        if "spec" in payload:
            await unleash.state(FlagSpec.model_validate(payload["spec"]).name)
            return True
        detail = await unleash.detail(payload["flag"])
        if "after" not in payload:
            return detail.flag.archived
        after = Placement.model_validate(payload["after"])
        return detail.environment(payload["environment"]).is_as(after)
    except (FlagUnknown, BadRequest):
        return False


async def _switched(
    plan: Plan, switch: Switch, state: PlanState, store: Store, unleash: Unleash
) -> Settled:
    """Done where the server has the state that the plan leads to; nothing is changed here."""
    payload = {"flag": plan.flag, "environment": switch.environment}
    decision = await to_thread.run_sync(store.decision, plan.digest)
    done = await is_done({**payload, "after": switch.after.model_dump()}, unleash)
    if state == "approved" and decision and done:
        await to_thread.run_sync(store.claim_plan, plan.id, decision.nonce)
        return Settled("done", None, plan, "applied")
    return Settled("failed", INTERRUPTED, plan)


def _applied(plan: Plan, store: Store, locks: Path) -> Settled:
    """As `_written`, under the approval's one use: nobody else decides on the plan meanwhile.

    Where every file is written, the use stays taken until the plan is recorded as applied.
    """
    decision = store.decision(plan.digest)
    if decision is None:
        return Settled("failed", INTERRUPTED)
    store.claim_plan(plan.id, decision.nonce)
    is_applied = False
    try:
        settled = _written(plan, "after", store, locks)
        is_applied = settled.plan_state == "applied"
        return settled
    finally:
        if not is_applied:
            store.release_plan(plan.id, decision.nonce)


def _written(
    plan: Plan, finished: Literal["before", "after"], store: Store, locks: Path
) -> Settled:
    """Done where every file is written; else every file is put back as it was."""
    root = Path(plan.root)
    state: PlanState = "applied" if finished == "after" else "undone"
    back: Literal["before", "after"] = "before" if finished == "after" else "after"
    sides = workspace.sides_of(root, plan.edits)
    if root.is_dir() and "mixed" in sides.values():
        raise _torn(plan, sides)
    is_finished = set(sides.values()) == {finished}

    def image(sha256: str | None) -> bytes | None:
        return store.blob(sha256) if sha256 else None

    images = [(edit, image(edit.before_sha256), image(edit.after_sha256)) for edit in plan.edits]
    to, kept = finished if is_finished else back, store.rights(plan.digest)
    own = git_dir_of(root)
    workspace.settle(root, images, lock_dir=locks, to=to, git_dir=own, rights=kept)
    if is_finished:
        return Settled("done", None, plan, state)
    return Settled("failed", INTERRUPTED, plan)


def _torn(plan: Plan, sides: Mapping[str, workspace.State]) -> WriteInterrupted:
    """Say of each file where it stands; a person has to decide about those that are neither."""

    def named(side: workspace.State) -> str:
        return ", ".join(path for path, found in sides.items() if found == side) or "none"

    neither = named("mixed")
    return WriteInterrupted(
        f"Plan {plan.id} was interrupted while its files were written in {plan.root}, and "
        f"somebody edited a file since. As before: {named('before')}; as planned: "
        f"{named('after')}; neither: {neither}. Nothing was touched since.",
        next_step=f"Put {neither} back to either version (flagwright plans {plan.id} shows both) "
        f"and run this again; or keep the files as they are: flagwright reject {plan.id}",
        root=plan.root,
    )
