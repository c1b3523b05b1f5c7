"""Say what loads and yet does nothing, or asks for what nobody can give here; files only."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from fnmatch import filter as filtered
from typing import TYPE_CHECKING, Any, NamedTuple

from flagwright.adapters.shipped import LoadedPolicy
from flagwright.core.policy.head import RuleHead, RuleWords
from flagwright.core.policy.stricter import leads_somewhere
from flagwright.core.policy.value import meant

if TYPE_CHECKING:
    from flagwright.core.demand import Server
    from flagwright.core.naming.policy import NamingPolicy
    from flagwright.core.wrapping.policy import WrappingPolicy

Loaded = Mapping[str, LoadedPolicy[Any]]
Key = tuple[str | int, ...]


class Doubt(NamedTuple):
    """One line that does not do what its writer means."""

    at: str
    """`file:line`"""
    fact: str
    remedy: str
    is_error: bool = False


def doubts(loaded: Loaded, today: date, server: "Server") -> Iterator[Doubt]:
    """Everything of what a team says itself; what ships is tried before it ships."""
    for one in loaded.values():
        yield from _open(one)
    if "wrapping" in loaded:
        yield from _otherwise(loaded["wrapping"], "examples", _treated_otherwise)
    if "naming" in loaded:
        yield from _otherwise(loaded["naming"], "accepts", _refused)
    yield from _placed(loaded, lambda rule: _idle(rule, today))
    yield from ungiven(loaded, today, server)


def ungiven(loaded: Loaded, today: date, server: "Server") -> Iterator[Doubt]:
    """Rules in force that ask for an approval that nobody can give on a flag server."""
    if server == "embedded":
        yield from _placed(loaded, lambda rule: _ungiven(rule) if rule.is_in_force(today) else None)


def _open(one: LoadedPolicy[Any]) -> Iterator[Doubt]:
    for source in one.sources:
        for place, key in enumerate(source.content().get("open", ())):
            if not leads_somewhere(type(one.policy), key.split(".")):
                fact = f"open: no setting is called {key!r}, so nothing is opened."
                remedy = "Write a setting or a table of this file, with dots: flag.due."
                yield Doubt(source.place(("open", place)), fact, remedy, is_error=True)


def _otherwise(
    one: LoadedPolicy[Any], key: str, said_of: Callable[[Any, Any], str | None]
) -> Iterator[Doubt]:
    """Examples that ship and no longer hold, where a team has none of its own that would."""
    shipped = one.sources[0].content().get(key, ())
    said = [said for example in shipped if (said := said_of(one.policy, example))]
    if said and not getattr(one.policy, key):
        more = f", and {len(said) - 1} more" if len(said) > 1 else ""
        fact = f"{said[0]}{more}, of {len(shipped)} examples that ship."
        own = "[[examples]]" if key == "examples" else f"{key} = [...]"
        yield Doubt(
            one.sources[-1].place(()), fact, f"If that is meant, say it: {own} of your own."
        )


def _treated_otherwise(policy: "WrappingPolicy", example: Mapping[str, str]) -> str | None:
    is_now = policy.treatment(example["path"])
    was = example["treatment"]
    return None if is_now == was else f"{example['path']} is {is_now}, and was {was}"


def _refused(policy: "NamingPolicy", name: str) -> str | None:
    from flagwright.core.naming.policy import broken_rules

    broken = [broken_rules(name, policy, kind) for kind in policy.types]
    because = min(broken, key=len)
    return f"{name} is refused: {'; '.join(because)}" if because else None


def _placed(
    loaded: Loaded, judge: Callable[[RuleWords], tuple[str, str] | None]
) -> Iterator[Doubt]:
    """What there is to say of each rule, with its line, which takes a while to find."""
    for name, one in loaded.items():
        for key, rule in _rules(name, one.policy):
            if said := judge(rule):
                source, at = one.place(*key)
                if source.layer != "shipped":
                    fact, remedy = said
                    yield Doubt(at, f"{'.'.join(map(str, key))}: {fact}", remedy)


def _rules(name: str, policy: Any) -> Iterator[tuple[Key, RuleWords]]:
    if name in ("rules", "approval"):
        yield from ((("rules", key), rule) for key, rule in policy.rules.items())
    elif name == "risk":
        for full, rule in policy.named().items():
            signal, _, kind = full.partition(".")
            yield (signal, "rules", kind), rule


def _idle(rule: RuleWords, today: date) -> tuple[str, str] | None:
    if rule.until and rule.until < today:
        return f"it is over since {rule.until}.", "Take it out, or change until."
    severity = _severity(rule)
    if severity == "require-approval" or "tier" not in rule.model_fields_set:
        return None
    fact = f"tier does nothing here: severity is {severity}, which asks nobody."
    return fact, 'Write severity = "require-approval", or leave tier out.'


def _ungiven(rule: RuleWords) -> tuple[str, str] | None:
    if "tier" not in rule.model_fields_set or _severity(rule) != "require-approval":
        return None  # out-of-band, or nobody is asked
    from flagwright.core.demand import NAMING

    tier, where = getattr(rule, "tier", None), getattr(rule, "server", None)
    if tier not in NAMING or where == "unleash":
        return None
    fact = f"nobody can give {tier} on the embedded server, which this configuration uses."
    other = "" if isinstance(rule, RuleHead) else ', or say server = "unleash" in the rule'
    return fact, f"Work with a real Unleash{other}."


def _severity(rule: RuleWords) -> str:
    """A rule of approval.toml asks for approvals and nothing else."""
    return rule.severity if isinstance(rule, RuleHead) else "require-approval"


def of_waivers(
    waivers: LoadedPolicy[Any], known: Mapping[str, RuleHead], today: date
) -> Iterator[Doubt]:
    """Waivers that lift nothing, that end soon or have ended, or that begin later.

    Args:
        known: Every rule; none where they cannot be known.
    """
    from flagwright.core.policy.waivers import left_in_words

    for place, waiver in enumerate(waivers.policy.waivers):
        source, at = waivers.place("waivers", place, "rule")
        met = filtered(known, waiver.rule)
        if known and not met:
            is_here = source.layer == "repository"
            fact = f"No rule is called {waiver.rule!r}{'' if is_here else ' here'}."
            other = "" if is_here else "Leave it, if it is a rule of another repository. "
            yield Doubt(at, fact, f"{other}{meant(waiver.rule, known)}", is_error=is_here)
        elif fixed := [one for one in met if not known[one].waivable]:
            fact = f"No waiver lifts {', '.join(fixed)}: waivable = false."
            remedy = "Take the waiver out, or let the owner of the rule make it waivable."
            yield Doubt(at, fact, remedy, is_error=True)
        if waiver.granted > today:
            at = waivers.place("waivers", place, "granted")[1]
            fact = f"The waiver of {waiver.rule} does nothing before {waiver.granted}."
            yield Doubt(at, fact, "Write the day on which it was granted.")
    for place, waiver, left in waivers.policy.ending(today):
        yield Doubt(
            waivers.place("waivers", place, "expires")[1],
            left_in_words(waiver, left),
            "Take it out, or let its approver grant it again.",
            is_error=left < 0,
        )
