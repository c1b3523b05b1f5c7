"""Predict, from how a change is made and what came before it, how likely it is to do harm.

Two additive models, each a sum of weights that can be shown one by one: *exposure* is fitted
on commits that a later fix blames, *unfamiliarity* on commits that were reverted. A part, from
0 to 100, rises with the place of its sum among the changes that it was fitted on; that of
unfamiliarity, where the past is known, among the project's own.
"""

import math
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from typing import Annotated, NamedTuple, Self

from pydantic import Field, model_validator

from flagwright.core.policy.contradiction import Contradiction
from flagwright.core.record import Record
from flagwright.core.risk.measure import Measures
from flagwright.core.risk.past import Familiarity
from flagwright.core.risk.scale import Scale

STEPS = 40
_AGAIN = (
    "Another version wrote this. Take the line `weights = ...` out of risk.toml, learn again "
    "(flagwright risk fit), and put it back."
)
_OF_FILES = ("fixes", "unfixed_days", "age_days", "share", "authors", "changes")
Number = Annotated[float, Field(allow_inf_nan=False)]


class Trait(Record):
    """One thing that counts."""

    weight: Number
    """Of one unit above what is usual, in logits."""
    usual: Number
    """The mean over the changes that the model was fitted on."""
    says: str
    """What a person reads, with `{}` for the number."""


class Part(Record):
    """One additive model."""

    traits: dict[str, Trait]
    bend: Annotated[float, Field(ge=1, le=5)] = 1
    """Power of the share of the changes that are below one: above 1, the points gather where the
    harm does, at the top, and leave it to the other part to order the changes below."""
    counts: Annotated[float, Field(ge=0, le=1)] = 1
    """Share of the points that a policy gives to unfamiliarity which it keeps; exposure gets the
    rest, and always counts in full itself."""
    places: tuple[Number, ...] = Field(min_length=11)
    """The sums below which 0 %, ... 100 % of the changes are that it was fitted on."""

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        known = traits(Measures(), Familiarity(), is_known=True)
        for name in self.traits:
            if name not in known:
                raise Contradiction(f"there is no trait {name!r}", "traits", name, remedy=_AGAIN)
        if list(self.places) != sorted(set(self.places)):
            raise ValueError("places must rise")
        return self


class Weights(Record):
    """Both models, and where they come from."""

    provenance: dict[str, str | int | tuple[str, ...]]
    scale: Scale
    """Scores of the changes of those projects, for one that has no past yet."""
    exposure: Part
    unfamiliarity: Part
    """Places are among the project's own changes, where its past is known."""

    def points(self, exposure: float, unfamiliarity: float) -> dict[str, float]:
        """What each part adds at most, of the points that a policy gives to them."""
        kept = self.unfamiliarity.counts * unfamiliarity
        return {"exposure": exposure + unfamiliarity - kept, "unfamiliarity": kept}

    @model_validator(mode="after")
    def _compares_by_the_past_alone(self) -> Self:
        if self.exposure.counts != 1:
            raise ValueError("exposure counts in full: leave `counts` out")
        for name in traits(Measures(), Familiarity(), is_known=False):
            if name in self.unfamiliarity.traits:
                raise ValueError(f"unfamiliarity weighs what came before, not {name!r}")
        return self


class Reason(NamedTuple):
    """What one trait adds to a part, in points of the hundred."""

    trait: str
    points: float
    says: str


class Predicted(NamedTuple):
    """One part of one change: the reasons add up to the place, with what is usual."""

    place: float
    """From 0 to 100; it rises with the share of changes that are less exposed, or more familiar."""
    usual: float
    """The place of a change of which everything is as usual; nearer to that of this change where
    a reason would count for more than the hundred."""
    reasons: Sequence[Reason]
    """Largest first; equal ones by name."""


def traits(measures: Measures, past: Familiarity, *, is_known: bool) -> dict[str, float]:
    """The numbers that a model weighs.

    Args:
        is_known: Whether the past was looked at; what is not known is left out.
    """
    found = {
        "chars": math.log1p(measures.chars),
        "hunks": math.log1p(measures.hunks),
        "calls": math.log1p(measures.calls),
        "words": math.log1p(measures.words),
        "given": math.log1p(measures.given),
        "failures": math.log1p(measures.failures),
        "nesting": math.log1p(measures.deepest),
        "distinct_share": measures.distinct / max(measures.lines, 1),
        "mixed_share": measures.mixed / max(measures.hunks, 1),
    }
    if is_known:
        found |= {
            "fixes": math.log1p(past.fixes),
            "unfixed_days": math.log1p(past.unfixed_days),
            "fix_share": past.fix_share,
            "age_days": math.log1p(past.age_days),
            "share": past.share,
            "presence": past.presence,
            "experience": math.log1p(past.experience),
            "recent": math.log1p(past.recent),
            "absent_days": math.log1p(past.absent_days),
            "authors": math.log1p(past.authors),
            "changes": math.log1p(past.changes),
        }
    return found


def traits_of(measures: Measures, past: Familiarity | None) -> dict[str, float]:
    """The numbers that a model weighs of one change.

    Left out is what nothing is known of: the past, where it was not looked at, and that of the
    files, where none of them is source, of which alone it is kept.
    """
    found = traits(measures, past or Familiarity(), is_known=past is not None)
    if measures.files:
        return found
    return {name: value for name, value in found.items() if name not in _OF_FILES}


def predict(part: Part, found: Mapping[str, float], shown: Mapping[str, float]) -> Predicted:
    """Weigh one change.

    Args:
        found: Its traits; one that is missing counts as usual.
        shown: The plain numbers behind them, for the words.
    """
    added = {
        name: trait.weight * (found[name] - trait.usual)
        for name, trait in part.traits.items()
        if name in found
    }
    whole = math.fsum(added.values())
    usual, place = _bent(0.0, part), _bent(whole, part)
    slope = (place - usual) / whole if abs(whole) > 1e-9 else 0.0
    slope = min(slope, 100 / max([1e-9, *map(abs, added.values())]))  # places may lie close
    reasons = [
        Reason(name, value * slope, part.traits[name].says.format(_plain(shown.get(name, 0))))
        for name, value in added.items()
    ]
    usual = place - whole * slope
    return Predicted(
        place, usual, sorted(reasons, key=lambda reason: (-abs(reason.points), reason.trait))
    )


def placed(part: Part, sums: Sequence[float]) -> Part:
    """The same part, whose places are those of some sums."""
    ordered = sorted(sums)
    cuts = [0.005 + 0.99 * step / STEPS for step in range(STEPS + 1)]
    places = [round(_quantile(ordered, cut) + n * 1e-6, 6) for n, cut in enumerate(cuts)]
    return part.model_copy(update={"places": tuple(places)})


def among(part: Part, peers: Sequence[Familiarity]) -> Part:
    """The same part, whose places are those of other changes of the project.

    What it was fitted on counts as some forty changes more, so that a young project is judged
    as most are, and a grown one by its own.
    """
    sums = [weighed(part, traits(Measures(), peer, is_known=True)) for peer in peers]
    return placed(part, [*sums, *part.places]) if sums else part


def weighed(part: Part, found: Mapping[str, float]) -> float:
    """The sum of a change, in logits; a trait that is missing counts as usual."""
    return math.fsum(
        trait.weight * (found[name] - trait.usual)
        for name, trait in part.traits.items()
        if name in found
    )


def _quantile(ordered: Sequence[float], share: float) -> float:
    at = share * (len(ordered) - 1)
    low = int(at)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (at - low)


def _bent(value: float, part: Part) -> float:
    return float(100 * (_place(value, part.places) / 100) ** part.bend)


def _place(value: float, places: Sequence[float]) -> float:
    """Where a sum stands among others, from 0 to 100, with straight lines between the steps.

    Beyond the last step it still rises, so that no two sums have one place.
    """
    last = len(places) - 1
    step = 100 / last
    at = bisect_right(places, value)
    if at == 0:
        return step * 0.5 * math.exp(value - places[0])
    if at > last:
        return 100 - step * 0.5 * math.exp(places[-1] - value)
    low, high = places[at - 1], places[at]
    edges = [step * 0.5, *(step * n for n in range(1, last)), 100 - step * 0.5]
    return edges[at - 1] + (edges[at] - edges[at - 1]) * (value - low) / (high - low)


def _plain(value: float) -> str:
    return f"{value:,.0f}" if value >= 10 or value == int(value) else f"{value:.2f}"


def plain(measures: Measures, past: Familiarity) -> dict[str, float]:
    """The numbers behind the traits, as a person counts them."""
    shares = traits(measures, past, is_known=True)
    return {
        "chars": measures.chars,
        "hunks": measures.hunks,
        "calls": measures.calls,
        "words": measures.words,
        "given": measures.given,
        "failures": measures.failures,
        "nesting": measures.deepest,
        "distinct_share": 100 * shares["distinct_share"],
        "mixed_share": 100 * shares["mixed_share"],
        "fixes": past.fixes,
        "unfixed_days": past.unfixed_days,
        "fix_share": 100 * past.fix_share,
        "age_days": past.age_days,
        "share": 100 * past.share,
        "presence": 100 * past.presence,
        "experience": past.experience,
        "recent": past.recent,
        "absent_days": past.absent_days,
        "authors": past.authors,
        "changes": past.changes,
    }
