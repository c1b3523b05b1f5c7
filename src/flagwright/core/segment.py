"""Say what each part of a flag's name may be, and fill the parts of a better one."""

import re
from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import Annotated, Literal

from pydantic import Field

from flagwright.core.policy.stricter import Keeps
from flagwright.core.record import Record

_CASES = {
    "kebab": re.compile(r"[a-z0-9]+(-[a-z0-9]+)*"),
    "snake": re.compile(r"[a-z0-9]+(_[a-z0-9]+)*"),
    "plain": re.compile(r"[a-z0-9]+"),
}
_JOINS = {"kebab": "-", "snake": "_", "plain": ""}
NEAR = 70
"""From this likeness on, 0 to 100, a word may be a misspelt value."""


class Segment(Record):
    """One part of a name."""

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,30}$")]
    """What it stands for: type, team, area, change, ticket."""
    values: Annotated[tuple[str, ...], Keeps()] = ()
    """The only ones that are allowed; none: any."""
    case: Literal["kebab", "snake", "plain"] = "kebab"
    min_chars: Annotated[int, Field(ge=1, le=60)] = 1
    max_chars: Annotated[int, Field(ge=1, le=60)] = 40
    optional: bool = False

    def broken_by(self, part: str) -> str | None:
        """What is wrong with a part, in words."""
        if self.values and part not in self.values:
            return f"{self.name} {part!r} is none of {', '.join(self.values)}"
        if not _CASES[self.case].fullmatch(part):
            return f"{self.name} {part!r} is not in {self.case} case"
        if not self.min_chars <= len(part) <= self.max_chars:
            return (
                f"{self.name} {part!r} has {len(part)} characters, not {self.min_chars} to "
                f"{self.max_chars}"
            )
        return None

    def is_like(self, word: str) -> bool:
        """Whether a word may have been meant for a word of one of the values."""
        from rapidfuzz import fuzz, process

        known = [part for value in self.values for part in re.split("[-_]", value)]
        return process.extractOne(word, known, scorer=fuzz.ratio, score_cutoff=NEAR) is not None

    def filled(self, words: Sequence[str]) -> str | None:
        """The part that is nearest to some words; none where they make none."""
        if self.values:
            return max(self.values, key=lambda value: _likeness(value, words))
        kept = [*words]
        while kept:
            part = _JOINS[self.case].join(kept)
            if len(part) <= self.max_chars:
                return part if len(part) >= self.min_chars else None
            kept = kept[:-1] if len(kept) > 1 else [kept[0][: self.max_chars]]
        return None


def _likeness(value: str, words: Sequence[str]) -> tuple[float, float]:
    """Of the two words that are most alike, then of the whole: `users` is near `delete-user`."""
    from rapidfuzz import fuzz

    parts = re.split("[-_]", value)
    nearest = max((fuzz.ratio(part, word) for part in parts for word in words), default=0.0)
    return nearest, fuzz.WRatio(value, "-".join(words))


def forms(segments: Sequence[Segment]) -> Iterator[tuple[Segment, ...]]:
    """The segments with every choice of optional ones, the fullest first."""
    optional = [segment for segment in segments if segment.optional]
    for number in range(len(optional), -1, -1):
        for kept in combinations(optional, number):
            yield tuple(one for one in segments if not one.optional or one in kept)


def broken_segments(name: str, separator: str, segments: Sequence[Segment]) -> tuple[str, ...]:
    """What is wrong with the parts of a name, by the form that fits best."""
    parts = name.split(separator)
    found: list[tuple[str, ...]] = []
    for form in forms(segments):
        if len(form) == len(parts):
            pairs = zip(form, parts, strict=True)
            broken = tuple(why for segment, part in pairs if (why := segment.broken_by(part)))
            if not broken:
                return ()
            found.append(broken)
    shape = separator.join(f"[{one.name}]" if one.optional else one.name for one in segments)
    many = f"it has {len(parts)} part{'s' * (len(parts) != 1)}; a name reads {shape}"
    return min(found, key=len, default=(many,))


def _beginning(segments: Sequence[Segment], separator: str, prefix: str) -> Sequence[Segment]:
    """The segments, of which the first has only values that begin as the type of a flag says."""
    begin = tuple(one for one in segments[0].values if f"{one}{separator}".startswith(prefix))
    return [segments[0].model_copy(update={"values": begin}), *segments[1:]] if begin else segments


def filled_forms(
    parts: Sequence[Sequence[str]], separator: str, segments: Sequence[Segment], prefix: str
) -> Iterator[str]:
    """Names of the right shape from the words of another one, the nearest first.

    Args:
        parts: Words of each part that was given, without the type.
        prefix: How names of the type of the flag begin: a first segment, or less of it.
    """
    first = prefix.strip(separator) if prefix.endswith(separator) else ""
    segments = segments if first else _beginning(segments, separator, prefix)
    words = [word for part in parts for word in part]
    wanted = sorted(forms(segments), key=lambda form: abs(len(form) - bool(first) - len(parts)))
    for form in wanted:
        rest = form[1:] if first else form
        for given in ([*parts], _spread(words, rest), [words] * len(rest)):
            if not words or len(given) != len(rest):
                continue
            made = [one.filled(some) for one, some in zip(rest, given, strict=True)]
            if all(made):
                begins = [first] if first else []
                yield separator.join([*begins, *(part for part in made if part)])


def _spread(words: Sequence[str], segments: Sequence[Segment]) -> list[Sequence[str]]:
    """One word for each part, and what is left for the last.

    A part whose values are like none of the words takes none away: one of them is proposed.
    """
    left = [*words]
    found: list[Sequence[str]] = []
    for one in segments[:-1]:
        if one.values and not any(map(one.is_like, left[:1])):
            found.append(words)
        else:
            found.append(left[:1] or words[-1:])
            left = left[1:]
    return [*found, left or words[-1:]] if segments else []
