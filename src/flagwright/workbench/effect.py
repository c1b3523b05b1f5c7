"""Carry a plan out, or back: write its files or switch its flag, under the approval's one use.

What was done and could not be recorded is taken back, so that no effect goes unrecorded.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Literal

import anyio
from anyio import to_thread

from flagwright.adapters import workspace
from flagwright.adapters.git import git_dir_of
from flagwright.adapters.store import Store
from flagwright.adapters.unleash import Unleash
from flagwright.core.records.decision import Decision
from flagwright.core.records.entry import Actor
from flagwright.core.records.plan import Plan
from flagwright.errors import FlagwrightError, StoreBroken
from flagwright.workbench.lookup import require_living
from flagwright.workbench.recorder import WRITING, Recorder, Step
from flagwright.workbench.switching import Switching


class Effect:
    """What the plans of one installation do to the world."""

    def __init__(
        self,
        store: Store,
        unleash: Unleash,
        recorder: Recorder,
        switching: Switching,
        *,
        locks: Path,
    ) -> None:
        self._store, self._unleash, self._recorder = store, unleash, recorder
        self._switching, self._locks = switching, locks

    async def use(self, plan: Plan, decision: Decision) -> None:
        """Take the one use of an approval and act; give it back where that failed.

        Raises:
            FlagUnknown: If the code would ask for a flag that is archived by now.
        """
        if plan.kind == "wrap":
            await require_living(self._unleash, plan.flag)
        with anyio.CancelScope(shield=True):
            await to_thread.run_sync(self._store.claim_plan, plan.id, decision.nonce)
            try:
                if plan.switch:
                    await self._switching.carry_out(plan.flag, plan.switch)
                else:
                    await to_thread.run_sync(self._write, plan, "after")
            except FlagwrightError:
                await to_thread.run_sync(self._store.release_plan, plan.id, decision.nonce)
                raise

    async def take_back(self, plan: Plan) -> None:
        """Put back what was before, where the world is still as the plan left it."""
        if plan.switch:
            await self._switching.take_back(plan.flag, plan.switch)
        else:
            await to_thread.run_sync(self._write, plan, "before")

    @asynccontextmanager
    async def recorded(
        self, action: Literal["applied", "undone"], plan: Plan, actor: Actor
    ) -> AsyncIterator[Step]:
        """A step that writes files, which are put back where it cannot be recorded."""
        step: Step | None = None
        try:
            async with self._recorder.step(action, actor, plan=plan) as step:
                await self._require_settled(plan)
                yield step
        except StoreBroken as error:
            if step is None or step.plan_state is None:
                raise
            with anyio.CancelScope(shield=True):
                await to_thread.run_sync(
                    self._put_back, plan, "before" if action == "applied" else "after", error
                )
            raise

    def _put_back(self, plan: Plan, side: Literal["before", "after"], error: StoreBroken) -> None:
        """Make it true that nothing was done; raises where that is impossible."""
        if plan.switch:
            raise StoreBroken(
                f"Plan {plan.id} has switched {plan.flag}, but that is not recorded: {error.fact}",
                next_step=f"{error.next_step} What became of it is recorded at the next start.",
            ) from error
        try:
            self._write(plan, side)
            if decision := self._store.decision(plan.digest):
                self._store.release_plan(plan.id, decision.nonce)
        except FlagwrightError as second:
            raise StoreBroken(
                f"The files of plan {plan.id} are written, but that is not recorded: {error.fact}",
                next_step=f"{error.next_step} What became of it is recorded at the next start.",
            ) from second

    async def _require_settled(self, plan: Plan) -> None:
        """Refuse to write to a tree in which an earlier write stands half done."""
        for torn in await self._recorder.settle_open(self._locks, WRITING):
            if torn.root == plan.root:
                raise torn

    def _write(self, plan: Plan, side: Literal["before", "after"]) -> None:
        edits = plan.edits if side == "after" else [workspace.reverse(e) for e in plan.edits]
        images = [
            (edit, self._store.blob(edit.after_sha256) if edit.after_sha256 else None)
            for edit in edits
        ]
        root = Path(plan.root)
        if side == "after" and (found := workspace.rights(root, plan.edits)):
            self._store.keep_rights(plan.digest, found)
        kept = self._store.rights(plan.digest)
        own = git_dir_of(root)
        workspace.write_all(root, images, lock_dir=self._locks, git_dir=own, rights=kept)
