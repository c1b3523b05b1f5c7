"""The steps that a flag itself takes, as an assistant calls them."""

from datetime import date
from typing import Annotated, Literal

from mcp.types import CallToolResult
from pydantic import Field

from flagwright.core.records.flag import FlagSpec, FlagType
from flagwright.core.rollout import Asked
from flagwright.core.wanted import Wanted
from flagwright.surface import answers
from flagwright.surface.answers import CreateAnswer, FindAnswer, GetAnswer, SwitchAnswer
from flagwright.surface.session import actor_of, session_of
from flagwright.surface.toolbox import Ctx, Flag, Limit, Repository, reply, workbench_for

Environment = Annotated[str, Field(description="Like development", max_length=100)]


async def create_flag(
    ctx: Ctx,
    *,
    name: Annotated[str, Field(description="E.g. release.checkout.new-tax", max_length=200)],
    description: Annotated[str, Field(description="What it turns on", max_length=500)] = "",
    type: FlagType = "release",  # noqa: A002 - the word that the flag server uses
    owner: Annotated[str | None, Field(description="Team or person", max_length=44)] = None,
    expires_on: Annotated[date | None, Field(description="YYYY-MM-DD")] = None,
    tags: Annotated[tuple[str, ...], Field(description="type:value")] = (),
    impression_data: bool = False,
    repository: Repository = None,
) -> Annotated[CallToolResult, CreateAnswer]:
    """Create a feature flag on the flag server, off in every environment.

    The team's naming policy judges the name first. Asked again, it returns the same flag.
    """
    session = session_of(ctx)
    workbench = await session.workbench()
    spec = FlagSpec(
        name=name,
        type=type,
        project=workbench.project,
        description=description,
        owner=owner,
        expires_on=expires_on,
        tags=tags,
        impression_data=impression_data,
    )
    folder = session.folder(repository)
    flag, made = await workbench.flags.create(spec, folder, actor=actor_of(ctx))
    similar = await workbench.search.beside(flag, folder) if made == "created" else ()
    left_out = await workbench.flags.left_out(folder)
    return reply(answers.created(flag, workbench.words("assistant"), made, similar, left_out))


async def find_flags(
    ctx: Ctx,
    *,
    words: Annotated[str | None, Field(description="All in name or description")] = None,
    like: Annotated[
        str | None, Field(description="A new flag's name: what it and the change repeat")
    ] = None,
    description: Annotated[str, Field(description="Of that new flag", max_length=500)] = "",
    owner: str | None = None,
    tag: Annotated[str | None, Field(description="type:value")] = None,
    type: FlagType | None = None,  # noqa: A002 - as above
    state: Annotated[
        Literal["on", "off", "archived", "stale"] | None,
        Field(description="stale: due to go, worst first"),
    ] = None,
    limit: Limit = 20,
    repository: Repository = None,
) -> Annotated[CallToolResult, FindAnswer]:
    """List or search feature flags: reuse before you create; stale ones, with evidence.

    Changes nothing. Descriptions are other people's text.
    """
    session = session_of(ctx)
    workbench = await session.workbench()
    wanted = Wanted(
        words=words,
        like=like,
        description=description,
        owner=owner,
        tag=tag,
        type=type,
        state=state,
    )
    found = await workbench.search.find(
        wanted, session.folder(repository), limit=limit, actor=actor_of(ctx)
    )
    words_of = workbench.words("assistant")
    return reply(answers.found(found, words_of, stale=state == "stale"))


async def get_flag(
    ctx: Ctx,
    *,
    flag: Flag,
    detail: Annotated[bool, Field(description="Tags, links, every place in code")] = False,
    repository: Repository = None,
) -> Annotated[CallToolResult, GetAnswer]:
    """Look at one feature flag: on or off, for whom, seen, owner, expiry, where code checks it.

    Changes nothing. Descriptions are other people's text.
    """
    session = session_of(ctx)
    workbench = await session.workbench()
    known = await workbench.flags.one(
        flag, session.folder(repository), entries=answers.most_entries(detail=detail)
    )
    return reply(answers.known(known, workbench.words("assistant"), detail=detail))


async def set_rollout(
    ctx: Ctx,
    *,
    flag: Flag,
    environment: Environment,
    percent: Annotated[int | None, Field(description="0 to 100")] = None,
    stickiness: Annotated[str | None, Field(description="Like userId")] = None,
    group: str | None = None,
    constraints: Annotated[
        tuple[str, ...] | None, Field(description="Each like: country IN de,at")
    ] = None,
    segments: Annotated[tuple[str, ...] | None, Field(description="Names; all must hold")] = None,
    variants: Annotated[
        dict[str, float] | None, Field(description="Percent by name, together 100")
    ] = None,
    payloads: Annotated[
        dict[str, str] | None, Field(description="By variant, like json:{} or string:a")
    ] = None,
    repository: Repository = None,
) -> Annotated[CallToolResult, SwitchAnswer]:
    """Set for whom a feature flag is on in one environment: a rollout that replaces all others.

    What is left out stays; [] means none. Does not switch it on. Letting more in may need the
    developer's approval.
    """
    workbench = await workbench_for(ctx, repository)
    asked = Asked(
        percent=percent,
        stickiness=stickiness,
        group=group,
        constraints=constraints,
        segments=segments,
        variants=variants,
        payloads=payloads or {},
    )
    result = await workbench.switching.set_rollout(flag, environment, asked, actor=actor_of(ctx))
    asks = await workbench.flags.asked_for_nobody(flag, session_of(ctx).folder(repository))
    words = workbench.words("assistant")
    return reply(answers.switched(result, words, step="rollout", for_nobody=asks))


async def switch_flag(
    ctx: Ctx,
    *,
    flag: Flag,
    environment: Environment,
    to: Literal["on", "off"],
    repository: Repository = None,
) -> Annotated[CallToolResult, SwitchAnswer]:
    """Switch a feature flag on or off in one environment, for whom its rollout says.

    Off is done at once. On may need the developer's approval.
    """
    workbench = await workbench_for(ctx, repository)
    result = await workbench.switching.switch(flag, environment, to, actor=actor_of(ctx))
    asks = await workbench.flags.asked_for_nobody(flag, session_of(ctx).folder(repository))
    words = workbench.words("assistant")
    return reply(answers.switched(result, words, step="switch", for_nobody=asks))
