"""Write the findings of a score as SARIF 2.1.0, which code hosts show beside the changed lines."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import quote

from flagwright.core.policy.head import RuleHead
from flagwright.core.record import sha256
from flagwright.core.records.score import Assessment, Finding, RuleHit, Severity, Verdict
from flagwright.core.risk.policy import RiskPolicy

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS: dict[Severity, str] = {
    "note": "note",
    "require-flag": "warning",
    "require-approval": "warning",
    "block": "error",
}
_VERDICTS: dict[Verdict, str] = {
    "flag": "The change needs a flag",
    "reuse": "The change needs the flag beside it",
    "not-suited": "The change is risky, and no flag controls it",
    "blocked": "A rule of the team refuses the change",
}
"""Those that ask for something."""


def sarif(assessment: Assessment, policy: RiskPolicy, *, version: str) -> dict[str, Any]:
    """One run with a result for each finding that costs points at a place, and each rule met.

    Before them stands the verdict, where it asks for something: at the weightiest of these places,
    or at the file that changes most, since code hosts show nothing that has no place.

    Args:
        policy: What the change was scored by; it says why each rule is there.
        version: Of Flagwright.
    """
    found = [f for f in assessment.findings if f.path is not None and f.points > 0]
    hits = {hit.rule: hit for hit in assessment.rules if hit.bites and hit.path is not None}
    scored = {finding.rule for finding in found}
    told: list[Finding | RuleHit] = [
        *found,
        *(hit for name, hit in hits.items() if name not in scored),
    ]
    heads = {name: hits.get(name) or policy.rule(name) for name in sorted({*scored, *hits})}
    rules = [_rule(name, head) for name, head in heads.items()]
    results = [_result(one, _level(heads[one.rule])) for one in told]
    if (title := _VERDICTS.get(assessment.verdict)) and (told or assessment.shown_at):
        level = "error" if assessment.verdict == "blocked" else "warning"
        rules.append(_told("verdict", title, assessment.because, "", level))
        results.insert(0, _result(_verdict(assessment, told), level))
    facts = assessment.model_dump(
        mode="json", include={"score", "band", "verdict", "because", "policy_digest"}
    )
    run = {
        "tool": {"driver": {"name": "Flagwright", "version": version, "rules": rules}},
        "results": _numbered(results),
        "properties": facts,
    }
    return {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}


def _numbered(results: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """The same with fingerprints that differ, so that a host follows each to the next push."""
    seen, found = Counter[str](), []
    for result in results:
        prints = result["partialFingerprints"]
        name = prints["primaryLocationLineHash"]
        seen[name] += 1
        prints["primaryLocationLineHash"] = f"{name}:{seen[name]}"
        found.append(result)
    return found


def _rule(name: str, head: RuleHead | RuleHit | None) -> dict[str, Any]:
    """What a code host shows of a rule; the help says how to find out more."""
    title, reason = (head.title, head.reason) if head else (name, "A signal of the score.")
    owner = f" Answers for it: {head.owner}." if head and head.owner else ""
    return _told(name, title, reason, owner, _level(head))


def _level(head: RuleHead | RuleHit | None) -> str:
    return _LEVELS[head.severity if head else "note"]


def _told(name: str, title: str, reason: str, owner: str, level: str) -> dict[str, Any]:
    return {
        "id": name,
        "name": title,
        "shortDescription": {"text": title},
        "fullDescription": {"text": reason},
        "help": {"text": f"{reason}{owner} To see the whole score: flagwright score --detail"},
        "defaultConfiguration": {"level": level},
    }


def _verdict(assessment: Assessment, told: Sequence[Finding | RuleHit]) -> Finding:
    """The verdict as a finding, at the place of the first."""
    said = f"Risk {assessment.score:.2f} of 100 ({assessment.band}): {assessment.because}"
    place: dict[str, Any] = {"path": assessment.shown_at}
    if told:
        place = told[0].model_dump(include={"path", "line", "side"})
    return Finding(rule="verdict", points=0, evidence=said, **place)


def _result(one: Finding | RuleHit, level: str) -> dict[str, Any]:
    """A line of the old version is no place in the files of now: such a thing stands at the top."""
    points = f" ({one.points:+g} points)" if isinstance(one, Finding) and one.points else ""
    is_now = one.line is not None and one.side == "after"
    where = "" if is_now or not one.line else f", line {one.line} before the change"
    place = {
        "artifactLocation": {"uri": quote(one.path or "")},
        "region": {"startLine": one.line if is_now else 1},
    }
    same = sha256("\0".join([one.rule, one.path or "", one.evidence]).encode())
    return {
        "ruleId": one.rule,
        "level": level,
        "message": {"text": f"{one.evidence}{points}{where}"},
        "locations": [{"physicalLocation": place}],
        "partialFingerprints": {"primaryLocationLineHash": same[:16]},
        "properties": {"side": one.side}
        | ({"points": one.points} if isinstance(one, Finding) else {}),
    }
