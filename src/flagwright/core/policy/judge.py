"""Judge a change by its score and by the rules of the team, in one step.

Pure. What a rule asks for is in the answer whether it is harder than the score or not.
"""

from collections.abc import Iterator, Sequence

from flagwright.core.policy.head import SEVERITIES, RuleHead
from flagwright.core.policy.rules import Place, RulesPolicy
from flagwright.core.records import Assessment, Change, Finding, RuleHit
from flagwright.core.risk import engine
from flagwright.core.risk.model import Weights
from flagwright.core.risk.past import Familiarity
from flagwright.core.risk.policy import RiskPolicy
from flagwright.core.risk.view import view


def judge_change(
    change: Change,
    risk: RiskPolicy,
    weights: Weights,
    rules: RulesPolicy,
    *,
    past: Familiarity | None = None,
    policy_digest: str,
) -> Assessment:
    """Score a change, and say which rules it meets and what they ask for."""
    scored = engine.assess(change, risk, weights, past=past, policy_digest=policy_digest)
    return ruled(scored, hits(change, scored, risk, rules))


def hits(
    change: Change, scored: Assessment, risk: RiskPolicy, rules: RulesPolicy
) -> tuple[RuleHit, ...]:
    """Every rule that the change meets and that asks for something, the hardest first."""
    files = view(change, risk.files)
    found = [*_asking(scored.findings, risk)]
    for name, rule in rules.named().items():
        if places := [*rule.places(files, scored.findings, scored.band)]:
            found.append(_hit(name, rule, places))
    return tuple(sorted(found, key=_hardest_first))


def ruled(scored: Assessment, found: Sequence[RuleHit]) -> Assessment:
    """A score with what the rules ask for; only a rule that bites changes the verdict."""
    told = scored.model_copy(update={"rules": tuple(found)})
    biting = [hit for hit in found if hit.bites]
    if block := next((hit for hit in biting if hit.severity == "block"), None):
        said = f"{_named(block)} refuses it"
        return told.model_copy(update={"verdict": "blocked", "because": f"{said}: {block.reason}"})
    due = next((hit for hit in biting if hit.severity == "require-flag"), None)
    if due is None or scored.verdict not in ("not-needed", "not-suited"):
        return told
    if scored.verdict == "not-needed" and scored.score:
        said = f"{_named(due)} asks for a flag: {due.reason}"
        return told.model_copy(update={"verdict": "flag", "because": said})
    said = f"{_named(due)} asks for a flag, but: {scored.because}"
    return told.model_copy(update={"verdict": "not-suited", "because": said})


def _asking(findings: Sequence[Finding], risk: RiskPolicy) -> Iterator[RuleHit]:
    """Rules of the score that ask for more than points, each once."""
    seen: dict[str, list[Place]] = {}
    for one in findings:
        if one.path is not None:
            place = Place(one.path, one.line, one.side, one.evidence)
            seen.setdefault(one.rule, []).append(place)
    known = risk.named()
    for name, places in seen.items():
        if name in known and known[name].severity != "note":
            yield _hit(name, known[name], places)


def _hit(name: str, rule: RuleHead, places: Sequence[Place]) -> RuleHit:
    first = places[0]
    return RuleHit(
        rule=name,
        severity=rule.severity,
        title=rule.title,
        reason=rule.reason,
        owner=rule.owner,
        path=first.path,
        line=first.line,
        side=first.side,
        evidence=first.evidence,
        files=len({place.path for place in places}),
        tier=rule.tier if rule.severity == "require-approval" else None,
        shadow=rule.shadow,
    )


def _hardest_first(hit: RuleHit) -> tuple[bool, int, str]:
    return not hit.bites, -SEVERITIES.index(hit.severity), hit.rule


def _named(hit: RuleHit) -> str:
    place = f" ({hit.path}:{hit.line})" if hit.line else f" ({hit.path})" if hit.path else ""
    return f"Rule {hit.rule}, {hit.title}{place}"
