"""Say what every rule has in its head: whose it is, why it is there, how it bites, and when."""

from datetime import date
from typing import Annotated, Self, get_args

from pydantic import Field, model_validator

from flagwright.core.policy.contradiction import Contradiction
from flagwright.core.policy.stricter import Adds, Free, Stricter
from flagwright.core.record import Record
from flagwright.core.records.decision import Raised
from flagwright.core.records.score import Severity

SEVERITIES: tuple[Severity, ...] = ("note", "require-flag", "require-approval", "block")
_TIERS: tuple[Raised, ...] = get_args(Raised)
Words = Annotated[str, Field(min_length=1)]
Examples = Annotated[tuple[str, ...], Field(min_length=1), Adds()]


def _since(day: date | None) -> float:
    return -day.toordinal() if day else 0


def _until(day: date | None) -> float:
    return (day or date.max).toordinal()


class RuleWords(Record):
    """Whose a rule is, why it is there, and when it counts."""

    title: Annotated[Words, Free()]
    """What it is about, in a few words that a manager understands."""
    reason: Annotated[Words, Free()]
    """Why the rule is there: what happened, or would happen."""
    owner: Annotated[str, Free()] = ""
    """Who answers for the rule; where a policy names one for all its rules, it may be left out."""
    since: Annotated[date | None, Stricter(_since)] = Field(default=None, alias="from")
    """First day on which the rule is in force."""
    until: Annotated[date | None, Stricter(_until)] = None
    """Last day on which the rule is in force."""

    def is_in_force(self, today: date) -> bool:
        """Whether the rule counts on a day."""
        return (self.since or today) <= today <= (self.until or today)

    @model_validator(mode="after")
    def _begins_before_it_ends(self) -> Self:
        if self.since and self.until and self.since > self.until:
            raise Contradiction(
                f"it ends on {self.until}, before it begins on {self.since}",
                "until",
                remedy="Write a later day, or leave it out.",
            )
        return self


class RuleHead(RuleWords):
    """What a reader wants to know of a rule before they read what it looks for."""

    severity: Annotated[Severity, Stricter(SEVERITIES.index)] = "note"
    """`note` is shown, `require-flag` asks for it, `require-approval` for a flag and its approval,
    `block` refuses."""
    tier: Annotated[Raised, Stricter(lambda tier: min(_TIERS.index(tier), 1))] = "out-of-band"
    """For `require-approval`: the least door through which a person has to agree."""
    shadow: Annotated[bool, Stricter(lambda on: not on)] = False
    """Whether it is only reported, to see what it would do."""
    waivable: Annotated[bool, Stricter(lambda on: not on)] = True
    """Whether a waiver may lift what it asks for."""
    matches: Examples
    """Small diffs in which the rule must be noticed."""
    passes: Examples
    """Small diffs in which the rule must not be noticed."""
