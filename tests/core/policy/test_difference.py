"""What an edit of a policy means: which way it goes, and nothing about text or examples."""

from typing import Any

import pytest

from flagwright.adapters.shipped import Own, load_policy
from flagwright.core.naming.policy import NamingPolicy
from flagwright.core.policy.difference import differences

SHIPPED = load_policy(NamingPolicy, "naming", Own()).policy
WORDS = list(SHIPPED.forbidden_words)


@pytest.mark.parametrize(
    ("edit", "effect"),
    [
        ({"max_chars": 50}, "stricter"),
        ({"max_chars": 70}, "looser"),
        ({"forbidden_words": [*WORDS, "cart"]}, "stricter"),
        ({"forbidden_words": [*WORDS[1:], "cart"]}, "other"),
        ({"forbidden_words": WORDS[1:]}, "looser"),
        ({"forbidden_words": WORDS[::-1]}, "other"),
        ({"pattern": "release[.].*", "accepts": [], "rejects": []}, "other"),
        ({"accepts": ["release.tax"], "rejects": ["tax"]}, None),
    ],
)
def test_an_edit_goes_one_way_or_the_other(edit: dict[str, Any], effect: str | None) -> None:
    edited = NamingPolicy.model_validate(SHIPPED.model_dump() | edit)

    found = differences("naming", NamingPolicy, SHIPPED, edited)

    assert [one.effect for one in found] == ([effect] if effect else [])
