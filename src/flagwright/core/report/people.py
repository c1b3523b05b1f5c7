"""Draw who approved what, how fast, and which rules are waived."""

from collections.abc import Sequence
from datetime import datetime
from statistics import median

from flagwright.core.audit import Checked
from flagwright.core.policy.waivers import Waiver
from flagwright.core.report import Approval
from flagwright.core.report.svg import (
    LEFT,
    TOP,
    WIDTH,
    Scale,
    bar,
    counted,
    day,
    lasted,
    line,
    mark,
    picture,
    safe,
    table,
    text,
)

NAMES = 160
TIERS = ("dialog", "out-of-band", "attested", "pull-request")
FIRST, LAST = 10.0, 7 * 86_400.0
TIMES = ((10, "10 s"), (60, "1 min"), (600, "10 min"), (3600, "1 h"), (86_400, "1 day"),
         (LAST, "1 week"))  # fmt: skip


def approvals(found: Sequence[Approval]) -> str:
    """Each decision by its door and by how long the person took, on a scale that grows."""
    if not found:
        return '<p class="none">Nothing was approved or rejected here in this time.</p>'
    doors = [tier for tier in (*TIERS, None) if any(one.tier == tier for one in found)]
    height = TOP + 34 * len(doors) + 34
    across = Scale(_grown(FIRST), _grown(LAST), NAMES + 10, WIDTH - LEFT)
    drawn = []
    for seconds, words in TIMES:
        x = across(_grown(seconds))
        drawn += [line(x, TOP, x, height - 30), text(x, height - 10, words, anchor="middle")]
    for place, one in enumerate(found):
        y = TOP + 34 * doors.index(one.tier) + 17 + (place % 3 - 1) * 6
        if one.took_s is not None:
            shape, style = ("cross", "bad") if one.verdict == "rejected" else ("up", "accent")
            said = f"{day(one.at)} {one.flag}: {one.verdict} by {one.by} after {lasted(one.took_s)}"
            drawn.append(mark(shape, across(_grown(one.took_s)), y, style, said))
    for place, tier in enumerate(doors):
        count = sum(one.tier == tier for one in found)
        y = TOP + 34 * place + 21
        drawn.append(text(NAMES - 6, y, f"{tier or 'not told'}: {count}", anchor="end"))
    took = [one.took_s for one in found if one.took_s is not None]
    middle = f" Half were decided within {lasted(median(took))}." if took else ""
    people = counted(len({one.by for one in found}), "person", "people")
    says = f"{counted(len(found), 'decision')} by {people}.{middle}"
    rows = [
        (day(one.at), one.plan[:12], one.flag, one.kind, one.band or "", one.verdict, one.by,
         one.tier or "", lasted(one.took_s))
        for one in sorted(found, key=lambda each: each.at, reverse=True)
    ]  # fmt: skip
    heads = ("day", "plan", "flag", "kind", "band", "verdict", "by", "door", "took")
    return (
        f"<p>{safe(says)}</p>"
        + picture("Decisions by their door and the time that they took", height, drawn)
        + '<p class="dim">Triangle: approved; cross: rejected. To the right: slower.</p>'
        + table("Decisions", heads, rows)
    )


def _grown(seconds: float) -> float:
    from math import log10

    return log10(min(max(seconds, FIRST), LAST))


def waivers(found: Sequence[Waiver], now: datetime) -> str:
    """How long each waiver lasts, and how much of that is gone."""
    if not found:
        return '<p class="none">No rule is waived.</p>'
    today = now.date()
    ordered = sorted(found, key=lambda one: one.expires)
    height = TOP + 26 * len(ordered) + 8
    drawn = []
    for place, one in enumerate(ordered):
        whole = max((one.expires - one.granted).days, 1)
        gone = min(max((today - one.granted).days, 0), whole)
        y, wide = TOP + 26 * place, WIDTH - NAMES - 200
        left = (one.expires - today).days
        words = f"{left} days left" if left >= 0 else f"ended {-left} days ago"
        style = "bad-fill" if left < 0 else "solid"
        name = one.rule if len(one.rule) <= 30 else f"{one.rule[:29]}…"
        drawn += [
            text(NAMES + 60, y + 13, name, anchor="end"),
            bar(NAMES + 70, y, wide, 16, "light", f"{one.rule}: {one.in_words()}"),
            bar(NAMES + 70, y, wide * gone / whole, 16, style, f"{one.rule}: {one.in_words()}"),
            text(NAMES + 78 + wide, y + 13, words),
        ]
    heads = ("rule", "files", "reason", "approver", "granted", "expires", "days left")
    rows = [
        (
            one.rule,
            ", ".join(one.scope),
            one.reason,
            one.approver,
            one.granted,
            one.expires,
            (one.expires - today).days,
        )
        for one in ordered
    ]
    return picture("Waivers and how much of their time is gone", height, drawn) + table(
        "Waivers", heads, rows
    )


def health(found: Checked) -> str:
    """Whether the ledger is whole, and with the server."""
    good = not found.wrong
    verdict = "Every chain is whole." if good else f"{found.verdict}."
    server = "not asked" if found.on_server is None else found.on_server
    rows = [
        ("entries of this installation", found.here),
        ("entries on the flag server", server),
        ("installations that wrote them", found.writers),
        ("not delivered yet", found.owed),
    ]
    listed = "".join(f"<li>{safe(one)}</li>" for one in found.wrong)
    return (
        f'<p class="{"fine" if good else "wrong"}">{safe(verdict)}</p>'
        + (f'<ul class="wrong">{listed}</ul>' if listed else "")
        + table("The ledger", ("what", "number"), rows)
    )
