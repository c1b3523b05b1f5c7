"""Answer everything that is known of one flag. Descriptions and links are other people's text."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from flagwright.core.patch import visible
from flagwright.core.records.entry import LedgerEntry
from flagwright.core.rollout import meant_without_user
from flagwright.core.strategy import Environment, in_words
from flagwright.surface.answer import Answer, Words
from flagwright.surface.answers.flag import FlagView, view_flag
from flagwright.surface.answers.switch import told_of_nobody

if TYPE_CHECKING:
    from flagwright.workbench.flags import Known

MOST_PLACES, MOST_ENTRIES = 6, 3
ALL_PLACES, MANY_ENTRIES = 200, 20
"""With detail."""
OWN_LINK = "flagwright "
"""Titles of the links that carry the ledger."""


class GetAnswer(Answer):
    """One flag: who is let in where, where the code checks it, what was done to it."""

    status: Literal["found", "archived"]
    flag: FlagView
    environments: dict[str, str]
    """On or off and for whom, in words."""
    stage: str | None = None
    """Of its life, and since when."""
    checked_at: tuple[str, ...] | None = None
    """`path:line`; none where no repository was looked at."""
    other_places: tuple[str, ...] = ()
    depends_on: tuple[str, ...] = ()
    needed_by: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    ledger: tuple[str, ...] = ()


def most_entries(*, detail: bool) -> int:
    """How many ledger entries are told."""
    return MANY_ENTRIES if detail else MOST_ENTRIES


def known(found: "Known", words: Words, *, detail: bool) -> GetAnswer:
    """Answer a look at one flag.

    Args:
        detail: Whether tags, links, mentions and everything else beyond the first are told.
    """
    one, flag = found.detail, found.detail.flag
    status: Literal["found", "archived"] = "archived" if flag.archived else "found"
    most = ALL_PLACES if detail else MOST_PLACES
    checks = [str(place) for place in found.code or () if place.what == "check"]
    others = [f"{place} ({place.what})" for place in found.code or () if place.what != "check"]
    others += map(str, found.elsewhere)
    links = [f"{link.title} {link.url}".strip() for link in one.links if _is_theirs(link.title)]
    step = "get.asked" if checks and status == "found" else f"get.{status}"
    return GetAnswer(
        status=status,
        message=_message(found),
        next_step=words[step].format(flag=visible(flag.name)),
        flag=view_flag(flag),
        environments={e.name: visible(_placed(e, flag.name, detail)) for e in one.environments},
        stage=f"{one.stage} since {_when(one.stage_since)}" if one.stage else None,
        checked_at=None if found.code is None else _first(checks, most),
        other_places=_first(others, most) if detail else (),
        depends_on=tuple(map(visible, one.depends_on)),
        needed_by=tuple(map(visible, one.needed_by)),
        tags=tuple(map(visible, flag.tags)) if detail else (),
        links=tuple(map(visible, links)) if detail else (),
        ledger=tuple(map(_entry, found.entries)),
    )


def _message(found: "Known") -> str:
    """The whole of it in one sentence."""
    one, flag = found.detail, found.detail.flag
    if flag.archived:
        where = "is archived; its name stays taken"
    else:
        on = [e.name for e in one.environments if e.on]
        where = f"is on in {' and '.join(on)}" if on else "is off everywhere"
    checks = sum(place.what == "check" for place in found.code or ())
    code = "" if found.code is None else f"; code checks it in {checks} place{'s' * (checks != 1)}"
    return visible(f"{flag.name} {where}{code}.") + _told_of_nobody(found)


def _told_of_nobody(found: "Known") -> str:
    """What comes of code that hands over no user, in the first environment where that counts."""
    for place in found.detail.environments:
        if place.on and (comes := meant_without_user(place)):
            return told_of_nobody(f"in {visible(place.name)}, {comes}", found.for_nobody)
    return ""


def _placed(environment: Environment, flag: str, detail: bool) -> str:  # noqa: FBT001 (told apart by place)
    rollout = in_words(environment.strategies, flag, brief=not detail)
    words = [f"{'on' if environment.on else 'off'}, {rollout}"]
    if environment.last_seen_at:
        words.append(f"last seen {_when(environment.last_seen_at)}")
    if detail and environment.yes + environment.no:
        words.append(f"{environment.yes} yes and {environment.no} no in the last hour")
    return "; ".join(words)


def _entry(entry: LedgerEntry) -> str:
    who = entry.actor.person or entry.actor.assistant or "unknown"
    how = "" if entry.outcome == "done" else f" ({entry.outcome}: {entry.code})"
    where = f" in {entry.subject.environment}" if entry.subject.environment else ""
    return visible(f"{_when(entry.at)} {entry.action}{where}{how} by {who}")


def _is_theirs(title: str) -> bool:
    return not title.startswith(OWN_LINK)


def _first(places: Sequence[str], most: int) -> tuple[str, ...]:
    shown = tuple(map(visible, places[:most]))
    more = len(places) - most
    return (*shown, f"and {more} more: ask for detail") if more > 0 else shown


def _when(at: datetime | None) -> str:
    return at.strftime("%Y-%m-%d %H:%M") if at else "an unknown day"
