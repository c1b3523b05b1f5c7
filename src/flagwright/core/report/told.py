"""Read off the ledger what a report says of people, and put each flag's life together."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime, time

from flagwright.core.duplicates import Match
from flagwright.core.flag import FlagEvent
from flagwright.core.records.entry import LedgerEntry
from flagwright.core.records.flag import FlagState
from flagwright.core.records.score import Assessment
from flagwright.core.report import Approval, FlagLife, Risky

DECISIONS = ("approved", "rejected")
RISKY = ("high", "critical")


def approvals(entries: Sequence[LedgerEntry], since: datetime) -> tuple[Approval, ...]:
    """Every decision since a day, with the time from the proposal to it."""
    proposed: dict[str | None, LedgerEntry] = {}
    found = []
    for entry in entries:
        if entry.outcome != "done" or entry.plan is None:
            continue
        if entry.action == "proposed":
            proposed.setdefault(entry.plan, entry)
        if entry.action in DECISIONS and entry.at >= since:
            first = proposed.get(entry.plan)
            found.append(
                Approval(
                    plan=entry.plan,
                    flag=entry.subject.flag or "",
                    kind=entry.kind or "",
                    verdict=entry.action,
                    by=entry.actor.account or entry.actor.person or "unknown",
                    tier=entry.actor.tier,
                    band=entry.band or (first.band if first else None),
                    at=entry.at,
                    took_s=(entry.at - first.at).total_seconds() if first else None,
                )
            )
    return tuple(found)


def about(entries: Sequence[LedgerEntry], repositories: Collection[str]) -> list[LedgerEntry]:
    """What is about some repositories, or no repository but a flag that one of them has.

    Args:
        repositories: Their identities, as entries name them.
    """
    theirs = {e.subject.flag for e in entries if e.subject.repository in repositories}
    return [
        entry
        for entry in entries
        if entry.subject.repository in repositories
        or (entry.subject.repository is None and entry.subject.flag in theirs - {None})
    ]


def risky(
    entries: Sequence[LedgerEntry], known: Callable[[str], Assessment | None], since: datetime
) -> Risky:
    """Changes of high risk that were scored, and how many of them are behind a flag.

    Args:
        known: Scores that are kept, by change: they say which checked a flag already.
    """
    done = [entry for entry in entries if entry.outcome == "done"]
    applied = {entry.plan for entry in done if entry.action == "applied" and entry.kind != "retire"}
    wrapped = {
        entry.change for entry in done if entry.action == "proposed" and entry.plan in applied
    }
    scored = {
        entry.change
        for entry in done
        if entry.change and entry.band in RISKY and entry.at >= since and entry.kind != "switch"
    }
    already = {
        change
        for change in scored
        if (kept := known(change)) is not None and kept.verdict == "already-flagged"
    }
    return Risky(scored=len(scored), behind=len(scored & (wrapped | already)))


def lives(
    flags: Iterable[FlagState],
    events: Iterable[FlagEvent],
    reaches: Mapping[str, int],
    full_since: Mapping[str, datetime],
    lifetimes: Mapping[str, int | None],
    due: Iterable[Match],
) -> tuple[FlagLife, ...]:
    """Put together what is known of each flag."""
    by_flag: dict[str, list[FlagEvent]] = defaultdict(list)
    for event in events:
        by_flag[event.flag].append(event)
    matches = {match.flag.name: match for match in due}
    return tuple(
        FlagLife(
            name=flag.name,
            type=flag.type,
            owner=flag.owner,
            created_at=flag.created_at,
            expires_on=flag.expires_on and datetime.combine(flag.expires_on, time.max, UTC),
            archived=flag.archived,
            reach=reaches.get(flag.name),
            full_since=full_since.get(flag.name),
            lifetime_days=lifetimes.get(flag.type),
            events=tuple(sorted(by_flag[flag.name], key=lambda event: event.at)),
            why_due=matches[flag.name].why if flag.name in matches else (),
            badness=matches[flag.name].likeness if flag.name in matches else 0,
        )
        for flag in flags
        if flag.created_at
    )
