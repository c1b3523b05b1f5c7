"""The score adds up, keeps its caps, and tells small changes from dangerous ones."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flagwright.core.change import parse_diff, read_change
from flagwright.core.record import digest
from flagwright.core.records.change import Change, FileChange
from flagwright.core.records.score import Assessment
from flagwright.core.risk.engine import assess, unjudged
from flagwright.core.risk.example import example
from flagwright.core.risk.model import Weights
from flagwright.core.risk.past import Familiarity
from flagwright.core.risk.policy import RiskPolicy
from flagwright.core.risk.scale import Scale

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
    return round(sum(finding.points for finding in assessment.findings), 2)


def test_a_one_line_fix_is_low(score: Assess) -> None:
    fix = score(
        "shop/cart.py\n def total(cart):\n-    return sum(cart)\n+    return sum(cart.lines)\n"
    )

    assert (fix.band, fix.verdict) == ("low", "not-needed")


def test_nothing_is_said_of_the_past_of_files_whose_past_is_not_kept(
    policy: RiskPolicy, weights: Weights
) -> None:
    """It is kept of source files alone: a style sheet of ten years is not 0 days old."""
    past = Familiarity(experience=10, presence=0.1, unfixed_days=3650)
    said = {}
    for name in ("theme/page.css", "theme/page.py"):
        change = example(f"{name}\n-width = 1\n+width = 2\n")
        found = assess(change, policy, weights, past=past, policy_digest=digest(policy))
        assert total(found) == found.score
        said[name] = {finding.rule for finding in found.findings}

    of_files = {"exposure.age_days", "exposure.unfixed_days", "exposure.fixes"}
    assert not said["theme/page.css"] & of_files
    assert said["theme/page.py"] > of_files | {"unfamiliarity.share"}
    assert "unfamiliarity.presence" in said["theme/page.css"]


def test_access_with_a_migration_is_above_a_change_of_the_same_size(score: Assess) -> None:
    change = score(DANGEROUS)
    plain = score(DANGEROUS.replace("auth/login", "cart").replace("password", "number"))

    assert change.verdict == "flag"
    assert change.score > plain.score
    assert change.percentile > plain.percentile
    assert total(change) == change.score


def test_findings_are_what_is_usual_and_then_the_weightiest(score: Assess) -> None:
    findings = score(DANGEROUS).findings

    assert [f.rule for f in findings[:2]] == ["exposure.baseline", "unfamiliarity.baseline"]
    weights = [abs(finding.points) for finding in findings[2:]]
    assert weights == sorted(weights, reverse=True)


def test_the_three_parts_are_shown_apart_and_make_up_the_score(score: Assess) -> None:
    change = score(DANGEROUS)

    assert [*change.parts] == ["exposure", "unfamiliarity", "impact"]
    assert round(sum(change.parts.values()), 2) == change.score
    for name, points in change.parts.items():
        own = [f.points for f in change.findings if f.rule.split(".")[0] == name]
        if name != "impact":
            assert round(sum(own), 2) == points


def test_what_came_before_counts_and_what_is_not_known_is_as_usual(
    policy: RiskPolicy, weights: Weights
) -> None:
    change = example(DANGEROUS)
    known = Familiarity(fixes=40, fix_share=0.4, authors=12, changes=80, age_days=90)

    unknown = assess(change, policy, weights, policy_digest=digest(policy))
    mended = assess(change, policy, weights, past=known, policy_digest=digest(policy))

    assert mended.parts["exposure"] > unknown.parts["exposure"]
    assert mended.parts["unfamiliarity"] > unknown.parts["unfamiliarity"]
    said = {finding.rule: finding.evidence for finding in unknown.findings}
    assert said["unfamiliarity.baseline"] == "as usual: the past is not known here"
    assert "exposure.fixes" not in said
    assert total(mended) == mended.score


def test_the_band_is_a_share_of_the_changes_that_it_is_compared_with(
    policy: RiskPolicy, weights: Weights
) -> None:
    change = example(DANGEROUS)
    bold = Scale(of="project", scores=tuple(range(80, 101)))
    timid = Scale(of="project", scores=tuple(range(21)))

    assessed = [
        assess(
            change,
            policy,
            weights.model_copy(update={"scale": scale}),
            policy_digest=digest(policy),
        )
        for scale in (bold, timid)
    ]

    assert [a.band for a in assessed] == ["low", "critical"]
    assert [a.verdict for a in assessed] == ["not-needed", "flag"]
    assert [a.compared_with for a in assessed] == ["project", "project"]
    assert assessed[0].score == assessed[1].score


def test_the_cap_of_a_signal_is_kept_and_what_it_leaves_out_is_counted(
    score: Assess, policy: RiskPolicy
) -> None:
    calls = "".join(f"+httpx.get(url{number})\n" for number in range(9))

    change = score(f"shop/rate.py\n import httpx\n{calls}")

    calls_seen = [item for item in change.findings if item.rule.startswith("outbound_call")]
    assert sum(item.points for item in calls_seen) == policy.outbound_call.cap
    assert calls_seen[-1].evidence == "6 more beyond the 5 points of outbound_call"
    assert total(change) == change.score


def test_the_impact_of_a_change_ends_where_its_part_does(score: Assess, policy: RiskPolicy) -> None:
    sql = "db/all.sql\n+DROP TABLE a;\n+DROP TABLE b;\n"

    change = score(f"{DANGEROUS}{sql}shop/billing/everything.py\n+pay(1)\n")

    assert change.parts["impact"] == policy.parts.impact
    assert total(change) == change.score
    left_out = next(f.evidence for f in change.findings if f.rule == "impact.more")
    assert left_out.endswith("more beyond the 20 points of impact")


def test_tests_and_documentation_alone_score_nothing(score: Assess) -> None:
    change = score("tests/test_cart.py\n+assert total([]) == 0\nREADME.md\n+# Cart\n")

    assert (change.score, change.verdict) == (0, "not-needed")
    assert [finding.rule for finding in change.findings] == ["no_effect"]
    assert total(change) == 0
    assert change.parts == {"exposure": 0, "unfamiliarity": 0, "impact": 0}


def test_an_empty_change_scores_nothing(policy: RiskPolicy, weights: Weights) -> None:
    empty = Change(base="diff", head="diff", files=(), digest=digest(""))

    change = assess(empty, policy, weights, policy_digest=digest(policy))

    assert (change.score, change.findings, change.because) == (0, (), "The change is empty.")


@pytest.mark.parametrize(
    "snippet",
    ["logo.png\n! binary", "tests/data.bin\n! binary", "shop/cart.py\n+def (:\n", "x.py\n+\0\n"],
)
def test_what_could_not_be_read_is_never_low(score: Assess, snippet: str) -> None:
    change = score(snippet)

    assert change.band != "low"
    assert round(sum(change.parts.values()), 2) == change.score


@pytest.mark.parametrize(
    "line",
    ["print total", "print >>log, total", "except KeyError, error:", "mode = 0755", "n = 10L",
     "raise Wrong, total", "serve(async=True)", "from .async import run", "if a <> b: pass",
     "raise info[0], info[1], info[2]", "def add(self, (x, y)):", "f = lambda (x, y): x"],
)  # fmt: skip
def test_python_2_is_read_by_its_text_as_other_languages_are(score: Assess, line: str) -> None:
    change = score(f"shop/cart.py\n {line}\n-x = 1\n+x = 2\n")

    assert change.band == "low"
    assert not [one for one in change.findings if one.rule in ("floor", "unreadable.not_parsed")]


@pytest.mark.parametrize(
    "snippet",
    [
        "shop/cart.py\n x = 0\n+print x\n",  # it was Python 3 before
        "shop/cart.py\n def f(:\n-x = 1\n+x = 2\n",  # it never was Python
        "shop/cart.py\n def f(:\n+print x\n",
        "shop/cart.py\n+print x\n",  # a new file, of which nothing says that it ever ran
    ],
)
def test_python_that_no_longer_parses_is_never_low(score: Assess, snippet: str) -> None:
    change = score(snippet)

    assert change.band != "low"
    assert "unreadable.not_parsed" in {finding.rule for finding in change.findings}


@pytest.mark.parametrize("path", ["web/app.js", "shop/app.py"])
def test_a_line_that_nobody_wrote_is_never_low(
    path: str, policy: RiskPolicy, weights: Weights
) -> None:
    line = "x = " + "(" * 2000 + ")" * 2000
    change = parse_diff(f"--- a/{path}\n+++ b/{path}\n@@ -0,0 +1 @@\n+{line}\n")

    found = assess(change, policy, weights, policy_digest=digest(policy))

    assert found.band != "low"
    assert "a line of 4,004 characters" in [one.evidence for one in found.findings]


def test_what_could_not_be_judged_is_high_and_not_wrapped(
    policy: RiskPolicy, weights: Weights
) -> None:
    because = "It took over 10 s to read."

    change = unjudged(example(DANGEROUS), policy, weights, because, policy_digest=digest(policy))

    assert (change.band, change.verdict) == ("high", "not-suited")
    assert policy.bands.of(weights.scale.percentile(change.score)) == "high"
    assert total(change) == change.score == change.parts["impact"]


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


@given(st.dictionaries(st.sampled_from(PATHS), LINES, min_size=1))
def test_the_findings_add_up_to_the_score_whatever_the_change(
    policy: RiskPolicy, weights: Weights, files: dict[str, list[str]]
) -> None:
    change = example("\n".join("\n".join([path, *lines]) for path, lines in files.items()))

    first = assess(change, policy, weights, policy_digest=digest(policy))

    assert total(first) == first.score
    assert round(sum(first.parts.values()), 2) == first.score
    assert all(finding.points == round(finding.points, 2) for finding in first.findings)
    assert first == assess(change, policy, weights, policy_digest=digest(policy))


def test_a_diff_alone_shows_the_same_rules_as_both_texts(
    policy: RiskPolicy, weights: Weights
) -> None:
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
        {
            finding.rule
            for finding in assess(change, policy, weights, policy_digest=digest(policy)).findings
        }
        for change in (whole, parse_diff(diff))
    ]

    assert rules[0] == rules[1] | {"sensitive_symbol.access"}  # the function's name is context
