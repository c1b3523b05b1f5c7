"""Draw who approved what, how fast, and which rules are waived."""

from collections.abc import Sequence
from datetime import datetime
from statistics import median

from flagwright.core.audit import Checked
from flagwright.core.policy.waivers import Waiver
from flagwright.core.report import Approval, svg

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
    height = svg.TOP + 34 * len(doors) + 34
    across = svg.Scale(_grown(FIRST), _grown(LAST), NAMES + 10, svg.WIDTH - svg.LEFT)
    drawn = []
    for seconds, words in TIMES:
        x = across(_grown(seconds))
        drawn += [
            svg.line(x, svg.TOP, x, height - 30),
            svg.text(x, height - 10, words, anchor="middle"),
        ]
    for place, one in enumerate(found):
        y = svg.TOP + 34 * doors.index(one.tier) + 17 + (place % 3 - 1) * 6
        if one.took_s is not None:
            shape, style = ("cross", "bad") if one.verdict == "rejected" else ("up", "accent")
            after = svg.lasted(one.took_s)
            said = f"{svg.day(one.at)} {one.flag}: {one.verdict} by {one.by} after {after}"
            drawn.append(svg.mark(shape, across(_grown(one.took_s)), y, style, said))
    for place, tier in enumerate(doors):
        count = sum(one.tier == tier for one in found)
        y = svg.TOP + 34 * place + 21
        drawn.append(svg.text(NAMES - 6, y, f"{tier or 'not told'}: {count}", anchor="end"))
    took = [one.took_s for one in found if one.took_s is not None]
    middle = f" Half were decided within {svg.lasted(median(took))}." if took else ""
    people = svg.counted(len({one.by for one in found}), "person", "people")
    says = f"{svg.counted(len(found), 'decision')} by {people}.{middle}"
    rows = [
        (svg.day(one.at), one.plan[:12], one.flag, one.kind, one.band or "", one.verdict, one.by,
         one.tier or "", svg.lasted(one.took_s))
        for one in sorted(found, key=lambda each: each.at, reverse=True)
    ]  # fmt: skip
    heads = ("day", "plan", "flag", "kind", "band", "verdict", "by", "door", "took")
    return (
        f"<p>{svg.safe(says)}</p>"
        + svg.picture("Decisions by their door and the time that they took", height, drawn)
        + '<p class="dim">Triangle: approved; cross: rejected. To the right: slower.</p>'
        + svg.table("Decisions", heads, rows)
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
    height = svg.TOP + 26 * len(ordered) + 8
    drawn = []
    for place, one in enumerate(ordered):
        whole = max((one.expires - one.granted).days, 1)
        gone = min(max((today - one.granted).days, 0), whole)
        y, wide = svg.TOP + 26 * place, svg.WIDTH - NAMES - 200
        left = (one.expires - today).days
        words = f"{left} days left" if left >= 0 else f"ended {-left} days ago"
        style = "bad-fill" if left < 0 else "solid"
        name = one.rule if len(one.rule) <= 30 else f"{one.rule[:29]}…"
        drawn += [
            svg.text(NAMES + 60, y + 13, name, anchor="end"),
            svg.bar(NAMES + 70, y, wide, 16, "light", f"{one.rule}: {one.in_words()}"),
            svg.bar(NAMES + 70, y, wide * gone / whole, 16, style, f"{one.rule}: {one.in_words()}"),
            svg.text(NAMES + 78 + wide, y + 13, words),
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
    return svg.picture("Waivers and how much of their time is gone", height, drawn) + svg.table(
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
    listed = "".join(f"<li>{svg.safe(one)}</li>" for one in found.wrong)
    return (
        f'<p class="{"fine" if good else "wrong"}">{svg.safe(verdict)}</p>'
        + (f'<ul class="wrong">{listed}</ul>' if listed else "")
        + svg.table("The ledger", ("what", "number"), rows)
    )
