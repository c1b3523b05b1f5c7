"""Ask the developer inside the assistant's own client, where policy lets that decide a plan.

The weakest tier: some clients answer by themselves. The question holds the plan's digest,
so an answer counts for that plan only, and two short lines are all that clients show.
"""

from typing import Any

from mcp.server.mcpserver import Context, Elicit
from pydantic import BaseModel, Field

from flagwright.core.patch import visible
from flagwright.core.records import Plan
from flagwright.surface.session import Session, session_of


class Consent(BaseModel):
    """What the developer answers."""

    approve: bool = Field(title="Write these files?")
    note: str = Field(default="", title="Note for the ledger", max_length=200)


async def ask(
    ctx: Context[Session, Any], plan: str, repository: str | None
) -> Consent | Elicit[Consent] | None:
    """The question, or none where a dialog cannot decide or the client has no dialog."""
    session = session_of(ctx)
    found, state = await session.plan(plan, repository)
    workbench = await session.workbench()
    if state != "proposed" or workbench.plans.demand(found).tier != "dialog" or not _has_forms(ctx):
        return None
    return Elicit(question(found), Consent)


def question(plan: Plan) -> str:
    """Two lines: what would be written, and which plan exactly."""
    verb = "Put a change behind" if plan.kind == "wrap" else "Take out"
    count = len(plan.edits)
    risk = f" (risk {plan.score:g}, {plan.band})" if plan.score is not None else ""
    return (
        f"{verb} {visible(plan.flag)}: write {count} file{'s' * (count != 1)}{risk}?\n"
        f"Plan {plan.id}, digest {plan.digest[:16]}"
    )


def _has_forms(ctx: Context[Session, Any]) -> bool:
    """A bare `elicitation` capability stands for forms; one with `url` only does not."""
    capabilities = ctx.client_capabilities
    elicitation = capabilities.elicitation if capabilities else None
    return elicitation is not None and (elicitation.form is not None or elicitation.url is None)
