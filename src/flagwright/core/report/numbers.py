"""Say in a few numbers how a team releases."""

from collections.abc import Iterator
from statistics import median

from flagwright.core.report import Facts
from flagwright.core.report.svg import counted, safe

KILL = "feature-environment-disabled"


def numbers(facts: Facts) -> str:
    """The first thing that a reader sees: four numbers, each with what it is of."""
    tiles = "".join(
        f'<li><strong>{safe(value)}</strong><span>{safe(words)}</span><em class="dim">'
        f"{safe(of)}</em></li>"
        for value, words, of in _numbers(facts)
    )
    return f'<ul class="numbers">{tiles}</ul>'


def _numbers(facts: Facts) -> Iterator[tuple[str, str, str]]:
    risky, flags = facts.risky, facts.flags
    share = f"{100 * risky.behind / risky.scored:.0f} %" if risky.scored else "none yet"
    yield (
        share,
        "of risky changes behind a flag",
        f"{risky.behind} of {risky.scored} changes of high or critical risk that were scored here",
    )
    if flags is None:
        yield "not known", "the flag server did not answer", "flags, rollouts and kills"
        return
    took = [(one.full_since - one.created_at).days for one in flags if one.full_since]
    yield (
        f"{median(took):g} days" if took else "none yet",
        "from a flag to 100 %",
        f"the middle one of {len(took)} that are on for everybody",
    )
    living = [one for one in flags if not one.archived]
    late = sum(one.is_past_its_life(facts.at) for one in living)
    yield f"{late}", "flags past their life", f"of {len(living)} that are there"
    kills = [e for one in flags for e in one.events if e.type == KILL and e.at >= facts.since]
    yield (
        f"{len(kills)}",
        "times a flag was switched off",
        f"of {counted(len({e.flag for e in kills}), 'flag')}",
    )
