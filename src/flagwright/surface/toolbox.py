"""What every tool is made of: the arguments that several take, the workbench, the reply."""

from typing import TYPE_CHECKING, Annotated, Any

from mcp.server.mcpserver import Context
from mcp.types import CallToolResult, TextContent
from pydantic import Field

from flagwright.surface.answer import Answer
from flagwright.surface.session import Session, session_of

if TYPE_CHECKING:
    from flagwright.workbench.bench import Workbench

Ctx = Context[Session, Any]
Repository = Annotated[str | None, Field(description="A served folder")]
Flag = Annotated[str, Field(description="An existing flag")]
Limit = Annotated[int, Field(ge=1, le=50, description="Most to list")]


async def workbench_for(ctx: Ctx, repository: str | None) -> "Workbench":
    """The workbench, for a step that needs no repository but may be told one."""
    session = session_of(ctx)
    if repository is not None:
        session.repository(repository)
    return await session.workbench()


def reply(answer: Answer) -> CallToolResult:
    """Data for the model without what goes without saying; two sentences for a text-only client."""
    said = answer.model_dump(mode="json", exclude_defaults=True)
    return CallToolResult(
        content=[TextContent(type="text", text=f"{answer.message} Next: {answer.next_step}")],
        structured_content={"status": answer.status} | said,
    )
