"""Hold who may go against which rule, where, why, by whose leave, and until when."""

from collections.abc import Iterator, Sequence
from datetime import date
from fnmatch import fnmatchcase
from typing import Annotated, Self

from pydantic import Field, model_validator

from flagwright.core.policy.contradiction import Contradiction
from flagwright.core.policy.head import Words
from flagwright.core.policy.paths import compiled, under
from flagwright.core.policy.stricter import Exempts, Stricter
from flagwright.core.record import Record


class Waiver(Record):
    """One rule that asks for nothing in some files, for some time."""

    rule: Words
    """Its id: `no-pricing`, or `data_migration.schema`."""
    scope: Annotated[tuple[Words, ...], Field(min_length=1)]
    """Files, as in .gitignore."""
    reason: Words
    approver: Words
    """Who answers for it."""
    granted: date
    expires: date
    """Last day on which it counts."""

    def is_in_force(self, today: date) -> bool:
        """Whether it counts on a day."""
        return self.granted <= today <= self.expires

    def covers(self, rule: str, path: str | None) -> bool:
        """Whether it is about a rule, and a file of the change that meets it."""
        return path is not None and fnmatchcase(rule, self.rule) and under(path, self.scope)

    def in_words(self) -> str:
        """Until when, by whom and why."""
        return f"until {self.expires} by {self.approver}: {self.reason}"


class WaiversPolicy(Record):
    """The waivers, and how long one may be."""

    max_days: Annotated[int, Field(ge=1, le=730), Stricter(lambda days: -days)] = 90
    """Longest time from `granted` to `expires`."""
    warn_days: Annotated[int, Field(ge=0, le=90), Stricter(float)] = 14
    """From how many days before its end on a waiver is warned of."""
    waivers: Annotated[tuple[Waiver, ...], Exempts()] = ()

    @model_validator(mode="after")
    def _end(self) -> Self:
        for place, waiver in enumerate(self.waivers):
            days = (waiver.expires - waiver.granted).days
            if not 0 <= days <= self.max_days:
                raise Contradiction(
                    f"it lasts {days} days; 0 to {self.max_days} are allowed",
                    "waivers",
                    place,
                    "expires",
                    remedy="Write an earlier day; a waiver may be granted again.",
                )
            try:
                compiled(waiver.scope)
            except Contradiction as error:
                key = ("waivers", place, "scope", *error.key)
                raise Contradiction(str(error), *key, remedy=error.remedy) from error
        return self

    def on(self, today: date) -> Self:
        """The waivers that count on a day."""
        now = tuple(waiver for waiver in self.waivers if waiver.is_in_force(today))
        return self.model_copy(update={"waivers": now})

    def ending(self, today: date) -> Iterator[tuple[int, Waiver, int]]:
        """Waivers that end soon or have ended: their places, and the days that are left."""
        for place, waiver in enumerate(self.waivers):
            left = (waiver.expires - today).days
            if left < self.warn_days:
                yield place, waiver, left


def waiver_of(waivers: Sequence[Waiver], rule: str, path: str | None) -> Waiver | None:
    """The waiver that covers a file that meets a rule, the one that lasts longest."""
    found = [waiver for waiver in waivers if waiver.covers(rule, path)]
    return max(found, key=lambda waiver: waiver.expires, default=None)


def left_in_words(waiver: Waiver, left: int) -> str:
    """What to know of a waiver that ends soon or has ended."""
    what = f"The waiver of {waiver.rule} for {', '.join(waiver.scope)}"
    if left < 0:
        return f"{what} ended on {waiver.expires}: the rule asks for its due again."
    return f"{what} ends on {waiver.expires}, in {left} day{'s' * (left != 1)}."
