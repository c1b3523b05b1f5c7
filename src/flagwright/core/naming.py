"""Say why a flag's name is refused, and what to call it instead.

Pure: today comes in. Whatever a policy allows, a name is never more than the ASCII that
needs no quoting in a URL, and nothing is corrected silently: a better name is proposed.
"""

import math
import re
import unicodedata
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from itertools import product
from typing import Annotated, Literal, Self

import re2
from pydantic import AfterValidator, Field, WithJsonSchema, model_validator

from flagwright.core.policy.contradiction import Contradiction, not_re2
from flagwright.core.policy.stricter import Adds, Extends, Free, Stricter
from flagwright.core.record import Record
from flagwright.core.records.flag import FlagSpec, FlagType
from flagwright.core.segment import Segment, broken_segments, filled_forms
from flagwright.errors import NameRefused

ALLOWED = re.compile(r"(?!\.{1,2}\Z)[a-z0-9._-]{1,100}\Z")
"""The limit that no policy widens."""
MOST_SIMILAR = 5

_QUIET = re2.Options()
_QUIET.log_errors = False
_SEPARATORS = re.compile(r"[._-]+")


def _shorter(days: int | None) -> float:
    return -days if days is not None else -math.inf


FIELDS = ("description", "owner", "expires_on")
_TAG = r"^tag:[a-z0-9][a-z0-9_-]{1,49}$"


def _can_be_required(name: str) -> str:
    from rapidfuzz import process

    if name in FIELDS or re.fullmatch(_TAG, name):
        return name
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
    accepts: Annotated[tuple[str, ...], Free()]
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


def judge(spec: FlagSpec, policy: NamingPolicy, *, today: date, others: Iterable[str] = ()) -> None:
    """Let a flag pass that the policy allows.

    Args:
        spec: The flag as it is asked for.
        policy: What the team decided.
        today: Counted from for the expiry.
        others: Names of the flags that there are.

    Raises:
        NameRefused: With every broken rule in its fact, and the corrected name, where the
            name is at fault, in `suggestion`.
    """
    if spec.type not in policy.types:
        allowed = ", ".join(sorted(policy.types))
        raise NameRefused(
            f"Flags of type {spec.type} are not allowed.", next_step=f"Choose one of: {allowed}."
        )
    name_rules = broken_rules(spec.name, policy, spec.type)
    missing = _missing(spec, policy.types[spec.type], today)
    if policy.near_duplicates == "refuse" and (near := similar(spec.name, others, policy)):
        names = ", ".join(name for name, _ in near)
        missing[f"it is nearly the name of {names}"] = (
            "Use that flag, or give a name that nobody takes for it."
        )
    if not name_rules and not missing:
        return
    better = suggest(spec.name, policy, spec.type) if name_rules else None
    steps = [f'Use "{better}".'] if better else ["Choose another name."] if name_rules else []
    steps += missing.values()
    raise NameRefused(
        f"Flag {_shown(spec.name)} is refused: {'; '.join((*name_rules, *missing))}.",
        next_step=" ".join(steps),
        suggestion=better,
    )


def require_name_for_paths(name: str, kind: str, policy: NamingPolicy) -> None:
    """Let a flag that exists be used where a section of the policy says how flags begin there.

    Raises:
        NameRefused: If its name is another's.
    """
    if kind not in policy.types:
        return
    flag_type: FlagType = kind
    if broken := broken_rules(name, policy, flag_type):
        better = suggest(name, policy, flag_type)
        raise NameRefused(
            f"Flag {_shown(name)} is not one for these files: {'; '.join(broken)}.",
            next_step=f'Create "{better}" and use it.' if better else "Create another flag.",
            suggestion=better,
        )


def broken_rules(name: str, policy: NamingPolicy, kind: FlagType) -> tuple[str, ...]:
    """Every rule that a name breaks as a flag of this type, in words."""
    if not ALLOWED.match(name):
        return ("a name has 1 to 100 characters of a-z, 0-9, '.', '_' and '-'",)
    rule = policy.types[kind]
    forbidden = sorted(set(_SEPARATORS.split(name)) & set(policy.forbidden_words))
    checks = (
        (not name.startswith(rule.prefix), f"a {kind} flag begins with '{rule.prefix}'"),
        (
            not re2.fullmatch(policy.pattern, name, _QUIET),
            f"it does not match the pattern {policy.pattern}",
        ),
        (
            len(name) > policy.max_chars,
            f"it has {len(name)} characters of at most {policy.max_chars}",
        ),
        (bool(forbidden), f"forbidden in a name: {', '.join(forbidden)}"),
        (
            name.startswith(policy.reserved_prefixes),
            f"reserved beginnings: {', '.join(policy.reserved_prefixes)}",
        ),
    )
    broken = tuple(because for broken, because in checks if broken)
    if policy.segments:
        broken += broken_segments(name, policy.separator, policy.segments)
    return broken


def _missing(spec: FlagSpec, rule: TypeRule, today: date) -> dict[str, str]:
    """What is wrong beside the name, with what to do about it."""
    found = {}
    for field in rule.requires:
        if field.startswith("tag:"):
            kind = field.removeprefix("tag:")
            if not any(tag.startswith(f"{kind}:") for tag in spec.tags):
                found[f"a tag of type {kind} is missing"] = f"Give a tag {kind}:..."
            continue
        value = getattr(spec, field)
        if not (value.strip() if isinstance(value, str) else value):
            found[f"{field} is missing"] = f"Give {field}."
    if spec.expires_on is None:
        return found
    latest = today + timedelta(days=rule.max_days) if rule.max_days else None
    if spec.expires_on <= today:
        found[f"{spec.expires_on} is not in the future"] = "Give a later expires_on."
    elif latest and spec.expires_on > latest:
        because = f"{spec.expires_on} is more than {rule.max_days} days ahead"
        found[because] = f"Give an expires_on up to {latest}."
    return found


def _shown(name: str) -> str:
    """A name that can be printed: no control, invisible or right-to-left characters."""
    return ascii(name if len(name) <= 100 else name[:97] + "...")


# --- a better name


def suggest(name: str, policy: NamingPolicy, kind: FlagType) -> str | None:
    """Closest name that the policy accepts for this type; none where there is no close one."""
    for candidate in _candidates(name, policy, kind):
        if not broken_rules(candidate, policy, kind):
            return candidate
    return None


def _candidates(name: str, policy: NamingPolicy, kind: FlagType) -> Iterator[str]:
    """Spellings of the name's allowed words, closest first."""
    parts = [
        [word for word in part if word not in policy.forbidden_words]
        for part in _words(name, policy)
    ]
    parts = [part for part in parts if part]
    prefix = policy.types[kind].prefix
    if policy.segments:
        first = prefix.strip(policy.separator)
        yield from filled_forms(parts, policy.separator, policy.segments, first)
    for depth, inner, outer in product((3, 2, 1), ("-", "_", ""), (".", "-", "_")):
        kept = parts[:depth]
        while kept:
            yield prefix + outer.join(inner.join(part) for part in kept)
            kept = [*kept[:-1], kept[-1][:-1]] if len(kept[-1]) > 1 else kept[:-1]


def _stems(prefix: str) -> Iterator[str]:
    """`release.billing.` and `release.`: a longer beginning is one of the same type."""
    for found in _SEPARATORS.finditer(prefix):
        yield prefix[: found.end()]


def _words(name: str, policy: NamingPolicy) -> list[list[str]]:
    """Parts between dots as lists of ASCII words, without the beginning that says the type."""
    text = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", name[:200])
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    beginnings = [stem for rule in policy.types.values() for stem in _stems(rule.prefix)]
    beginnings += policy.reserved_prefixes
    for beginning in sorted(filter(None, beginnings), key=len, reverse=True):
        if plain.startswith(beginning):
            plain = plain.removeprefix(beginning)
            break
    return [re.findall(r"[a-z0-9]+", part) for part in re.split(r"[./:\\]+", plain)]


# --- near-duplicates


def similar(
    name: str, others: Iterable[str], policy: NamingPolicy
) -> tuple[tuple[str, float], ...]:
    """Up to five near-duplicates of a name with their likeness (0-100), closest first.

    The words of two names are compared in any order, without the beginning that says the
    type. The name itself is not its own duplicate.
    """
    from rapidfuzz import fuzz, process

    def plain(text: str) -> str:
        return " ".join(sorted(word for part in _words(text, policy) for word in part))

    candidates = sorted(set(others) - {name})
    found = process.extract(
        plain(name),
        [plain(other) for other in candidates],
        scorer=fuzz.ratio,
        limit=MOST_SIMILAR,
        score_cutoff=policy.similar_from,
    )
    return tuple((candidates[index], round(score, 1)) for _, score, index in found)
