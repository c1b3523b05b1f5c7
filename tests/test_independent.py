"""The checker that the rewriter is measured by finds what is wrong, and nothing else."""

import re
from pathlib import Path

import pytest

import flagwright
from benchmarks.independent import lines_kept, problems

FLAG = "shop.new-tax"
CONVENTION = {"import": "from flags import client", "check": 'client.is_enabled("{flag}")'}
CHECK = f'client.is_enabled("{FLAG}")'
CASES = Path(__file__).parent / "cases" / "wrapping"
WRAPPED = sorted(p.name for p in CASES.iterdir() if not p.name.startswith("refused_"))
BEFORE = '''import os
from old import rates


def price(n):
    """Text."""
    total = 0
    for i in range(n):
        total += rates(i)
    return total


def tax(n):
    return n * LIMIT
'''
AFTER = '''import os
from new import shares


def price(n):
    """Text."""
    total = 1
    for i in range(n):
        total += shares(i)
    return total


def extra(n):
    return n


def tax(n):
    return extra(n) * LIMIT
'''


def wrapped() -> str:
    return flagwright.wrap(BEFORE, AFTER, flag=FLAG, convention=CONVENTION)


def test_a_right_one_has_no_problem() -> None:
    assert problems(BEFORE, AFTER, wrapped(), FLAG, CHECK) == []
    lines, kept = lines_kept(AFTER, wrapped())
    assert 0 < kept < lines


@pytest.mark.parametrize("name", WRAPPED)
def test_no_case_of_ours_has_one(name: str) -> None:
    before, after = (
        (CASES / name / f"{side}.py").read_bytes().decode("latin-1").removeprefix("\xef\xbb\xbf")
        for side in ("before", "after")
    )
    text = flagwright.wrap(before, after, flag=FLAG, convention=CONVENTION)
    alias = re.search(r"import client as (\w+)", text)
    check = CHECK.replace("client", alias[1]) if alias else CHECK

    assert text == after or problems(before, after, text, FLAG, check) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (f"if {CHECK}", f"if not {CHECK}"),
        (f"# flag {FLAG}: on\n", ""),
        (f"# flag {FLAG}: on\n", f"# flag {FLAG}: off\n"),
        ("total = 1", "total = 2"),
        ("total = 0", "total = 2"),
        ("return extra(n) * LIMIT", "return n * LIMIT"),
        ("from old import rates\n", ""),
        ("from new import shares\n", ""),
        ("import os\n", "import os\nif " + CHECK + ":\n    pass\n"),
        ("def tax(n):", f"def tax(n, on={CHECK}):"),
        ("        total += rates(i)", "        yield rates(i)"),
        ("    return total", "    LIMIT = 1\n    return total"),
        ("def extra(n):", "def range(n):"),
        ("return extra(n)", "return ("),
        ('"""Text."""', '"""Another text."""'),
    ],
)
def test_a_wrong_one_has(old: str, new: str) -> None:
    right = wrapped()
    assert old in right

    assert problems(BEFORE, AFTER, right.replace(old, new, 1), FLAG, CHECK)


def test_a_local_of_the_new_code_that_hides_a_global_of_the_old_is_seen() -> None:
    before = "LIMIT = 1\n\n\ndef f(n):\n    return n + LIMIT\n"
    after = before.replace("    return", "    LIMIT = 2\n    return")
    naive = before.replace("    return", f"    if {CHECK}:\n        LIMIT = 2\n    return")

    found = problems(before, after, f"from flags import client\n{naive}", FLAG, CHECK)

    assert any("LIMIT" in problem for problem in found)


TWINS = (
    "def _net(a):\n    return a\n\n\nclass Box:\n    def _own(self):\n        return 1\n\n"
    "    def go(self, other):\n        return _net(self._own())\n"
)
TWINS_AFTER = TWINS.replace("_net(a)", "_net(a, b)")
TWINS_AFTER = TWINS_AFTER.replace("_net(self._own())", "_net(self._own(2), 1)")
TWINS_AFTER = TWINS_AFTER.replace("def _own(self)", "def _own(self, n)")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("_net_off(self", "_net(self"),
        ("self._own_off()", "self._own()"),
        ("self._own_off()", "other._own_off()"),
        (f"# flag {FLAG}: on\ndef _net(", "def _net("),
        (f"# flag {FLAG}: off\ndef _net_off(a)", f"# flag {FLAG}: off\ndef _net_off(b)"),
        (f"# flag {FLAG}: off\ndef _net_off(", "def _net_off("),
    ],
)
def test_an_old_definition_that_is_mixed_up_with_the_new_one_is_found(old: str, new: str) -> None:
    text = flagwright.wrap(TWINS, TWINS_AFTER, flag=FLAG, convention=CONVENTION)

    assert problems(TWINS, TWINS_AFTER, text, FLAG, CHECK) == []
    assert old in text
    assert problems(TWINS, TWINS_AFTER, text.replace(old, new), FLAG, CHECK)
