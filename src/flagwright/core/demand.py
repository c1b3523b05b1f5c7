"""Say what the policy asks of an approval: the least door, a second pair of eyes, whose.

Pure. Rules only ever ask for more, so a rule that is added can never let anything through.
"""

from collections.abc import Iterable
from datetime import date
from typing import Annotated, Literal, Self, get_args

from pydantic import Field, model_validator

from flagwright.core.policy.contradiction import Contradiction
from flagwright.core.policy.head import RuleWords, Words
from flagwright.core.policy.stricter import Adds, Anew, Free, Keeps, Stricter
from flagwright.core.record import Record
from flagwright.core.records.decision import Raised, Tier
from flagwright.core.records.score import Band
from flagwright.core.risk.pattern import Pattern, matches

Server = Literal["embedded", "unleash"]
"""The flag server that comes along, or a real one."""
NAMING: tuple[Tier, ...] = ("attested", "pull-request")
"""Tiers whose approver is known from a server, not from what this machine says of itself."""

_RANK: dict[Tier | None, int] = {
    None: -1,
    "dialog": 0,
    "out-of-band": 1,
    "attested": 2,
    "pull-request": 2,
}


def strictest(tiers: Iterable[Tier | None]) -> Tier | None:
    """The one of several tiers that lets the least through."""
    return max(tiers, key=_RANK.__getitem__, default=None)


def accepts(tier: Tier, required: Tier | None) -> bool:
    """Whether a decision through `tier` is good enough where `required` is asked for."""
    return _RANK[tier] >= _RANK[required]


class Case(Record):
    """What is to be approved, as far as a policy looks at it."""

    band: Band
    server: Server
    paths: tuple[str, ...] = ()
    environment: str | None = None
    """Where a flag is to be switched; none: files are to be written."""
    least: Tier | None = None
    """What the team's rules about the change ask for, whatever the rest is."""


class Demand(Record):
    """What an approval needs."""

    tier: Tier | None
    """Least door; none: no approval is needed."""
    four_eyes: bool = False
    owners: tuple[tuple[str, ...], ...] = ()
    """Of each group, the approver has to be one."""
    rules: tuple[str, ...] = ()
    """The rules that ask, by their ids."""
    tried: tuple[str, ...] = ()
    """What rules in the shadow would ask, in words."""


class LeastTier(Record):
    """The least door for each band; only the lowest band may use the client's dialog."""

    low: Annotated[Tier, Stricter(_RANK.__getitem__)]
    medium: Annotated[Raised, Stricter(_RANK.__getitem__)]
    high: Annotated[Raised, Stricter(_RANK.__getitem__)]
    critical: Annotated[Raised, Stricter(_RANK.__getitem__)]


class Rule(RuleWords):
    """Asks more of what meets all its conditions; a condition that is left out is met."""

    owner: Annotated[Words, Free()]
    bands: tuple[Band, ...] = ()
    server: Server | None = None
    environments: tuple[str, ...] = ()
    path: Pattern | None = None
    """Met where any file of the plan matches."""

    tier: Raised
    four_eyes: bool = False
    owners: tuple[str, ...] = ()
    """Who may approve, by e-mail address or user name on the flag server."""
    shadow: Annotated[bool, Stricter(lambda on: not on)] = False
    """Whether it only says what it would ask, to see what it would do."""
    matches: Annotated[tuple[Case, ...], Field(min_length=1), Adds()]
    """What the rule must speak about."""
    passes: Annotated[tuple[Case, ...], Adds()] = ()
    """What it must not; at least one, unless it has no condition."""

    @model_validator(mode="after")
    def _knows_whom_it_asks(self) -> Self:
        if (self.four_eyes or self.owners) and self.tier not in NAMING:
            raise Contradiction(
                f"{self.tier} does not tell who approves, so four_eyes and owners mean nothing",
                "tier",
                remedy=f"Write one of {', '.join(NAMING)}, or leave four_eyes and owners out.",
            )
        return self

    @model_validator(mode="after")
    def _agrees_with_its_examples(self) -> Self:
        wrong = [("matches", n) for n, case in enumerate(self.matches) if not self.meets(case)]
        wrong += [("passes", n) for n, case in enumerate(self.passes) if self.meets(case)]
        for side, place in wrong:
            says = "does not speak" if side == "matches" else "speaks"
            raise Contradiction(
                f"the rule {says} about this example",
                *(side, place),
                remedy="Change the conditions of the rule, or the example, until they agree.",
            )
        if not self.passes and (self.bands or self.server or self.environments or self.path):
            raise Contradiction(
                "no example shows what the rule does not speak about",
                "passes",
                remedy='Write one: passes = [{ band = "low", server = "embedded" }].',
            )
        return self

    def meets(self, case: Case) -> bool:
        """Whether the rule speaks about a case."""
        return (
            (not self.bands or case.band in self.bands)
            and self.server in {None, case.server}
            and (not self.environments or case.environment in self.environments)
            and (self.path is None or any(matches(self.path, path) for path in case.paths))
        )

    def alone(self) -> Demand:
        """What it asks by itself."""
        owners = (self.owners,) if self.owners else ()
        return Demand(tier=self.tier, four_eyes=self.four_eyes, owners=owners)


class Example(Case):
    """A case, and what must be asked of it."""

    asks: Tier | Literal["nothing"]
    four_eyes: bool = False
    owners: tuple[tuple[str, ...], ...] = ()


def _sooner(band: str) -> float:
    return -("low", "medium", "high", "critical", "never").index(band)


class ApprovalPolicy(Record):
    """Through which door what is approved, by whom, and how long plans and approvals last.

    A policy carries its own examples, and one that contradicts them does not load.
    """

    plan_lifetime_h: Annotated[int, Field(ge=1, le=24 * 30), Stricter(lambda hours: -hours)]
    approval_lifetime_h: Annotated[int, Field(ge=1, le=24), Stricter(lambda hours: -hours)]
    least_tier: LeastTier
    free_environments: Annotated[tuple[str, ...], Keeps()] = ()
    """Where a flag may be switched without an approval, unless a rule asks for one."""
    release_needs_plan_from: Annotated[Band | Literal["never"], Stricter(_sooner)] = "low"
    """Least band of a flag check that must not be released without an approved, applied plan."""
    rules: Annotated[dict[str, Rule], Adds()] = {}
    examples: Annotated[tuple[Example, ...], Anew()] = ()

    @model_validator(mode="after")
    def _agrees_with_its_examples(self) -> Self:
        for place, example in enumerate(self.examples):
            demand = self.demand(example)
            found = (demand.tier or "nothing", demand.four_eyes, demand.owners)
            if found != (example.asks, example.four_eyes, example.owners):
                raise Contradiction(
                    f"what is asked of this example is {demand_in_words(demand)}",
                    "examples",
                    place,
                    "asks",
                    remedy="Change least_tier, a rule or the example, until they agree.",
                )
        return self

    def on(self, today: date) -> Self:
        """The policy with the rules that are in force on a day."""
        now = {name: rule for name, rule in self.rules.items() if rule.is_in_force(today)}
        return self.model_copy(update={"rules": now})

    def demand(self, case: Case) -> Demand:
        """What is asked of a case: the strictest tier, and whatever any rule adds."""
        met = [(name, rule) for name, rule in self.rules.items() if rule.meets(case)]
        asking = {name: rule for name, rule in met if not rule.shadow}
        rules = asking.values()
        is_free = case.environment is not None and case.environment in self.free_environments
        base: Tier | None = None if is_free else getattr(self.least_tier, case.band)
        return Demand(
            tier=max((base, case.least, *(rule.tier for rule in rules)), key=_RANK.__getitem__),
            four_eyes=any(rule.four_eyes for rule in rules),
            owners=tuple(rule.owners for rule in rules if rule.owners),
            rules=tuple(asking),
            tried=tuple(
                f"{name} would ask for {demand_in_words(rule.alone())}"
                for name, rule in met
                if rule.shadow
            ),
        )

    def asking(self, case: Case) -> dict[str, str]:
        """What each rule that speaks about a case asks for, and what all do; by its key."""
        rules = {
            f"approval.rules.{name}": demand_in_words(rule.alone())
            for name, rule in self.rules.items()
            if rule.meets(case) and not rule.shadow
        }
        least: Tier = getattr(self.least_tier, case.band)
        return {"approval.least_tier": least, **rules}

    def demands(self, server: Server) -> dict[Band, Demand]:
        """What is asked of writing files, whatever their paths are, by band."""
        return {band: self.demand(Case(band=band, server=server)) for band in get_args(Band)}


def demand_in_words(demand: Demand) -> str:
    """Say what is asked in a few words."""
    words: str = demand.tier or "nothing"
    if demand.four_eyes:
        words += ", by somebody other than the author"
    words += "".join(f", by one of {', '.join(group)}" for group in demand.owners)
    return words + "".join(f" (shadow: {said})" for said in demand.tried)
