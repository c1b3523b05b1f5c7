"""Answer what the flag server holds. Descriptions are other people's text."""

from collections.abc import Sequence
from typing import Literal

from flagwright.core.patch import visible
from flagwright.core.records import FlagState, Record
from flagwright.surface.answers.answer import Answer, Words


class FlagView(Record):
    """A flag on the server. Its description is other people's text."""

    name: str
    type: str
    description: str = ""
    owner: str | None = None
    expires_on: str | None = None
    on_in: tuple[str, ...] = ()
    """Environments in which it is on."""
    stale: bool = False
    archived: bool = False


class CreateAnswer(Answer):
    """The flag, made or found equal."""

    status: Literal["created", "exists"]
    flag: FlagView


class FindAnswer(Answer):
    """Flags of the project, best match first."""

    status: Literal["found", "none"]
    flags: tuple[FlagView, ...]
    total: int


def created(flag: FlagState, words: Words, *, new: bool) -> CreateAnswer:
    """Answer a creation, or its repetition."""
    status: Literal["created", "exists"] = "created" if new else "exists"
    return CreateAnswer(
        status=status,
        message=f"{flag.name} {'was created' if new else 'exists'}, {_where_on(flag)}.",
        next_step=words[f"create.{status}"].format(flag=flag.name),
        flag=view_flag(flag),
    )


def found(flags: Sequence[FlagState], total: int, words: Words) -> FindAnswer:
    """Answer a search."""
    status: Literal["found", "none"] = "found" if flags else "none"
    return FindAnswer(
        status=status,
        message=f"{total} flag{'s' * (total != 1)}"
        + (f", the first {len(flags)} listed." if total > len(flags) else "."),
        next_step=words[f"find.{status}"],
        flags=tuple(view_flag(flag) for flag in flags),
        total=total,
    )


def view_flag(flag: FlagState) -> FlagView:
    """Show a flag; a stranger's description is cut short and made visible."""
    return FlagView(
        name=visible(flag.name),
        type=flag.type,
        description=visible(flag.description[:160]),
        owner=visible(flag.owner) if flag.owner else None,
        expires_on=flag.expires_on.isoformat() if flag.expires_on else None,
        on_in=tuple(sorted(name for name, on in flag.environments.items() if on)),
        stale=flag.stale,
        archived=flag.archived,
    )


def _where_on(flag: FlagState) -> str:
    on = sorted(name for name, is_on in flag.environments.items() if is_on)
    return f"on in {', '.join(on)}" if on else "off everywhere"
