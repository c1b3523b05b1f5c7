"""Checks that people wrote by hand: what folds goes, what does not is listed, all is proved."""

import ast
from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion

from flagwright.core.wrapping.proof.answered import is_answered
from flagwright.core.wrapping.retire import retire_files

FLAG = "shop.new-tax"
CASES = sorted((Path(__file__).parents[2] / "cases" / "retiring").glob("*.py"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
@pytest.mark.parametrize("keep", ["on", "off"])
def test_a_check_written_by_hand_goes_or_is_listed(
    case: Path, keep: str, snapshot: SnapshotAssertion
) -> None:
    before = case.read_bytes()

    found = retire_files({"shop/page.py": before}, flag=FLAG, on=keep == "on")

    text = found.files[0].text if found.files else before
    assert text is not None
    listed = [s.line for s in found.coverage if s.treatment == "not-controllable"]
    lines = text.decode().split("\n")
    assert listed == [i for i, line in enumerate(lines, 1) if FLAG in line]
    again = retire_files({"shop/page.py": text}, flag=FLAG, on=keep == "on")
    assert again.files == ()
    comment = f"# left: {', '.join(map(str, listed))}\n" if listed else ""
    assert comment + text.decode() == snapshot


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("if c.is_enabled('a.b'):\n    x = 1\nelse:\n    x = 2\n", "x = 2\n"),
        (
            "def f():\n    if c.is_enabled('a.b'):\n        return 1\n    return 2\n",
            "def f():\n    return 2\n",
        ),
        ("def f(n):\n    return n and c.is_enabled('a.b')\n", "def f(n):\n    return True\n"),
        ("import a\nif c.is_enabled('a.b'):\n    a.x()\n", "a.x()\n"),
        ("def f():\n    on = c.is_enabled('a.b')\n    return on\n", "def f():\n    return on\n"),
        ("assert not c.is_enabled('a.b')\n", ""),
        ("x = 1 if c.is_enabled('a.b') else 2\n", "x = True\n"),
        ("def f():\n    log('a.b')\n", "def f():\n    True\n"),
    ],
)
def test_what_does_not_follow_from_the_answer_is_not_proved(before: str, after: str) -> None:
    ast.parse(after)

    assert not is_answered(before, after, "a.b", on=True)


def test_what_only_its_truth_counts_for_may_lose_an_answer_that_decides_nothing() -> None:
    before = "def f(n):\n    if n > 1 and c.is_enabled('a.b'):\n        return 1\n"
    after = "def f(n):\n    if n > 1:\n        return 1\n"

    assert is_answered(before, after, "a.b", on=True)


NAMES = b"class Flags:\n    NEW_TAX = 'shop.new-tax'\n    OTHER = 'shop.other'\n"
USER = (
    b"from shop.names import Flags\n\n\n"
    b"def f():\n    if client.is_enabled(Flags.NEW_TAX):\n        return 1\n    return 2\n"
)


def test_a_name_of_the_flag_goes_with_its_last_use_in_another_file() -> None:
    files = {"shop/names.py": NAMES, "shop/page.py": USER}

    found = retire_files(files, flag=FLAG, on=True)

    assert {file.path: file.text for file in found.files} == {
        "shop/names.py": b"class Flags:\n    OTHER = 'shop.other'\n",
        "shop/page.py": b"def f():\n    return 1\n",
    }
    assert found.coverage == ()


def test_a_file_that_holds_nothing_but_the_name_stays() -> None:
    files = {"shop/names.py": b"NEW_TAX = 'shop.new-tax'\n"}

    found = retire_files(files, flag=FLAG, on=True)

    assert found.files == ()
    assert [(s.path, s.line) for s in found.coverage] == [("shop/names.py", 1)]


def test_a_name_of_the_flag_that_somebody_uses_in_another_way_stays_and_is_listed() -> None:
    files = {
        "shop/names.py": NAMES,
        "shop/page.py": USER,
        "shop/admin.py": b"from shop.names import Flags\nSHOWN = [Flags.NEW_TAX]\n",
    }

    found = retire_files(files, flag=FLAG, on=True)

    assert [file.path for file in found.files] == ["shop/page.py"]
    assert [(s.path, s.line) for s in found.coverage] == [("shop/names.py", 2)]


def test_a_file_that_cannot_be_proved_stays_as_it_is_and_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("flagwright.core.wrapping.retire.project", lambda *_, **__: b"x = 1\n")

    found = retire_files(
        {"a.py": USER.replace(b"Flags.NEW_TAX", b"'shop.new-tax'")}, flag=FLAG, on=True
    )

    assert found.files == ()
    assert "could not be proved" in str(found.coverage[0].because)
