"""Everything that words may name, as it is: the tools, the command line, the resources."""

from collections.abc import Iterator
from typing import Any

import click

from flagwright.core.wording import Vocabulary
from flagwright.surface.resources import RESOURCES
from flagwright.surface.tools import tools


def vocabulary(cli: click.Group) -> Vocabulary:
    """What this version has."""
    commands = dict(_commands(cli, ""))
    served = tools()
    answers = [tool.fn_metadata.output_schema or {} for tool in served]
    return Vocabulary(
        tools={tool.name: tuple(tool.parameters["properties"]) for tool in served},
        terms=frozenset(field for answer in answers for field in _fields(answer)),
        commands={
            name: tuple(option for each in command.params for option in each.opts)
            for name, command in commands.items()
        },
        groups=frozenset(
            name
            for name, command in commands.items()
            if isinstance(command, click.Group) and not command.invoke_without_command
        ),
        resources=tuple(RESOURCES),
    )


def _fields(schema: dict[str, Any]) -> Iterator[str]:
    yield from schema.get("properties", ())


def _commands(group: click.Group, name: str) -> Iterator[tuple[str, click.Command]]:
    yield name, group
    context = click.Context(group)
    for word in group.list_commands(context):
        command = group.get_command(context, word) or click.Command(word)
        whole = f"{name} {word}".strip()
        if isinstance(command, click.Group):
            yield from _commands(command, whole)
        else:
            yield whole, command
