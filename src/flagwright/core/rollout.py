"""Say what a rollout becomes when it is asked for, and whether the team lets it.

Pure. What a request leaves out stays as it is, so the same request twice changes nothing;
where that is not clear, or a value is nonsense, it is refused instead of guessed.
"""

import math
import re
from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Any, Literal, Self, get_args

from pydantic import Field, model_validator

from flagwright.core.policy.contradiction import Contradiction
from flagwright.core.policy.stricter import Adds, Anew, Keeps, Stricter
from flagwright.core.record import Record
from flagwright.core.records.score import Band
from flagwright.core.strategy import FULL, GRADUAL, Constraint, Placement, Strategy
from flagwright.core.variants import loaded, shared
from flagwright.errors import BadRequest

Percent = Annotated[int, Field(ge=0, le=FULL)]
Steps = Annotated[tuple[Percent, ...], Field(min_length=1), Keeps()]
_BANDS: tuple[Band, ...] = get_args(Band)
MANY = ("IN", "NOT_IN", "STR_ENDS_WITH", "STR_STARTS_WITH", "STR_CONTAINS")
"""Operators that take several values; the others take one."""
NUMBERS = ("NUM_EQ", "NUM_GT", "NUM_GTE", "NUM_LT", "NUM_LTE")
DATES = ("DATE_AFTER", "DATE_BEFORE")
VERSIONS = ("SEMVER_EQ", "SEMVER_GT", "SEMVER_LT", "SEMVER_GTE", "SEMVER_LTE")
OPERATORS = (*MANY, *NUMBERS, *DATES, *VERSIONS, "REGEX")
HOW = "Write it like: country IN de,at - or: NOT userId IN 7 - or: appVersion SEMVER_GTE 2.1.0"

_LOTS = ("default", "random")
_CONSTRAINT = re.compile(r"(?P<inverted>NOT\s+)?(?P<field>\S+)\s+(?P<operator>\S+)\s+(?P<rest>.+)")
_VERSION = re.compile(r"\d+\.\d+\.\d+([-+][0-9A-Za-z.+-]+)?", re.ASCII)


class Step(Record):
    """A step that the policy must allow, or must refuse."""

    environment: str
    from_percent: Percent
    to_percent: Percent
    allowed: bool


class RolloutPolicy(Record):
    """How far a rollout may go at once, and how risky it is to switch a flag.

    It carries its own examples, and does not load if it contradicts them.
    """

    band: Annotated[Band, Stricter(_BANDS.index)]
    """What a plan to switch counts as for the approval policy."""
    one_by_one: Annotated[bool, Stricter(float)] = False
    """Whether a rollout may go up by one of the steps at a time only."""
    steps: Annotated[dict[str, Steps], Adds()] = {}
    """Percentages that may be set, by environment; any where the environment is not named."""
    full_days: Annotated[int, Field(ge=1, le=3650), Stricter(lambda days: -days)]
    """A flag that is on for everybody for so long is a candidate for removal."""
    unseen_days: Annotated[int, Field(ge=1, le=3650), Stricter(lambda days: -days)]
    """So is one that no application has asked for so long."""
    quiet_hours: Annotated[int, Field(ge=0, le=24 * 365), Stricter(float)]
    """A flag is archived only when no application asked for it for so long."""
    examples: Annotated[tuple[Step, ...], Anew()] = ()

    @model_validator(mode="after")
    def _agrees_with_its_examples(self) -> Self:
        for place, step in enumerate(self.examples):
            because = self.broken_by(step.environment, step.from_percent, step.to_percent)
            if step.allowed is bool(because):
                found = f"refuses this step: {because}" if because else "allows this step"
                remedy = "Change steps, one_by_one or the example, until they agree."
                raise Contradiction(
                    f"the policy {found}", "examples", place, "allowed", remedy=remedy
                )
        return self

    def broken_by(self, environment: str, before: int, after: int) -> str | None:
        """Why a rollout may not go from one percentage to another; less is always allowed."""
        steps = sorted(self.steps.get(environment, ()))
        if not steps or after <= before:
            return None
        if after not in steps:
            allowed = ", ".join(map(str, steps))
            return f"in {environment} a rollout is set to one of {allowed} %"
        following = next(step for step in steps if step > before)
        if self.one_by_one and after != following:
            return f"in {environment} a rollout goes up one step at a time: next is {following} %"
        return None


class Asked(Record):
    """A rollout as it is asked for. None: as it is; empty: none of them."""

    percent: int | None = None
    stickiness: str | None = None
    group: str | None = None
    constraints: tuple[str, ...] | None = None
    """Each as `field OPERATOR value,value`."""
    segments: tuple[str, ...] | None = None
    variants: dict[str, float] | None = None
    """Share of each, in percent; together 100."""
    payloads: dict[str, str] = {}
    """What a variant of a name carries, as `type:value`; the others carry what they did."""


def resolve(now: Placement, asked: Asked, flag: str) -> Strategy:
    """The one strategy that is to be there instead of all that are.

    Raises:
        BadRequest: If a value is nonsense, or the request leaves something out that is not
            clear from what is there.
    """
    held = [s for s in now.active if s.kind == GRADUAL] or [
        s for s in now.strategies if s.kind == GRADUAL
    ]
    first = held[0] if held else Strategy()
    parameters = {
        "rollout": str(_percent(asked, held)),
        "stickiness": _text("stickiness", asked.stickiness, held, "stickiness", "default"),
        "groupId": _text("group", asked.group, held, "groupId", flag),
    }
    constraints, segments, variants = first.constraints, first.segments, first.variants
    if not _kept("constraints", asked.constraints, held):
        constraints = tuple(map(parse_constraint, asked.constraints or ()))
    if not _kept("segments", asked.segments, held):
        segments = tuple(dict.fromkeys(asked.segments or ()))
    if not _kept("variants", asked.variants, held):
        variants = shared(asked.variants or {}, first.variants)
    sticky = parameters["stickiness"]
    return Strategy(
        id=first.id,
        parameters=parameters,
        constraints=constraints,
        segments=segments,
        variants=tuple(
            variant.model_copy(update={"stickiness": sticky})
            for variant in loaded(variants, asked.payloads)
        ),
        title=first.title,
    )


def lowers(before: Placement, after: Placement) -> bool:
    """Whether certainly nobody is let in who was not: off, or fewer by the very same rules."""
    if not after.on:
        return True
    if not before.on or len(before.active) != 1 or len(after.active) != 1:
        return before.is_as(after)
    was, now = before.active[0], after.active[0]
    if was.percent is None or now.percent is None or now.percent > was.percent:
        return False
    parameters = was.parameters | {"rollout": now.parameters["rollout"]}
    return was.model_copy(update={"parameters": parameters}).means() == now.means()


def reach(placement: Placement) -> int:
    """Largest share of the users that is let in, in percent; 0 where it is off."""
    if not placement.on:
        return 0
    shares = [FULL if s.percent is None else min(s.percent, FULL) for s in placement.active]
    return max(shares, default=FULL)


def without_user(placement: Placement) -> Literal["toss", "nobody", "same"]:
    """What comes of questions that hand over no user.

    Unleash draws lots for each of them, unless the rollout goes by a field of the user: what
    has none is not let in then, whatever the share.
    """
    shares = [(_share(one), one.parameters.get("stickiness", _LOTS[0])) for one in placement.active]
    if not any(share for share, _ in shares):
        return "same"
    drawn = [share for share, field in shares if share and field in _LOTS]
    if not drawn:
        return "nobody"
    return "same" if max(drawn) >= FULL else "toss"


def meant_without_user(placement: Placement) -> str:
    """The same in words; nothing where a user makes no difference."""
    comes = {
        "toss": "each question is a toss of its own, so that one call may mix old and new code",
        "nobody": "nobody is let in there",
        "same": "",
    }
    return comes[without_user(placement)]


def _share(strategy: Strategy) -> int:
    return FULL if strategy.percent is None else strategy.percent


def in_brief(placement: Placement) -> str:
    """On or off, and for what share; never who that is."""
    switch = "on" if placement.on else "off"
    if not placement.active:
        return switch
    return f"{switch}, {reach(Placement(on=True, strategies=placement.strategies))} %"


def is_for_everybody(placement: Placement, side: Literal["on", "off"]) -> bool:
    """Whether everybody surely gets one side of a flag."""
    if side == "off" or not placement.on:
        return side == "off" and not placement.on
    return not placement.active or any(
        (s.kind == "default" or s.percent == FULL) and not (s.constraints or s.segments)
        for s in placement.active
    )


def parse_constraint(text: str) -> Constraint:
    """A constraint off its line: `country IN de,at`; raises BadRequest."""
    found = _CONSTRAINT.fullmatch(text.strip())
    operator = found["operator"].upper() if found else ""
    if not found or operator not in OPERATORS:
        known = "" if not found else f" The operators are: {', '.join(OPERATORS)}."
        raise BadRequest(f"{text[:100]!r} is no constraint.", next_step=HOW + known)
    rest = found["rest"].strip()
    parted = [part.strip() for part in rest.split(",")] if operator in MANY else [rest]
    values = tuple(dict.fromkeys(filter(None, parted)))
    if not values or not all(_fits(operator, value) for value in values):
        raise BadRequest(f"{rest[:100]!r} is no value for {operator}.", next_step=HOW)
    return Constraint(
        field=found["field"], operator=operator, values=values, inverted=bool(found["inverted"])
    )


def _fits(operator: str, value: str) -> bool:
    """Whether a value is of the kind that an operator compares."""
    try:
        if operator in NUMBERS:
            return math.isfinite(float(value))
        if operator in DATES:
            datetime.fromisoformat(value)
    except ValueError:
        return False
    return operator not in VERSIONS or bool(_VERSION.fullmatch(value))


def _percent(asked: Asked, held: list[Strategy]) -> int:
    if asked.percent is None:
        shares = {strategy.percent for strategy in held}
        if len(shares) == 1 and (only := shares.pop()) is not None and only <= FULL:
            return only
        raise BadRequest(
            "The request gives no percentage, and what is there tells none.",
            next_step="Give one from 0 to 100.",
        )
    if not 0 <= asked.percent <= FULL:
        raise BadRequest(
            f"{asked.percent} % of the users is nonsense.", next_step="Give a number from 0 to 100."
        )
    return asked.percent


def _text(name: str, asked: str | None, held: list[Strategy], key: str, default: str) -> str:
    """A word that is asked for, or the one that is there."""
    if asked is None:
        there = {strategy.parameters.get(key) or default for strategy in held}
        if len(there) > 1:
            raise _unclear(name, there)
        return there.pop() if there else default
    is_word = len(asked.split()) == 1 or name != "stickiness"
    if not asked.strip() or len(asked) > 100 or not asked.isprintable() or not is_word:
        raise BadRequest(f"{asked[:100]!r} is no {name}.", next_step="Give a word, such as userId.")
    return asked.strip()


def _kept(name: str, asked: Any, held: list[Strategy]) -> bool:
    """Whether what is there stays: nothing else is asked for, and all agree."""
    if asked is not None:
        return False
    there = {str(strategy.means()[name]) for strategy in held}
    if len(there) > 1:
        raise _unclear(name, there)
    return bool(there)


def _unclear(name: str, there: Iterable[str]) -> BadRequest:
    return BadRequest(
        f"The request does not say which {name}, and the rollouts that are there differ in it.",
        next_step=f"Give {name} as well; an empty list means none.",
    )
