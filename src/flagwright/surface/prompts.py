"""Offer the prompts of `prompts/*.md`, for a person to pick in their client."""

from collections.abc import Callable, Iterable

from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.prompts.base import Prompt, PromptArgument

from flagwright.core.prompt import PromptFile

INSTRUCTIONS = "instructions"
"""The one file that every assistant is told, instead of being offered."""


def offer(server: MCPServer, prompts: Iterable[PromptFile]) -> None:
    """Register every prompt but the instructions."""
    for prompt in prompts:
        if prompt.name != INSTRUCTIONS:
            server.add_prompt(
                Prompt(
                    name=prompt.name,
                    title=prompt.title,
                    description=prompt.description,
                    arguments=[
                        PromptArgument(**argument.model_dump()) for argument in prompt.arguments
                    ],
                    fn=_filler(prompt),
                )
            )


def instructions(prompts: Iterable[PromptFile]) -> str | None:
    """What every assistant is told when it connects."""
    return next((prompt.filled({}) for prompt in prompts if prompt.name == INSTRUCTIONS), None)


def _filler(prompt: PromptFile) -> Callable[..., str]:
    def fill(**values: str) -> str:
        return prompt.filled(values)

    return fill
