"""Which lines of a file run with its flag off, and on: over everything that the rewriter makes."""

import re
from pathlib import Path

import pytest

from flagwright.core.patch import visible
from flagwright.core.review.lines import Line
from flagwright.core.review.running import Behaviour, behaviours
from flagwright.core.wrapping.project import project

WRAPPED = Path(__file__).parents[1] / "wrapping" / "__snapshots__" / "test_cases"
FLAG = re.compile(r"is_enabled\([^)]*?['\"]([\w.-]+)['\"]|# flag (\S+):")
FILE = """from flags import client


def price(goods):
    if client.is_enabled("a.b"):
        return goods - 1
    else:
        return goods
"""


def text(line: Line | None) -> str:
    return "".join(piece.text for piece in line or ())


def sides(content: str, flag: str) -> tuple[Behaviour, Behaviour]:
    return behaviours(content.encode(), flag, is_python=True, whole=True)


def states(behaviour: Behaviour) -> dict[str, str]:
    pairs = (row for row in behaviour.rows if not isinstance(row, int))
    return {text(pair.written).strip(): pair.state for pair in pairs if pair.written}


def test_a_branch_is_idle_on_one_side_and_the_question_belongs_to_none() -> None:
    off, on = map(states, sides(FILE, "a.b"))

    assert (off["return goods - 1"], off["return goods"]) == ("idle", "runs")
    assert (on["return goods - 1"], on["return goods"]) == ("runs", "idle")
    for found in (off, on):
        assert found['if client.is_enabled("a.b"):'] == found["else:"] == "asks"
        assert found["from flags import client"] == "asks"


@pytest.mark.parametrize("file", sorted(WRAPPED.iterdir()), ids=lambda file: file.name[-60:-8])
def test_what_is_shown_is_the_file_as_the_rewriter_says_it_behaves(file: Path) -> None:
    content = file.read_text("utf-8", "backslashreplace")
    named = FLAG.search(content)
    if named is None:
        return
    flag = named[1] or named[2]
    for on, found in enumerate(sides(content, flag)):
        pairs = [row for row in found.rows if not isinstance(row, int)]
        shown = [text(pair.behaves) for pair in pairs if pair.behaves is not None]
        assert found.traced
        behaves = str(project(content, flag=flag, on=bool(on)))
        assert [line for line in shown if line] == [*filter(None, visible(behaves).split("\n"))]
        for pair in pairs:
            if pair.written is not None and pair.behaves is not None:
                line, shown_line = text(pair.written), text(pair.behaves)
                is_body = shown_line.endswith(f": {line.strip()}")
                assert is_body or line.split()[:1] == shown_line.split()[:1]
