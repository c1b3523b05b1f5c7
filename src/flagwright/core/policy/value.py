"""Look up what a policy says of one key, in words, so that a text can never say anything else."""

from collections.abc import Iterable, Mapping
from typing import Any

Policies = Mapping[str, Any]
"""Every policy in force as plain values, by name."""
NEAR = 60
MOST_NAMES = 12


class NoValue(LookupError):
    """A key that no policy has, or that has no value; `remedy` is a sentence."""

    def __init__(self, fact: str, *, remedy: str) -> None:
        super().__init__(fact)
        self.remedy = remedy


def part_of(policies: Policies, key: str) -> Any:
    """The value or table of a key with dots, such as `risk.flag.due`.

    Raises:
        NoValue: If there is none.
    """
    inner: Any = policies
    way: list[str] = []
    for step in key.split("."):
        if not isinstance(inner, Mapping) or step not in inner:
            names = inner if isinstance(inner, Mapping) else ()
            where = ".".join(way) or "policies/"
            raise NoValue(f"{key}: {where} has no {step}", remedy=meant(step, names))
        inner = inner[step]
        way.append(step)
    return inner


def value_of(policies: Policies, key: str) -> str:
    """What a key says, in words; nothing where it is not set.

    Raises:
        NoValue: If there is no such key, or it is a table of tables.
    """
    found = part_of(policies, key)
    if isinstance(found, Mapping) and all(map(_is_flat, found.values())):
        return "; ".join(f"{name}: {_listed(value)}" for name, value in found.items())
    if not _is_flat(found):
        names = ", ".join(list(found)[:MOST_NAMES]) if isinstance(found, Mapping) else "none"
        raise NoValue(f"{key} is a table", remedy=f"Name one of its values: {names}.")
    return _listed(found)


def meant(word: str, names: Iterable[str]) -> str:
    """What may have been meant, and what is allowed."""
    from rapidfuzz import fuzz, process

    known = sorted(names)
    if not known:
        return "Leave it out."
    near = process.extractOne(word, known, scorer=fuzz.ratio, score_cutoff=NEAR)
    if len(known) > MOST_NAMES:
        known.sort(key=lambda name: -fuzz.ratio(word, name))
    more = f" and {len(known) - MOST_NAMES} more" if len(known) > MOST_NAMES else ""
    allowed = f"Allowed: {', '.join(known[:MOST_NAMES])}{more}."
    return f"Did you mean {near[0]}? {allowed}" if near else allowed


def _is_flat(value: Any) -> bool:
    many = value if isinstance(value, list) else [value]
    return not any(isinstance(one, Mapping | list) for one in many)


def _listed(value: Any) -> str:
    return ", ".join(map(_said, value)) if isinstance(value, list) else _said(value)


def _said(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:g}" if isinstance(value, float) else str(value)
