"""Answer a switch and a rollout: the state before and after, and what became of the rest."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from flagwright.core.patch import visible
from flagwright.core.place import Place
from flagwright.core.rollout import meant_without_user
from flagwright.core.strategy import in_words, placed
from flagwright.surface.answer import Answer, Words
from flagwright.surface.answers.plan import seen_in_words

if TYPE_CHECKING:
    from flagwright.workbench.switching import Switched

MOST_PLACES = 5
"""So many lines are named that ask without a user."""


class SwitchAnswer(Answer):
    """Done, nothing to do, or a plan that waits for a person."""

    status: Literal["done", "unchanged", "proposed"]
    before: str
    after: str
    """On or off, and for whom."""
    removed: tuple[str, ...] = ()
    """Strategies that were replaced."""
    plan: str | None = None
    seen_after_s: float | None = None
    """Seconds until an application saw it, where that was measured."""


def switched(
    result: "Switched",
    words: Words,
    *,
    step: Literal["switch", "rollout"],
    seen_after_s: float | None = None,
    unmeasured: str = "",
    for_nobody: Sequence[Place] = (),
) -> SwitchAnswer:
    """Answer a request to switch a flag, or to set its rollout.

    Args:
        unmeasured: Why it was not measured when an application saw it, although that was asked.
        for_nobody: Where the code asks for the flag without a user.
    """
    where = f"{visible(result.flag)} in {visible(result.environment)}"
    after = visible(placed(result.after, result.flag))
    message = {
        "done": f"{where} is now {after}.",
        "unchanged": f"Nothing to do: {where} is already {after}.",
        "proposed": f"Nothing was changed: {where} needs an approval to be {after}.",
    }[result.status]
    message += seen_in_words(seen_after_s) + (f" Not measured: {unmeasured}" if unmeasured else "")
    if comes := meant_without_user(result.after):
        message += told_of_nobody(comes, for_nobody)
    is_off = step == "rollout" and result.status == "done" and not result.after.on
    said = "off" if is_off else result.status
    plan = result.plan.id if result.plan else ""
    named = {"flag": visible(result.flag), "environment": visible(result.environment)}
    return SwitchAnswer(
        status=result.status,
        message=message,
        next_step=words[f"{step}.{said}"].format(plan=plan, **named),
        before=visible(placed(result.before, result.flag)),
        after=after,
        removed=tuple(visible(in_words((one,), result.flag)) for one in result.removed),
        plan=plan or None,
        seen_after_s=seen_after_s,
    )


def told_of_nobody(comes: str, asked: Sequence[Place]) -> str:
    """Say where code hands over no user, and what comes of it; nothing where it does not."""
    if not asked:
        return ""
    more = f" and {len(asked) - MOST_PLACES} more" * (len(asked) > MOST_PLACES)
    places = ", ".join(visible(f"{place.path}:{place.line}") for place in asked[:MOST_PLACES])
    return (
        f" But the code asks without a user ({places}{more}): {comes}. Let it hand over a user, "
        "or let in all or nobody."
    )
