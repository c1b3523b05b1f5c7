"""Find the closest name that a policy accepts, and the names that are nearly the same."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from itertools import product

from flagwright.core.naming.pattern import matches
from flagwright.core.naming.policy import SEPARATORS, NamingPolicy, broken_rules
from flagwright.core.records.flag import FlagType
from flagwright.core.segment import filled_forms

MOST_SIMILAR = 5


def suggest(
    name: str, policy: NamingPolicy, kind: FlagType, pattern: str | None = None
) -> str | None:
    """Closest name that the policy accepts for this type, and the flag server's own pattern, too.

    None where there is no close one.
    """
    for candidate in _candidates(name, policy, kind):
        if matches(pattern, candidate) and not broken_rules(candidate, policy, kind):
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
        yield from filled_forms(parts, policy.separator, policy.segments, prefix)
    joins = (".", "-", "_")
    if parts:
        yield from (prefix + join.join("-".join(part) for part in parts[:3]) for join in joins)
    for depth, inner, outer in product((3, 2, 1), ("-", "_", ""), joins):
        kept = parts[:depth]
        while kept:
            yield prefix + outer.join(inner.join(part) for part in kept)
            kept = [*kept[:-1], kept[-1][:-1]] if len(kept[-1]) > 1 else kept[:-1]


def _stems(prefix: str) -> Iterator[str]:
    """`release.billing.` and `release.`: a longer beginning is one of the same type."""
    for found in SEPARATORS.finditer(prefix):
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
