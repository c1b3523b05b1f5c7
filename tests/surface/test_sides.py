"""Two columns hold what one patch says."""

import pytest

from flagwright.core.patch import unified
from flagwright.surface.cli.sides import rows

PAIRS = [
    (b"a\nb\nc\n", b"a\nB\nB2\nc\n"),
    (b"a\nb\nc\nd\n", b"a\nd\n"),
    (b"", b"new\n"),
    (b"x\n" * 30 + b"old\n", b"first\n" + b"x\n" * 30),
    (b"-a\n+b\n", b"+b\n-c\n"),
]


@pytest.mark.parametrize(("before", "after"), PAIRS)
def test_the_columns_hold_every_changed_line_in_order(before: bytes, after: bytes) -> None:
    patch = unified("x.py", before, after)
    changed = [row for row in rows(patch) if row[0] == "-+"]
    body = patch.splitlines()[2:]

    assert [left for _, left, _ in changed if left] == [line[1:] for line in body if line[0] == "-"]
    assert [right for _, _, right in changed if right] == [
        line[1:] for line in body if line[0] == "+"
    ]


def test_a_replaced_line_stands_beside_its_replacement() -> None:
    patch = unified("x.py", b"a\nb\nc\n", b"a\nB\nc\n")

    assert [*rows(patch)] == [
        ("@", "line 1", "line 1"),
        (" ", "a", "a"),
        ("-+", "b", "B"),
        (" ", "c", "c"),
    ]
