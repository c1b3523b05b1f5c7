"""The library: typed by its input, lazy at import, silent about what nothing needs."""

import subprocess
import sys

import pytest

import flagwright

CONVENTION = {
    "import": "from flags import client",
    "check": 'client.is_enabled("{flag}")',
    "x": "y",
}


def test_text_gives_text_and_bytes_give_bytes() -> None:
    text = flagwright.wrap(
        "def f():\n    return 1\n", "def f():\n    return 2\n", flag="a-b", convention=CONVENTION
    )
    same = flagwright.wrap(
        b"def f():\n    return 1\n", b"def f():\n    return 2\n", flag="a-b", convention=CONVENTION
    )

    assert text.encode() == same
    assert flagwright.project(same, flag="a-b", on=False) == b"def f():\n    return 1\n"


def test_a_change_without_effect_is_given_back_as_it_is() -> None:
    after = "def f():\n    return (1)  # one\n"

    assert (
        flagwright.wrap("def f():\n    return 1\n", after, flag="a-b", convention=CONVENTION)
        is after
    )


def test_a_refusal_says_where_why_and_what_to_do() -> None:
    with pytest.raises(flagwright.CannotWrap) as caught:
        flagwright.wrap("X = f()\n", "X = g()\n", flag="a-b", convention=CONVENTION)

    error = caught.value
    assert (error.code, error.category, error.line) == ("cannot-wrap", "import-time", 1)
    assert error.because
    assert error.next_step


def test_a_diff_is_scored_as_text() -> None:
    diff = "--- a/x.py\n+++ b/x.py\n@@ -1 +1 @@\n-a = 1\n+a = 2\n"

    assert 0 <= flagwright.score(diff).score <= 100


def test_importing_the_package_loads_neither_parser_nor_records() -> None:
    code = "import sys, flagwright; print([m for m in ('libcst', 'pydantic') if m in sys.modules])"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"


def test_a_name_that_does_not_exist_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError):
        _ = flagwright.nothing
