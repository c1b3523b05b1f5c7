"""Say where a score stands among others, so that a team can gate a share of its changes."""

import re
from bisect import bisect_left, bisect_right
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from flagwright.core.policy.contradiction import Contradiction
from flagwright.core.record import Record
from flagwright.core.records.score import Score

_SHARE = re.compile(r"riskiest (\d+(?:\.\d+)?) ?%")


def _is_share(text: str) -> str:
    found = _SHARE.fullmatch(text)
    if not found or not 0 < float(found[1]) < 100:
        raise Contradiction(
            "not a share of the changes",
            remedy='Write "riskiest 20 %", a number above 0 and below 100.',
        )
    return text


Share = Annotated[str, AfterValidator(_is_share)]
"""Which changes, in words: `riskiest 20 %`."""


def begins(share: Share) -> float:
    """The percentile at which a share of the riskiest changes begins."""
    found = _SHARE.fullmatch(share)
    if found is None:
        raise ValueError(share)
    return 100 - float(found[1])


class Scale(Record):
    """Scores of other changes, lowest first."""

    of: Literal["shipped", "project"]
    scores: Annotated[tuple[Score, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _rises(self) -> Self:
        if list(self.scores) != sorted(self.scores):
            raise ValueError("scores must rise")
        return self

    def percentile(self, score: float) -> float:
        """Share of the changes that score less, in percent; of equal ones half."""
        below, upto = bisect_left(self.scores, score), bisect_right(self.scores, score)
        whole = len(self.scores)
        if below != upto or below in (0, whole):
            return 50 * (below + upto) / whole
        low, high = self.scores[below - 1], self.scores[below]
        return 100 * (below - 0.5 + (score - low) / (high - low)) / whole

    def at(self, percentile: float) -> float:
        """The lowest score, in hundredths of a point, that has at least this percentile."""
        low, high = 0, 10_000
        while low < high:
            middle = (low + high) // 2
            if self.percentile(middle / 100) >= percentile:
                high = middle
            else:
                low = middle + 1
        return low / 100
