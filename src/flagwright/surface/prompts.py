"""Offer the prompts of `prompts/*.md`, for a person to pick in their client."""

from collections.abc import Callable

from mcp import MCPError
from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.prompts.base import Prompt, PromptArgument
from mcp.types import INVALID_PARAMS

from flagwright.core.prompt import PromptBook, PromptFile
from flagwright.errors import FlagwrightError

INSTRUCTIONS = "instructions"
"""The one file that every assistant is told, instead of being offered."""


def offer(server: MCPServer, book: PromptBook) -> None:
    """Register every prompt but the instructions."""
    for prompt in book.files:
        if prompt.name != INSTRUCTIONS:
            server.add_prompt(
                Prompt(
                    name=prompt.name,
                    title=prompt.title,
                    description=prompt.description,
                    arguments=[
                        PromptArgument(**argument.model_dump()) for argument in prompt.arguments
                    ],
                    fn=_filler(book, prompt),
                )
            )


def instructions(book: PromptBook) -> str | None:
    """What every assistant is told when it connects."""
    found = (prompt for prompt in book.files if prompt.name == INSTRUCTIONS)
    return next((prompt.filled({}, book.policies) for prompt in found), None)


def _filler(book: PromptBook, prompt: PromptFile) -> Callable[..., str]:
    def fill(**values: str) -> str:
        try:
            return book.said(prompt, values)
        except FlagwrightError as error:
            raise MCPError(INVALID_PARAMS, f"{error.code}: {error}") from error

    return fill
