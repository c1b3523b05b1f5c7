"""Draw the parts that all pictures are made of: text, lines, marks, axes, and tables below them."""

import math
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from html import escape

from flagwright.core.patch import visible

WIDTH, LEFT, RIGHT, TOP, BOTTOM = 860, 52, 16, 16, 34
MOST_ROWS, SHORT = 60, 16
TICKS = 5


def safe(text: object) -> str:
    """Text of anybody, with what cannot be seen made visible."""
    return escape(visible(str(text)))


def day(at: datetime | float) -> str:
    """A day in the world's time."""
    moment = at if isinstance(at, datetime) else datetime.fromtimestamp(at, UTC)
    return f"{moment.astimezone(UTC):%Y-%m-%d}"


def text(x: float, y: float, said: object, *, anchor: str = "start", style: str = "") -> str:
    """One line of text."""
    return (
        f'<text class="{style}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{safe(said)}</text>'
    )


def line(x1: float, y1: float, x2: float, y2: float, style: str = "grid") -> str:
    """One straight line."""
    return f'<line class="{style}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>'


def bar(x: float, y: float, width: float, height: float, style: str, said: str = "") -> str:
    """A filled rectangle; what is said of it is shown where somebody points at it."""
    return (
        f'<rect class="{style}" x="{x:.1f}" y="{y:.1f}" width="{max(width, 0):.1f}" '
        f'height="{max(height, 0):.1f}">{_title(said)}</rect>'
    )


def curve(points: Iterable[tuple[float, float]], style: str) -> str:
    """One line through many points."""
    joined = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return f'<polyline class="{style}" points="{joined}"/>'


SHAPES = {
    "dot": "",
    "up": "M0,-6 L6,5 L-6,5 Z",
    "down": "M0,6 L6,-5 L-6,-5 Z",
    "square": "M-5,-5 H5 V5 H-5 Z",
    "diamond": "M0,-7 L6,0 L0,7 L-6,0 Z",
    "cross": "M-5,-5 L5,5 M-5,5 L5,-5",
    "star": "M-5,-5 L5,5 M-5,5 L5,-5 M-6,0 H6 M0,-6 V6",
    "glass": "M-6,-6 H6 L-6,6 H6 Z",
    "plus": "M-6,0 H6 M0,-6 V6",
}


def mark(shape: str, x: float, y: float, style: str, said: str = "") -> str:
    """One mark, whose shape says what its colour says."""
    if shape == "dot":
        return f'<circle class="{style}" cx="{x:.1f}" cy="{y:.1f}" r="3">{_title(said)}</circle>'
    moved = f'transform="translate({x:.1f} {y:.1f})"'
    return f'<path class="{style}" d="{SHAPES[shape]}" {moved}>{_title(said)}</path>'


def _title(said: str) -> str:
    return f"<title>{safe(said)}</title>" if said else ""


def picture(title: str, height: float, drawn: Iterable[str]) -> str:
    """A picture that a narrow window scrolls instead of shrinking."""
    return (
        f'<div class="wide" role="region" tabindex="0" aria-label="{safe(title)}">'
        f'<svg viewBox="0 0 {WIDTH} {height:.0f}" role="img" aria-label="{safe(title)}">'
        f"{''.join(drawn)}</svg></div>"
    )


def legend(entries: Sequence[tuple[str, str, str]]) -> str:
    """What each mark means: its shape, its style, its words."""
    items = "".join(
        f'<li><svg viewBox="-8 -8 16 16" width="16" height="16" aria-hidden="true">'
        f"{mark(shape, 0, 0, style)}</svg>{safe(words)}</li>"
        for shape, style, words in entries
    )
    return f'<ul class="legend">{items}</ul>'


def table(title: str, heads: Sequence[str], rows: Sequence[Sequence[object]], more: int = 0) -> str:
    """The numbers of a picture; those that are left out are counted."""
    shown = rows[:MOST_ROWS]
    left = len(rows) - len(shown) + more
    body = "".join(f"<tr>{''.join(map(_cell, row))}</tr>" for row in shown)
    note = f'<p class="dim">and {left:,} more that are not listed here</p>' if left else ""
    heading = "".join(f'<th scope="col">{safe(head)}</th>' for head in heads)
    return (
        f'<div class="wide" role="region" tabindex="0" aria-label="Numbers: {safe(title)}">'
        f"<table><caption>{safe(title)}</caption><thead><tr>{heading}</tr></thead>"
        f"<tbody>{body}</tbody></table></div>{note}"
    )


def _cell(value: object) -> str:
    """A short one stays on one line."""
    style = ' class="short"' if len(str(value)) <= SHORT else ""
    return f"<td{style}>{safe(value)}</td>"


class Scale:
    """Where a value stands between two edges of a picture."""

    def __init__(self, low: float, high: float, start: float, end: float) -> None:
        self.low, self.high = low, high if high > low else low + 1
        self.start, self.end = start, end

    def __call__(self, value: float) -> float:
        """The place of a value; what is beyond stands at the edge."""
        share = (min(max(value, self.low), self.high) - self.low) / (self.high - self.low)
        return self.start + share * (self.end - self.start)

    def grid(self, values: Iterable[float], unit: str = "") -> Iterator[str]:
        """Lines across a picture, with their values at the left."""
        for value in values:
            y = self(value)
            yield line(LEFT, y, WIDTH - RIGHT, y)
            yield text(LEFT - 8, y + 4, f"{value:g}{unit}", anchor="end")

    def days(self, y: float) -> Iterator[str]:
        """Days below a picture, where values are seconds since 1970."""
        ticks = min(TICKS, max(1, int((self.high - self.low) / 86_400)))  # no day twice
        for step in range(ticks + 1):
            value = self.low + (self.high - self.low) * step / ticks
            anchor = "start" if not step else "end" if step == ticks else "middle"
            yield text(self(value), y, day(value), anchor=anchor)


def rounded(most: float) -> int:
    """A number at or above the highest that an axis ends well at."""
    if most <= TICKS:
        return max(math.ceil(most), 1)
    unit = 10 ** math.floor(math.log10(most))
    return next(int(unit * step) for step in (1, 1.5, 2, 3, 4, 5, 10) if unit * step >= most)


def counted(number: int, what: str, many: str = "") -> str:
    """How many there are, and what."""
    return f"{number} {what if number == 1 else many or what + 's'}"


def cut(said: str, most: int) -> str:
    """A text that is not longer than there is room for."""
    return said if len(said) <= most else f"{said[: most - 1]}…"


def lasted(seconds: float | None) -> str:
    """A time in the unit that fits it."""
    if seconds is None:
        return "not known"
    for name, size in (("day", 86_400), ("hour", 3600), ("minute", 60)):
        if seconds >= size:
            number = round(seconds / size, 1)
            return f"{number:g} {name}{'s' * (number != 1)}"
    return f"{seconds:.0f} seconds"
