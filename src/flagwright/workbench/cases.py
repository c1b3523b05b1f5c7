"""Try a team's own cases: a small diff or a name, and what must come of it.

They are files beside the policies, `policies/tests/*.toml`; a rule that no case meets is listed.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from flagwright.adapters import shipped
from flagwright.adapters.shipped import LayerName, Source
from flagwright.core.naming.better import suggest
from flagwright.core.naming.policy import broken_rules
from flagwright.core.patch import visible
from flagwright.core.policy.case import Case
from flagwright.core.policy.judge import judge_change
from flagwright.core.record import Record
from flagwright.core.risk.example import example
from flagwright.workbench.rules import Rules


class Tried(Record):
    """What came of one case."""

    at: str
    """`file:line`"""
    title: str
    wrong: tuple[str, ...] = ()
    """What was expected, and what came."""


class Covered(Record):
    """How often one rule is tried."""

    rule: str
    layer: LayerName
    """Where most of it is said."""
    at: str
    examples: int
    cases: int


class Trial(Record):
    """What came of every case, and how well each rule is tried."""

    cases: tuple[Tried, ...]
    coverage: tuple[Covered, ...]

    @property
    def untried(self) -> tuple[str, ...]:
        """Rules that no case meets; their own examples they agree with, or they do not load."""
        return tuple(one.rule for one in self.coverage if not one.cases)


def try_cases(rules_for: Callable[[Sequence[str]], Rules], files: tuple[Source, ...]) -> Trial:
    """Run every case.

    Args:
        rules_for: The policies for a change that touches some paths.

    Raises:
        PolicyInvalid: If a file of cases has a mistake.
    """
    rules = rules_for(())
    met: dict[str, int] = {}
    tried = []
    known = [*rules.rules.named(), *rules.risk.named()]
    for source in files:
        for place, case in enumerate(shipped.read_cases(source, known).cases):
            there = rules_for(case.paths)
            wrong, seen = _named(case, there) if case.name else _judged(case, there)
            for rule in seen:
                met[rule] = met.get(rule, 0) + 1
            at = source.place(("cases", place, "title"))
            tried.append(Tried(at=at, title=visible(case.title), wrong=tuple(wrong)))
    return Trial(cases=tuple(tried), coverage=tuple(_coverage(rules, met)))


def _judged(case: Case, rules: Rules) -> tuple[list[str], set[str]]:
    found = judge_change(
        example(case.diff or ""),
        rules.risk,
        rules.weights,
        rules.rules,
        rules.waivers.waivers,
        policy_digest=rules.digest,
    )
    hits = {hit.rule for hit in found.rules}
    seen = {finding.rule for finding in found.findings}
    expected: Mapping[str, tuple[Any, Any]] = {
        "verdict": (case.verdict, found.verdict),
        "band": (case.band, found.band),
        "rules": (None if case.rules is None else set(case.rules), hits),
    }
    wrong = [*_differ(expected)]
    if gone := sorted(set(case.findings) - seen):
        wrong.append(f"findings: {', '.join(gone)} not among {', '.join(sorted(seen))}")
    if gone := sorted(set(case.at_least) - hits):
        wrong.append(f"at_least: {', '.join(gone)} not among {', '.join(sorted(hits)) or 'none'}")
    if case.rules is not None and set(case.rules) < hits:
        wrong.append("rules names all that are met; at_least lets others come, too")
    return wrong, hits | seen


def _named(case: Case, rules: Rules) -> tuple[list[str], set[str]]:
    name = case.name or ""
    if case.type not in rules.naming.types:
        return [f"type: flags of type {case.type} are not allowed"], set()
    broken = broken_rules(name, rules.naming, case.type)
    better = suggest(name, rules.naming, case.type) if broken and case.suggestion else None
    expected: Mapping[str, tuple[Any, Any]] = {
        "refused": (case.refused, bool(broken)),
        "suggestion": (case.suggestion, better),
    }
    because = [f"because {one}" for one in broken]
    wrong = [*_differ(expected)]
    return wrong + (because if wrong else []), {f"naming.{case.type}"}


def _differ(expected: Mapping[str, tuple[Any, Any]]) -> Iterator[str]:
    for what, (wanted, came) in expected.items():
        if wanted is not None and wanted != came:
            yield f"{what}: {_shown(wanted)} was expected, {_shown(came)} came"


def _shown(value: Any) -> str:
    if isinstance(value, set):
        return ", ".join(sorted(value)) or "none"
    return {True: "yes", False: "no", None: "none"}.get(value, str(value))


def _coverage(rules: Rules, met: Mapping[str, int]) -> Iterator[Covered]:
    for name, rule in rules.rules.named().items():
        source, place = rules.loaded["rules"].place("rules", name)
        examples = len(rule.matches) + len(rule.passes)
        yield _covered(name, source, place, examples, met)
    for name, one in rules.risk.named().items():
        signal, _, kind = name.partition(".")
        source, place = rules.loaded["risk"].place(signal, "rules", kind)
        examples = len(one.matches) + len(one.passes)
        yield _covered(name, source, place, examples, met)
    for kind_of_flag in rules.naming.types:
        name = f"naming.{kind_of_flag}"
        source, place = rules.loaded["naming"].place("types", kind_of_flag)
        accepted = [
            one for one in rules.naming.accepts if not broken_rules(one, rules.naming, kind_of_flag)
        ]
        yield _covered(name, source, place, len(accepted), met)


def _covered(
    name: str, source: Source, place: str, examples: int, met: Mapping[str, int]
) -> Covered:
    return Covered(
        rule=name, layer=source.layer, at=place, examples=examples, cases=met.get(name, 0)
    )
