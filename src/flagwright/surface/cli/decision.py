"""What becomes of a plan: show, approve, reject, apply, undo."""

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from flagwright.surface import answers
from flagwright.surface.cli import group
from flagwright.surface.cli import run as go

if TYPE_CHECKING:
    from flagwright.workbench.bench import Workbench


@group.cli.command()
@click.argument("plan_id", metavar="[PLAN]", required=False)
@group.as_json
def plans(plan_id: str | None) -> None:
    """List the plans of this installation, newest first, or show one PLAN whole."""
    from flagwright.surface.cli import show
    from flagwright.surface.cli.show_plan import review

    async def work(bench: "Workbench") -> answers.PlansAnswer:
        rows = [await bench.plans.one(plan_id)] if plan_id else await bench.plans.all()
        if plan_id and not go.is_json():
            review(rows[0][0], show.console(), bench.review.masks)
        return answers.listed(rows, bench.words("terminal"))

    go.answer(go.run(work), show.plans)


@group.cli.command()
@group.plan
@click.option("--attest", is_flag=True, help="As another person, signed in to Unleash.")
@click.option("--apply", "also", is_flag=True, help="Then write its files, or switch, at once.")
@group.note
@group.as_json
def approve(plan_id: str, note: str, *, attest: bool, also: bool) -> None:
    """Review a PLAN in this terminal and approve it by typing the code shown there."""
    from flagwright.surface.cli import show
    from flagwright.surface.terminal import approve_in_terminal, attest_in_terminal

    ask = attest_in_terminal if attest else approve_in_terminal

    async def work(bench: "Workbench") -> answers.DecisionAnswer | answers.ApplyAnswer:
        plan, decision = await ask(bench, plan_id, note=note)
        words = bench.words("terminal")
        if not also:
            return answers.decided(plan, decision, words)
        done = await bench.plans.apply(plan.id, actor=go.actor())
        left = await bench.handover.unstaged(plan) if done.status == "applied" else None
        return answers.applied(done.plan, done.status, words, demand=done.demand, unstaged=left)

    value = go.run(work)
    if isinstance(value, answers.ApplyAnswer):
        go.answer(value, show.applied)
    else:
        go.answer(value, show.decision)


@group.cli.command()
@group.plan
@group.note
@group.as_json
def reject(plan_id: str, note: str) -> None:
    """Reject a PLAN: it can never be applied."""
    from flagwright.surface.cli import show

    async def work(bench: "Workbench") -> answers.DecisionAnswer:
        plan, _ = await bench.plans.one(plan_id)
        decision = await bench.plans.decide(
            plan.id, "rejected", tier=None, note=note, actor=go.actor()
        )
        return answers.decided(plan, decision, bench.words("terminal"))

    go.answer(go.run(work), show.decision)


@group.cli.command()
@group.plan
@click.option("--stage", is_flag=True, help="Stage the files in git's index, too.")
@click.option("--branch", metavar="NAME", help="Commit them on a new branch and check it out.")
@group.measure
@group.as_json
def apply(plan_id: str, branch: str | None, *, stage: bool, measure: bool) -> None:
    """Write the files of an approved PLAN, all or none, or switch as it says. Nothing is pushed."""
    from flagwright.surface.cli import show

    async def work(bench: "Workbench") -> answers.ApplyAnswer:
        handed, seen = None, None
        switch = (await bench.plans.one(plan_id))[0].switch if measure else None
        if switch:
            bench.switching.require_measure(switch.environment, wanted=True)
        asked_at = time.monotonic()
        if stage or branch:
            plan, _ = await bench.plans.one(plan_id)
            result, handed = await bench.handover.apply(
                plan_id, answers.prove_in_words(plan), stage=stage, branch=branch, actor=go.actor()
            )
        else:
            result = await bench.plans.apply(plan_id, actor=go.actor())
        is_applied = result.status == "applied"
        left = await bench.handover.unstaged(result.plan) if is_applied and not handed else None
        if switch and is_applied:
            seen = await bench.switching.seen(result.plan.flag, switch.after, asked_at=asked_at)
        return answers.applied(
            result.plan,
            result.status,
            bench.words("terminal"),
            demand=result.demand,
            handed=handed,
            unstaged=left,
            seen_after_s=seen,
        )

    value = go.run(work)
    go.answer(value, show.applied)
    sys.exit(go.DONE if value.status == "applied" else go.WAITING)


@group.cli.command()
@group.plan
@group.as_json
def undo(plan_id: str) -> None:
    """Put back the files as they were before a PLAN was applied."""
    from flagwright.surface.cli import show

    async def work(bench: "Workbench") -> answers.UndoAnswer:
        plan = await bench.plans.undo(plan_id, actor=go.actor())
        left = await bench.handover.unstaged(plan)
        return answers.undone(plan, bench.words("terminal"), unstaged=left)

    go.answer(go.run(work), show.undone)


@group.cli.group()
def plan() -> None:
    """Hand a plan over to people who review elsewhere."""


@plan.command("export")
@group.plan
@click.option("--branch", metavar="NAME", help="Commit what it would write on a new branch.")
@click.option(
    "--patch",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write a patch for git apply, onto the last commit.",
)
@click.option(
    "--summary",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the summary for a pull request to this file, instead of showing it.",
)
@group.as_json
def export(plan_id: str, branch: str | None, patch: Path | None, summary: Path | None) -> None:
    """Put an undecided PLAN on a branch or into a patch, for a pull request.

    Neither the work tree nor the current branch changes, and nothing is pushed.
    """
    from flagwright.surface.cli import show

    if (branch is None) == (patch is None):
        raise click.UsageError("Give either --branch or --patch.")

    async def work(bench: "Workbench") -> answers.HandoverAnswer:
        known, _ = await bench.plans.one(plan_id)
        done = await bench.handover.export(
            plan_id, answers.prove_in_words(known), branch=branch, actor=go.actor()
        )
        said = done.summary.encode("utf-8", "surrogateescape")
        for path, content in ((patch, done.patch), (summary, said)):
            if path:
                path.write_bytes(content)
        return answers.handed_out(
            done, bench.words("terminal"), patch=str(patch) if patch else None
        )

    go.answer(go.run(work), show.handed_out)
