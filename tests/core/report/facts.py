"""What a report may say, with names that a stranger chose."""

from datetime import UTC, date, datetime, timedelta

from flagwright.core.audit import Checked
from flagwright.core.flag import FlagEvent
from flagwright.core.ledger import Problem
from flagwright.core.policy.replay import Judged, Preview, Replayed
from flagwright.core.policy.waivers import Waiver
from flagwright.core.records.score import Verdict
from flagwright.core.report import Approval, Facts, FlagLife, Risky

NOW = datetime(2026, 8, 22, 12, tzinfo=UTC)
HOSTILE = '<script>alert(1)</script>"\u202e'
GAP = Problem(kind="missing", writer=HOSTILE, seq=1, because=HOSTILE)


def ago(days: float) -> datetime:
    return NOW - timedelta(days=days)


def judged(verdict: Verdict, score: float) -> Judged:
    return Judged(
        score=score,
        band="critical" if score > 80 else "low",
        verdict=verdict,
        tier="out-of-band",
        rules=(),
        asks={},
        approval="out-of-band",
        approval_by={},
        points={},
    )


def preview() -> Preview:
    pairs: list[tuple[Verdict, Verdict]] = [
        ("not-needed", "flag"), ("flag", "not-needed"), ("flag", "blocked"), ("blocked", "flag"),
        ("blocked", "not-needed"), ("not-needed", "blocked"), ("flag", "flag"),
    ]  # fmt: skip
    changes = tuple(
        Replayed(
            sha=f"{number:040x}",
            at=int(ago(number * 3).timestamp()),
            title=f"Change {number} {HOSTILE}",
            before=judged(was, number * 12),
            after=judged(now, number * 14),
            moved_by=("no-pricing",) if was != now else (),
        )
        for number, (was, now) in enumerate(pairs)
    )
    return Preview(repository=HOSTILE, since=0, until="", before="a", after="b", changes=changes)


def life(
    name: str, age: float, *, reach: int, due: str = "", full: float | None = None
) -> FlagLife:
    kinds = ("feature-created", "feature-environment-enabled", "feature-environment-disabled")
    return FlagLife(
        name=name,
        type="release",
        owner="team-shop",
        created_at=ago(age),
        expires_on=ago(age - 30),
        reach=reach,
        full_since=None if full is None else ago(full),
        lifetime_days=40,
        events=tuple(
            FlagEvent(flag=name, type=kind, environment="production", at=ago(age - n), by=HOSTILE)
            for n, kind in enumerate(kinds)
        ),
        why_due=(due,) if due else (),
        badness=60 if due else 0,
    )


def full() -> Facts:
    return Facts(
        name=HOSTILE,
        project="default",
        at=NOW,
        since=ago(90),
        previews=(preview(),),
        edited=True,
        flags=(
            life("release.shop.discount", 10, reach=25),
            life("release.search.ranking", 75, reach=100, due="expired 45 days ago", full=40),
            life(HOSTILE, 5, reach=0),
        ),
        approvals=(
            Approval(
                plan="ab" * 32, flag="release.shop.discount", kind="wrap", verdict="approved",
                by=HOSTILE, tier="attested", band="high", at=ago(3), took_s=240,
            ),
            Approval(
                plan="cd" * 32, flag=HOSTILE, kind="wrap", verdict="rejected", by="grace",
                tier=None, band=None, at=ago(2), took_s=None,
            ),
        ),
        risky=Risky(scored=4, behind=3),
        waivers=(
            Waiver(
                rule="no-rounding", scope=("shop/legacy/",), reason=HOSTILE, approver="ada",
                granted=date(2026, 6, 1), expires=date(2026, 8, 1),
            ),
        ),
        health=Checked(here=120, on_server=310, writers=4, owed=2, problems=(GAP,)),
        notes=(HOSTILE,),
    )  # fmt: skip


def nothing() -> Facts:
    return Facts(
        name="default",
        project="default",
        at=NOW,
        since=ago(90),
        risky=Risky(scored=0, behind=0),
        health=Checked(here=0, on_server=None, writers=1, owed=0),
        notes=("The flag server was not asked: it does not answer.",),
    )
