"""Draw the life of each flag, and which flags have become a debt."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from flagwright.core.flag import FlagEvent
from flagwright.core.report import FlagLife, svg

MOST, ROW, NAMES, HEIGHT = 40, 22, 250, 320
EVENTS = {
    "feature-created": ("square", "accent", "created"),
    "feature-environment-enabled": ("up", "warn", "switched on"),
    "feature-environment-disabled": ("down", "good", "switched off"),
    "feature-strategy-add": ("plus", "accent", "rollout changed"),
    "feature-strategy-update": ("plus", "accent", "rollout changed"),
    "feature-strategy-remove": ("plus", "accent", "rollout changed"),
    "feature-archived": ("cross", "dim-mark", "archived"),
}
NO_FLAGS = '<p class="none">There is no flag yet.</p>'


def timelines(flags: Sequence[FlagLife], now: datetime) -> str:
    """One row a flag, from its making to its end or to now; the youngest first."""
    if not flags:
        return NO_FLAGS
    ordered = sorted(flags, key=lambda one: one.created_at, reverse=True)
    shown = ordered[:MOST]
    start = min(one.created_at for one in shown).timestamp()
    across = svg.Scale(start, now.timestamp(), NAMES, svg.WIDTH - svg.RIGHT)
    height = svg.TOP + len(shown) * ROW + svg.BOTTOM
    drawn = [*across.days(height - 10)]
    for place, one in enumerate(shown):
        drawn += _row(one, svg.TOP + place * ROW + ROW / 2, across, now)
    entries = [*dict.fromkeys(EVENTS.values()), ("diamond", "solid", "on for everybody since")]
    rows = [
        (
            one.name,
            one.type,
            one.owner or "",
            svg.day(one.created_at),
            svg.day(one.full_since) if one.full_since else "",
            svg.day(one.expires_on) if one.expires_on else "",
            "archived" if one.archived else f"{one.reach} %" if one.reach is not None else "",
            len(one.events),
        )
        for one in shown
    ]
    heads = ("flag", "type", "owner", "created", "100 % since", "expires", "reach", "events")
    return (
        svg.picture("Lives of the flags", height, drawn)
        + svg.legend(entries)
        + '<p class="dim">A thick line is past the day on which the flag should have gone.</p>'
        + svg.table("Lives of the flags", heads, rows, more=len(ordered) - len(shown))
    )


def _row(one: FlagLife, y: float, across: svg.Scale, now: datetime) -> Iterator[str]:
    yield svg.text(NAMES - 10, y + 4, svg.cut(one.name, 34), anchor="end")
    ends = max((event.at for event in one.events), default=now) if one.archived else now
    yield svg.line(across(one.created_at.timestamp()), y, across(ends.timestamp()), y, "life")
    if one.is_past_its_life(now) and one.expires_on:
        x = across(one.expires_on.timestamp())
        yield svg.bar(
            x, y - 3, across(now.timestamp()) - x, 6, "late", f"{one.name}: past its expiry"
        )
    for event in one.events:
        if event.type in EVENTS:
            shape, style, words = EVENTS[event.type]
            x = across(event.at.timestamp())
            yield svg.mark(shape, x, y, style, _said(event, words))
    if one.full_since:
        said = f"{svg.day(one.full_since)} {one.name}: on for everybody"
        yield svg.mark("diamond", across(one.full_since.timestamp()), y, "solid", said)


def _said(event: FlagEvent, words: str) -> str:
    where = f" in {event.environment}" if event.environment else ""
    by = f" by {event.by}" if event.by else ""
    return f"{svg.day(event.at)} {event.flag}: {words}{where}{by}"


def debt(flags: Sequence[FlagLife], now: datetime) -> str:
    """Living flags by age and rollout; what is due to go by shape, and listed worst first."""
    living = [one for one in flags if not one.archived]
    if not living:
        return NO_FLAGS
    oldest = svg.rounded(max(svg.TICKS, *(one.age_days(now) for one in living)))
    across = svg.Scale(0, oldest, svg.LEFT, svg.WIDTH - svg.RIGHT)
    upward = svg.Scale(0, 100, HEIGHT - svg.BOTTOM, svg.TOP)
    drawn = [*upward.grid(range(0, 101, 25), " %")]
    for step in range(svg.TICKS + 1):
        age = oldest * step / svg.TICKS
        anchor = "start" if not step else "end" if step == svg.TICKS else "middle"
        drawn.append(svg.text(across(age), HEIGHT - 10, f"{age:g} days", anchor=anchor))
    for one in sorted(living, key=lambda each: bool(each.why_due)):
        shape, style = ("diamond", "bad-fill") if one.why_due else ("dot", "same")
        said = f"{one.name}: {one.age_days(now)} days, {one.reach or 0} %"
        said += f"; {'; '.join(one.why_due)}" if one.why_due else ""
        drawn.append(
            svg.mark(shape, across(one.age_days(now)), upward(one.reach or 0), style, said)
        )
    due = sorted((one for one in living if one.why_due), key=lambda one: (-one.badness, one.name))
    rows = [
        (
            one.name,
            one.owner or "",
            one.age_days(now),
            f"{one.reach or 0} %",
            "; ".join(one.why_due),
        )
        for one in due
    ]
    words = [
        ("diamond", "bad-fill", f"due to go: {len(due)}"),
        ("dot", "same", f"in time: {len(living) - len(due)}"),
    ]
    heads = ("flag", "owner", "days", "reach", "why")
    listed = svg.table("Flags that are due to go, worst first", heads, rows) if rows else ""
    title = "Flags by their age in days and the share of users that they are on for"
    return svg.picture(title, HEIGHT, drawn) + svg.legend(words) + listed
