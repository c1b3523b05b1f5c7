"""Name what makes the difference for one change: rules, lines of approval.toml, points and bands.

Pure. Where nothing that matters differs, nothing is named.
"""

from collections.abc import Iterator, Mapping

from flagwright.core.policy.replay import Judged, needs_flag


def moved_by(before: Judged, after: Judged) -> tuple[str, ...]:
    """What makes the difference, where the outcome differs at all."""
    outcome = [(needs_flag(one), one.verdict == "blocked", one.approval) for one in (before, after)]
    if outcome[0] == outcome[1] and before.asks == after.asks:
        return ()
    return tuple(_differing(before, after)) or ("flag.due",)


def _differing(before: Judged, after: Judged) -> Iterator[str]:
    yield from _otherwise(before.asks, after.asks)
    if before.approval != after.approval:
        lines = (_approvals(one, of_band=before.band == after.band) for one in (before, after))
        yield from _otherwise(*lines)
    for rule in sorted(before.points.keys() | after.points.keys()):
        was, now = before.points.get(rule, 0), after.points.get(rule, 0)
        if was != now and not rule.endswith((".more", "floor")):
            yield f"{rule} ({now - was:+g})"
    if before.points == after.points and before.band != after.band:
        yield f"bands ({before.band} -> {after.band})"


def _approvals(judged: Judged, *, of_band: bool) -> dict[str, str]:
    """What each line of approval.toml asks for; of least_tier, only within one band."""
    found = judged.approval_by.items()
    return {line: asks for line, asks in found if of_band or not line.endswith("least_tier")}


def _otherwise(before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[str]:
    """Lines that only one side has, or that ask for something else."""
    for line in sorted(before.keys() | after.keys()):
        was, now = before.get(line), after.get(line)
        if was and now and was != now:
            yield f"{line} ({was} -> {now})"
        elif was != now:
            yield line
