"""Judge again what the ledger holds: changes that were scored and approved here.

Pure. Of such a change the findings and the files are kept, and not its lines: a rule that searches
lines counts where it counted then, as long as there is one of its name.
"""

from collections.abc import Callable, Iterable, Iterator

from flagwright.core.policy.movement import moved_by
from flagwright.core.policy.replay import Examined, Judged, Judges, Recorded, judge_again
from flagwright.core.policy.rules import ChangeRule, RulesPolicy
from flagwright.core.records.change import Change, FileChange
from flagwright.core.records.decision import Tier
from flagwright.core.records.entry import LedgerEntry
from flagwright.core.records.score import Assessment, RuleHit

Known = Callable[[str], Assessment | None]
"""The newest score of a change, by its digest."""


def replay_recorded(
    entries: Iterable[LedgerEntry], known: Known, by: Callable[[Change], tuple[Judges, Judges]]
) -> tuple[Recorded, ...]:
    """Every change that entries tell of and whose score is kept, newest first.

    Args:
        entries: Of one repository and one span of time, oldest first.
        by: What a change is judged by before the edit, and after it.
    """
    told = [entry for entry in entries if entry.outcome == "done"]
    plans = {entry.plan: entry for entry in told if entry.action == "proposed" and entry.change}
    approved: dict[str | None, Tier | None] = {
        plans[entry.plan].change: entry.actor.tier
        for entry in told
        if entry.action == "approved" and entry.plan in plans
    }
    scored = {
        entry.change: entry
        for entry in told
        if entry.action in ("scored", "proposed") and entry.subject.repository
    }
    found = []
    for change, entry in scored.items():
        if change is None or (kept := known(change)) is None:
            continue
        examined = _examined(kept, entry)
        was, now = (_again(examined, kept, one) for one in by(examined.change))
        found.append(
            Recorded(
                change=change,
                at=int(entry.at.timestamp()),
                flag=entry.subject.flag,
                approved=approved.get(change),
                before=was,
                after=now,
                moved_by=moved_by(was, now),
            )
        )
    return tuple(sorted(found, key=lambda one: -one.at))


def _examined(kept: Assessment, entry: LedgerEntry) -> Examined:
    """As if a flag had been due, and no rule had been there."""
    verdict = kept.verdict
    if verdict in ("not-needed", "blocked", "flag"):
        verdict = ("reuse" if kept.flags else "flag") if kept.score else "not-needed"
    paths = {*entry.subject.paths, *(one.path for one in kept.findings if one.path)}
    files = tuple(FileChange(path=path, kind="modified") for path in sorted(paths))
    change = Change(base="diff", head="diff", files=files, digest=kept.change_digest)
    return Examined(kept.model_copy(update={"verdict": verdict, "rules": ()}), change)


def _again(examined: Examined, kept: Assessment, by: Judges) -> Judged:
    return judge_again(examined, by, [*_by_lines(kept.rules, by.rules)])


def _by_lines(hits: Iterable[RuleHit], rules: RulesPolicy) -> Iterator[RuleHit]:
    """Of rules that search lines, or go by owners: as they were met, asking what they ask now."""
    named = rules.named()
    for hit in hits:
        rule = named.get(hit.rule)
        if rule and needs_lines(rule):
            tier = rule.tier if rule.severity == "require-approval" else None
            told = {"severity": rule.severity, "tier": tier, "shadow": rule.shadow}
            yield hit.model_copy(update=told)


def needs_lines(rule: ChangeRule) -> bool:
    """Whether more than a path and the findings has to be known."""
    return bool(rule.added or rule.removed or rule.owners)
