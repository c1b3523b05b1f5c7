"""Say which parameters are taken on a side whose version has none of them."""

import ast

import pytest

import flagwright
from flagwright.core.wrapping.lenient import taken_unread

CONVENTION = {"import": "from flags import client", "check": 'client.is_enabled("{flag}")'}
BEFORE = "def net(a):\n    return a\n\n\ndef total(a, b=1):\n    return a\n"


@pytest.mark.parametrize(
    ("after", "told"),
    [
        (
            BEFORE.replace("net(a)", "net(a, *, rate=1, **more)").replace("a\n\n", "a * 2\n\n"),
            ["with the flag off, `net` takes `rate` and `**more` as well"],
        ),
        (
            BEFORE.replace("(a, b=1):\n    return a", "(a):\n    return a * 2"),
            ["with the flag on, `total` takes `b` as well"],
        ),
        (BEFORE.replace("b=1", "b=2"), []),
        (BEFORE.replace("return a\n\n", "return a * 2\n\n"), []),
        (f"{BEFORE}\n\ndef more(a, b):\n    return a\n", []),
    ],
)
def test_a_parameter_of_one_side_is_told(after: str, told: list[str]) -> None:
    text = flagwright.wrap(BEFORE, after, flag="new-tax", convention=CONVENTION)

    found = [*taken_unread(ast.parse(text), text, "new-tax")]

    assert [note.partition(", and nothing")[0] for note in found] == told
