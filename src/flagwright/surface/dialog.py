"""Ask the developer inside the assistant's own client: to decide, or to open the review page.

A form is the weakest tier: some clients answer by themselves. The question holds the plan's
digest, so an answer counts for that plan only, and two short lines are all that clients show.
A link to the page decides nothing; what the person decides there is in the store. Newer
clients get a question as the answer to a call, and call again; older ones are asked meanwhile.
"""

from collections.abc import Set
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Literal

import anyio
from mcp import MCPError
from mcp.server.elicitation import render_elicitation_schema
from mcp.server.mcpserver import Context
from mcp.types import (
    ElicitRequest,
    ElicitRequestFormParams,
    ElicitRequestURLParams,
    ElicitResult,
    InputRequiredResult,
)
from pydantic import BaseModel, Field, ValidationError

from flagwright.core.patch import visible
from flagwright.core.records.plan import Plan, PlanState
from flagwright.core.strategy import placed
from flagwright.errors import BadRequest, FlagwrightError
from flagwright.surface.session import Session, session_of

if TYPE_CHECKING:
    from flagwright.workbench.bench import Workbench

MODERN = "2026-07-28"
"""From this protocol on a question is the answer to a call; its versions sort as text."""
KEY = "developer"
PAGE_S, GLANCE_S = 45, 0.3
"""How long a call waits for a decision on the page; many clients give up after a minute."""
Question = ElicitRequestFormParams | ElicitRequestURLParams


class Consent(BaseModel):
    """What the developer answers."""

    approve: bool = Field(title="Do this?")
    note: str = Field(default="", title="Note for the ledger", max_length=200)


async def ask(
    ctx: Context[Session, Any], plan: Plan, state: PlanState
) -> Consent | Literal["opened"] | InputRequiredResult | None:
    """What the developer answered, or the question for a client that calls again with it.

    None where they put the question away, or nothing can be asked of them here.
    """
    answer = _given(ctx, plan)
    if answer is None:
        question = await _question(ctx, plan, state)
        if question is None:
            return None
        if (ctx.protocol_version or "") >= MODERN:
            request = ElicitRequest(params=question)
            return InputRequiredResult(input_requests={KEY: request}, request_state=plan.digest)
        try:
            answer = await _asked(ctx, question, plan)
        except MCPError:  # a client that says it can ask, and cannot
            return None
    return _understood(answer, plan, await _tier_is_dialog(ctx, plan))


def _given(ctx: Context[Session, Any], plan: Plan) -> ElicitResult | None:
    """The answer that a newer client brings, if it is one to a question about this very plan."""
    answer = (ctx.input_responses or {}).get(KEY)
    is_ours = isinstance(answer, ElicitResult) and ctx.request_state == plan.digest
    return answer if is_ours and isinstance(answer, ElicitResult) else None


async def _question(ctx: Context[Session, Any], plan: Plan, state: PlanState) -> Question | None:
    session, modes = session_of(ctx), _modes(ctx)
    workbench = await session.workbench()
    if state != "proposed" or await workbench.plans.is_stale(plan, state):
        return None
    if "form" in modes and await _tier_is_dialog(ctx, plan):
        return ElicitRequestFormParams(
            message=question(plan), requested_schema=render_elicitation_schema(Consent)
        )
    if "url" in modes and session.offers(plan):
        return ElicitRequestURLParams(
            message=invitation(plan),
            url=f"{await session.page()}/plans/{plan.id}",
            elicitation_id=plan.digest,
        )
    return None


async def _asked(ctx: Context[Session, Any], question: Question, plan: Plan) -> ElicitResult:
    client = ctx.request_context.session
    if isinstance(question, ElicitRequestFormParams):
        return await client.elicit_form(
            question.message, question.requested_schema, related_request_id=ctx.request_id
        )
    asking, session = anyio.CancelScope(), session_of(ctx)
    session.beside(_put_away, await session.workbench(), plan, asking)
    try:
        with asking:
            return await client.elicit_url(
                question.message, question.url, plan.digest, related_request_id=ctx.request_id
            )
    finally:
        asking.cancel()
    await client.send_elicit_complete(plan.digest, related_request_id=ctx.request_id)
    return ElicitResult(action="accept")


async def _put_away(workbench: "Workbench", plan: Plan, asking: anyio.CancelScope) -> None:
    """Wait no longer for an answer once the person has decided without one."""
    with suppress(FlagwrightError):
        while (await workbench.plans.one(plan.id))[1] == "proposed":
            if asking.cancel_called:
                return
            await anyio.sleep(GLANCE_S)
        asking.cancel()


def _understood(
    answer: ElicitResult,
    plan: Plan,
    is_form: bool,  # noqa: FBT001 # what was asked
) -> Consent | Literal["opened"] | None:
    if answer.action != "accept":
        return None
    if not is_form:
        return "opened"
    try:
        return Consent.model_validate(answer.content or {})
    except ValidationError as error:
        raise BadRequest(
            "The client's answer does not fit the question.",
            next_step=f"Have it approved in a terminal instead: flagwright approve {plan.id}",
        ) from error


async def _tier_is_dialog(ctx: Context[Session, Any], plan: Plan) -> bool:
    workbench = await session_of(ctx).workbench()
    return workbench.plans.demand(plan).tier == "dialog"


def question(plan: Plan) -> str:
    """Two lines: what would be written, and which plan exactly."""
    return f"{_what(plan)}?\n{_which(plan)}"


def invitation(plan: Plan) -> str:
    """Two lines: what there is to review, and where the code for the page comes from."""
    return f"Review: {_what(plan)}. {_which(plan)}\nIts code: run flagwright review {plan.id}"


def _what(plan: Plan) -> str:
    if plan.switch:
        then = visible(placed(plan.switch.after, plan.flag))
        return f"Switch {visible(f'{plan.flag} in {plan.switch.environment}')}: {then}"
    verb = {"wrap": "Put a change behind", "retire": "Take out"}.get(plan.kind, plan.kind)
    count = len(plan.edits)
    risk = f" (risk {plan.score:g}, {plan.band})" if plan.score is not None else ""
    return f"{verb} {visible(plan.flag)}: write {count} file{'s' * (count != 1)}{risk}"


def _which(plan: Plan) -> str:
    return f"Plan {plan.id}, digest {plan.digest[:16]}"


def _modes(ctx: Context[Session, Any]) -> Set[str]:
    """A bare `elicitation` capability stands for forms; one with `url` only does not."""
    capabilities = ctx.client_capabilities
    found = capabilities.elicitation if capabilities else None
    if found is None:
        return set()
    modes = {"form"} if found.form is not None or found.url is None else set()
    return modes | ({"url"} if found.url is not None else set())


async def decided_on_page(workbench: "Workbench", plan: Plan) -> PlanState:
    """Wait a while for the person who opened the page, and say where the plan stands then."""
    with anyio.move_on_after(PAGE_S):
        while (await workbench.plans.one(plan.id))[1] == "proposed":  # noqa: ASYNC110
            await anyio.sleep(GLANCE_S)
    return (await workbench.plans.one(plan.id))[1]
