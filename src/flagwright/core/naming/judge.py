"""Let a flag pass that the team's policy allows, or say every rule that it breaks.

Today comes in. Nothing is corrected silently: a better name is proposed.
"""

import re
from collections.abc import Callable, Collection, Iterable
from datetime import date, timedelta

from flagwright.core.naming.better import similar, suggest
from flagwright.core.naming.pattern import matches
from flagwright.core.naming.policy import (
    SEPARATORS,
    NamingPolicy,
    TypeRule,
    broken_rules,
    broken_settings,
)
from flagwright.core.records.flag import FlagSpec, FlagType
from flagwright.errors import NameRefused

Place = Callable[[tuple[str, ...]], str]
"""`path:line` of a setting."""


def _nowhere(_: tuple[str, ...]) -> str:
    return ""


def judge(
    spec: FlagSpec,
    policy: NamingPolicy,
    *,
    today: date,
    others: Collection[str] = (),
    pattern: str | None = None,
    place: Place = _nowhere,
) -> None:
    """Let a flag pass that the policy and the flag server's project allow.

    Args:
        others: Names of the flags that there are.
        pattern: What the project wants whole names to match, where that is known.
        place: Where a setting of the policy stands.

    Raises:
        NameRefused: With every broken rule in its fact, and the corrected name, where the
            name is at fault, in `suggestion`.
    """
    _require_type(spec, policy, place)
    broken = broken_settings(spec.name, policy, spec.type)
    name_rules = tuple(because for _, because in broken)
    wanted = f"the flag server's project {spec.project} wants {pattern}"
    if not matches(pattern, spec.name):
        name_rules += (wanted,)
    better = suggest(spec.name, policy, spec.type, pattern) if name_rules else None
    missing = _missing(spec, policy.types[spec.type], today)
    settings = [key for key, _ in broken] + ([("types", spec.type)] if missing else [])
    if near := _near(better or spec.name, others, policy):
        better = None
        settings.append(("near_duplicates",))
        missing[f"it is nearly the name of {', '.join(near)}"] = (
            "Use that flag, or give a name that nobody takes for it."
        )
    if not name_rules and not missing:
        return
    steps = list(missing.values())
    if better:
        steps.insert(0, _use(better, spec, policy))
    elif name_rules:
        more = f"; {wanted}" if pattern and wanted not in name_rules else ""
        steps.insert(0, f"Choose another name{_such_as(policy, spec.type, pattern)}{more}.")
    raise NameRefused(
        f"Flag {_shown(spec.name)} is refused: {'; '.join((*name_rules, *missing))}."
        f"{_places(settings, place)}",
        next_step=" ".join(steps),
        suggestion=better,
    )


def _require_type(spec: FlagSpec, policy: NamingPolicy, place: Place) -> None:
    if spec.type not in policy.types:
        allowed = ", ".join(sorted(policy.types))
        where = _places([("types",)], place)
        raise NameRefused(
            f"Flags of type {spec.type} are not allowed.{where}",
            next_step=f"Choose one of: {allowed}.",
        )


def _use(better: str, spec: FlagSpec, policy: NamingPolicy) -> str:
    """The better name; and what was guessed in it, where a part has values and had none of them."""
    said = re.split(r"[._\-/:\\]+", spec.name.lower())
    begins = policy.types[spec.type].prefix
    guessed = [
        f"{one.name} {part}, of {', '.join(one.values)}"
        for one in policy.segments
        for part in better.split(policy.separator)
        if part in one.values and not begins.startswith(part)
        if not set(SEPARATORS.split(part)) <= set(said)
    ]
    meant = f", if this is meant: {'; '.join(guessed)}" if guessed else ""
    return f'Use "{better}"{meant}.'


def _such_as(policy: NamingPolicy, kind: FlagType, pattern: str | None) -> str:
    """A name that the policy itself calls right, where none can be made of what was given."""
    right = (name for name in policy.accepts if not broken_rules(name, policy, kind))
    example = next((name for name in right if matches(pattern, name)), None)
    return f", such as {example}" if example else ""


def _near(name: str, others: Collection[str], policy: NamingPolicy) -> list[str]:
    """Flags whose names are so near that the policy refuses this one."""
    if policy.near_duplicates != "refuse":
        return []
    return [near for near, _ in similar(name, others, policy)]


def require_name_for_paths(
    name: str, kind: str, policy: NamingPolicy, place: Place = _nowhere
) -> None:
    """Let a flag that exists be used where a section of the policy says how flags begin there.

    Raises:
        NameRefused: If its name is another's.
    """
    if kind not in policy.types:
        return
    flag_type: FlagType = kind
    if broken := broken_settings(name, policy, flag_type):
        better = suggest(name, policy, flag_type)
        raise NameRefused(
            f"Flag {_shown(name)} is not one for these files: "
            f"{'; '.join(because for _, because in broken)}."
            f"{_places([key for key, _ in broken], place)}",
            next_step=f'Create "{better}" and use it.'
            if better
            else f"Create another flag{_such_as(policy, flag_type, None)}.",
            suggestion=better,
        )


def _places(settings: Iterable[tuple[str, ...]], place: Place) -> str:
    """Where the settings stand that a name breaks, as a sentence; nothing where nobody can tell."""
    lines: dict[str, list[str]] = {}
    for at in dict.fromkeys(place(key) for key in settings if key):
        file, _, line = at.rpartition(":")
        lines.setdefault(file, []).append(line)
    found = "; ".join(f"{file}:{', '.join(some)}" for file, some in lines.items() if file)
    return f" Settings: {found}." if found else ""


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
