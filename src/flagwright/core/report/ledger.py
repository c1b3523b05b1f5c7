"""Put the ledger on one page that an auditor reads, flag by flag."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime

from flagwright.core.audit import Copy, Witness
from flagwright.core.records.entry import LedgerEntry
from flagwright.core.report.document import document, index
from flagwright.core.report.svg import safe

WITHOUT = "Without a flag"
VERBS = {
    "scored": "Scored",
    "created": "Created",
    "proposed": "Planned",
    "approved": "Approved",
    "rejected": "Rejected",
    "applied": "Applied",
    "undone": "Undone",
    "found": "Searched",
    "switched": "Switched",
    "rolled-out": "Rollout set",
    "archived": "Archived",
    "exported": "Handed over",
}
BY_KIND = {
    "retire": {
        "proposed": "Planned to retire",
        "approved": "Retirement approved",
        "applied": "Retired",
    },
    "switch": {
        "proposed": "Planned to switch",
        "approved": "Switch approved",
        "applied": "Switched as planned",
        "undone": "Switched back",
    },
}


def page(
    held: Sequence[Witness], copy: Copy, *, wrong: Sequence[str], digest: str, at: datetime
) -> str:
    """The whole ledger as one page, flag by flag, each in the order of time."""
    witnesses = {w.entry.hash: w for w in held if w.entry}
    entries = {w.entry.hash: w.entry for w in held if w.entry}
    entries |= {entry.hash: entry for entry in copy.entries if entry.hash not in entries}
    by_flag = _by_flag(entries.values())
    ordered = sorted(by_flag, key=lambda flag: (flag == WITHOUT, flag))
    owed = f"{len(copy.undelivered)} not delivered yet."
    writers = len({entry.writer for entry in entries.values()})
    flags = len(by_flag.keys() - {WITHOUT})
    drawn = "".join(
        f'<section id="f{number}">{_section(flag, by_flag[flag], witnesses)}</section>'
        for number, flag in enumerate(ordered)
    )
    return document(
        f"Ledger of {at.astimezone(UTC):%Y-%m-%d %H:%M} UTC",
        f"Entries: {len(entries)}; installations: {writers}; flags: {flags}; {owed}",
        _verdict(wrong)
        + '<p class="dim">SHA-256 of <code>ledger.jsonl</code>, which this page was made of: '
        + f"<code>{digest}</code></p>"
        + index((f"f{number}", flag) for number, flag in enumerate(ordered))
        + drawn,
    )


def _by_flag(entries: Iterable[LedgerEntry]) -> dict[str, list[LedgerEntry]]:
    """Entries by flag; a score belongs to the flag that its change was put behind."""
    known = list(entries)
    behind = {e.change: e.subject.flag for e in known if e.change and e.subject.flag}
    by_flag: dict[str, list[LedgerEntry]] = defaultdict(list)
    for entry in sorted(known, key=lambda e: (e.at, e.writer, e.seq)):
        by_flag[entry.subject.flag or behind.get(entry.change or "") or WITHOUT].append(entry)
    return by_flag


def _verdict(wrong: Sequence[str]) -> str:
    if not wrong:
        return '<p class="fine">Every chain is whole, as the flag server holds it.</p>'
    found = "".join(f"<li>{safe(each)}</li>" for each in wrong)
    return f'<p class="wrong">Wrong: {len(wrong)}</p><ul class="wrong">{found}</ul>'


def _section(flag: str, entries: Sequence[LedgerEntry], witnesses: dict[str, Witness]) -> str:
    rows = "".join(_row(entry, witnesses.get(entry.hash)) for entry in entries)
    return (
        f"<h2>{safe(flag)}</h2><table><thead><tr><th>When (UTC)</th><th>What</th>"
        f"<th>By whom, how</th><th>Risk</th><th>Server's event</th></tr></thead>"
        f"<tbody>{rows}</tbody></table>"
    )


def _row(entry: LedgerEntry, witness: Witness | None) -> str:
    risk = "" if entry.score is None else f"{entry.score:g} {entry.band or ''}"
    event = f"{witness.event}, by {witness.by}" if witness else "not delivered"
    cells = (
        f"<td><time>{entry.at.astimezone(UTC):%Y-%m-%d %H:%M:%S}</time></td>",
        f"<td>{' '.join(_what(entry))}</td>",
        f"<td>{safe(_who(entry))}</td>",
        f"<td>{safe(risk)}</td>",
        f"<td>{safe(event)}<br><code>{entry.writer} {entry.seq}</code></td>",
    )
    return f'<tr class="{entry.outcome}">{"".join(cells)}</tr>'


def _what(entry: LedgerEntry) -> Iterator[str]:
    """What was done, to which plan and files, and what came of it."""
    verb = BY_KIND.get(entry.kind or "", VERBS).get(entry.action, VERBS[entry.action])
    yield f"<b>{verb}</b>"
    if where := entry.subject.environment:
        state = f": {entry.subject.state}" if entry.subject.state else ""
        yield safe(f"in {where}{state}")
    if entry.outcome != "done":
        yield f"<em>{entry.outcome}{safe(f': {entry.code}' if entry.code else '')}</em>"
    elif entry.code:
        yield f'<span class="dim">{safe(entry.code)}</span>'
    if entry.plan:
        yield f"plan <code>{entry.plan[:12]}</code>"
    if entry.change:
        yield f"change <code>{entry.change[:12]}</code>"
    if paths := entry.subject.paths:
        more = entry.subject.paths_total - len(paths)
        named = ", ".join(paths) + (f" and {more} more" if more > 0 else "")
        yield f'<span class="dim">{safe(named)}</span>'


def _who(entry: LedgerEntry) -> str:
    actor = entry.actor
    names = [actor.person or "unknown"]
    if actor.account and actor.account != actor.person:
        names.append(f"as {actor.account}")
    if actor.assistant:
        names.append(f"with {actor.assistant}")
    return f"{', '.join(names)} ({actor.tier or actor.door})"
