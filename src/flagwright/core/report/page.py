"""Put a report together from its parts."""

from collections.abc import Iterator

from flagwright.core.report import Facts
from flagwright.core.report.document import document, index
from flagwright.core.report.impact import distribution, impact
from flagwright.core.report.lives import debt, timelines
from flagwright.core.report.numbers import numbers
from flagwright.core.report.people import approvals, health, waivers
from flagwright.core.report.svg import day, safe

NO_SERVER = '<p class="none">The flag server did not answer, so nothing is said of flags.</p>'
NO_PAST = '<p class="none">No repository was looked at, so there is no past to judge.</p>'


def page(facts: Facts) -> str:
    """The whole page."""
    parts = [*_parts(facts)]
    notes = "".join(f'<p class="note">{safe(note)}</p>' for note in facts.notes)
    drawn = "".join(
        f'<section id="{place}"><h2>{safe(title)}</h2>{part}</section>'
        for place, title, part in parts
    )
    return document(
        f"Release report of {facts.name}",
        f"{day(facts.since)} to {day(facts.at)}",
        notes + numbers(facts) + index((place, title) for place, title, _ in parts) + drawn,
    )


def _parts(facts: Facts) -> Iterator[tuple[str, str, str]]:
    title = "What the edit does to past changes" if facts.edited else "Past changes"
    for name, part, drawn in (("impact", title, impact), ("risk", "Risk and bands", distribution)):
        yield name, part, "".join(map(drawn, facts.previews)) or NO_PAST
    flags = facts.flags
    whose = f"Flags of the project {facts.project}"
    for name, part, shown in (("lives", whose, timelines), ("debt", "Flag debt", debt)):
        yield name, part, NO_SERVER if flags is None else shown(flags, facts.at)
    yield "approvals", "Approvals", approvals(facts.approvals)
    yield "waivers", "Waivers", waivers(facts.waivers, facts.at)
    yield "ledger", "The ledger", health(facts.health)
