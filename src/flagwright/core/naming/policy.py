"""What a team decides about the names of flags, with examples that must hold.

Whatever a policy allows, a name is never more than the ASCII that needs no quoting in a URL.
"""

import math
import re
from typing import Annotated, Literal, Self

import re2
from pydantic import AfterValidator, Field, WithJsonSchema, model_validator

from flagwright.core.policy.contradiction import Contradiction, not_re2
from flagwright.core.policy.stricter import Adds, Anew, Extends, Stricter
from flagwright.core.record import Record
from flagwright.core.records.flag import FlagType
from flagwright.core.segment import Segment, broken_segments

ALLOWED = re.compile(r"(?!\.{1,2}\Z)[a-z0-9._-]{1,100}\Z")
"""The limit that no policy widens."""
SEPARATORS = re.compile(r"[._-]+")

_QUIET = re2.Options()
_QUIET.log_errors = False


Broken = tuple[tuple[str, ...], str]
"""The key of a setting, and how a name breaks it."""


def _shorter(days: int | None) -> float:
    return -days if days is not None else -math.inf


FIELDS = ("description", "owner", "expires_on")
_TAG = r"^tag:[a-z0-9][a-z0-9_-]{1,49}$"


def _can_be_required(name: str) -> str:
    if name in FIELDS or re.fullmatch(_TAG, name):
        return name
    from rapidfuzz import process

    near = process.extractOne(name, FIELDS, score_cutoff=60)
    raise Contradiction(
        "nothing that a flag has",
        remedy=f"{f'Did you mean {near[0]}? ' if near else ''}Allowed: {', '.join(FIELDS)}, "
        "or tag:TYPE for a tag of a type.",
    )


Required = Annotated[
    str,
    AfterValidator(_can_be_required),
    WithJsonSchema({"type": "string", "anyOf": [{"enum": [*FIELDS]}, {"pattern": _TAG}]}),
]


class TypeRule(Record):
    """What one type of flag asks for."""

    prefix: Annotated[str, Field(pattern=r"^[a-z0-9._-]{0,30}$"), Extends()]
    requires: Annotated[tuple[Required, ...], Adds()] = ()
    """`tag:team`: a tag of the type `team`."""
    max_days: Annotated[Annotated[int, Field(ge=1, le=3650)] | None, Stricter(_shorter)] = None
    """Latest expiry, in days from the day of asking; none: no limit."""


class NamingPolicy(Record):
    """What a flag may be called, and what must be known about it.

    It carries its own examples, and does not load if it contradicts them.
    """

    pattern: Annotated[str, Field(min_length=1, max_length=500)]
    """RE2 expression that the whole name must match."""
    max_chars: Annotated[int, Field(ge=8, le=100), Stricter(lambda chars: -chars)]
    forbidden_words: Annotated[tuple[str, ...], Adds()] = ()
    """Words between dots, hyphens and underscores."""
    reserved_prefixes: Annotated[tuple[str, ...], Adds()] = ()
    separator: Literal[".", "-", "_"] = "."
    """What stands between the segments of a name."""
    segments: tuple[Segment, ...] = ()
    """The parts of a name in their order; none: the pattern says enough."""
    near_duplicates: Annotated[Literal["show", "refuse"], Stricter(("show", "refuse").index)] = (
        "show"
    )
    """Whether a name that is nearly that of another flag is refused."""
    similar_from: Annotated[float, Field(ge=50, le=100), Stricter(lambda least: -least)]
    """Least likeness of a near-duplicate, from 0 to 100."""
    accepts: Annotated[tuple[str, ...], Anew()]
    """Names that some type must accept."""
    rejects: Annotated[tuple[str, ...], Adds()]
    """Names that every type must refuse."""
    types: Annotated[dict[FlagType, TypeRule], Field(min_length=1)]

    @model_validator(mode="after")
    def _agrees_with_its_examples(self) -> Self:
        try:
            re2.compile(self.pattern, _QUIET)
        except re2.error as error:
            raise not_re2(error, "pattern") from error
        for place, name in enumerate(self.accepts):
            broken = [broken_rules(name, self, kind) for kind in self.types]
            if all(broken):
                least = sorted(broken, key=len)[0]
                raise Contradiction(
                    f"{name!r} is to be accepted, but: {'; '.join(least)}",
                    "accepts",
                    place,
                    remedy="Take it out of accepts, or change the setting that refuses it.",
                )
        for place, name in enumerate(self.rejects):
            if not all(broken_rules(name, self, kind) for kind in self.types):
                raise Contradiction(
                    f"{name!r} is to be refused, but breaks no rule",
                    "rejects",
                    place,
                    remedy="Take it out of rejects, or add what refuses it.",
                )
        return self


def broken_rules(name: str, policy: NamingPolicy, kind: FlagType) -> tuple[str, ...]:
    """Every rule that a name breaks as a flag of this type, in words."""
    return tuple(because for _, because in broken_settings(name, policy, kind))


def broken_settings(name: str, policy: NamingPolicy, kind: FlagType) -> tuple[Broken, ...]:
    """The same, each with the setting that it breaks; none for the limit of all names."""
    if not ALLOWED.match(name):
        lower = name.lower()
        more = broken_settings(lower, policy, kind) if ALLOWED.match(lower) else ()
        return (((), "a name has 1 to 100 characters of a-z, 0-9, '.', '_' and '-'"), *more)
    rule = policy.types[kind]
    forbidden = sorted(set(SEPARATORS.split(name)) & set(policy.forbidden_words))
    checks: tuple[tuple[bool, Broken], ...] = (
        (
            not name.startswith(rule.prefix),
            (("types", kind, "prefix"), f"a {kind} flag begins with '{rule.prefix}'"),
        ),
        (
            not re2.fullmatch(policy.pattern, name, _QUIET),
            (("pattern",), f"it does not match the pattern {policy.pattern}"),
        ),
        (
            len(name) > policy.max_chars,
            (("max_chars",), f"it has {len(name)} characters of at most {policy.max_chars}"),
        ),
        (
            bool(forbidden),
            (("forbidden_words",), f"forbidden in a name: {', '.join(forbidden)}"),
        ),
        (
            name.startswith(policy.reserved_prefixes),
            (
                ("reserved_prefixes",),
                f"reserved beginnings: {', '.join(map(repr, policy.reserved_prefixes))}",
            ),
        ),
    )
    broken = tuple(found for is_broken, found in checks if is_broken)
    parts = broken_segments(name, policy.separator, policy.segments) if policy.segments else ()
    return (*broken, *((("segments",), because) for because in parts))
