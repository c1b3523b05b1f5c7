"""Answer the end of a flag on the server, or what still holds it."""

from typing import TYPE_CHECKING, Literal

from flagwright.core.patch import visible
from flagwright.surface.answer import Words
from flagwright.surface.answers.plan import PlanAnswer

if TYPE_CHECKING:
    from flagwright.workbench.flags import Ended


def ended(result: "Ended", words: Words) -> PlanAnswer:
    """Archived, archived already, or held by what the notes say."""
    name = visible(result.flag)
    status: Literal["archived", "held"] = "held" if result.held else "archived"
    message = f"{name} is archived on the flag server."
    if result.held:
        message = f"{name} is not archived: {visible('; '.join(result.held))}."
    elif not result.is_new:
        message = f"{name} was archived before. Nothing was changed."
    return PlanAnswer(
        status=status, message=message, next_step=words[f"finish.{status}"].format(flag=name)
    )
