"""Turn a function into a tool: honest hints, lean schemas, no unknown argument, readable errors.

The one place where a `FlagwrightError` becomes the protocol library's `ToolError`, the only
error whose words reach a model.
"""

import inspect
from collections.abc import Awaitable, Callable, Iterable, Mapping, Set
from dataclasses import dataclass
from itertools import islice
from typing import Any

from mcp.server.mcpserver import Context
from mcp.server.mcpserver.exceptions import ToolError
from mcp.server.mcpserver.tools import Tool
from mcp.types import ToolAnnotations
from pydantic import ValidationError
from typing_extensions import override

from flagwright.core.patch import visible
from flagwright.errors import BadRequest, FlagwrightError
from flagwright.surface.session import session_of

MAX_ECHO_CHARS = 80
MOST_MISTAKES = 3
NOT_IN_OUTPUT = {"title", "description", "default", "additionalProperties", "minimum", "maximum"}
"""What an answer, whose fields explain themselves, need not publish."""


_AT_THE_TOP = {"type", "enum", "const"}


@dataclass(frozen=True, kw_only=True)
class Hints:
    """What a call may do; the protocol's own defaults assume the worst."""

    read_only: bool
    destructive: bool
    idempotent: bool
    open_world: bool


class StrictTool(Tool):
    """A tool whose every failure is told as a code, a fact and a next step."""

    @override
    async def run(
        self, arguments: dict[str, Any], context: Context[Any, Any], convert_result: bool = False
    ) -> Any:
        """Run as the library does, and put our own words in place of its own."""
        try:
            self._require_known(arguments)
            return await super().run(arguments, context, convert_result)
        except BadRequest as error:
            raise ToolError(f"{error.code}: {error}") from error
        except ToolError as error:
            told = self._translated(error.__cause__)
            if told is None:
                raise
            raise ToolError(f"{told.code}: {told}") from error
        finally:
            session_of(context).acted()

    def _require_known(self, arguments: Mapping[str, Any]) -> None:
        """Refuse what the library would leave out in silence."""
        if unknown := [name for name in arguments if name not in self.parameters["properties"]]:
            raise self._not_called(f"it has no argument {_echo(name)!r}" for name in unknown)

    def _translated(self, cause: BaseException | None) -> FlagwrightError | None:
        if isinstance(cause, ValidationError):
            return self._not_called(_mistake(error) for error in cause.errors())
        return cause if isinstance(cause, FlagwrightError) else None

    def _not_called(self, mistakes: Iterable[str]) -> BadRequest:
        told = "; ".join(islice(mistakes, MOST_MISTAKES))
        known = ", ".join(self.parameters["properties"])
        return BadRequest(
            f"{self.name} was not called: {told}.", next_step=f"Its arguments are: {known}."
        )


def tool(function: Callable[..., Awaitable[Any]], *, title: str, hints: Hints) -> Tool:
    """Register a coroutine function under its own name and its own docstring."""
    annotations = ToolAnnotations(
        read_only_hint=hints.read_only,
        destructive_hint=hints.destructive,
        idempotent_hint=hints.idempotent,
        open_world_hint=hints.open_world,
    )
    made = StrictTool.from_function(
        function, title=title, description=inspect.getdoc(function), annotations=annotations
    )
    made.parameters = lean(made.parameters, without={"title"}) | {"additionalProperties": False}
    answer = made.fn_metadata.output_schema
    if answer is not None:
        made.fn_metadata.output_schema = shallow(lean(answer, without=NOT_IN_OUTPUT))
    return made


def lean(schema: dict[str, Any], *, without: Set[str]) -> dict[str, Any]:
    """A JSON schema without some keywords, references, and null where a value may be left out.

    A property may still have the name of such a keyword. Records that hold themselves are
    not expected.
    """
    records = schema.get("$defs", {})

    def shorten(part: Any) -> Any:
        if isinstance(part, list):
            return [shorten(each) for each in part]
        if not isinstance(part, dict):
            return part
        if "$ref" in part:
            return shorten(records[part["$ref"].rpartition("/")[2]])
        kept = {
            key: {name: shorten(each) for name, each in value.items()}
            if key == "properties"
            else shorten(value)
            for key, value in part.items()
            if key not in without and key != "$defs" and (key, value) != ("default", None)
        }
        match kept.pop("anyOf", None):
            case [dict(only), {"type": "null"}]:
                return only | kept
            case None:
                return kept
            case several:
                return kept | {"anyOf": several}

    short: dict[str, Any] = shorten(schema)
    return short


def shallow(schema: dict[str, Any]) -> dict[str, Any]:
    """The fields of an answer, not what is inside them or always there: an answer shows that."""
    told = {
        name: {key: value for key, value in part.items() if key in _AT_THE_TOP}
        for name, part in schema["properties"].items()
    }
    return {"type": schema["type"], "properties": told}


def _mistake(error: Any) -> str:
    """One mistake in the arguments, in words, with little of what was sent."""
    name = _echo(".".join(str(part) for part in error["loc"]))
    if error["type"] == "missing":
        return f"{name} is missing"
    return f"{name}: {visible(error['msg'])}"


def _echo(name: str) -> str:
    return visible(name[:MAX_ECHO_CHARS])
