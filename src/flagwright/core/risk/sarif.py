"""Write the findings of a score as SARIF 2.1.0, which code hosts show beside the changed lines."""

from collections.abc import Iterator
from typing import Any

from flagwright.core.records.score import Assessment, Finding

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def sarif(assessment: Assessment, *, version: str) -> dict[str, Any]:
    """One run with a result for each finding that costs points at a place.

    Args:
        version: Of Flagwright.
    """
    shown = [f for f in assessment.findings if f.path is not None and f.points > 0]
    rules = [{"id": name} for name in sorted({finding.rule for finding in shown})]
    driver = {"name": "Flagwright", "version": version, "rules": rules}
    facts = assessment.model_dump(
        mode="json", include={"score", "band", "verdict", "because", "policy_digest"}
    )
    run = {
        "tool": {"driver": driver},
        "results": [*map(_result, shown)],
        "properties": facts,
    }
    return {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}


def _result(finding: Finding) -> dict[str, Any]:
    return {
        "ruleId": finding.rule,
        "level": "warning",
        "message": {"text": f"{finding.evidence} ({finding.points:+g} points)"},
        "locations": [{"physicalLocation": dict(_place(finding))}],
        "properties": {"points": finding.points, "side": finding.side},
    }


def _place(finding: Finding) -> Iterator[tuple[str, Any]]:
    """A line of the old version is no place in the files that a code host shows."""
    yield "artifactLocation", {"uri": finding.path}
    if finding.line and finding.side == "after":
        yield "region", {"startLine": finding.line}
