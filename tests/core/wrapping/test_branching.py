"""A branch that only one version has is written into the `if` of both."""

import pytest

import flagwright
from benchmarks.independent import problems

FLAG = "shop.new-tax"
CHECK = f'client.is_enabled("{FLAG}")'
CONVENTION = {"import": "from flags import client", "check": 'client.is_enabled("{flag}")'}
BLOCK = "        one(x)\n        two(x)\n        three(x)\n"
FIRST = f"    if a:\n{BLOCK}"
LAST = "    else:  # never\n        four(x)\n"
LATE = "    # Late.\n    elif b < 1 and c:  # told\n        late(x)\n"

CHANGES = {
    "added": (FIRST + LAST, FIRST + LATE + LAST),
    "added at the end": (FIRST, FIRST + LATE),
    "taken away": (FIRST + LATE + LAST, FIRST + LAST),
    "added first": (FIRST + LAST, f"    if c:\n        late(x)\n    el{FIRST[4:]}{LAST}"),
    "taken away first": (f"    if c:\n        late(x)\n    el{FIRST[4:]}{LAST}", FIRST + LAST),
    "another one": (FIRST + LATE + LAST, FIRST + "    elif c == 2:\n        c(x)\n" + LAST),
    "other blocks too": (FIRST + LAST, FIRST.replace("three", "drei") + LATE + LAST),
    "another test of the first": (
        FIRST + LAST,
        FIRST.replace("if a:", "if a and not c:") + LATE + LAST,
    ),
    "an else with it": (FIRST, FIRST + LATE + LAST),
    "an if below else": (
        FIRST + "    else:\n        if b:\n            late(x)\n",
        FIRST + LATE + "    else:\n        if b:\n            late(x)\n",
    ),
}


def wrapped(before: str, after: str) -> str:
    """The wrapped function, checked both ways, byte for byte."""
    old, new = (f"def f(x, a, b, c):\n{text}" for text in (before, after))
    text = flagwright.wrap(old, new, flag=FLAG, convention=CONVENTION)
    assert isinstance(text, str)
    assert flagwright.project(text, flag=FLAG, on=False) == old
    assert flagwright.project(text, flag=FLAG, on=True) == new
    assert problems(old, new, text, FLAG, CHECK) == []
    return text


@pytest.mark.parametrize("name", CHANGES)
def test_what_both_versions_have_stands_once(name: str) -> None:
    text = wrapped(*CHANGES[name])
    assert text.count("two(x)") == 1
    assert text.count("is_enabled") == 1


@pytest.mark.parametrize("test", ["b or c", "(y := b) if c else b", "lambda: b"])
def test_a_condition_that_needs_parentheses_is_guarded_with_the_rest(test: str) -> None:
    late = f"    elif {test}:\n        late(x)\n"
    assert wrapped(FIRST + LAST, FIRST + late + LAST).count("two(x)") == 2


def test_branches_that_have_little_in_common_are_guarded_as_a_whole() -> None:
    other = FIRST.replace("one", "un").replace("two", "deux").replace("three", "trois")
    assert wrapped(FIRST + LAST, other + LATE + LAST).count("four(x)") == 2


def test_a_branch_of_the_other_version_is_not_asked_for() -> None:
    text = wrapped(*CHANGES["added"]).replace("from flags import client\n", "")
    seen: list[str] = []
    space = {
        "client": type("Client", (), {"is_enabled": lambda _, name: False})(),
        **dict.fromkeys(("one", "two", "three", "late"), pytest.fail),
        "four": seen.append,
    }
    exec(text, space)
    space["f"]("x", False, None, True)
    assert seen == ["x"]
