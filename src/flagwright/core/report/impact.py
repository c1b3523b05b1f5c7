"""Draw what an edit of the policies would have done to past changes, and how risky those were."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import get_args

from flagwright.core.policy.replay import Kind, Preview, Replayed, needs_flag
from flagwright.core.records.score import Band
from flagwright.core.report import svg

HEIGHT, BINS = 360, 10
BANDS: tuple[Band, ...] = get_args(Band)
MARKS: dict[Kind, tuple[str, str, str]] = {
    "same": ("dot", "same", "as before"),
    "new": ("up", "warn", "needs a flag now"),
    "released": ("down", "good", "needs no flag any more"),
    "blocked": ("cross", "bad", "would have been refused"),
    "refused-instead": ("star", "bad", "refused instead of flagged"),
    "let-through": ("square", "good", "no longer refused"),
    "flagged-instead": ("glass", "warn", "flagged instead of refused"),
    "second-approver": ("diamond", "accent", "needs another person"),
    "rules": ("plus", "accent", "meets other rules"),
}


def impact(found: Preview) -> str:
    """Past changes as dots over time and score; those that moved by shape, colour and reason."""
    if not found.changes:
        return '<p class="none">No change of code is that young. Ask with a longer --since.</p>'
    changes = found.changes
    across = svg.Scale(
        min(c.at for c in changes), max(c.at for c in changes), svg.LEFT, svg.WIDTH - svg.RIGHT
    )
    upward = svg.Scale(0, 100, HEIGHT - svg.BOTTOM, svg.TOP)
    ordered = sorted(changes, key=lambda one: one.kind != "same")
    drawn = [*upward.grid(range(0, 101, 20)), *across.days(HEIGHT - 10)]
    drawn.append(svg.text(svg.LEFT, svg.TOP - 5, "score"))
    for one in ordered:
        shape, style, _ = MARKS[one.kind]
        drawn.append(svg.mark(shape, across(one.at), upward(one.after.score), style, _said(one)))
    drawn += _edges(changes, upward)
    seen = Counter(one.kind for one in changes)
    entries = [
        (*MARKS[kind][:2], f"{MARKS[kind][2]}: {seen[kind]}") for kind in MARKS if seen[kind]
    ]
    rows = [
        (
            svg.day(one.at),
            one.sha[:9],
            MARKS[one.kind][2],
            _both(f"{one.before.score:g}", f"{one.after.score:g}"),
            _both(one.before.verdict, one.after.verdict),
            ", ".join(one.moved_by),
            svg.cut(one.title, 80),
        )
        for one in found.moved
    ]
    heads = ("day", "commit", "what", "score", "verdict", "moved by", "change")
    title = f"Past changes of {found.repository}, by time and score"
    listed = svg.table(f"Changes of {found.repository} that move", heads, rows) if rows else ""
    says = f"<p>{svg.safe(found.in_words())}</p>"
    return says + svg.picture(title, HEIGHT, drawn) + svg.legend(entries) + listed


def _said(one: Replayed) -> str:
    reason = f"; by {', '.join(one.moved_by)}" if one.moved_by else ""
    return (
        f"{svg.day(one.at)} {one.sha[:9]} {svg.cut(one.title, 80)}: {MARKS[one.kind][2]}{reason}; "
        f"score {_both(f'{one.before.score:g}', f'{one.after.score:g}')}, {one.after.band}"
    )


def _both(was: str, now: str) -> str:
    return now if was == now else f"{was} -> {now}"


def _edges(changes: Sequence[Replayed], upward: svg.Scale) -> Iterator[str]:
    """Where each band begins among these changes."""
    for band in BANDS[1:]:
        scores = [one.after.score for one in changes if one.after.band == band]
        if scores:
            y = upward(min(scores))
            yield svg.line(svg.LEFT, y, svg.WIDTH - svg.RIGHT, y, "edge")
            yield svg.text(
                svg.WIDTH - svg.RIGHT,
                y - 6,
                f"{band} from {min(scores):g}",
                anchor="end",
                style="tag",
            )


def distribution(found: Preview) -> str:
    """How many changes have which score, how many of them need a flag, and the bands."""
    scores = [one.after.score for one in found.changes]
    if not scores:
        return ""
    width = 100 // BINS
    counts = Counter(min(int(score // width), BINS - 1) for score in scores)
    held = Counter(
        min(int(one.after.score // width), BINS - 1)
        for one in found.changes
        if needs_flag(one.after)
    )
    most = svg.rounded(max(counts.values()))
    height = 240
    upward = svg.Scale(0, most, height - svg.BOTTOM, svg.TOP)
    across = svg.Scale(0, BINS, svg.LEFT, svg.WIDTH - svg.RIGHT)
    drawn = [*upward.grid(most * step // 2 for step in range(3))]
    for place in range(BINS):
        x, wide = across(place) + 6, across(1) - across(0) - 12
        count, flagged = counts[place], held[place]
        span = f"{place * width} to {(place + 1) * width}"
        said = f"score {span}: {count} changes, {flagged} flagged"
        drawn.append(svg.bar(x, upward(count), wide, upward(0) - upward(count), "light", said))
        drawn.append(svg.bar(x, upward(flagged), wide, upward(0) - upward(flagged), "solid", said))
        if count:
            drawn.append(svg.text(x + wide / 2, upward(count) - 4, count, anchor="middle"))
        drawn.append(svg.text(x + wide / 2, height - 12, span, anchor="middle"))
    was = Counter(one.before.band for one in found.changes)
    now = Counter(one.after.band for one in found.changes)
    rows = [
        (band, was[band], now[band], f"{100 * now[band] / len(scores):.0f} %") for band in BANDS
    ]
    return (
        svg.picture(f"Scores of the changes of {found.repository}", height, drawn)
        + '<p class="dim">Whole bars: all changes; filled: those that need a flag.</p>'
        + svg.table("Bands", ("band", "before", "after", "share"), rows)
    )
