"""Write the parts of the documents that the code knows best, between the marks that name them.

`make generate` rewrites them. A test fails where a document is out of step.
"""

import json
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import get_args

import click
from mcp.server.mcpserver.tools import Tool

from docs.schema import schema
from flagwright import errors
from flagwright.core.wrapping.refusal import WAY_OUT
from flagwright.flagserver.routes import ROUTES
from flagwright.surface.cli import cli
from flagwright.surface.cli import run as go
from flagwright.surface.tools import tools
from flagwright.workbench.catalogue import POLICIES, model_of

ROOT = Path(__file__).parent.parent
DOCUMENTS = (
    ROOT / "README.md",
    ROOT / "docs" / "reference.md",
    ROOT / "docs" / "flagserver.md",
)
WIDTH_CHARS = 96

EXIT_CODES = {
    go.DONE: "Done.",
    go.REFUSED: "Refused: the error names the fact and the next step.",
    go.USAGE: "Wrong usage: an option or an argument that the command does not have.",
    go.WAITING: "The plan waits for a person, or a person rejected it. No file was written.",
    go.SERVER: "The flag server did not answer, or did not do what was asked.",
}


def list_tools() -> str:
    """Every tool: what it does, in its own first words, and what it may change."""
    rows = [
        (f"`{tool.name}`", tool.description.split("\n\n")[0].replace("\n", " "), _hints(tool))
        for tool in tools()
    ]
    return _table(("Tool", "What it does", "Hints"), rows)


def list_arguments() -> str:
    """Every argument of every tool."""
    parts = []
    for tool in tools():
        required = tool.parameters.get("required", [])
        rows = [
            (f"`{name}`", "yes" if name in required else "", _meaning(schema))
            for name, schema in tool.parameters["properties"].items()
        ]
        table = _table(("Argument", "Required", "Meaning"), rows)
        parts.append(f"### `{tool.name}`\n\n{tool.description}\n\n{table}")
    return "\n\n".join(parts)


def show_help() -> str:
    """The command line's own help."""
    return _text(_top().get_help())


def list_commands() -> str:
    """The help of every command, in alphabetical order."""
    leaves = _leaves(_top())
    return "\n\n".join(f"### `{each.command_path}`\n\n{_text(each.get_help())}" for each in leaves)


def list_exit_codes() -> str:
    """What a script may rely on."""
    rows = [(f"`{code}`", meaning) for code, meaning in EXIT_CODES.items()]
    return _table(("Exit code", "Meaning"), rows)


def list_errors() -> str:
    """Every error by the code that never changes."""
    kinds = (kind for kind in vars(errors).values() if isinstance(kind, type))
    rows = [
        (f"`{kind.code}`", " ".join((kind.__doc__ or "").split()))
        for kind in kinds
        if issubclass(kind, errors.FlagwrightError) and kind is not errors.FlagwrightError
    ]
    return _table(("Code", "Meaning"), rows)


def list_refusals() -> str:
    """Every category of `cannot-wrap`, and the way out."""
    rows = [(f"`{category}`", WAY_OUT[category]) for category in get_args(errors.Category)]
    return _table(("Category", "Way out"), rows)


def list_routes() -> str:
    """Every route of the embedded flag server, in its own first words."""
    rows = [
        (f"`{method} {path}`", (work.__doc__ or "").split("\n\n")[0].replace("\n", " "))
        for (method, path), work in sorted(ROUTES.items(), key=lambda route: route[0][::-1])
    ]
    return _table(("Request", "What it does"), [(r, " ".join(w.split())) for r, w in rows])


PARTS: dict[str, Callable[[], str]] = {
    "tools": list_tools,
    "arguments": list_arguments,
    "help": show_help,
    "commands": list_commands,
    "exit-codes": list_exit_codes,
    "errors": list_errors,
    "refusals": list_refusals,
    "routes": list_routes,
}


def renew(document: str) -> str:
    """The document with every marked part written anew; a mark that nobody knows is an error."""

    def write(found: re.Match[str]) -> str:
        name = found["name"]
        return f"<!-- generated: {name} -->\n\n{PARTS[name]()}\n\n<!-- end: {name} -->"

    marked = r"<!-- generated: (?P<name>[a-z-]+) -->.*?<!-- end: (?P=name) -->"
    return re.sub(marked, write, document, flags=re.DOTALL)


def schemas() -> dict[Path, str]:
    """What an editor needs to complete and check each policy, by file."""
    return {
        ROOT / "schemas" / f"{name}.schema.json": json.dumps(schema(model_of(name)), indent=1)
        + "\n"
        for name in (*POLICIES, "weights")
    }


def _top() -> click.Context:
    """The command line as called on a terminal of a fixed width."""
    return click.Context(
        cli, info_name="flagwright", terminal_width=WIDTH_CHARS, **cli.context_settings
    )


def _leaves(context: click.Context) -> Iterator[click.Context]:
    """Every command below a group, in a context of its own; a group that is one itself, too."""
    if not isinstance(context.command, click.Group):
        yield context
        return
    if context.command.invoke_without_command:
        yield context
    for name in context.command.list_commands(context):
        command = context.command.get_command(context, name)
        if command is not None:
            yield from _leaves(click.Context(command, info_name=name, parent=context))


def _text(block: str) -> str:
    return f"```text\n{block}\n```"


def _hints(tool: Tool) -> str:
    """What a call may do, as its hints say."""
    words = {
        "read_only_hint": "read only",
        "destructive_hint": "replaces what is there",
        "idempotent_hint": "idempotent",
        "open_world_hint": "asks the flag server",
    }
    return ", ".join(word for name, word in words.items() if getattr(tool.annotations, name))


def _meaning(schema: dict[str, object]) -> str:
    """An argument's description, its choices and its default."""
    words = [str(schema.get("description", "")).rstrip(".")]
    choices = schema.get("enum")
    if isinstance(choices, list):
        words.append(" or ".join(f"`{choice}`" for choice in choices))
    if default := schema.get("default"):
        words.append(f"default `{default}`")
    return "; ".join(word for word in words if word)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    cells = [[cell.replace("|", "\\|") for cell in line] for line in lines]
    return "\n".join(f"| {' | '.join(line)} |" for line in cells)


def main() -> None:
    """Rewrite what is out of step."""
    documents = {path: renew(path.read_text("utf-8")) for path in DOCUMENTS}
    for path, new in {**documents, **schemas()}.items():
        if not path.exists() or new != path.read_text("utf-8"):
            path.parent.mkdir(exist_ok=True)
            path.write_text(new, "utf-8")
            sys.stdout.write(f"{path.relative_to(ROOT)} is written anew.\n")


if __name__ == "__main__":
    main()
