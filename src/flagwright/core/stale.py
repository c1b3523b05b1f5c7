"""Say which flags are due to go, with the evidence, worst first.

Pure: the time comes in, and everything that was found out about each flag.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime

from pydantic import AwareDatetime

from flagwright.core.duplicates import Match
from flagwright.core.place import Place
from flagwright.core.record import Record
from flagwright.core.records.flag import FlagState
from flagwright.core.rollout import RolloutPolicy

UNKNOWN, ARCHIVED, ASKED, EXPIRED, MARKED, FULL, OLD, UNSEEN = 100, 90, 80, 60, 50, 45, 40, 30
"""How bad each kind of evidence is; they add up. Broken promises weigh more than old age."""
A_DAY = 0.1
"""What each day over a limit adds."""
NOT_THERE = "unknown"
"""Type of a flag that the server does not have."""


class Asking(Record):
    """Applications that ask for a flag which the server never had."""

    last_at: AwareDatetime
    applications: tuple[str, ...] = ()


class Evidence(Record):
    """What is known beside the flags themselves."""

    lifetimes: dict[str, int | None]
    """Days that a flag of each type is expected to live; none: for ever."""
    full_since: dict[str, datetime]
    """Flags that are on for everybody everywhere, and since when nothing changed."""
    checks: dict[str, tuple[Place, ...]] | None
    """Where code asks for each flag; none: no repository was looked at."""
    asked: dict[str, Asking] = {}
    """Flags that the server never had, and who asks for them."""
    named: frozenset[str] = frozenset()
    """Flags that a file of the repository names."""


def stale(
    flags: Sequence[FlagState],
    archived: Collection[str] | None,
    evidence: Evidence,
    policy: RolloutPolicy,
    project: str,
    *,
    now: datetime,
) -> tuple[Match, ...]:
    """Every candidate for removal, worst first.

    Args:
        archived: Names of archived flags; none: the server did not say.
    """
    known = {flag.name for flag in flags}
    found = [_match(flag, [*_reasons(flag, evidence, policy, now)], evidence) for flag in flags]
    for name in ((evidence.checks or {}).keys() | evidence.asked.keys()) - known:
        gone = name in (archived or ())
        flag = FlagState(name=name, type=NOT_THERE, project=project, archived=gone)
        reasons = [*_missing(name, evidence, archived=None if archived is None else gone)]
        found.append(_match(flag, reasons, evidence))
    candidates = [one for one in found if one]
    return tuple(sorted(candidates, key=lambda one: (-one.likeness, one.flag.name)))


def _match(flag: FlagState, reasons: list[tuple[float, str]], evidence: Evidence) -> Match | None:
    if not reasons:
        return None
    why = [words for _, words in sorted(reasons, key=lambda reason: -reason[0])]
    if evidence.checks is not None:
        why.append(_in_code(flag.name, evidence.checks, evidence))
    return Match(flag=flag, why=tuple(why), likeness=round(sum(s for s, _ in reasons), 1))


def _missing(
    name: str, evidence: Evidence, *, archived: bool | None
) -> Iterator[tuple[float, str]]:
    """Why a flag that is not there is one to look at."""
    if name in (evidence.checks or ()):
        words = "the project has no such flag"
        if archived is None:
            words = "the project has no living flag of this name"
        yield (ARCHIVED, "archived, and code still asks for it") if archived else (UNKNOWN, words)
    if asking := evidence.asked.get(name):
        who = ", ".join(asking.applications) or "an application"
        yield ASKED, f"never made, and asked for by {who}, last on {asking.last_at:%Y-%m-%d %H:%M}"


def _in_code(name: str, checks: Mapping[str, Sequence[Place]], evidence: Evidence) -> str:
    places = checks.get(name, ())
    if not places:
        return "named in code" if name in evidence.named else "no code here names it"
    more = f" and {len(places) - 1} more" if len(places) > 1 else ""
    return f"checked at {places[0]}{more}"


def _reasons(
    flag: FlagState, evidence: Evidence, policy: RolloutPolicy, now: datetime
) -> Iterator[tuple[float, str]]:
    age = (now - flag.created_at).days if flag.created_at else 0
    lifetime = evidence.lifetimes.get(flag.type)
    if flag.expires_on and (late := (now.date() - flag.expires_on).days) > 0:
        yield EXPIRED + late * A_DAY, f"expired on {flag.expires_on}, {late} days ago"
    if lifetime and age > lifetime:
        over = age - lifetime
        yield OLD + over * A_DAY, f"{age} days old, where {lifetime} are expected of its type"
    if flag.stale:
        yield MARKED, "marked stale on the flag server"
    since = evidence.full_since.get(flag.name)
    if lifetime and since and (full := (now - since).days) >= policy.full_days:
        yield FULL + full * A_DAY, f"on for everybody everywhere, unchanged for {full} days"
    seen = flag.last_seen_at or flag.created_at
    if seen and (unseen := (now - seen).days) >= policy.unseen_days:
        never = f"never asked for, made {age} days ago"
        words = f"not asked for in {unseen} days" if flag.last_seen_at else never
        yield UNSEEN + unseen * A_DAY, words
