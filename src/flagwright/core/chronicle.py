"""Write the ledger for an auditor: lines that a program checks, and a page that a person reads.

The page needs no script and no network, follows light and dark, and prints. Each line holds an
entry exactly as its hash was made of it, so that fifteen lines of any language can check it.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from html import escape
from string import Template
from typing import Any

from flagwright.core.audit import Copy, Witness
from flagwright.core.ledger import Problem, sealed
from flagwright.core.patch import visible
from flagwright.core.records.entry import LedgerEntry

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


def lines(held: Sequence[Witness], copy: Copy) -> list[str]:
    """One JSON object a line: what the server holds, in its order, then what only we have."""
    there = {w.entry.hash for w in held if w.entry}
    rows = [_line(w.entry, w) for w in held if w.entry]
    rows += [_line(entry, None) for entry in copy.entries if entry.hash not in there]
    return [json.dumps(row, ensure_ascii=False, sort_keys=True) for row in rows]


def _line(entry: LedgerEntry, witness: Witness | None) -> dict[str, Any]:
    server = witness and {
        "event": witness.event,
        "by": witness.by,
        "at": witness.at.astimezone(UTC).isoformat(),
        "flag": witness.flag,
    }
    return {"entry": sealed(entry) | {"hash": entry.hash}, "server": server}


def in_words(problem: Problem) -> str:
    """A problem on one line."""
    return f"{problem.kind}: entry {problem.seq} of {problem.writer}: {problem.because}"


def page(
    held: Sequence[Witness], copy: Copy, *, wrong: Sequence[str], digest: str, at: datetime
) -> str:
    """The whole ledger as one page, flag by flag, each in the order of time."""
    witnesses = {w.entry.hash: w for w in held if w.entry}
    entries = {w.entry.hash: w.entry for w in held if w.entry}
    entries |= {entry.hash: entry for entry in copy.entries if entry.hash not in entries}
    by_flag = _by_flag(entries.values())
    parts = [_section(flag, by_flag[flag], witnesses) for flag in sorted(by_flag, key=_place)]
    return _PAGE.substitute(
        at=f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC",
        count=len(entries),
        writers=len({entry.writer for entry in entries.values()}),
        flags=len(by_flag.keys() - {WITHOUT}),
        owed=len(copy.undelivered),
        verdict=_verdict(wrong),
        digest=digest,
        index="".join(
            f'<li><a href="#f{number}">{_safe(flag)}</a></li>'
            for number, flag in enumerate(sorted(by_flag, key=_place))
        ),
        sections="".join(
            part.replace("<section>", f'<section id="f{number}">', 1)
            for number, part in enumerate(parts)
        ),
    )


def _by_flag(entries: Iterable[LedgerEntry]) -> dict[str, list[LedgerEntry]]:
    """Entries by flag; a score belongs to the flag that its change was put behind."""
    known = list(entries)
    behind = {e.change: e.subject.flag for e in known if e.change and e.subject.flag}
    by_flag: dict[str, list[LedgerEntry]] = defaultdict(list)
    for entry in sorted(known, key=lambda e: (e.at, e.writer, e.seq)):
        by_flag[entry.subject.flag or behind.get(entry.change or "") or WITHOUT].append(entry)
    return by_flag


def _place(flag: str) -> tuple[bool, str]:
    return flag == WITHOUT, flag


def _verdict(wrong: Sequence[str]) -> str:
    if not wrong:
        return '<p class="good">Every chain is whole, as the flag server holds it.</p>'
    found = "".join(f"<li>{_safe(each)}</li>" for each in wrong)
    return f'<p class="bad">{len(wrong)} things are wrong:</p><ul class="bad">{found}</ul>'


def _section(flag: str, entries: Sequence[LedgerEntry], witnesses: dict[str, Witness]) -> str:
    rows = "".join(_row(entry, witnesses.get(entry.hash)) for entry in entries)
    return (
        f"<section><h2>{_safe(flag)}</h2><table><thead><tr><th>When (UTC)</th><th>What</th>"
        f"<th>By whom, how</th><th>Risk</th><th>Server's event</th></tr></thead>"
        f"<tbody>{rows}</tbody></table></section>"
    )


def _row(entry: LedgerEntry, witness: Witness | None) -> str:
    risk = "" if entry.score is None else f"{entry.score:g} {entry.band or ''}"
    event = f"{witness.event}, by {witness.by}" if witness else "not delivered"
    cells = (
        f"<td><time>{entry.at.astimezone(UTC):%Y-%m-%d %H:%M:%S}</time></td>",
        f"<td>{' '.join(_what(entry))}</td>",
        f"<td>{_safe(_who(entry))}</td>",
        f"<td>{_safe(risk)}</td>",
        f"<td>{_safe(event)}<br><code>{entry.writer} {entry.seq}</code></td>",
    )
    return f'<tr class="{entry.outcome}">{"".join(cells)}</tr>'


def _what(entry: LedgerEntry) -> Iterator[str]:
    """What was done, to which plan and files, and what came of it."""
    verb = BY_KIND.get(entry.kind or "", VERBS).get(entry.action, VERBS[entry.action])
    yield f"<b>{verb}</b>"
    if where := entry.subject.environment:
        state = f": {entry.subject.state}" if entry.subject.state else ""
        yield _safe(f"in {where}{state}")
    if entry.outcome != "done":
        yield f"<em>{entry.outcome}{_safe(f': {entry.code}' if entry.code else '')}</em>"
    elif entry.code:
        yield f'<span class="dim">{_safe(entry.code)}</span>'
    if entry.plan:
        yield f"plan <code>{entry.plan[:12]}</code>"
    if entry.change:
        yield f"change <code>{entry.change[:12]}</code>"
    if paths := entry.subject.paths:
        more = entry.subject.paths_total - len(paths)
        named = ", ".join(paths) + (f" and {more} more" if more > 0 else "")
        yield f'<span class="dim">{_safe(named)}</span>'


def _safe(text: str) -> str:
    """Text of a stranger, with what cannot be seen made visible."""
    return escape(visible(text))


def _who(entry: LedgerEntry) -> str:
    actor = entry.actor
    names = [actor.person or "unknown"]
    if actor.account and actor.account != actor.person:
        names.append(f"as {actor.account}")
    if actor.assistant:
        names.append(f"with {actor.assistant}")
    return f"{', '.join(names)} ({actor.tier or actor.door})"


_PAGE = Template("""\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8"/>
<meta name="viewport" content="width=device-width, initial-scale=1"/>
<meta name="color-scheme" content="light dark"/>
<title>Ledger of $at</title>
<style>
:root { --ink: #1d2733; --dim: #5b6a7e; --line: #d7dee8; --paper: #fff; --good: #17693a;
        --bad: #b3261e; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6edf5; --dim: #9aa8bb; --line: #2f3b4a; --paper: #141a21; --good: #6fd08c;
          --bad: #ff8a80; } }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper);
       max-width: 76rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.4rem; margin: 0; } h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; }
h2, td { overflow-wrap: anywhere; } a { color: inherit; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { padding: .35rem .6rem .35rem 0; text-align: left; vertical-align: top;
         border-bottom: 1px solid var(--line); }
th { color: var(--dim); font-weight: 600; } time { white-space: nowrap; }
code { font-size: .85em; } .dim, td:last-child, .index { color: var(--dim); }
.good { color: var(--good); } .bad, .failed em, .refused em { color: var(--bad); }
.index { columns: 18rem; padding-left: 1.2rem; }
@media print { body { max-width: none; margin: 0; font-size: 10px; } section { break-before: auto; }
  thead { display: table-header-group; } tr { break-inside: avoid; } .index { display: none; } }
</style>
</head>
<body>
<h1>Ledger</h1>
<p>$count entries of $writers installations about $flags flags, read from the flag server on $at;
$owed not delivered yet.</p>
$verdict
<p class="dim">SHA-256 of <code>ledger.jsonl</code>, which this page was made of:
<code>$digest</code></p>
<ul class="index">$index</ul>
$sections
</body>
</html>
""")
