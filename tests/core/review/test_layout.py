"""A file is laid out whole: what is folded away is counted, what stays is one block."""

from itertools import pairwise

import pytest

from flagwright.core.records.plan import Segment
from flagwright.core.review.layout import lay_out

COUNT = 40


def text(*changed: int) -> bytes:
    return "".join(f"x = {-n if n in changed else n}\n" for n in range(1, COUNT + 1)).encode()


@pytest.mark.parametrize("whole", [False, True], ids=["folded", "whole"])
@pytest.mark.parametrize(
    "changed", [(1,), (COUNT,), (10, 19), (10, 20), (10, 21)],
    ids=["first", "last", "three between", "fold of three", "fold of four"],
)  # fmt: skip
def test_every_line_is_shown_or_counted_and_no_block_is_split(
    changed: tuple[int, ...], *, whole: bool
) -> None:
    segment = Segment(path="a.py", line=30, end_line=30, treatment="neutral")

    found = lay_out(text(), text(*changed), [segment], is_python=True, whole=whole, masks=())

    for side in ("before", "after"):
        shown = [len(getattr(block, side)) + block.folded for block in found.blocks]
        assert sum(shown) == COUNT
    kinds = [block.kind for block in found.blocks]
    assert not [kind for kind, following in pairwise(kinds) if kind == following]
    assert ("folded" in kinds) != whole
    assert any(row.segment for block in found.blocks for row in block.before)
