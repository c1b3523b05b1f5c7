"""Write lines of code as HTML. Every character of a file passes through here, escaped."""

from collections.abc import Iterable, Iterator, Sequence
from html import escape

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from flagwright.core.review.layout import Row
from flagwright.core.review.lines import PLAIN, Line, lines, spelt_out

SHORT = {"comment": "c", "string": "s", "keyword": "k", "name": "f"}
MARKED = {
    "hidden": "an invisible character",
    "alike": "a letter that looks like another",
    "masked": "masked",
}


def code(line: Line | None) -> Markup:
    """One line: coloured, with what would hide written out and marked."""
    made = "".join(_piece(*piece) for piece in line or ())
    return Markup(made)  # noqa: S704  every piece of it is escaped below


def runs(rows: Iterable[Row]) -> Iterator[list[Row]]:
    """Lines below each other of which the same is said: an element for each would fill the page."""
    run: list[Row] = []
    for row in rows:
        if run and (row.segment or _said(row) != _said(run[0])):
            yield run
            run = []
        run.append(row)
    if run:
        yield run


def _said(row: Row) -> tuple[str | None, bool]:
    return row.treatment, row.moved


def _piece(kind: str, text: str, why: str) -> str:
    shown = escape(text)
    if kind == PLAIN:
        return shown
    if kind in SHORT:
        return f"<i class={SHORT[kind]}>{shown}</i>"
    told = escape(f"{MARKED[kind]}: {why}")
    return f'<mark class="{kind}" title="{told}">{shown}</mark>'


def seen(text: object) -> str:
    """A stranger's words: what would hide, or be taken for another letter, is spelt out."""
    return spelt_out(lines(str(text), is_python=False))


def environment() -> Environment:
    """Templates that escape whatever they are given, and fail on what they are not."""
    made = Environment(
        loader=PackageLoader("flagwright.surface.review"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["code"] = code
    made.filters["runs"] = runs
    made.filters["seen"] = seen
    made.filters["count"] = _count
    return made


def _count(number: int, noun: str, plural: str = "") -> str:
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def size_class(rows: Sequence[object] | int) -> str:
    """Roughly how tall a file will be, as a class: the browser reserves its place by it."""
    count = rows if isinstance(rows, int) else len(rows)
    step = 25
    while step < count and step < 3200:
        step *= 2
    return f"tall-{step}"
