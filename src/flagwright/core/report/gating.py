"""Draw what gating a share of the changes would have caught."""

from collections.abc import Iterator, Sequence

from flagwright.core.report import svg
from flagwright.core.report.document import document
from flagwright.core.risk.backtest import NUMBERS, SHARES, Judged, figures

HEIGHT = 420
SCORE = "the score without impact"
SHOWN = {SCORE: "a", "lines added": "b"}
PERCENTS = range(101)
MEANT = """<p class="dim">Each change was scored as it was then, by nothing that came later. It did
harm where a fix within two years had to change its lines, which favours large changes and knows
only fixes that say so. AUC is how often a harmful change stands above another one; 0.5 is
chance.</p>"""


def page(judged: Sequence[Judged], *, name: str, commit: str) -> str:
    """One page with the curves, and with the figures as a table.

    Args:
        name: What the project is called.
        commit: Where its history ended.
    """
    harmful = sum(one.harmful for one in judged)
    first, last = (svg.day(pick(one.time for one in judged)) for pick in (min, max))
    fifth = [f.caught[SHARES.index(20)] for n in SHOWN if (f := figures(judged, NUMBERS[n]))]
    headline = f"Nothing to compare in {name}"
    if fifth:
        score, lines = fifth
        headline = (
            f"Gating the riskiest fifth would have caught {score:.0%} of the harm in {name}, "
            f"and the fifth with most lines {lines:.0%}"
        ).replace("%", " %")
    heads = ("Caught by gating the riskiest", *(f"{share} %" for share in SHARES), "AUC")
    numbers = svg.table("Share of the harm that is caught", heads, [*_rows(judged)])
    return document(
        f"What gating would have caught in {name}",
        f"{len(judged):,} changes of code from {first} to {last}, up to {commit[:12]}; "
        f"{harmful:,} did harm",
        svg.picture(headline, HEIGHT, _drawn(judged)) + numbers + MEANT,
        heading=headline,
    )


def _rows(judged: Sequence[Judged]) -> Iterator[tuple[str, ...]]:
    for name in SHOWN:
        if found := figures(judged, NUMBERS[name]):
            shares = (f"{100 * share:.0f} %" for share in found.caught)
            yield f"by {name}", *shares, f"{found.auc:.3f}"
    yield "by chance", *(f"{share} %" for share in SHARES), "0.500"


def _drawn(judged: Sequence[Judged]) -> Iterator[str]:
    across = svg.Scale(0, 100, svg.LEFT, svg.WIDTH - svg.RIGHT)
    upward = svg.Scale(0, 100, HEIGHT - svg.BOTTOM - 16, svg.TOP + 8)
    yield from upward.grid(range(0, 101, 20), " %")
    for percent in range(0, 101, 20):
        anchor = "end" if percent == 100 else "middle"
        yield svg.text(across(percent), HEIGHT - svg.BOTTOM + 4, f"{percent} %", anchor=anchor)
    yield svg.line(across(0), upward(0), across(100), upward(100), "edge")
    yield svg.text(
        (svg.WIDTH + svg.LEFT) / 2, HEIGHT - 8, "share of changes gated", anchor="middle"
    )
    yield svg.text(svg.LEFT, 14, "share of the harm caught")
    for place, (name, style) in enumerate(SHOWN.items()):
        if found := figures(judged, NUMBERS[name], PERCENTS):
            yield svg.curve(((across(p), upward(100 * found.caught[p])) for p in PERCENTS), style)
            y = upward(8) - 20 * (len(SHOWN) - 1 - place)
            yield svg.text(svg.WIDTH - svg.RIGHT - 12, y, name, anchor="end", style=style)
