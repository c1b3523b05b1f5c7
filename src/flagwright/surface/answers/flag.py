"""Answer what the flag server holds. Descriptions are other people's text."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from flagwright.core.patch import visible
from flagwright.core.record import Record
from flagwright.core.records.flag import FlagState, Made
from flagwright.surface.answer import Answer, Words

if TYPE_CHECKING:
    from flagwright.core.duplicates import Match
    from flagwright.workbench.search import Found


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
    why: tuple[str, ...] = ()
    """Why it was found, with file and line where code says so."""


class CreateAnswer(Answer):
    """The flag, made or found equal."""

    status: Literal["created", "exists"]
    flag: FlagView
    similar: tuple[str, ...] = ()
    """Flags that this one may repeat, with the reason."""


class FindAnswer(Answer):
    """Flags of the project, best match first."""

    status: Literal["found", "none"]
    flags: tuple[FlagView, ...]
    total: int
    projects: tuple[str, ...] = ()
    environments: tuple[str, ...] = ()


def created(
    flag: FlagState,
    words: Words,
    made: Made,
    similar: Sequence["Match"] = (),
    left_out: Sequence[str] = (),
) -> CreateAnswer:
    """Answer a creation, or its repetition; what it may repeat is told, and stays as it is.

    Args:
        left_out: What the repository's policies say and what does not count.
    """
    did = {"created": "was created", "completed": "exists, and was tagged", "exists": "exists"}
    return CreateAnswer(
        status="created" if made == "created" else "exists",
        message=" ".join([f"{flag.name} {did[made]}, {_where_on(flag)}.", *map(visible, left_out)]),
        next_step=words[f"create.{'similar' if similar else made}"].format(
            flag=flag.name, other=visible(similar[0].flag.name) if similar else ""
        ),
        flag=view_flag(flag),
        similar=tuple(visible(f"{m.flag.name}: {'; '.join(m.why)}") for m in similar),
    )


def found(result: "Found", words: Words, *, stale: bool = False) -> FindAnswer:
    """Answer a search, or what is due to go."""
    matches, total = result.matches, result.total
    status: Literal["found", "none"] = "found" if matches else "none"
    what = "candidate" if stale else "flag"
    told = "archived" if not stale and status == "found" and _all_archived(matches) else status
    return FindAnswer(
        status=status,
        message=f"{total} {what}{'s' * (total != 1)}"
        + (f", the first {len(matches)} listed." if total > len(matches) else ".")
        + (
            f" {result.unjudged} more are on everywhere; since when was not looked at."
            if result.unjudged
            else ""
        ),
        next_step=words[f"{'stale' if stale else 'find'}.{told}"],
        flags=tuple(view_flag(match.flag, why=match.why) for match in matches),
        total=total,
        projects=tuple(map(visible, result.projects)),
        environments=tuple(map(visible, result.environments)),
    )


def view_flag(flag: FlagState, *, why: Sequence[str] = ()) -> FlagView:
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
        why=tuple(map(visible, why)),
    )


def _all_archived(matches: Sequence["Match"]) -> bool:
    return all(match.flag.archived for match in matches)


def _where_on(flag: FlagState) -> str:
    on = sorted(name for name, is_on in flag.environments.items() if is_on)
    return f"on in {', '.join(on)}" if on else "off everywhere"
