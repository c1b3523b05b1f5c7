"""Write what an edit of the policies would have done as the body of a comment on a code host.

Titles of commits and names of rules are a stranger's text: each stands in a code span, where no
code host reads a mention, a link or HTML.
"""

from collections.abc import Iterator

from flagwright.core.report.impact import MARKS
from flagwright.surface.answers.policy import PreviewAnswer, PreviewView, ReplayedView

MARK = "<!-- flagwright: preview of the policies -->"
"""By this a pipeline finds its own comment again."""
MOST_ROWS = 50


def preview(answer: PreviewAnswer) -> str:
    """The whole comment."""
    lines = [MARK, "### What this edit of the policies would have done", ""]
    for one in answer.repositories:
        lines += _repository(one, is_named=len(answer.repositories) > 1)
    return "\n".join(lines)


def _repository(one: PreviewView, *, is_named: bool) -> Iterator[str]:
    if is_named:
        yield f"#### {_code(one.repository)}"
        yield ""
    yield f"{one.says}"
    yield ""
    if one.moved:
        yield "| day | commit | what | score | band | moved by | change |"
        yield "| --- | --- | --- | ---: | --- | --- | --- |"
        yield from map(_row, one.moved[:MOST_ROWS])
        yield ""
    if (more := len(one.moved) - MOST_ROWS) > 0:
        yield f"and {more} more: `flagwright policy preview --json` lists them all"
        yield ""


def _row(row: ReplayedView) -> str:
    score = _then(*(f"{score:g}" for score in row.score))
    by = ", ".join(map(_code, row.by))
    cells = (
        row.day,
        f"`{row.sha[:9]}`",
        MARKS[row.moved][2],
        score,
        _then(*row.band),
        by,
        _code(row.title),
    )
    return f"| {' | '.join(cells)} |"


def _then(before: str, after: str) -> str:
    return after if before == after else f"{before} → {after}"


def _code(text: str) -> str:
    """A code span in a cell: without backticks, and with bars that end no cell."""
    plain = " ".join(text.replace("`", "'").replace("\\", "/").split())
    return f"`{plain.replace('|', chr(92) + '|')}`" if plain else ""
