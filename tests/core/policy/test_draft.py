"""A first policy says what a repository does already, and nothing that it does not do."""

import pytest
import re2

from flagwright.adapters.shipped import Own, load_policy
from flagwright.core.naming.policy import NamingPolicy
from flagwright.core.place import Place
from flagwright.core.policy.draft import InitPolicy
from flagwright.core.policy.draft.files import file_blocks
from flagwright.core.policy.draft.names import names_blocks, names_in_code, pattern_of
from flagwright.core.policy.draft.shares import share_blocks
from flagwright.core.risk.backtest import Judged
from flagwright.core.risk.policy import RiskPolicy

POLICY = load_policy(InitPolicy, "init", Own()).policy
NAMING = load_policy(NamingPolicy, "naming", Own()).policy
ROLES = load_policy(RiskPolicy, "risk", Own()).policy.files


@pytest.mark.parametrize(
    ("names", "pattern", "other"),
    [
        (["new-cart", "old-mail", "x"], "[a-z0-9]+(-[a-z0-9]+)*", "new_cart"),
        (["new_cart", "old_mail", "x1"], "[a-z0-9]+(_[a-z0-9]+)*", "new-cart"),
        (
            ["release.cart", "release.mail", "ops.mail", "ops.cart.retry"],
            r"(ops|release)(\.[a-z0-9]+){1,2}",
            "beta.mail",
        ),
        (["a.b", "c.d", "e.f"], r"[a-z0-9]+(\.[a-z0-9]+)", "a.b.c"),
    ],
)
def test_a_pattern_is_read_off_the_names_and_fits_no_other_kind(
    names: list[str], pattern: str, other: str
) -> None:
    assert pattern_of(names) == pattern
    assert all(re2.fullmatch(pattern, name) for name in names)
    assert not re2.fullmatch(pattern, other)


def test_of_many_words_in_the_code_those_are_flags_that_are_asked_for_as_flags() -> None:
    checks = {name: (Place(path="a.py", line=n),) for n, name in enumerate(("on", "cached"), 1)}
    files = {"a.py": b'if client.is_enabled("on"): ...\nif "cached" in response.kinds: ...\n'}

    assert names_in_code(checks, files, POLICY) == {"on": "a.py:1"}


@pytest.mark.parametrize(
    ("line", "is_flag"),
    [
        (b'if feature_enabled("tax", user):', True),
        (b'if is_enabled(user, "tax"):', True),
        (b"if is_enabled(TAX):", True),
        (b'kinds = Kind.objects.with_feature("notes").order_by("tax")', False),
        (b'kinds = Kind.objects.with_feature("tax")', False),
        (b'show(is_enabled("new"), columns["tax"])', False),
    ],
)
def test_a_name_is_a_flag_where_the_call_that_gets_it_asks(line: bytes, is_flag: bool) -> None:
    found = names_in_code({"tax": (Place(path="a.py", line=1),)}, {"a.py": line}, POLICY)

    assert ("tax" in found) == is_flag


def test_the_pattern_of_the_server_goes_before_one_that_is_read() -> None:
    names = dict.fromkeys(["new_cart", "old_mail", "x"], "on the flag server")

    first, *_ = names_blocks(names, ("[a-z_]+", "default"), POLICY, NAMING)

    assert "pattern = '[a-z_]+'" in first.toml
    assert "featureNaming" in first.says[0]


def test_too_few_flags_make_no_pattern() -> None:
    (block,) = names_blocks({"a_b": "x.py:1"}, None, POLICY, NAMING)

    assert block.toml == ""


def test_a_rule_names_the_folders_and_the_owner_of_an_area() -> None:
    paths = [
        "shop/payments/card.py",
        "shop/cart.py",
        "tests/payments/test_card.py",
        *(f"{app}/migrations/0001.py" for app in ("a", "b", "c")),
        "shop/authors.py",
        'shop/tax"\n[rules.evil]/x.py',
    ]

    rules = {b.toml.partition("\n")[0]: b for b in file_blocks(paths, OWNERS, ROLES, POLICY)}

    assert set(rules) == {"[rules.money]", "[rules.database-migrations]", "[rules.owned-files]"}
    assert 'paths = ["/shop/payments/"]' in rules["[rules.money]"].toml
    assert 'owner = "@shop/payments"' in rules["[rules.money]"].toml
    assert 'paths = ["migrations/"]' in rules["[rules.database-migrations]"].toml
    assert 'paths = ["/shop/payments/"]' in rules["[rules.owned-files]"].toml


OWNERS = """
* @everybody
[Section]
/shop/payments/ @shop/payments
nothing/
"""


def judged(harmful: int, whole: int) -> list[Judged]:
    """The riskiest did the harm."""
    return [
        Judged(
            sha=f"{n:040}", time=n, harmful=n >= whole - harmful, reverted=False, lines=1,
            exposure=n, unfamiliarity=0, score=n,
        )
        for n in range(whole)
    ]  # fmt: skip


def test_a_share_is_the_smallest_that_held_the_harm_that_is_asked_for() -> None:
    blocks = share_blocks(judged(100, 400), POLICY.thresholds)

    assert [block.toml for block in blocks] == [
        'flag.due = "riskiest 20 %"\n',
        'bands.high = "riskiest 15 %"\n',
        'bands.critical = "riskiest 5 %"\n',
    ]


def test_too_little_harm_says_nothing_about_shares() -> None:
    (block,) = share_blocks(judged(3, 400), POLICY.thresholds)

    assert block.toml == ""
    assert "3 did harm" in block.says[0]
