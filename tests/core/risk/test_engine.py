"""The score adds up, keeps its caps, and tells small changes from dangerous ones."""

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flagwright.core.change import parse_diff, read_change
from flagwright.core.records import Assessment, Change, FileChange, digest
from flagwright.core.risk.engine import assess, unjudged
from flagwright.core.risk.example import example
from flagwright.core.risk.policy import RiskPolicy

Assess = Callable[[str], Assessment]

DANGEROUS = (
    "shop/auth/login.py\n import httpx\n"
    " def login(user, password):\n"
    "-    if not user.active:\n-        raise PermissionError(user)\n"
    "-    try:\n-        return check(user, password)\n-    except OSError:\n-        return None\n"
    "+    return httpx.post(URL, json={'user': user, 'password': password}).json()\n"
    "shop/migrations/0007_users.py\n"
    "+from django.db import migrations\n+operations = [migrations.AddField('user', 'token')]\n"
)


def total(assessment: Assessment) -> float:
    return sum(finding.points for finding in assessment.findings)


def test_a_one_line_fix_is_low(score: Assess) -> None:
    fix = score(
        "shop/cart.py\n def total(cart):\n-    return sum(cart)\n+    return sum(cart.lines)\n"
    )

    assert (fix.band, fix.verdict) == ("low", "not-needed")


def test_access_with_a_migration_and_without_tests_is_critical(score: Assess) -> None:
    change = score(DANGEROUS)

    assert (change.band, change.verdict) == ("critical", "flag")
    assert total(change) == change.score


def test_findings_are_dearest_first(score: Assess) -> None:
    points = [finding.points for finding in score(DANGEROUS).findings]

    assert points == sorted(points, reverse=True)


def test_the_cap_of_a_signal_is_kept_and_what_it_leaves_out_is_counted(
    score: Assess, policy: RiskPolicy
) -> None:
    calls = "".join(f"+httpx.get(url{number})\n" for number in range(9))

    change = score(f"shop/rate.py\n import httpx\n{calls}")

    calls_seen = [item for item in change.findings if item.rule.startswith("outbound_call")]
    assert sum(item.points for item in calls_seen) == policy.outbound_call.cap
    assert calls_seen[-1].evidence == "6 more beyond the 20 points of this signal"
    assert total(change) == change.score


def test_a_score_ends_at_100_and_says_so(score: Assess) -> None:
    lines = "".join(f"+value_{number} = {number}\n" for number in range(700))
    sql = "db/all.sql\n+DROP TABLE a;\n+DROP TABLE b;\n"

    change = score(f"{DANGEROUS}{sql}shop/billing/everything.py\n{lines}")

    assert change.score == 100 == total(change)
    assert change.findings[-1].rule == "cap"
    assert change.findings[-1].points < 0


def test_tests_and_documentation_alone_score_nothing(score: Assess) -> None:
    change = score("tests/test_cart.py\n+assert total([]) == 0\nREADME.md\n+# Cart\n")

    assert (change.score, change.verdict) == (0, "not-needed")
    assert [finding.rule for finding in change.findings] == ["baseline", "no_effect"]
    assert total(change) == 0


def test_an_empty_change_scores_nothing(policy: RiskPolicy) -> None:
    empty = Change(base="diff", head="diff", files=(), digest=digest(""))

    change = assess(empty, policy, policy_digest=digest(policy))

    assert (change.score, change.findings, change.because) == (0, (), "The change is empty.")


@pytest.mark.parametrize(
    "snippet",
    ["logo.png\n! binary", "tests/data.bin\n! binary", "shop/cart.py\n+def (:\n", "x.py\n+\0\n"],
)
def test_what_could_not_be_read_is_never_low(score: Assess, snippet: str) -> None:
    assert score(snippet).band != "low"


def test_what_could_not_be_judged_is_high_and_not_wrapped(policy: RiskPolicy) -> None:
    change = unjudged(
        example(DANGEROUS), policy, "It took over 10 s to read.", policy_digest=digest(policy)
    )

    assert (change.band, change.verdict) == ("high", "not-suited")
    assert total(change) == change.score


LINES = st.lists(
    st.sampled_from(
        [
            "+import threading",
            "+def pay(amount): threading.Thread(target=pay).start()",
            "-def pay(amount): return amount",
            "+try: pass\n+except: pass",
            " x = 1",
            "-raise ValueError",
            "+password = 'hunter2'",
            "+db.execute('DROP TABLE users')",
            "+if (",
            "+# a comment",
        ]
    ),
    max_size=12,
)
PATHS = ["a.py", "billing.py", "b.ts", "tests/test_a.py", "migrations/a.sql", "README.md"]


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(PATHS), LINES, min_size=1))
def test_the_findings_add_up_to_the_score_whatever_the_change(
    policy: RiskPolicy, files: dict[str, list[str]]
) -> None:
    change = example("\n".join("\n".join([path, *lines]) for path, lines in files.items()))

    first = assess(change, policy, policy_digest=digest(policy))

    assert total(first) == first.score
    assert all(finding.points == int(finding.points) for finding in first.findings)
    assert first == assess(change, policy, policy_digest=digest(policy))


def test_a_diff_alone_shows_the_same_rules_as_both_texts(policy: RiskPolicy) -> None:
    texts = {
        "before": b"import httpx\n\ndef login(user):\n    try:\n        go(user)\n"
        b"    except OSError:\n        raise\n",
        "after": b"import httpx\n\ndef login(user):\n    httpx.post(user.name)\n",
    }
    whole = read_change("0" * 40, "worktree", [FileChange(path="a.py", kind="modified", **texts)])
    diff = (
        "--- a/a.py\n+++ b/a.py\n@@ -3,5 +3,2 @@\n def login(user):\n-    try:\n-        go(user)\n"
        "-    except OSError:\n-        raise\n+    httpx.post(user.name)\n"
    )

    rules = [
        {finding.rule for finding in assess(change, policy, policy_digest=digest(policy)).findings}
        for change in (whole, parse_diff(diff))
    ]

    assert rules[0] == rules[1] | {"sensitive_symbol.access"}  # the function's name is context
