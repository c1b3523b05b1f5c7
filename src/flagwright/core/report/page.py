"""Put a report together: one HTML file without scripts, in light, dark and print."""

import base64
import hashlib
from collections.abc import Iterator
from string import Template

from flagwright.core.report import Facts
from flagwright.core.report.impact import distribution, impact
from flagwright.core.report.lives import debt, timelines
from flagwright.core.report.numbers import numbers
from flagwright.core.report.people import approvals, health, waivers
from flagwright.core.report.style import STYLE
from flagwright.core.report.svg import day, safe

NO_SERVER = '<p class="none">The flag server did not answer, so nothing is said of flags.</p>'
NO_PAST = '<p class="none">No repository was looked at, so there is no past to judge.</p>'


def page(facts: Facts) -> str:
    """The whole page."""
    digest = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
    parts = [*_parts(facts)]
    return _PAGE.substitute(
        csp=f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'",
        style=STYLE,
        name=safe(facts.name),
        facts=f"{day(facts.since)} to {day(facts.at)}",
        notes="".join(f'<p class="note">{safe(note)}</p>' for note in facts.notes),
        numbers=numbers(facts),
        index="".join(
            f'<li><a href="#{place}">{safe(title)}</a></li>' for place, title, _ in parts
        ),
        parts="".join(
            f'<section id="{place}"><h2>{safe(title)}</h2>{drawn}</section>'
            for place, title, drawn in parts
        ),
    )


def _parts(facts: Facts) -> Iterator[tuple[str, str, str]]:
    title = "What the edit does to past changes" if facts.edited else "Past changes"
    for name, part, drawn in (("impact", title, impact), ("risk", "Risk and bands", distribution)):
        yield name, part, "".join(map(drawn, facts.previews)) or NO_PAST
    flags = facts.flags
    for name, part, shown in (("lives", "Flags", timelines), ("debt", "Flag debt", debt)):
        yield name, part, NO_SERVER if flags is None else shown(flags, facts.at)
    yield "approvals", "Approvals", approvals(facts.approvals)
    yield "waivers", "Waivers", waivers(facts.waivers, facts.at)
    yield "ledger", "The ledger", health(facts.health)


_PAGE = Template("""\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8"/>
<meta http-equiv="Content-Security-Policy" content="$csp"/>
<meta name="viewport" content="width=device-width, initial-scale=1"/>
<meta name="color-scheme" content="light dark"/>
<meta name="referrer" content="no-referrer"/>
<title>Release report of $name</title>
<style>$style</style>
</head>
<body>
<main>
<h1>Release report of $name</h1>
<p class="dim">$facts</p>
$notes
$numbers
<nav aria-label="Parts"><ul class="index">$index</ul></nav>
$parts
</main>
</body>
</html>
""")
