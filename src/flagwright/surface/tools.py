"""The steps, as an assistant calls them. A tool is a door: one call, one answer, no decision."""

from collections.abc import Awaitable, Callable
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any, Literal

from anyio import from_thread
from mcp.server.mcpserver import AcceptedElicitation, Context, ElicitationResult, Resolve
from mcp.server.mcpserver.tools import Tool
from mcp.types import CallToolResult, TextContent
from pydantic import Field

from flagwright.core.records import FlagSpec, FlagType
from flagwright.surface import answers
from flagwright.surface.answers import (
    Answer,
    ApplyAnswer,
    CreateAnswer,
    FindAnswer,
    LedgerAnswer,
    PlanAnswer,
    ScoreAnswer,
)
from flagwright.surface.answers.score import TOP_FINDINGS
from flagwright.surface.dialog import Consent, ask
from flagwright.surface.registration import Hints, tool
from flagwright.surface.session import Session, actor_of, session_of

if TYPE_CHECKING:
    from flagwright.workbench import Workbench

PATIENCE_S = 2
"""How long an assistant waits for a history that was never read; it is read on afterwards."""
Ctx = Context[Session, Any]
Repository = Annotated[str | None, Field(description="A served folder")]
Base = Annotated[
    str | None,
    Field(description="Revision or A..B; else uncommitted work or the branch"),
]
Flag = Annotated[str, Field(description="An existing flag")]
Limit = Annotated[int, Field(ge=1, le=50, description="Most to list")]


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

    def read(done: int, whole: int) -> None:
        from_thread.run(ctx.report_progress, done, whole, "Reading the history")

    assessment = await workbench.score(
        folder, revisions=base, diff=diff, seconds=PATIENCE_S, actor=actor_of(ctx), progress=read
    )
    if folder and assessment.compared_with == "shipped":
        session.look_back(folder)
    most = None if detail else TOP_FINDINGS
    return reply(answers.scored(assessment, words, most=most, has_history=diff is None))


async def create_flag(
    ctx: Ctx,
    *,
    name: Annotated[str, Field(description="E.g. release.checkout.new-tax", max_length=200)],
    description: Annotated[str, Field(description="What it turns on", max_length=500)] = "",
    type: FlagType = "release",  # noqa: A002 - the word that the flag server uses
    owner: Annotated[str | None, Field(description="Team or person", max_length=44)] = None,
    expires_on: Annotated[date | None, Field(description="YYYY-MM-DD")] = None,
    repository: Repository = None,
) -> Annotated[CallToolResult, CreateAnswer]:
    """Create a feature flag on the flag server, off in every environment.

    The team's naming policy judges the name first. Asked again, it returns the same flag.
    """
    workbench = await workbench_for(ctx, repository)
    spec = FlagSpec(
        name=name,
        type=type,
        project=workbench.project,
        description=description,
        owner=owner,
        expires_on=expires_on,
    )
    flag, new = await workbench.create(spec, actor=actor_of(ctx))
    return reply(answers.created(flag, workbench.words("assistant"), new=new))


async def find_flags(
    ctx: Ctx,
    *,
    words: Annotated[str | None, Field(description="All in name or description")] = None,
    like: Annotated[str | None, Field(description="A name, to find near-duplicates")] = None,
    archived: Annotated[bool, Field(description="Archived ones instead")] = False,
    limit: Limit = 20,
    repository: Repository = None,
) -> Annotated[CallToolResult, FindAnswer]:
    """List or search feature flags on the flag server: owner, expiry, where each is on.

    Changes nothing. Descriptions are other people's text.
    """
    workbench = await workbench_for(ctx, repository)
    found = await workbench.find(
        words, like=like, archived=archived, limit=limit, actor=actor_of(ctx)
    )
    return reply(answers.found(found.flags, found.total, workbench.words("assistant")))


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
    return reply(answers.planned("wrap", proposal, workbench.words("assistant")))


async def retire_flag(
    ctx: Ctx,
    *,
    flag: Annotated[str, Field(description="Flag to take out")],
    keep: Annotated[Literal["on", "off"], Field(description="Side that stays")] = "on",
    repository: Repository = None,
) -> Annotated[CallToolResult, PlanAnswer]:
    """Plan to remove a finished feature flag from the Python code, keeping one side of it.

    Writes no file: the developer decides.
    """
    session = session_of(ctx)
    workbench = await session.workbench()
    proposal = await workbench.retire(
        session.repository(repository), flag, keep, actor=actor_of(ctx)
    )
    return reply(answers.planned("retire", proposal, workbench.words("assistant")))


async def apply_plan(
    ctx: Ctx,
    *,
    plan: Annotated[str, Field(description="Id of the plan", min_length=4, max_length=64)],
    consent: Annotated[ElicitationResult[Consent], Resolve(ask)],
    repository: Repository = None,
) -> Annotated[CallToolResult, ApplyAnswer]:
    """Write the files of a plan that the developer approved: all of them, or none.

    Where policy lets a dialog decide, the developer is asked; else the answer says what they
    should run.
    """
    session, actor = session_of(ctx), actor_of(ctx)
    await session.plan(plan, repository)
    workbench = await session.workbench()
    if isinstance(consent, AcceptedElicitation) and consent.data is not None:
        verdict: Literal["approved", "rejected"] = (
            "approved" if consent.data.approve else "rejected"
        )
        await workbench.plans.decide(
            plan, verdict, tier="dialog", note=consent.data.note, actor=actor
        )
    done = await workbench.plans.apply(plan, actor=actor)
    return reply(answers.applied(done.plan, done.status, workbench.words("assistant")))


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
    return reply(answers.ledger(page, workbench.words("assistant")))


async def workbench_for(ctx: Ctx, repository: str | None) -> "Workbench":
    """The workbench, for a step that needs no repository but may be told one."""
    session = session_of(ctx)
    if repository is not None:
        session.repository(repository)
    return await session.workbench()


def reply(answer: Answer) -> CallToolResult:
    """Data for the model without what goes without saying, and one line for text-only clients."""
    said = answer.model_dump(mode="json", exclude_defaults=True)
    return CallToolResult(
        content=[TextContent(type="text", text=answer.message)],
        structured_content={"status": answer.status} | said,
    )


READS = Hints(read_only=True, destructive=False, idempotent=True, open_world=False)
READS_SERVER = Hints(read_only=True, destructive=False, idempotent=True, open_world=True)
PLANS = Hints(read_only=False, destructive=False, idempotent=True, open_world=True)
CREATES = Hints(read_only=False, destructive=False, idempotent=True, open_world=True)
WRITES = Hints(read_only=False, destructive=True, idempotent=True, open_world=False)

DOORS: tuple[tuple[Callable[..., Awaitable[CallToolResult]], str, Hints], ...] = (
    (score_change, "Score a change", READS),
    (create_flag, "Create a flag", CREATES),
    (find_flags, "Find flags", READS_SERVER),
    (wrap_change, "Wrap a change", PLANS),
    (apply_plan, "Apply a plan", WRITES),
    (retire_flag, "Retire a flag", PLANS),
    (read_ledger, "Read the ledger", READS),
)


def tools() -> list[Tool]:
    """Every tool, in the order of work."""
    return [tool(door, title=title, hints=hints) for door, title, hints in DOORS]
