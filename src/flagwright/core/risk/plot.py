"""Draw what gating a share of the changes would have caught, as one page without scripts."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from html import escape
from string import Template

from flagwright.core.risk.backtest import NUMBERS, SHARES, Judged, figures

_WIDTH, _HEIGHT, _EDGE = 560, 420, 46
_SCORE = "the score without impact"
_SHOWN = {_SCORE: "a", "lines added": "b"}
_PERCENTS = tuple(range(101))
_PAGE = Template("""\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8"/>
<meta name="viewport" content="width=device-width, initial-scale=1"/>
<meta name="color-scheme" content="light dark"/>
<title>What gating would have caught in $name</title>
<style>
:root { --ink: #1d2733; --dim: #66758a; --line: #d7dee8; --paper: #fff;
        --a: #0b62c4; --b: #66758a; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6edf5; --dim: #93a1b5; --line: #2f3b4a; --paper: #141a21;
          --a: #62a8ff; --b: #93a1b5; } }
body { font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper);
       max-width: 44rem; margin: 2.5rem auto; padding: 0 1rem; }
h1 { font-size: 1.4rem; line-height: 1.3; margin: 0 0 .25rem; }
p { margin: .25rem 0 1rem; } table + p { margin-top: 1rem; }
.dim { color: var(--dim); font-size: .9rem; }
svg { width: 100%; height: auto; } text { font-size: 13px; fill: var(--dim); }
.grid { stroke: var(--line); } .chance { stroke: var(--dim); stroke-dasharray: 3 4; }
polyline, .chance { fill: none; stroke-width: 2; }
.a { stroke: var(--a); stroke-width: 3; } .b { stroke: var(--b); }
text.a, text.b { stroke: none; font-weight: 600; }
text.a { fill: var(--a); } text.b { fill: var(--b); }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { padding: .35rem .5rem; text-align: right; border-bottom: 1px solid var(--line); }
th, td { white-space: nowrap; }
th:first-child, td:first-child { text-align: left; white-space: normal; }
</style>
</head>
<body>
<h1>$headline</h1>
<p class="dim">$facts</p>
<svg viewBox="0 0 $width $height" role="img" aria-label="$headline">
$drawn
</svg>
<table>
<thead><tr><th>Caught by gating the riskiest</th>$heads<th>AUC</th></tr></thead>
<tbody>
$rows
</tbody>
</table>
<p class="dim">Each change was scored as it was then, by nothing that came later. It did harm
where a fix within two years had to change its lines, which favours large changes and knows only
fixes that say so. AUC is how often a harmful change stands above another one; 0.5 is chance.</p>
</body>
</html>
""")


def page(judged: Sequence[Judged], *, name: str, commit: str) -> str:
    """One HTML page with the curves, and with the figures as a table.

    Args:
        name: What the project is called.
        commit: Where its history ended.
    """
    harmful = sum(one.harmful for one in judged)
    first, last = (_day(pick(one.time for one in judged)) for pick in (min, max))
    known = figures(judged, NUMBERS[_SCORE])
    headline = f"Nothing to compare in {name}"
    if known:
        share = known.caught[SHARES.index(20)]
        headline = (
            f"Gating the riskiest fifth would have caught {100 * share:.0f} % of the harm in {name}"
        )
    return _PAGE.substitute(
        name=escape(name),
        headline=escape(headline),
        facts=f"{len(judged):,} changes of code from {first} to {last}, up to {commit[:12]}; "
        f"{harmful:,} did harm",
        width=_WIDTH,
        height=_HEIGHT,
        drawn="\n".join(_drawn(judged)),
        heads="".join(f"<th>{share} %</th>" for share in SHARES),
        rows="\n".join(_rows(judged)),
    )


def _rows(judged: Sequence[Judged]) -> Iterator[str]:
    for name in _SHOWN:
        if found := figures(judged, NUMBERS[name]):
            cells = "".join(f"<td>{100 * share:.0f} %</td>" for share in found.caught)
            yield f"<tr><td>by {name}</td>{cells}<td>{found.auc:.3f}</td></tr>"
    cells = "".join(f"<td>{share} %</td>" for share in SHARES)
    yield f"<tr><td>by chance</td>{cells}<td>0.500</td></tr>"


def _drawn(judged: Sequence[Judged]) -> Iterator[str]:
    for percent in (0, 20, 40, 60, 80, 100):
        x, y = _at(percent, percent / 100)
        yield f'<line class="grid" x1="{_EDGE}" x2="{_WIDTH - 22}" y1="{y:.0f}" y2="{y:.0f}"/>'
        yield _text(_EDGE - 6, y + 4, f"{percent} %", anchor="end")
        yield _text(x, _HEIGHT - 24, f"{percent} %", anchor="middle")
    (x1, y1), (x2, y2) = _at(0, 0), _at(100, 1)
    yield f'<line class="chance" x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}"/>'
    middle = (_WIDTH + _EDGE) / 2
    yield _text(middle, _HEIGHT - 5, "share of changes gated", anchor="middle")
    yield _text(_EDGE, 14, "share of the harm caught", anchor="start")
    for place, (name, style) in enumerate(_SHOWN.items()):
        if found := figures(judged, NUMBERS[name], _PERCENTS):
            points = (
                _at(percent, share) for percent, share in zip(_PERCENTS, found.caught, strict=True)
            )
            line = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
            yield f'<polyline class="{style}" points="{line}"/>'
            y = _HEIGHT - 64 - 20 * (len(_SHOWN) - 1 - place)
            yield _text(_WIDTH - 34, y, name, anchor="end", style=style)


def _text(x: float, y: float, said: str, *, anchor: str, style: str = "") -> str:
    return f'<text class="{style}" x="{x:.0f}" y="{y:.0f}" text-anchor="{anchor}">{said}</text>'


def _at(percent: float, share: float) -> tuple[float, float]:
    """Where a point stands in the picture."""
    x = _EDGE + (_WIDTH - 22 - _EDGE) * percent / 100
    return x, _HEIGHT - 44 - (_HEIGHT - 44 - 24) * share


def _day(time: int) -> str:
    return f"{datetime.fromtimestamp(time, UTC):%Y-%m-%d}"
