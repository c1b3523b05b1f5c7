"""Who a flag lets in, in one environment, as the flag server holds it, and the same in words.

Strategies are OR'ed: a user whom one of them lets in is in. A flag that is on and has no
strategy lets in everybody.
"""

from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import AwareDatetime, Field

from flagwright.core.record import Record

GRADUAL = "flexibleRollout"
"""The one kind of strategy that a rollout is made of."""
FULL = 100
PER_PERCENT = 10
"""Unleash counts the weight of a variant in tenths of a percent."""


class Constraint(Record):
    """What must be true of a user."""

    field: str
    """Of the context: `userId`, `country`."""
    operator: str
    """As Unleash spells it: `IN`, `NOT_IN`, `STR_STARTS_WITH`, `NUM_GT`, `SEMVER_GTE`, ..."""
    values: tuple[str, ...]
    inverted: bool = False
    ignores_case: bool = False


class Variant(Record):
    """One of several answers, for a share of those who are let in."""

    name: str
    weight: Annotated[int, Field(ge=0, le=1000)]
    is_fixed: bool = False
    """False: it gets what the fixed ones leave."""
    stickiness: str = "default"
    payload: dict[str, Any] | None = None


class Strategy(Record):
    """One way to be let in."""

    id: str | None = None
    """None: it is not on the server yet."""
    kind: str = GRADUAL
    parameters: dict[str, str] = {}
    constraints: tuple[Constraint, ...] = ()
    segments: tuple[str, ...] = ()
    """By name."""
    variants: tuple[Variant, ...] = ()
    disabled: bool = False
    title: str | None = None

    @property
    def percent(self) -> int | None:
        """Share of the users that it looks at; none where it is no gradual rollout."""
        text = self.parameters.get("rollout", "")
        return int(text) if self.kind == GRADUAL and text.isdecimal() else None

    def means(self) -> dict[str, Any]:
        """Everything that decides who is let in, and nothing else: equal ones are one."""
        meant = self.model_dump(mode="json", exclude={"id", "title", "segments", "constraints"})
        rules = [c.model_dump(mode="json") | {"values": sorted(c.values)} for c in self.constraints]
        return meant | {
            "segments": sorted(self.segments),
            "constraints": sorted(rules, key=str),
            "variants": sorted(meant["variants"], key=str),
        }


class Placement(Record):
    """What a flag is in one environment."""

    on: bool
    strategies: tuple[Strategy, ...] = ()

    @property
    def active(self) -> tuple[Strategy, ...]:
        """Strategies that are not disabled."""
        return tuple(one for one in self.strategies if not one.disabled)

    def is_as(self, other: "Placement") -> bool:
        """Whether both let in the same users by the same rules."""
        mine, its = ([s.means() for s in p.strategies] for p in (self, other))
        return self.on == other.on and sorted(mine, key=str) == sorted(its, key=str)


class Environment(Placement):
    """The same, with what is known of the environment and of those who asked there."""

    name: str
    type: str
    """`development`, `production`, ...: as the server says."""
    last_seen_at: AwareDatetime | None = None
    yes: int = 0
    no: int = 0
    """Answers that applications counted in the last hour."""

    @property
    def placement(self) -> Placement:
        """Without what a plan must not depend on."""
        return Placement(on=self.on, strategies=self.strategies)


class Link(Record):
    """A link on a flag."""

    title: str
    url: str


# --- in words


def in_words(strategies: Sequence[Strategy], flag: str, *, brief: bool = False) -> str:
    """Who is let in, on one line; in brief, of a payload only its type."""
    return " or ".join(_strategy(one, flag, brief=brief) for one in strategies) or "no strategy"


def placed(placement: Placement, flag: str) -> str:
    """On or off, and for whom."""
    return f"{'on' if placement.on else 'off'}, {in_words(placement.strategies, flag)}"


def _strategy(strategy: Strategy, flag: str, *, brief: bool) -> str:
    given = strategy.parameters
    if strategy.kind == GRADUAL:
        parts = [f"{given.get('rollout', FULL)} %"]
        if (by := given.get("stickiness", "default")) != "default":
            parts.append(f"by {by}")
        if (group := given.get("groupId", flag)) != flag:
            parts.append(f"in group {group}")
    else:
        parts = [" ".join([strategy.kind, *(f"{k}={v}" for k, v in given.items() if v)])]
    if strategy.constraints:
        parts.append("where " + " and ".join(map(constraint_in_words, strategy.constraints)))
    if strategy.segments:
        parts.append("in segment " + " and ".join(strategy.segments))
    if strategy.variants:
        parts.append("as " + ", ".join(_variant(v, brief=brief) for v in strategy.variants))
    return " ".join(parts) + (" (disabled)" if strategy.disabled else "")


def _variant(variant: Variant, *, brief: bool) -> str:
    words = f"{variant.name} {share(variant):g} %"
    if not variant.payload:
        return words
    kind, value = variant.payload.get("type"), variant.payload.get("value")
    return f"{words} ({kind})" if brief else f"{words} ({kind}: {value})"


def share(variant: Variant) -> float:
    """Its share of those who are let in, in percent."""
    return variant.weight / PER_PERCENT


def constraint_in_words(constraint: Constraint) -> str:
    """A constraint as it may be written again: `country IN de,at`."""
    words = [constraint.field, constraint.operator, ",".join(constraint.values)]
    return ("NOT " if constraint.inverted else "") + " ".join(words)
