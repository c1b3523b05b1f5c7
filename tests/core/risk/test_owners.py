"""Whose a file is, as CODEOWNERS says, and what a policy makes of it."""

import copy
from typing import Any

import pytest
from pydantic import ValidationError

from flagwright.core.record import digest
from flagwright.core.risk.engine import assess
from flagwright.core.risk.example import example
from flagwright.core.risk.model import Weights
from flagwright.core.risk.owners import Owners
from flagwright.core.risk.policy import RiskPolicy

TEXT = """\
# a comment
*            @all
/docs/       docs@example.org   # by mail
billing/     @shop/payments @ada
*.tf         @ops
/shop/*.py   @shop
/shop/free.py
with\\ blank/ @blank
[Section of another host] @nobody
!negated     @nobody
"""


@pytest.mark.parametrize(
    ("path", "owners"),
    [
        ("README", ("@all",)),
        ("docs/a/b.md", ("docs@example.org",)),
        ("shop/docs/a.md", ("@all",)),
        ("shop/billing/x.py", ("@shop/payments", "@ada")),
        ("infra/main.tf", ("@ops",)),
        ("shop/cart.py", ("@shop",)),
        ("shop/deep/cart.py", ("@all",)),
        ("shop/free.py", ()),
        ("with blank/x", ("@blank",)),
        ("negated", ("@all",)),
    ],
)
def test_the_last_line_that_matches_says_whose_a_file_is(
    path: str, owners: tuple[str, ...]
) -> None:
    assert Owners(TEXT).of(path) == owners


def test_a_pattern_that_would_hang_another_engine_does_not() -> None:
    assert Owners("*a" * 40 + "b @x\n").of("a" * 400 + ".py") == ()


RULE = {
    "title": "Their code",
    "reason": "Their on-call is paged.",
    "points": 3,
    "owners": ["@shop/payments"],
    "matches": ["@ billing/ @shop/payments\nshop/billing/invoice.py"],
    "passes": ["@ billing/ @shop/payments\nshop/cart.py"],
}


def owned(choices: dict[str, Any], **changes: Any) -> RiskPolicy:
    own = copy.deepcopy(choices)
    own["owners"] = {"cap": 7, "rules": {"payments": RULE | changes}}
    return RiskPolicy.model_validate(own)


def test_a_team_makes_its_own_files_count(choices: dict[str, Any], weights: Weights) -> None:
    policy = owned(choices)
    change = example("@ billing/ @shop/payments\nbilling/a.py\n+x = 1\ncart.py\n+x = 1\n")

    found = assess(change, policy, weights, policy_digest=digest(policy)).findings

    (mine,) = (finding for finding in found if finding.rule == "owners.payments")
    assert (mine.path, mine.points, mine.evidence) == ("billing/a.py", 3, "owned by @shop/payments")


def test_an_example_about_owners_has_to_hold(choices: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match="does not notice this example"):
        owned(choices, owners=["@shop/nobody"])
