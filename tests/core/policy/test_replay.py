"""Which rule or setting an edit of the policies moved a past change by."""

from flagwright.core.policy.replay import Judged, moved_by
from flagwright.core.records import Tier, Verdict


def judged(verdict: Verdict = "flag", tier: Tier = "out-of-band", **asks: str) -> Judged:
    return Judged(
        score=40, band="high", verdict=verdict, tier=tier, rules=tuple(asks), asks=asks, points={}
    )


def test_a_rule_that_asks_for_something_else_is_named_with_both() -> None:
    before = judged("blocked", payments="block")
    after = judged("flag", "attested", payments="require-approval attested")

    assert moved_by(before, after) == ("payments (block -> require-approval attested)",)


def test_a_rule_that_asks_for_more_where_the_outcome_is_the_same_is_told() -> None:
    before, after = judged(payments="note"), judged(payments="require-flag")

    assert moved_by(before, after) == ("payments (note -> require-flag)",)


def test_what_no_rule_explains_is_the_share_that_is_due() -> None:
    assert moved_by(judged("not-needed"), judged("flag")) == ("flag.due",)


def test_nothing_moved_what_is_asked_the_same() -> None:
    assert moved_by(judged(payments="block"), judged(payments="block")) == ()
