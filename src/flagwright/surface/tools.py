"""The steps, as an assistant calls them. A tool is a door: one call, one answer, no decision."""

from collections.abc import Awaitable, Callable, Collection
from typing import TYPE_CHECKING, Annotated, Literal

from anyio import from_thread
from mcp.server.mcpserver.tools import Tool
from mcp.types import CallToolResult, InputRequiredResult
from pydantic import Field

from flagwright.core.records.plan import Plan
from flagwright.errors import BadRequest
from flagwright.surface import answers
from flagwright.surface.answers import ApplyAnswer, LedgerAnswer, PlanAnswer, ScoreAnswer
from flagwright.surface.answers.score import TOP_FINDINGS
from flagwright.surface.dialog import Consent, ask, decided_on_page
from flagwright.surface.flag_tools import (
    create_flag,
    find_flags,
    get_flag,
    set_rollout,
    switch_flag,
)
from flagwright.surface.registration import Hints, tool
from flagwright.surface.session import actor_of, session_of
from flagwright.surface.toolbox import Ctx, Flag, Limit, Repository, reply, workbench_for

if TYPE_CHECKING:
    from flagwright.workbench.bench import Workbench

Base = Annotated[
    str | None, Field(description="Revision or A..B; else uncommitted work or the branch")
]


async def score_change(
    ctx: Ctx,
    *,
    base: Base = None,
    diff: Annotated[
        str | None, Field(description="Unified diff instead", max_length=2_000_000)
    ] = None,
    detail: Annotated[bool, Field(description="List every finding")] = False,
    repository: Repository = None,
) -> Annotated[CallToolResult, ScoreAnswer]:
    """Score the risk of a code change or diff, from 0 to 100, point by point.

    Changes no file and no flag; the score is recorded.
    """
    session = session_of(ctx)
    folder = None if diff is not None else session.repository(repository)
    workbench = await session.workbench()
    words = workbench.words("assistant")

    def tell(title: str, done: int, whole: int) -> None:
        if title == "Reading":  # what comes after it would begin at 0 again
            from_thread.run(ctx.report_progress, done, whole, "Reading the history")

    assessment = await workbench.score(
        folder, revisions=base, diff=diff, actor=actor_of(ctx), progress=tell
    )
    if folder and assessment.compared_with == "shipped":
        session.look_back(folder)
    most = None if detail else TOP_FINDINGS
    return reply(answers.scored(assessment, words, most=most, has_history=diff is None))


async def wrap_change(
    ctx: Ctx,
    *,
    flag: Flag,
    base: Base = None,
    convention: Annotated[
        str | None, Field(description="Like: from a import f; f('{flag}')")
    ] = None,
    context: Annotated[str, Field(description="User or tenant: request.user")] = "",
    repository: Repository = None,
) -> Annotated[CallToolResult, PlanAnswer]:
    """Plan to put a Python code change behind a feature flag, with a proof for off and on.

    Writes no file: the developer decides.
    """
    from flagwright.core.wrapping.given import given_convention

    session = session_of(ctx)
    workbench = await session.workbench()
    proposal = await workbench.wrap(
        session.repository(repository),
        flag,
        revisions=base,
        convention=given_convention(convention) if convention else None,
        context=context,
        actor=actor_of(ctx),
    )
    return reply(answers.planned("wrap", proposal, workbench.words("assistant"), flag=flag))


async def retire_flag(
    ctx: Ctx,
    *,
    flag: Annotated[str, Field(description="Flag to take out")],
    keep: Annotated[Literal["on", "off"], Field(description="Side that stays")] = "on",
    finish: Annotated[
        bool, Field(description="Code is clean and released: archive it on the server")
    ] = False,
    repository: Repository = None,
) -> Annotated[CallToolResult, PlanAnswer]:
    """Plan to remove a finished feature flag from the Python code, keeping one side of it.

    Writes no file: the developer decides.
    """
    session = session_of(ctx)
    workbench = await session.workbench()
    if finish:
        done = await workbench.flags.end(
            flag, keep, session.repository(repository), actor=actor_of(ctx)
        )
        return reply(answers.ended(done, workbench.words("assistant")))
    proposal = await workbench.retire(
        session.repository(repository), flag, keep, actor=actor_of(ctx)
    )
    return reply(
        answers.planned("retire", proposal, workbench.words("assistant"), flag=flag, keep=keep)
    )


async def apply_plan(
    ctx: Ctx,
    *,
    plan: Annotated[str, Field(description="Id of the plan", min_length=4, max_length=64)],
    repository: Repository = None,
) -> Annotated[CallToolResult, ApplyAnswer] | InputRequiredResult:
    """Write the files of a plan that the developer approved: all of them, or none.

    Where policy lets a dialog decide, the developer is asked; else the answer says where they
    decide.
    """
    session, actor = session_of(ctx), actor_of(ctx)
    found, state = await session.plan(plan, repository)
    workbench = await session.workbench()
    words = workbench.words("assistant")
    if state == "applied" and session.awaited(found):
        return reply(await _applied(workbench, found))
    said = await ask(ctx, found, state)
    if isinstance(said, InputRequiredResult):
        return said
    if isinstance(said, Consent):
        verdict: Literal["approved", "rejected"] = "approved" if said.approve else "rejected"
        await workbench.plans.decide(plan, verdict, tier="dialog", note=said.note, actor=actor)
    elif said == "opened" and await decided_on_page(workbench, found) == "applied":
        return reply(await _applied(workbench, found))
    if said == "opened":
        done = await workbench.review.apply(found.id, found.digest, actor=actor)
    else:
        done = await workbench.plans.apply(plan, actor=actor)
    if done.status == "awaiting-approval":
        page = await session.waits(found)
        return reply(answers.applied(done.plan, done.status, words, demand=done.demand, page=page))
    session.done(found)
    if done.status == "applied":
        return reply(await _applied(workbench, done.plan))
    return reply(answers.applied(done.plan, done.status, words))


async def _applied(workbench: "Workbench", plan: Plan) -> ApplyAnswer:
    unstaged = await workbench.handover.unstaged(plan)
    return answers.applied(plan, "applied", workbench.words("assistant"), unstaged=unstaged)


async def read_ledger(
    ctx: Ctx,
    *,
    flag: Annotated[str | None, Field(description="About this flag")] = None,
    plan: Annotated[str | None, Field(description="About this plan")] = None,
    limit: Limit = 10,
    repository: Repository = None,
) -> Annotated[CallToolResult, LedgerAnswer]:
    """Read the audit ledger of flags and plans: who did what, when, and is it delivered.

    Changes nothing.
    """
    workbench = await workbench_for(ctx, repository)
    page = await workbench.ledger(flag=flag, plan=plan, limit=limit)
    return reply(answers.ledger(page, workbench.words("assistant"), about=flag or plan))


READS = Hints(read_only=True, destructive=False, idempotent=True, open_world=False)
READS_SERVER = Hints(read_only=True, destructive=False, idempotent=True, open_world=True)
PLANS = Hints(read_only=False, destructive=False, idempotent=True, open_world=True)
CREATES = Hints(read_only=False, destructive=False, idempotent=True, open_world=True)
WRITES = Hints(read_only=False, destructive=True, idempotent=True, open_world=False)
SWITCHES = Hints(read_only=False, destructive=True, idempotent=True, open_world=True)

DOORS: tuple[
    tuple[Callable[..., Awaitable[CallToolResult | InputRequiredResult]], str, Hints], ...
] = (
    (score_change, "Score a change", READS),
    (create_flag, "Create a flag", CREATES),
    (find_flags, "Find flags", READS_SERVER),
    (get_flag, "Look at a flag", READS_SERVER),
    (wrap_change, "Wrap a change", PLANS),
    (apply_plan, "Apply a plan", WRITES),
    (set_rollout, "Set a rollout", SWITCHES),
    (switch_flag, "Switch a flag", SWITCHES),
    (retire_flag, "Retire a flag", PLANS),
    (read_ledger, "Read the ledger", READS),
)


def tools(names: Collection[str] = (), *, read_only: bool = False) -> list[Tool]:
    """Tools in the order of work.

    Args:
        names: Those that are wanted; none: all.
        read_only: Only those that change no file and no flag, and make no plan.

    Raises:
        BadRequest: If there is no tool of a name, or none is left.
    """
    known = [door.__name__ for door, _, _ in DOORS]
    unknown = [name for name in names if name not in known]
    chosen = [
        tool(door, title=title, hints=hints)
        for door, title, hints in DOORS
        if (not names or door.__name__ in names) and (hints.read_only or not read_only)
    ]
    if unknown or not chosen:
        fact = f"There is no tool {unknown[0]!r}." if unknown else "No tool is left to serve."
        raise BadRequest(fact, next_step=f"There are: {', '.join(known)}.")
    return chosen
