"""Judge past changes under two sets of policies, and say which rule moved which change.

Pure. One value holds everything that a table, a page or a program shows of it.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

from flagwright.core.demand import (
    ApprovalPolicy,
    Case,
    Server,
    accepts,
    demand_in_words,
    strictest,
)
from flagwright.core.policy.judge import hardest_first, hits, ruled
from flagwright.core.policy.names import Counted
from flagwright.core.policy.rules import RulesPolicy
from flagwright.core.policy.waivers import Waiver
from flagwright.core.record import Record, digest
from flagwright.core.records.change import Change
from flagwright.core.records.decision import Tier
from flagwright.core.records.score import Assessment, Band, RuleHit, Verdict
from flagwright.core.risk.engine import assess
from flagwright.core.risk.model import Weights
from flagwright.core.risk.past import Familiarity
from flagwright.core.risk.policy import RiskPolicy
from flagwright.core.risk.scale import begins

WORDS = ("title", "reason", "owner", "matches", "passes", "since", "until", "tier", "waivable")
"""What a rule says of itself, and what no finding depends on."""
State = Literal["free", "flagged", "refused"]
Kind = Literal[
    "new",
    "released",
    "blocked",
    "let-through",
    "refused-instead",
    "flagged-instead",
    "second-approver",
    "rules",
    "same",
]
_KINDS: dict[tuple[State, State], Kind] = {
    ("free", "flagged"): "new",
    ("flagged", "free"): "released",
    ("free", "refused"): "blocked",
    ("refused", "free"): "let-through",
    ("flagged", "refused"): "refused-instead",
    ("refused", "flagged"): "flagged-instead",
}
_SWAPS: dict[Kind, str] = {
    "flagged-instead": "no longer refused",
    "refused-instead": "refused instead",
}
"""What comes to the flagged, and what leaves them, beside the new and the released."""
FLAGGED: tuple[Verdict, ...] = ("flag", "reuse", "already-flagged")


class Judges(NamedTuple):
    """What a change is judged by."""

    risk: RiskPolicy
    weights: Weights
    rules: RulesPolicy
    waivers: tuple[Waiver, ...]
    approval: ApprovalPolicy
    server: Server


class Examined(NamedTuple):
    """What the score finds of a change when a flag is always due, and the change without texts."""

    scored: Assessment
    change: Change


class Judged(Record):
    """What one set of policies says of one change."""

    score: float
    band: Band
    verdict: Verdict
    tier: Tier | None
    rules: tuple[str, ...]
    """Rules that ask for something, the hardest first."""
    asks: dict[str, str]
    """What each of them asks for: its severity, and the tier where it names one."""
    tried: tuple[str, ...] = ()
    """Rules that would ask for something, and are only tried (`shadow`)."""
    approval: str
    """What an approval has to be, in words."""
    approval_by: dict[str, str]
    """What each line of approval.toml that speaks about it asks for."""
    points: dict[str, float]
    """Of each finding of the policy."""


class Moved(Record):
    """One change under both sets of policies."""

    at: int
    """In seconds since 1970."""
    before: Judged
    after: Judged
    moved_by: tuple[str, ...] = ()
    """Rules and settings that make the difference; empty where nothing that matters differs."""

    @property
    def kind(self) -> Kind:
        """What the edit does to it; each change counts once."""
        was, now = state(self.before), state(self.after)
        if was != now:
            return _KINDS[was, now]
        if self.asks_second:
            return "second-approver"
        return "rules" if self.moved_by else "same"

    @property
    def asks_second(self) -> bool:
        """Whether somebody else has to agree now, and had not to."""
        return not _names(self.before.tier) and _names(self.after.tier)


class Replayed(Moved):
    """One past change of the repository."""

    sha: str
    title: str


class Recorded(Moved):
    """What the ledger holds of one change: that it was scored here, and how it was approved."""

    change: str
    """Its digest."""
    flag: str | None = None
    approved: Tier | None = None
    """The door through which a person agreed to a plan for it; none: nobody did."""

    @property
    def is_short(self) -> bool:
        """Whether that approval would not do any more."""
        asked = self.after.tier
        return self.approved is not None and not accepts(self.approved, asked)


class Preview(Record):
    """What an edit of the policies would have done to the past of one repository."""

    repository: str
    since: int
    until: str
    """The newest commit."""
    before: str
    """Digest of the one set of policies."""
    after: str
    """And of the other."""
    changes: tuple[Replayed, ...]
    """Newest first."""
    unread: int = 0
    """Changes that could not be judged."""
    recorded: tuple[Recorded, ...] = ()
    """Changes that the ledger of this installation holds, newest first."""
    refused: Counted = Counted()
    """Flags that were made here, and those of them whose names are refused."""
    wrapped: Counted = Counted()
    """Files of the changes, and those of them that a plan would put behind a flag."""

    @property
    def moved(self) -> tuple[Replayed, ...]:
        """The changes for which the edit makes a difference."""
        return tuple(one for one in self.changes if one.moved_by)

    def in_words(self) -> str:
        """The whole in one line; what is behind a flag, and what is refused, adds up in it."""
        kinds = Counter(one.kind for one in self.changes)
        was = Counter(state(one.before) for one in self.changes)
        now = Counter(state(one.after) for one in self.changes)
        moves = [f"{kinds['new']} new", f"{kinds['released']} released"]
        moves += [f"{kinds[kind]} {says}" for kind, says in _SWAPS.items() if kinds[kind]]
        parts = [f"flagged {was['flagged']} -> {now['flagged']}; {', '.join(moves)}"]
        if was["refused"] or now["refused"]:
            more = kinds["blocked"] + kinds["refused-instead"]
            less = kinds["let-through"] + kinds["flagged-instead"]
            parts.append(f"refused {was['refused']} -> {now['refused']}; {more} more, {less} fewer")
        if second := sum(one.asks_second for one in self.changes):
            parts.append(f"{second} would have needed another person's approval")
        number = len(self.changes)
        line = f"{number} change{'s' * (number != 1)} on today's scale; {'; '.join(parts)}."
        return " ".join(filter(None, (line, *self._beside(), self._recorded_in_words())))

    def _beside(self) -> Iterator[str]:
        """What no verdict tells: of files and of names."""
        files, names = self.wrapped, self.refused
        if files.moves:
            yield f"Files that can wait behind a flag {files.before} -> {files.after}."
        if names.moves:
            of = f"of {names.number} flag{'s' * (names.number != 1)} made here"
            yield f"Names refused {names.before} -> {names.after}, {of}."
        tried = Counter(rule for one in self.changes for rule in one.after.tried)
        if tried:
            met = ", ".join(f"{rule} by {number}" for rule, number in tried.most_common())
            yield f"Rules that are only tried would be met: {met}."

    def _recorded_in_words(self) -> str:
        if not self.recorded:
            return ""
        was = sum(needs_flag(one.before) for one in self.recorded)
        now = sum(needs_flag(one.after) for one in self.recorded)
        approved = sum(one.approved is not None for one in self.recorded)
        short = sum(one.is_short for one in self.recorded)
        return (
            f"Ledger: {len(self.recorded)} scored here, flagged {was} -> {now}; "
            f"{approved} approved, of which {short} would have needed more."
        )


def state(judged: Judged) -> State:
    """What becomes of a change."""
    if judged.verdict == "blocked":
        return "refused"
    return "flagged" if needs_flag(judged) else "free"


def needs_flag(judged: Judged) -> bool:
    """Whether the change has to be behind a flag."""
    return judged.verdict in FLAGGED


def _names(tier: Tier | None) -> bool:
    return tier is not None and accepts(tier, "attested")


def findings_key(risk: RiskPolicy, weights: Weights) -> str:
    """Digest of what the findings of a change depend on: neither thresholds nor words."""
    said = risk.model_dump(mode="json", exclude={"bands": {"high", "critical"}, "owner": True})
    said["flag"] = said["flag"]["irreversible"]
    for signal in said.values():
        for rule in signal.get("rules", {}).values() if isinstance(signal, dict) else ():
            for words in WORDS:
                rule.pop(words, None)
    return digest([said, weights.model_dump(mode="json", exclude={"scale", "provenance"})])


def examine(
    changes: Sequence[tuple[Change, Familiarity]], risk: RiskPolicy, weights: Weights
) -> list[Examined]:
    """Do the costly part once: what the score finds, and whether a flag would help at all."""
    always = risk.flag.model_copy(update={"due": "riskiest 99.999 %"})
    due = risk.model_copy(update={"flag": always})
    found = []
    for change, past in changes:
        scored = assess(change, due, weights, past=past, policy_digest="0" * 64)
        slim = tuple(
            file.model_copy(update={"before": None, "after": None}) for file in change.files
        )
        found.append(Examined(scored, change.model_copy(update={"files": slim})))
    return found


def replay(
    examined: Sequence[tuple[Examined, Examined]], before: Judges, after: Judges
) -> list[tuple[Judged, Judged]]:
    """Judge each change twice, by what was found of it under the one and the other."""
    return [(judge_again(was, before), judge_again(now, after)) for was, now in examined]


def judge_again(examined: Examined, by: Judges, more: Sequence[RuleHit] = ()) -> Judged:
    """What one set of policies says of one change.

    Args:
        more: Rules that it meets by what is not there to be looked at any more.
    """
    scored, change = examined
    percentile = round(by.weights.scale.percentile(scored.score), 1) if scored.score else 0.0
    verdict = scored.verdict
    if verdict in ("flag", "reuse") and percentile < begins(by.risk.flag.due):
        verdict = "not-needed"
    band = by.risk.bands.of(percentile)
    told = scored.model_copy(update={"band": band, "percentile": percentile, "verdict": verdict})
    met = hits(change, told, by.risk, by.rules, by.waivers)
    found = ruled(told, hardest_first([*met, *more]))
    case = Case(
        band=found.band,
        server=by.server,
        paths=tuple(file.path for file in change.files),
        least=strictest(hit.tier for hit in found.rules if hit.bites),
    )
    biting = [hit for hit in found.rules if hit.bites]
    demand = by.approval.demand(case)
    return Judged(
        score=found.score,
        band=found.band,
        verdict=found.verdict,
        tier=demand.tier,
        rules=tuple(dict.fromkeys(hit.rule for hit in biting)),
        asks={hit.rule: " ".join(filter(None, (hit.severity, hit.tier))) for hit in biting[::-1]},
        tried=tuple(dict.fromkeys(hit.rule for hit in found.rules if hit.shadow)),
        approval=demand_in_words(demand.model_copy(update={"tried": ()})),
        approval_by=by.approval.asking(case),
        points=_points(found),
    )


def _points(found: Assessment) -> dict[str, float]:
    points: dict[str, float] = {}
    for finding in found.findings:
        if not finding.rule.startswith(("exposure.", "unfamiliarity.")):
            points[finding.rule] = round(points.get(finding.rule, 0) + finding.points, 2)
    return points
