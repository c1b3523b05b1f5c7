"""Judge before a release whether every flag check that it adds is accounted for.

Pure. What was approved and applied is read from the ledger as the flag server holds it, so
that any machine comes to the same answer.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Literal

from flagwright.core.audit import Witness
from flagwright.core.demand import accepts
from flagwright.core.ledger import seal
from flagwright.core.record import Record
from flagwright.core.records.change import Change, Hunk, Line
from flagwright.core.records.decision import Tier
from flagwright.core.records.entry import LedgerEntry
from flagwright.core.wrapping.checks import flag_checks
from flagwright.core.wrapping.policy import WrappingPolicy

Found = Literal["accounted", "not-needed", "no-flag", "archived", "no-plan", "unflagged"]


class AddedCheck(Record):
    """A flag check on a line that the range adds or changes."""

    flag: str
    path: str
    line: Line


class Judged(Record):
    """What is known of one flag whose checks a range adds."""

    flag: str
    checks: tuple[AddedCheck, ...]
    found: Found
    because: str
    """Why, in one sentence without an end."""
    files: tuple[str, ...] = ()
    """What is committed without the flag, although a plan put it there."""


class Merged(Record):
    """What a range brings by pull requests, as far as a clone knows."""

    commits: frozenset[str] = frozenset()
    """Every commit of the range, in hex."""
    owned: frozenset[str] = frozenset()
    """Changed files that have an owner in CODEOWNERS as it was before the range."""


def credible(held: Iterable[Witness]) -> list[LedgerEntry]:
    """Entries as the server holds them, without attestations that nobody else wrote.

    An approval by attestation counts as the event of another person's token than the one that
    recorded the proposal; what an installation says of it for itself does not.
    """
    known = [(witness, witness.entry) for witness in held if witness.entry]
    authors = {entry.plan: w.user for w, entry in known if entry.action == "proposed"}
    return [
        entry
        for witness, entry in known
        if entry.actor.tier != "attested"
        or (witness.user > 0 and authors.get(entry.plan, witness.user) != witness.user)
    ]


def added_checks(change: Change, policy: WrappingPolicy) -> tuple[AddedCheck, ...]:
    """Every check on a line that is new, outside the team's tests, by path and line."""
    return tuple(
        AddedCheck(flag=check.name, path=file.path, line=check.line)
        for file in change.files
        if file.after and file.path.endswith(".py") and not policy.is_test(file.path)
        for check in flag_checks(file.after, policy)
        if any(_holds(hunk, check.line) for hunk in file.hunks)
    )


def _holds(hunk: Hunk, line: int) -> bool:
    return hunk.after_start <= line < hunk.after_start + len(hunk.added)


def judge_flag(
    checks: Sequence[AddedCheck],
    *,
    state: Literal["living", "archived", "unknown"],
    needed: Tier | None,
    entries: Iterable[LedgerEntry],
    repository: str,
    merged: Merged,
) -> Judged:
    """Say whether a flag whose checks are added is on the server, and was approved and applied.

    Args:
        checks: The added checks of one flag; at least one.
        needed: Least tier of the approval; none: the policy wants no plan here.
        entries: Of this flag, in the server's order.
        repository: Identity of the one whose range it is.
        merged: What the range brings by pull requests.
    """
    flag = checks[0].flag

    def judged(found: Found, because: str) -> Judged:
        return Judged(flag=flag, checks=tuple(checks), found=found, because=because)

    if state == "unknown":
        return judged("no-flag", "the flag server has no such flag")
    if state == "archived":
        return judged("archived", "the flag is archived on the flag server")
    if needed is None:
        return judged("not-needed", "the policy wants no plan for a change of this risk")
    known = [entry for entry in entries if entry.subject.flag == flag]
    applied = {**_merged(known, needed, merged), **_applied(known, needed)}
    here = [entry for entry in applied.values() if entry.subject.repository == repository]
    missing = () if _unnamed(here) else {check.path for check in checks} - _paths(here)
    if here and not missing:
        return judged("accounted", f"plan {', '.join(sorted(_short(here)))} {_how(here)}")
    if here:
        return judged("no-plan", f"no applied plan wrote {', '.join(sorted(missing))}")
    if applied:
        return judged(
            "no-plan",
            "its plans were applied in another repository (of a shallow clone, nobody can tell:"
            " fetch the whole history)",
        )
    return judged("no-plan", _unmerged(known, merged) or _lacking(known, needed))


def judge_unflagged(plan: LedgerEntry, files: Sequence[str], missing: Sequence[str]) -> Judged:
    """Say that an applied plan is not what was committed.

    Args:
        files: At least one, each without what the plan wrote.
        missing: Those of them that are not there at all.
    """
    (short,) = _short([plan])
    there = [path for path in files if path not in missing]
    said = [
        *([f"{', '.join(there)} as before it, without the flag"] if there else []),
        *([f"nothing of {', '.join(missing)}, which it wrote"] if missing else []),
    ]
    because = f"plan {short} was applied, and the range commits {' and '.join(said)}"
    flag = plan.subject.flag or ""
    return Judged(flag=flag, checks=(), found="unflagged", because=because, files=tuple(files))


def _applied(entries: Sequence[LedgerEntry], needed: Tier) -> Mapping[str, LedgerEntry]:
    """Plans that somebody approved through a good enough door, then applied, and did not undo."""
    approved: set[str] = set()
    applied: dict[str, LedgerEntry] = {}
    for entry in entries:
        if entry.plan is None or entry.outcome != "done" or seal(entry) != entry.hash:
            continue
        if entry.action == "approved" and entry.actor.tier and accepts(entry.actor.tier, needed):
            approved.add(entry.plan)
        elif entry.action == "applied" and entry.plan in approved and entry.kind != "retire":
            applied[entry.plan] = entry
        elif entry.action == "undone":
            applied.pop(entry.plan, None)
    return applied


def _merged(
    entries: Sequence[LedgerEntry], needed: Tier, merged: Merged
) -> Mapping[str, LedgerEntry]:
    """Exported plans whose very commit is in the range, all of whose files have code owners."""
    if not accepts("pull-request", needed):
        return {}
    return {
        entry.plan: entry
        for entry in entries
        if entry.plan
        and (entry.action, entry.outcome) == ("exported", "done")
        and seal(entry) == entry.hash
        and entry.subject.commit in merged.commits
        and entry.subject.paths_total == len(entry.subject.paths)
        and set(entry.subject.paths) <= merged.owned
    }


def _how(here: Collection[LedgerEntry]) -> str:
    if any(entry.action == "exported" for entry in here):
        return "was exported, and merged through CODEOWNERS"
    return "was approved and applied"


def _paths(applied: Collection[LedgerEntry]) -> set[str]:
    return {path for entry in applied for path in entry.subject.paths}


def _unnamed(applied: Collection[LedgerEntry]) -> bool:
    """Whether an entry counts more files than it names."""
    return any(e.subject.paths_total > len(e.subject.paths) for e in applied)


def _short(applied: Collection[LedgerEntry]) -> set[str]:
    return {entry.plan[:12] for entry in applied if entry.plan}


def _unmerged(entries: Sequence[LedgerEntry], merged: Merged) -> str:
    """What keeps a plan that was exported last from counting as merged; else nothing."""
    last = next((e for e in reversed(entries) if e.plan and e.outcome == "done"), None)
    if last is None or last.action != "exported":
        return ""
    if last.subject.commit not in merged.commits:
        return "its plan was exported, but that commit is not in the range (squashed or rebased?)"
    if nobodys := set(last.subject.paths) - merged.owned:
        return f"its plan was merged, but CODEOWNERS had nobody for {', '.join(sorted(nobodys))}"
    return ""


def _lacking(entries: Sequence[LedgerEntry], needed: Tier) -> str:
    """How far a flag got that has no applied plan."""
    done = {entry.action for entry in entries if entry.outcome == "done"}
    if "undone" in done:
        return "its plan was undone"
    if "applied" in done:
        return f"its plan was not approved by {needed} before it was applied"
    if "approved" in done:
        return "its plan was approved, but never applied"
    if "proposed" in done:
        return "its plan was never approved"
    return "the flag server's ledger has no plan for it"
