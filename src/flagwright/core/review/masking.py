"""Say what looks like a secret, in a policy that carries its own examples."""

from collections.abc import Iterator, Sequence
from typing import Annotated, Self

from pydantic import Field, model_validator

from flagwright.core.policy.contradiction import Contradiction
from flagwright.core.policy.stricter import Adds
from flagwright.core.record import Record
from flagwright.core.risk.pattern import Pattern, matches, spans

GROUP = "secret"


class Mask(Record):
    """One kind of secret, by what it looks like."""

    why: Annotated[str, Field(min_length=1)]
    pattern: Pattern
    """Searched in each line; where it has a group `secret`, only that is masked."""
    matches: Annotated[tuple[str, ...], Field(min_length=1)]
    passes: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _agrees_with_its_examples(self) -> Self:
        for name, lines, wanted in (
            ("matches", self.matches, True),
            ("passes", self.passes, False),
        ):
            for place, line in enumerate(lines):
                if matches(self.pattern, line) != wanted:
                    raise Contradiction(
                        f"the pattern is {'not ' if wanted else ''}found in it",
                        name,
                        place,
                        remedy="Change the pattern or the example, until they agree.",
                    )
        return self


class MaskingPolicy(Record):
    """What is not shown where a plan is reviewed."""

    masks: Annotated[dict[str, Mask], Adds()]

    @property
    def patterns(self) -> tuple[str, ...]:
        """All of them; the order does not count."""
        return tuple(mask.pattern for mask in self.masks.values())


def found_in(text: str, patterns: Sequence[str]) -> tuple[str, ...]:
    """Those of some patterns that are found at all, so that few are searched line by line."""
    return tuple(pattern for pattern in patterns if matches(pattern, text))


def secrets(row: str, patterns: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Where the secrets of a line begin and end, in order, without those within another."""
    end = 0
    for start, stop in sorted({span for one in patterns for span in spans(one, row, GROUP)}):
        if start >= end:
            yield start, stop
            end = stop
