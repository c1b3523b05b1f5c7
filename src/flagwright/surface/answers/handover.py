"""Answer that a plan is on its way to people who review it elsewhere."""

from typing import TYPE_CHECKING, Literal

from flagwright.core.patch import visible
from flagwright.surface.answer import Answer, Words
from flagwright.surface.answers.plan import left_out

if TYPE_CHECKING:
    from flagwright.workbench.handover import Exported


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
