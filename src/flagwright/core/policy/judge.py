"""Judge a change by its score and by the rules of the team, in one step.

Pure. What a rule asks for is in the answer whether it is harder than the score or not.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from flagwright.core.policy.head import SEVERITIES, RuleHead
from flagwright.core.policy.rules import Place, RulesPolicy
from flagwright.core.policy.waivers import Waiver, waiver_of
from flagwright.core.records.change import Change
from flagwright.core.records.score import Assessment, Finding, RuleHit, Severity
from flagwright.core.risk import engine
from flagwright.core.risk.model import Weights
from flagwright.core.risk.past import Familiarity
from flagwright.core.risk.policy import RiskPolicy
from flagwright.core.risk.view import view

_DUE: Mapping[Severity, str] = {
    "require-flag": "a flag",
    "require-approval": "a flag, and for an approval",
}
"""What is asked for: an approval is of a plan, which puts the change behind a flag."""


def judge_change(
    change: Change,
    risk: RiskPolicy,
    weights: Weights,
    rules: RulesPolicy,
    waivers: tuple[Waiver, ...] = (),
    *,
    past: Familiarity | None = None,
    policy_digest: str,
) -> Assessment:
    """Score a change, and say which rules it meets and what they ask for."""
    scored = engine.assess(change, risk, weights, past=past, policy_digest=policy_digest)
    return ruled(scored, hits(change, scored, risk, rules, waivers))


def hits(
    change: Change,
    scored: Assessment,
    risk: RiskPolicy,
    rules: RulesPolicy,
    waivers: Sequence[Waiver] = (),
) -> tuple[RuleHit, ...]:
    """Every rule that the change meets, the hardest first, and once more where it is waived."""
    files = view(change, risk.files)
    met: list[tuple[str, RuleHead, Sequence[Place]]] = [*_asking(scored.findings, risk)]
    met += rules.met(files, scored.findings, scored.band)
    found = (hit for name, rule, places in met for hit in _hits(name, rule, places, waivers))
    return hardest_first(found)


def hardest_first(found: Iterable[RuleHit]) -> tuple[RuleHit, ...]:
    """What bites before what does not, then by what is asked for."""
    return tuple(sorted(found, key=_hardness))


def ruled(scored: Assessment, found: Sequence[RuleHit]) -> Assessment:
    """A score with what the rules ask for; only a rule that bites changes the verdict."""
    told = scored.model_copy(update={"rules": tuple(found)})
    biting = [hit for hit in found if hit.bites]
    if block := next((hit for hit in biting if hit.severity == "block"), None):
        said = f"{_named(block)} refuses it"
        return told.model_copy(update={"verdict": "blocked", "because": f"{said}: {block.reason}"})
    due = next((hit for hit in biting if hit.severity in _DUE), None)
    if due is None or scored.verdict not in ("not-needed", "not-suited"):
        return told
    asked = f"{_named(due)} asks for {_DUE[due.severity]}"
    if scored.verdict == "not-needed" and scored.score:
        said = f"{asked}: {due.reason}"
        return told.model_copy(update={"verdict": "flag", "because": said})
    said = f"{asked}, but: {scored.because}"
    return told.model_copy(update={"verdict": "not-suited", "because": said})


def _asking(
    findings: Sequence[Finding], risk: RiskPolicy
) -> Iterator[tuple[str, RuleHead, list[Place]]]:
    """Rules of the score that ask for more than points, with the places that meet them."""
    seen: dict[str, list[Place]] = {}
    for one in findings:
        if one.path is not None:
            place = Place(one.path, one.line, one.side, one.evidence)
            seen.setdefault(one.rule, []).append(place)
    for name, places in seen.items():
        rule = risk.rule(name)
        if rule and rule.severity != "note":
            yield name, rule, places


def _hits(
    name: str, rule: RuleHead, places: Sequence[Place], waivers: Sequence[Waiver]
) -> Iterator[RuleHit]:
    """What a rule asks for: one hit for what is not waived, and one for each waiver."""
    by: dict[str | None, list[Place]] = {}
    for place in places:
        waiver = waiver_of(waivers, name, place.path) if rule.waivable else None
        by.setdefault(waiver.in_words() if waiver else None, []).append(place)
    for said, some in by.items():
        first = some[0]
        yield RuleHit(
            rule=name,
            severity=rule.severity,
            title=rule.title,
            reason=rule.reason,
            owner=rule.owner,
            path=first.path,
            line=first.line,
            side=first.side,
            evidence=first.evidence,
            files=len({place.path for place in some}),
            tier=rule.tier if rule.severity == "require-approval" else None,
            shadow=rule.shadow,
            waiver=said,
            waivable=rule.waivable,
        )


def _hardness(hit: RuleHit) -> tuple[bool, int, str]:
    return not hit.bites, -SEVERITIES.index(hit.severity), hit.rule


def _named(hit: RuleHit) -> str:
    place = f" ({hit.path}:{hit.line})" if hit.line else f" ({hit.path})" if hit.path else ""
    return f"Rule {hit.rule}, {hit.title}{place}"
