"""What a reviewer on a code host is told of a plan."""

from datetime import UTC, datetime

from flagwright.core.handover import summary
from flagwright.core.records.plan import Plan
from flagwright.core.records.score import RuleHit

NOW = datetime(2026, 1, 1, tzinfo=UTC)
RULE = RuleHit(
    rule="no-rounding",
    severity="block",
    title="Money is not rounded",
    reason="A cent | was lost.",
    owner="payments",
    evidence="round(",
)
PLAN = Plan(
    id="0" * 12,
    kind="wrap",
    flag="release.rounding",
    root="/shop",
    edits=(),
    proof=(),
    band="low",
    rules=(RULE, RULE.model_copy(update={"waiver": "until 2026-03-31 by ada: The old file."})),
    policy_digest="0" * 64,
    proposed_by="grace",
    created_at=NOW,
    expires_at=NOW,
    digest="0" * 64,
)


def test_a_summary_tells_what_rules_ask_for_and_by_whose_leave_they_do_not() -> None:
    said = [line for line in summary(PLAN, "off = old").splitlines() if "no-rounding" in line]

    assert said == [
        r"- **block** by `no-rounding`: Money is not rounded. A cent \| was lost.",
        "- **block** by `no-rounding`, waived until 2026-03-31 by ada: The old file: "
        r"Money is not rounded. A cent \| was lost.",
    ]


def test_a_summary_tells_what_a_proof_is_not_about() -> None:
    told = PLAN.model_copy(update={"notes": ("a.py: `work` asks once | then loops",)})

    assert r"- **To know:** a.py: 'work' asks once \| then loops" in summary(told, "").splitlines()
