"""Which rule or setting an edit of the policies moved a past change by."""

import re
from itertools import product

from flagwright.core.policy.movement import moved_by
from flagwright.core.policy.replay import Judged, Preview, Replayed
from flagwright.core.records.decision import Tier
from flagwright.core.records.score import Verdict


def judged(verdict: Verdict = "flag", tier: Tier = "out-of-band", **asks: str) -> Judged:
    return Judged(
        score=40, band="high", verdict=verdict, tier=tier, rules=tuple(asks), asks=asks,
        approval=tier, approval_by={}, points={},
    )  # fmt: skip


def approved(by: str, **lines: str) -> Judged:
    said = {f"approval.{name}": asks for name, asks in lines.items()}
    return judged().model_copy(update={"approval": by, "approval_by": said})


def test_a_rule_that_asks_for_something_else_is_named_with_both() -> None:
    before = judged("blocked", payments="block")
    after = judged("flag", "attested", payments="require-approval attested")

    assert moved_by(before, after) == ("payments (block -> require-approval attested)",)


def test_a_rule_that_asks_for_more_where_the_outcome_is_the_same_is_told() -> None:
    before, after = judged(payments="note"), judged(payments="require-flag")

    assert moved_by(before, after) == ("payments (note -> require-flag)",)


def test_a_rule_of_the_approvals_is_named_beside_one_of_the_changes() -> None:
    before = approved("out-of-band", least_tier="out-of-band")
    after = approved("attested", least_tier="out-of-band", users="attested, by another")
    flagged = after.model_copy(update={"asks": {"user-data": "require-flag"}})

    assert moved_by(before, after) == ("approval.users",)
    assert moved_by(before, flagged) == ("user-data", "approval.users")
    assert moved_by(
        after, approved("attested, by two", least_tier="out-of-band", users="attested, by two")
    ) == ("approval.users (attested, by another -> attested, by two)",)


def test_another_band_is_told_and_not_what_the_band_asks_for() -> None:
    before = approved("dialog", least_tier="dialog").model_copy(update={"band": "low"})
    after = approved("out-of-band", least_tier="out-of-band")

    assert moved_by(before, after) == ("bands (low -> high)",)


def test_what_no_rule_explains_is_the_share_that_is_due() -> None:
    assert moved_by(judged("not-needed"), judged("flag")) == ("flag.due",)


def test_nothing_moved_what_is_asked_the_same() -> None:
    assert moved_by(judged(payments="block"), judged(payments="block")) == ()


def preview(*pairs: tuple[Verdict, Verdict]) -> Preview:
    changes = tuple(
        Replayed(sha=f"{at:040}", at=at, title="", before=judged(was), after=judged(now))
        for at, (was, now) in enumerate(pairs)
    )
    return Preview(repository="shop", since=0, until="", before="", after="", changes=changes)


def test_the_line_of_a_preview_adds_up_whatever_moves_where() -> None:
    """Each pair of verdicts another number of times, so that no two can stand for each other."""
    verdicts: tuple[Verdict, ...] = ("not-needed", "flag", "blocked", "not-suited", "reuse")
    pairs = [
        pair
        for times, pair in enumerate(product(verdicts, verdicts), start=1)
        for _ in range(times)
    ]

    line = preview(*pairs).in_words()

    found = re.fullmatch(
        r"325 changes on today's scale; flagged (\d+) -> (\d+); (\d+) new, (\d+) released, "
        r"(\d+) no longer refused, "
        r"(\d+) refused instead; refused (\d+) -> (\d+); (\d+) more, (\d+) fewer\.",
        line,
    )
    assert found, line
    was, now, new, released, freed, instead, refused, still, more, fewer = map(int, found.groups())
    assert was + new - released + freed - instead == now
    assert refused + more - fewer == still
    assert was == sum(pair[0] in ("flag", "reuse") for pair in pairs)
    assert still == sum(pair[1] == "blocked" for pair in pairs)


def test_a_block_that_is_lifted_is_told() -> None:
    moved = preview(("blocked", "flag"), ("blocked", "not-needed"), ("flag", "flag"))

    assert moved.in_words() == (
        "3 changes on today's scale; flagged 1 -> 2; 0 new, 0 released, 1 no longer refused; "
        "refused 2 -> 0; 0 more, 2 fewer."
    )
