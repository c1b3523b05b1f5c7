"""Answer what would be sent to the flag server."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

from flagwright.core.record import Record
from flagwright.surface.answer import Answer, Words

if TYPE_CHECKING:
    from flagwright.workbench import Request


class RequestView(Record):
    """One request, exactly as it would be sent."""

    method: str
    url: str
    body: Any = None


class RehearsalAnswer(Answer):
    """The requests that a command would send, in their order; none was."""

    status: Literal["rehearsed"] = "rehearsed"
    needs_approval: bool = False
    requests: tuple[RequestView, ...]


def rehearsed(
    found: Answer, server: str, requests: Sequence["Request"], words: Words
) -> RehearsalAnswer:
    """Answer a dry run, which found something out in any case."""
    count, waits = len(requests), found.status == "proposed"
    message = f"{count} request{'s' * (count != 1)} would be sent"
    message += " once a person has approved; none was." if waits else "; none was."
    return RehearsalAnswer(
        message=message if requests else f"Nothing would be sent. {found.message}",
        needs_approval=waits,
        next_step=words["dry-run.rehearsed"] if requests else found.next_step,
        requests=tuple(
            RequestView(method=one.method, url=f"{server}{one.path}", body=one.body)
            for one in requests
        ),
    )
