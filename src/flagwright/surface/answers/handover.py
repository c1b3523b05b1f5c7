"""Answer that a plan is on its way to people who review it elsewhere."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from flagwright.core.patch import visible
from flagwright.core.records.plan import Plan
from flagwright.surface.answer import Answer, Words

if TYPE_CHECKING:
    from flagwright.core.handover import Unstaged
    from flagwright.workbench.handover import Exported


LEFT_OUT = 5
"""So many files are named that git was not given."""
STAGED = {
    "wrap": "the change is staged WITHOUT the flag, and `git commit` would take that",
    "retire": "another text is staged than was written, and `git commit` would take that",
}


class HandoverAnswer(Answer):
    """A plan on a branch or in a patch, for a pull request."""

    status: Literal["exported"] = "exported"
    plan: str
    branch: str | None = None
    commit: str | None = None
    patch: str | None = None
    """File that holds it."""
    summary: str
    """Markdown for whoever reviews it."""


def handed_out(done: "Exported", words: Words, *, patch: str | None) -> HandoverAnswer:
    """Answer an export."""
    place = f"on the branch {done.branch}" if done.branch else f"in {patch}"
    told = f"Plan {done.plan.id} is {visible(place)}. The work tree is as it was."
    return HandoverAnswer(
        message=f"{told}{left_out(done.left_out)}",
        next_step=words["plan.exported"].format(plan=done.plan.id),
        plan=done.plan.id,
        branch=done.branch,
        commit=done.commit,
        patch=patch,
        summary=done.summary,
    )


def not_in_commit(plan: Plan, left: "Unstaged | None") -> str:
    """Name what was written and the next commit would not hold; nothing where it has all."""
    told = ""
    if left and left.untracked:
        told += f" Git does not track {_named(left.untracked)}: add it, or a commit leaves it out."
    if left and left.otherwise:
        told += f" {_named(left.otherwise)}: {STAGED[plan.kind]}."
    return told


def left_out(paths: Sequence[str]) -> str:
    """Name what git was not given of a change; nothing where it has all of it."""
    if not paths:
        return ""
    return f" Left out, since git does not track it: {_named(paths)}. What belongs to it: git add"


def _named(paths: Sequence[str]) -> str:
    more = f" and {len(paths) - LEFT_OUT} more" if len(paths) > LEFT_OUT else ""
    return ", ".join(map(visible, paths[:LEFT_OUT])) + more
