"""Tell a decision in words that a manager understands: what decided, and what would change it.

Pure. Where a rule or a setting stands comes in.
"""

from collections.abc import Callable, Iterator, Sequence

from flagwright.core.demand import ApprovalPolicy, Case, demand_in_words
from flagwright.core.record import Record
from flagwright.core.records.score import Assessment, Finding, RuleHit, Verdict
from flagwright.core.risk.policy import RiskPolicy
from flagwright.core.risk.scale import begins
from flagwright.core.risk.verdict import compared
from flagwright.core.stops import MEANS

MOST_FINDINGS = 5
DUE: tuple[Verdict, ...] = ("flag", "reuse")
Place = Callable[[str, tuple[str | int, ...]], tuple[str, str]]
"""The layer, and `path:line`, of a key of a policy."""
LAYERS = {
    "shipped": "ships with Flagwright",
    "organisation": "your organisation",
    "own": "your own",
    "repository": "repository",
}
_ASKS = {
    "note": "is shown, and asks for nothing",
    "require-flag": "asks for a feature flag",
    "require-approval": "asks for a feature flag, and for an approval",
    "block": "stops the change",
}


_VERDICTS: dict[Verdict, str] = {
    "flag": "It has to be behind a feature flag",
    "reuse": "It has to be behind the feature flag that is there already",
    "already-flagged": "It is behind a feature flag already",
    "not-needed": "It needs no feature flag",
    "not-suited": "A feature flag would not help",
    "blocked": "It is refused",
}


class Reason(Record):
    """One rule or setting that counted."""

    rule: str
    says: str
    layer: str
    place: str
    """`path:line` in the policy."""
    change: str
    """What would have to be otherwise."""


class Explanation(Record):
    """Why something was decided as it was."""

    about: str
    says: str
    reasons: tuple[Reason, ...] = ()
    policy: str | None = None
    """Digest of the policies that counted; none: nothing was judged."""
    warnings: tuple[str, ...] = ()
    """What did not count, and what was to be seen to."""


def explain(
    about: str,
    found: Assessment,
    risk: RiskPolicy,
    place: Place,
    approval: Sequence[Reason] = (),
    *,
    retires: bool = False,
) -> Explanation:
    """Put rules first, then the band and the flag, then what made the score.

    Args:
        approval: What asks for the approval of a plan.
        retires: Whether it takes a flag out, so that none is asked for.
    """
    than = f": riskier than {found.percentile:g} % of {compared(found.compared_with)}"
    told = "" if "iskier than" in found.because else than
    verdict = f"{_VERDICTS[found.verdict]}. {found.because}"
    if retires:
        told, verdict = than, "It takes a feature flag out, and needs none."
    says = f"{about} scored {found.score:g} of 100, which is {found.band} risk{told}. {verdict}"
    reasons = [_of_rule(hit, place) for hit in found.rules]
    reasons += _band(found, risk, place)
    reasons += () if retires else _due(found, risk, place)
    reasons += approval
    reasons += _findings(found.findings, risk, place)
    return Explanation(
        about=about,
        says=says,
        reasons=tuple(reasons),
        policy=found.policy_digest,
        warnings=found.warnings,
    )


def approval_reasons(
    case: Case, hits: Sequence[RuleHit], policy: ApprovalPolicy, place: Place
) -> Iterator[Reason]:
    """What an approval of a plan needs by what asks for most of it, then each rule of approvals.

    Args:
        hits: Rules of the change.
    """
    demand = policy.demand(case)
    means = f" ({MEANS[demand.tier]})" if demand.tier else ""
    name, key = _asking_most(case, hits, policy)
    layer, at = place(name, key)
    yield Reason(
        rule=f"approval.{'.'.join(map(str, key))}",
        says=f"This plan of {case.band} risk needs an approval: {demand_in_words(demand)}{means}.",
        layer=layer,
        place=at,
        change="A change of lower risk, or one that meets no rule, asks for less.",
    )
    for rule_id, rule in policy.rules.items():
        if rule.meets(case):
            layer, at = place("approval", ("rules", rule_id))
            asks = "would ask, were it not only tried out," if rule.shadow else "asks"
            less = "Nothing has to change." if rule.shadow else "Leave out what it speaks about."
            yield Reason(
                rule=rule_id,
                says=f"{rule.title}. The rule {asks} for {demand_in_words(rule.alone())}. "
                f"{rule.reason} (owner: {rule.owner})",
                layer=layer,
                place=at,
                change=less,
            )


def _asking_most(
    case: Case, hits: Sequence[RuleHit], policy: ApprovalPolicy
) -> tuple[str, tuple[str | int, ...]]:
    """The policy and the key that ask for most of what an approval of a plan needs."""
    demand = policy.demand(case)
    if demand.rules:
        return "approval", ("rules", demand.rules[0])
    usual = policy.demand(case.model_copy(update={"least": None}))
    asking = (hit.rule for hit in hits if hit.bites and hit.tier == demand.tier)
    if demand.tier != usual.tier and (rule := next(asking, None)):
        return key_of(rule)
    is_free = case.environment in policy.free_environments
    return "approval", ("free_environments",) if is_free else ("least_tier", case.band)


def _of_rule(hit: RuleHit, place: Place) -> Reason:
    policy, key = key_of(hit.rule)
    layer, at = place(policy, key)
    where = f" at {_place(hit)}" if hit.path else ""
    more = f", and in {hit.files - 1} more file{'s' * (hit.files != 2)}" if hit.files > 1 else ""
    asks = _ASKS[hit.severity]
    if hit.tier:
        asks += f", {hit.tier} ({MEANS[hit.tier]})"
    if hit.shadow:
        asks = f"is only tried out: in force, it {asks}"
    elif hit.waiver:
        asks = f"is waived here {hit.waiver.rstrip('.')}; otherwise it {asks}"
    other = f"or ask {hit.owner} for a waiver" if hit.waivable else "for no waiver lifts this rule"
    change = f"Take {_place(hit)} out of the change, {other}."
    if not hit.bites or hit.severity == "note":
        change = "Nothing has to change."
    return Reason(
        rule=hit.rule,
        says=f"{hit.title}{where}{more}. The rule {asks}. {hit.reason} (owner: {hit.owner})",
        layer=layer,
        place=at,
        change=change,
    )


def _place(hit: RuleHit) -> str:
    return f"{hit.path}:{hit.line}" if hit.line else hit.path or "what it names"


def key_of(rule: str) -> tuple[str, tuple[str | int, ...]]:
    """The policy that holds a rule of a change, and where in it."""
    signal, dot, kind = rule.partition(".")
    return ("risk", (signal, "rules", kind)) if dot else ("rules", ("rules", rule))


def _band(found: Assessment, risk: RiskPolicy, place: Place) -> Iterator[Reason]:
    if found.band != "low":
        layer, at = place("risk", ("bands", found.band))
        share: str = getattr(risk.bands, found.band)
        least = risk.bands.begins(found.band)
        yield Reason(
            rule=f"bands.{found.band}",
            says=f"The policy calls the {share} of changes {found.band}.",
            layer=layer,
            place=at,
            change=f"Among the safer {least:g} % of changes it would be of less risk.",
        )


def _due(found: Assessment, risk: RiskPolicy, place: Place) -> Iterator[Reason]:
    is_due = found.percentile >= begins(risk.flag.due)
    if found.score and (found.verdict == "not-needed" or (found.verdict in DUE and is_due)):
        layer, at = place("risk", ("flag", "due"))
        among = "this is one of them" if is_due else "this is none of them"
        less = "A smaller change, or one that touches less that matters, scores less."
        yield Reason(
            rule="flag.due",
            says=f"A flag is due for the {risk.flag.due} of changes: {among}. {risk.flag.reason}",
            layer=layer,
            place=at,
            change=less if is_due else "Nothing has to change.",
        )


def _findings(findings: Sequence[Finding], risk: RiskPolicy, place: Place) -> Iterator[Reason]:
    usual = ".baseline"
    costly = [one for one in findings if one.points > 0 and not one.rule.endswith(usual)]
    for one in costly[:MOST_FINDINGS]:
        rule = risk.rule(one.rule)
        if rule:
            policy, key = key_of(one.rule)
            layer, at = place(policy, key)
            says = f"{rule.title}: {one.evidence}. {rule.reason}"
        else:
            layer, at = place("risk", ("parts", one.rule.partition(".")[0]))
            says = f"{one.evidence}, which the past says is risky"
        where = f" at {one.path}:{one.line}" if one.line else f" in {one.path}" if one.path else ""
        yield Reason(
            rule=one.rule,
            says=f"{says.rstrip('.')}.{where and f' Seen{where}.'}",
            layer=layer,
            place=at,
            change=f"Without it the change scores {one.points:g} points less.",
        )
