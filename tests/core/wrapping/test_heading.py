"""A header that changes above a block that does not: the block stands once, below both headers."""

import pytest

import flagwright
from benchmarks.independent import problems
from flagwright.core.wrapping.checks import flag_checks

FLAG = "shop.new-tax"
CHECK = f'client.is_enabled("{FLAG}")'
CONVENTION = {"import": "from flags import client", "check": 'client.is_enabled("{flag}")'}
BLOCK = "        one(x)\n        two(x)\n        three(x)\n"

ONE_COPY = {
    "if": ("    if a:\n", "    if b(1):\n"),
    "and": ("    if a:\n", "    if a and b:\n"),
    "elif": ("    if c:\n        pass\n    elif a:\n", "    if c:\n        pass\n    elif b:\n"),
    "both": ("    if a:\n        c(x)\n    elif a:\n", "    if b:\n        c(x)\n    elif b:\n"),
    "while": ("    while a:\n", "    while not b:\n"),
    "for": ("    for i in a:\n", "    for i in sorted(a):\n"),
    "with": ("    with a() as f, b() as g:\n", "    with a(1) as f, b() as g:\n"),
    "in parentheses": (
        "    if (\n        a\n    ):\n",
        "    if (\n        a\n        and b\n    ):\n",
    ),
    "bound": ("    if (y := a(x)):\n", "    if (y := b(x)):\n"),
    "comment": ("    if a:  # old\n", "    # Why.\n    if b:  # new\n"),
    "long": (f"    if a.{'b' * 50}:\n", f"    if a.{'c' * 50}:\n"),
    "truth": ("    if a < 1 and a:\n", "    if a > 1:\n"),
}
TWO_COPIES = {
    "target": ("    for i in a:\n", "    for j in b:\n"),
    "bare tuple": ("    for i in a, b:\n", "    for i in a, c:\n"),
    "bare assignment": ("    if y := a(x):\n", "    if y := b(x):\n"),
    "condition": ("    if a if b else c:\n", "    if a:\n"),
    "no space": ("    if(a):\n", "    if(b):\n"),
    "comment inside": (
        "    if (\n        a  # old\n    ):\n",
        "    if (\n        b  # new\n    ):\n",
    ),
    "another kind": ("    if a:\n", "    while a:\n"),
    "another number": ("    with a() as f:\n", "    with a() as f, b() as g:\n"),
}


def wrapped(before: str, after: str) -> str:
    """The wrapped file, checked both ways, byte for byte."""
    text = flagwright.wrap(before, after, flag=FLAG, convention=CONVENTION)
    assert isinstance(text, str)
    assert flagwright.project(text, flag=FLAG, on=False) == before
    assert flagwright.project(text, flag=FLAG, on=True) == after
    assert problems(before, after, text, FLAG, CHECK) == []
    return text


def function(header: str, block: str = BLOCK) -> str:
    return f"def f(x, a, b, c):\n{header}{block}"


@pytest.mark.parametrize("name", ONE_COPY)
def test_a_block_stands_once_below_the_headers_of_both_versions(name: str) -> None:
    text = wrapped(*map(function, ONE_COPY[name]))
    assert text.count("two(x)") == 1
    assert text.count("is_enabled") == 1


@pytest.mark.parametrize("name", TWO_COPIES)
def test_a_header_that_is_no_expression_of_its_own_is_guarded_with_its_block(name: str) -> None:
    assert wrapped(*map(function, TWO_COPIES[name])).count("two(x)") == 2


def test_handlers_and_subjects_are_headers_too() -> None:
    rest = "    except KeyError as error:\n        three(error)\n        raise\n"
    before = function("    try:\n", BLOCK + rest)
    assert wrapped(before, before.replace("KeyError", "(KeyError, OSError)")).count("raise") == 1
    cases = "        case 1:\n            one(x)\n            two(x)\n"
    before = function("    match x:\n", cases)
    assert wrapped(before, before.replace("match x", "match x.y")).count("case 1") == 1


def test_what_changes_in_the_block_has_a_check_of_its_own() -> None:
    before, after = function("    if a:\n"), function("    if b:\n").replace("three", "four")
    text = wrapped(before, after)
    assert [text.count(word) for word in ("two(", "three(", "four(")] == [1, 1, 1]


@pytest.mark.parametrize(
    "block", ["        one(x)\n", BLOCK.replace("one", "un").replace("two", "deux")]
)
def test_a_block_that_is_short_or_another_one_is_guarded_with_its_header(block: str) -> None:
    old = function("    if a:\n", BLOCK if "\n" in block.strip() else block)
    text = wrapped(old, function("    if b:\n", block))
    assert "if b:" in text
    assert "if a:" in text


def test_a_header_is_asked_for_once_a_call() -> None:
    text = wrapped(function("    while a():\n"), function("    while b():\n"))
    answers = iter([True, False, False])
    seen: list[str] = []
    space = {
        "client": type("Client", (), {"is_enabled": lambda _, name: next(answers)})(),
        "one": seen.append,
        "two": seen.append,
        "three": seen.append,
    }
    exec(text.replace("from flags import client\n", ""), space)
    left = [1, 1]
    space["f"]("x", lambda: pytest.fail("the old header"), lambda: left and left.pop(), None)
    assert seen == ["x"] * 6


def test_a_choice_of_headers_governs_the_header_alone() -> None:
    text = wrapped(function("    if a and b:\n"), function("    if c and b:\n"))
    lines = {n for check in flag_checks(text) for n in range(check.line, check.end_line + 1)}
    listed = text.split("\n")
    governed = [line.strip() for n, line in enumerate(listed, 1) if n in lines]
    assert governed[1:] == ["if (", "c and b", "if new_tax_on", "else a and b", "):"]


def test_a_choice_that_a_person_wrote_on_more_lines_leaves_no_parentheses() -> None:
    header = f"    while (\n        a\n        if {CHECK}\n        else b\n    ):\n"
    text = f"from flags import client\n\n\n{function(header)}"
    assert flagwright.project(text, flag=FLAG, on=True) == function("    while a:\n")


@pytest.mark.parametrize("on", [True, False])
def test_the_comment_of_the_branch_that_stays_is_kept_alone(on: bool) -> None:
    text = f"x = (\n    a  # new\n    if {CHECK}\n    else b  # old\n)\n"
    left = flagwright.project(f"from flags import client\n\n{text}", flag=FLAG, on=on)
    assert left == ("x = (\n    a  # new\n)\n" if on else "x = (\n    b  # old\n)\n")
