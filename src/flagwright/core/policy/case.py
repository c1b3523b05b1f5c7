"""Say what a team expects of one diff or one name, whatever its policies are."""

from collections.abc import Collection, Iterator
from typing import Annotated, Self

from pydantic import Field, model_validator

from flagwright.core.policy.contradiction import Contradiction
from flagwright.core.policy.head import Words
from flagwright.core.policy.value import meant
from flagwright.core.record import Record
from flagwright.core.records.flag import FlagType
from flagwright.core.records.score import Band, Verdict
from flagwright.core.risk.example import example


class Case(Record):
    """One diff or one name, and what is expected of it; what is left out is not looked at."""

    title: Words
    diff: str | None = None
    """As an example of a rule is written."""
    verdict: Verdict | None = None
    band: Band | None = None
    rules: tuple[str, ...] | None = None
    """Exactly the rules of rules.toml, and those of risk.toml that ask for something."""
    at_least: tuple[str, ...] = ()
    """Rules that must be among them, whatever other rules there are."""
    findings: tuple[str, ...] = ()
    """Findings of the score that must be there."""
    name: str | None = None
    """Of a flag."""
    type: FlagType = "release"
    path: str | None = None
    """Of a file that the flag is for, where folders have names of their own."""
    refused: bool | None = None
    suggestion: str | None = None
    """The name that is proposed instead."""

    @property
    def paths(self) -> tuple[str, ...]:
        """What a change that this case is about would touch."""
        if self.diff is None:
            return (self.path,) if self.path else ()
        files = example(self.diff).files
        return tuple(path for one in files for path in (one.path, one.renamed_from) if path)

    @model_validator(mode="after")
    def _is_one_thing(self) -> Self:
        if (self.diff is None) == (self.name is None):
            raise Contradiction(
                "a case is either a diff or a name", remedy="Give diff, or give name."
            )
        asked = (self.verdict, self.band, self.rules, self.at_least or self.findings or None)
        if all(one is None for one in (asked if self.diff else (self.refused, self.suggestion))):
            may = (
                "verdict, band, rules, at_least or findings"
                if self.diff
                else "refused or suggestion"
            )
            raise Contradiction("the case expects nothing", "title", remedy=f"Add {may}.")
        if self.diff is not None:
            try:
                example(self.diff)
            except ValueError as error:
                remedy = "Write the path of a file first."
                raise Contradiction(str(error), "diff", remedy=remedy) from error
        return self


class CasesFile(Record):
    """One file of cases."""

    cases: Annotated[tuple[Case, ...], Field(min_length=1)]

    def contradictions(self, known: Collection[str]) -> Iterator[Contradiction]:
        """Each rule that a case names and that there is not."""
        for place, case in enumerate(self.cases):
            for kind, names in (("rules", case.rules or ()), ("at_least", case.at_least)):
                for number, name in enumerate(names):
                    if name not in known:
                        yield Contradiction(
                            f"no rule is called {name!r} in rules.toml or risk.toml",
                            *("cases", place, kind, number),
                            remedy=meant(name, known),
                        )
