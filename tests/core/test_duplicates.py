"""Which flags a new one would repeat, and which are due to go."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from flagwright.core.duplicates import Spot, near_duplicates
from flagwright.core.naming.policy import NamingPolicy
from flagwright.core.place import Place
from flagwright.core.records.flag import FlagState
from flagwright.core.rollout import RolloutPolicy
from flagwright.core.stale import Asking, Evidence, stale
from flagwright.core.wanted import Wanted

NOW = datetime(2026, 6, 1, tzinfo=UTC)
NAMING = NamingPolicy.model_validate(
    {
        "pattern": "[a-z.-]+",
        "max_chars": 60,
        "similar_from": 85,
        "accepts": [],
        "rejects": [],
        "types": {"release": {"prefix": "release."}},
    }
)
ROLLOUT = RolloutPolicy(band="medium", full_days=14, unseen_days=30, quiet_hours=24)
LIFETIMES = {"release": 40, "permission": None}


def flag(name: str, age: int = 1, **more: Any) -> FlagState:
    made = NOW - timedelta(days=age)
    given = {"type": "release", "project": "default", "created_at": made} | more
    return FlagState(name=name, **given)


FLAGS = (
    flag("release.shop.discount", description="Cheaper for whoever buys much"),
    flag("release.shop.tax", description="Whoever buys much pays cheaper goods"),
    flag("release.shop.mail", description="Mail"),
)


def like(name: str, description: str = "", changed: tuple[Spot, ...] = ()) -> list[Any]:
    checks = {
        "release.shop.mail": (Place(path="shop/mail.py", line=9), Place(path="x.py", line=1)),
        "release.shop.tax": (Place(path="shop/tax.py", line=3),),
    }
    found = near_duplicates(name, description, FLAGS, NAMING, checks=checks, changed=changed)
    return [(match.flag.name, *match.why) for match in found]


def test_a_name_is_like_another_whatever_the_order_of_its_words() -> None:
    assert like("release.discount.shop") == [("release.shop.discount", "name 100 % alike")]
    assert like("release.shop.discount") == []


def test_a_description_of_the_same_words_is_found_and_a_short_one_says_nothing() -> None:
    assert like("release.new", "who buys much is cheaper") == []
    assert like("release.new", "cheaper, for whoever buys much") == [
        ("release.shop.discount", "description 100 % alike")
    ]
    assert like("release.new", "Mail") == []


def test_code_that_asks_for_a_flag_near_the_change_comes_with_file_and_line() -> None:
    near = like("release.new", changed=(Spot(path="shop/mail.py", line=5),))

    assert near == [
        ("release.shop.mail", "checked at shop/mail.py:9, 4 lines from the change"),
        ("release.shop.tax", "checked at shop/tax.py:3, in a folder of the change"),
    ]


def due(*flags: FlagState, **known: Any) -> dict[str, tuple[str, ...]]:
    given = {"lifetimes": LIFETIMES, "full_since": {}, "checks": None} | known
    evidence = Evidence(**given)
    found = stale(flags, {"release.gone"}, evidence, ROLLOUT, "default", now=NOW)
    return {match.flag.name: match.why for match in found}


def test_a_young_flag_is_not_due() -> None:
    assert due(flag("release.new", 10)) == {}


def test_each_kind_of_evidence_is_told_and_the_worst_comes_first() -> None:
    full = {"release.full": NOW - timedelta(days=20), "permit.beta": NOW - timedelta(days=99)}
    seen = NOW - timedelta(days=1)
    found = due(
        flag("release.old", 50, last_seen_at=seen),
        flag("release.full", 30, last_seen_at=seen),
        flag("release.late", 30, last_seen_at=seen, expires_on=date(2026, 5, 1)),
        flag("release.unseen", 35, last_seen_at=NOW - timedelta(days=31)),
        flag("permit.beta", 300, type="permission", last_seen_at=seen),
        full_since=full,
    )

    assert list(found.items()) == [
        ("release.late", ("expired on 2026-05-01, 31 days ago",)),
        ("release.full", ("on for everybody everywhere, unchanged for 20 days",)),
        ("release.old", ("50 days old, where 40 are expected of its type",)),
        ("release.unseen", ("not asked for in 31 days",)),
    ]


def test_code_that_asks_for_what_is_not_there_is_worst() -> None:
    checks = {
        name: (Place(path="a.py", line=3),)
        for name in ("release.gone", "release.never", "release.old")
    }
    found = due(flag("release.old", 50, last_seen_at=NOW), checks=checks)

    assert list(found.items()) == [
        ("release.never", ("the project has no such flag", "checked at a.py:3")),
        ("release.gone", ("archived, and code still asks for it", "checked at a.py:3")),
        (
            "release.old",
            ("50 days old, where 40 are expected of its type", "checked at a.py:3"),
        ),
    ]


def test_flags_that_only_applications_know_are_told_with_who_asks() -> None:
    checks = {"release.both": (Place(path="a.py", line=3),)}
    by = Asking(last_at=NOW, applications=("shop", "mail"))
    asked = {"release.both": by, "release.elsewhere": by}

    late = flag("release.late", 30, expires_on=date(2026, 5, 1), last_seen_at=NOW)
    found = due(late, checks=checks, asked=asked)

    words = f"never made, and asked for by shop, mail, last on {NOW:%Y-%m-%d %H:%M}"
    assert list(found.items())[:2] == [
        ("release.both", ("the project has no such flag", words, "checked at a.py:3")),
        ("release.elsewhere", (words, "no code here names it")),
    ]


def test_where_the_server_does_not_say_what_is_archived_nothing_is_claimed() -> None:
    evidence = Evidence(
        lifetimes=LIFETIMES, full_since={}, checks={"release.x": (Place(path="a.py", line=3),)}
    )

    (found,) = stale([], None, evidence, ROLLOUT, "default", now=NOW)

    assert found.why == ("the project has no living flag of this name", "checked at a.py:3")
    assert not found.flag.archived


def test_flags_are_wanted_by_words_owner_tag_type_and_state() -> None:
    one = flag("release.shop.mail", owner="Team", tags=("team:pay", "owner:Team"))
    on = one.model_copy(update={"environments": {"development": True}})

    assert Wanted(words="MAIL team", owner="team", tag="pay", type="release").matches(one)
    assert Wanted(tag="team:pay", state="off").matches(one)
    assert Wanted(state="on").matches(on)
    assert not Wanted(state="off").matches(on)
    assert not Wanted(tag="team:other").matches(one)
    assert not Wanted(type="permission").matches(one)
