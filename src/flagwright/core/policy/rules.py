"""Hold the team's own rules about a change: what each looks for, and what it then asks for."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from fnmatch import filter as filtered
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Annotated, Literal, NamedTuple, Self, get_args

from pydantic import StringConstraints, model_validator

from flagwright.core.policy.contradiction import Contradiction
from flagwright.core.policy.head import RuleHead, Words
from flagwright.core.policy.paths import candidates, compiled, under
from flagwright.core.policy.stricter import Adds
from flagwright.core.policy.value import meant
from flagwright.core.record import Record
from flagwright.core.records.change import Side
from flagwright.core.records.score import Band, Finding
from flagwright.core.risk.evidence import quote
from flagwright.core.risk.example import example, example_at, noticed, unnoticed
from flagwright.core.risk.pattern import Pattern, found_on
from flagwright.core.risk.view import FileView, Roles, view

if TYPE_CHECKING:
    from flagwright.core.risk.policy import RiskPolicy

RuleId = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$", max_length=60)]
Kind = Literal["tests", "docs", "migrations", "dependencies", "delivery", "code", "other"]
_BANDS: tuple[Band, ...] = get_args(Band)
CONDITIONS = ("paths", "files", "added", "removed", "owners", "findings", "band")
_NO_TESTS_OR_DOCS: tuple[Kind, ...] = ("code", "migrations", "dependencies", "delivery", "other")
_LOOSEST = {
    "files": get_args(Kind),
    "paths": (),
    "added": None,
    "removed": None,
    "owners": (),
    "findings": (),
}
_WHY = {
    "files": "its file counts among {roles}, which `files` has to name",
    "paths": "its path is none of `paths`",
    "added": "`added` is found on no line with +",
    "removed": "`removed` is found on no line with -",
    "owners": "nobody of `owners` owns its file by a line such as `@ billing/ @a/b`",
    "findings": "the score finds none of `findings` in it",
}


class Place(NamedTuple):
    """Where a rule is met, and what was seen there; no path: in the change as a whole."""

    path: str | None
    line: int | None
    side: Side
    evidence: str


class ChangeRule(RuleHead):
    """What one rule looks for. All that it says must hold, and of one and the same file."""

    owner: Words
    paths: tuple[Words, ...] = ()
    """Files by path, as in .gitignore: `billing/`, `*.sql`, and `!billing/docs/` to except."""
    files: tuple[Kind, ...] = _NO_TESTS_OR_DOCS
    """Kinds of files, as [files] in risk.toml tells them; tests and docs only where named."""
    added: Pattern | None = None
    """RE2 expression that is searched in the lines that come."""
    removed: Pattern | None = None
    """RE2 expression that is searched in the lines that go."""
    owners: tuple[Words, ...] = ()
    """People or teams of CODEOWNERS, such as `@shop/payments`; one of them has to own the file."""
    findings: tuple[Words, ...] = ()
    """Findings of the score at the file, such as `outbound_call.http` or `data_migration.*`."""
    band: Band | None = None
    """Least band of risk of the whole change."""

    @model_validator(mode="after")
    def _looks_for_something(self) -> Self:
        if not self.band and not self.looks_into_files:
            raise Contradiction(
                "the rule looks for nothing", remedy=f"Add one of: {', '.join(CONDITIONS)}."
            )
        try:
            compiled(self.paths)
        except Contradiction as error:
            raise Contradiction(str(error), "paths", *error.key, remedy=error.remedy) from error
        for place, owner in enumerate(self.owners):
            if "@" not in owner:
                remedy = "Write it as CODEOWNERS does: @user, @org/team, or an e-mail address."
                raise Contradiction(f"{owner!r} is no owner", "owners", place, remedy=remedy)
        if self.findings:
            self._name_signals()
        return self

    def _name_signals(self) -> None:
        """The signals are imported where a rule names one: most do not, and a hook waits."""
        from flagwright.core.risk.policy import SIGNALS

        for place, name in enumerate(self.findings):
            if not any(fnmatchcase(signal, name.partition(".")[0]) for signal in SIGNALS):
                raise Contradiction(
                    f"no signal is called {name.partition('.')[0]!r}",
                    "findings",
                    place,
                    remedy=f"Write SIGNAL.RULE; the signals are: {', '.join(SIGNALS)}.",
                )

    @property
    def looks_into_files(self) -> bool:
        """Whether it asks for more than a band of the whole change."""
        said = (self.paths, self.added, self.removed, self.owners, self.findings)
        return any(said) or self.files != _NO_TESTS_OR_DOCS

    def places(
        self, files: Sequence[FileView], findings: Sequence[Finding], band: Band
    ) -> Iterator[Place]:
        """Where a change meets the rule: once in each file."""
        if self.band and _BANDS.index(band) < _BANDS.index(self.band):
            return
        if not self.looks_into_files:
            yield Place(None, None, "after", f"the change is {band} risk")
            return
        for file in files:
            if place := self._place(file, findings):
                yield place

    def _place(self, file: FileView, findings: Sequence[Finding]) -> Place | None:
        """Cheap questions first; the last that was asked shows the line."""
        if file.role not in self.files or (self.paths and not self._is_under(file)):
            return None
        held = [owner for owner in file.owners if owner in self.owners] if self.owners else []
        if self.owners and not held:
            return None
        said = f"owned by {', '.join(held)}" if held else file.path
        place = Place(file.path, None, "after", quote(said))
        if self.findings:
            seen = self._finding(file.path, findings)
            if seen is None:
                return None
            place = Place(file.path, seen.line, seen.side, f"{seen.rule}: {seen.evidence}")
        sides: tuple[tuple[Side, str | None], ...] = (
            ("before", self.removed),
            ("after", self.added),
        )
        for side, pattern in sides:
            if pattern is not None:
                line = _line(file, side, pattern)
                if line is None:
                    return None
                place = Place(file.path, line, side, quote(file.lines(side)[line].strip()))
        return place

    def _is_under(self, file: FileView) -> bool:
        """A file that moves is judged by both of its names."""
        return any(under(p, self.paths) for p in (file.path, file.change.renamed_from) if p)

    def _finding(self, path: str, findings: Sequence[Finding]) -> Finding | None:
        return next(
            (
                one
                for one in findings
                if one.path == path and any(fnmatchcase(one.rule, p) for p in self.findings)
            ),
            None,
        )


class RulesPolicy(Record):
    """The team's own rules, by their ids."""

    rules: Annotated[dict[RuleId, ChangeRule], Adds()] = {}

    def on(self, today: date) -> Self:
        """The rules that are in force on a day."""
        now = {name: rule for name, rule in self.rules.items() if rule.is_in_force(today)}
        return self.model_copy(update={"rules": now})

    @property
    def names_findings(self) -> bool:
        """Whether any rule looks at what the score finds."""
        return any(rule.findings for rule in self.rules.values())

    def agree(self, roles: Roles, risk: "RiskPolicy | None") -> Self:
        """The same, once every rule agrees with its examples.

        An example has no score: a band counts as reached, and where nothing but a band is asked
        for, as not quite reached in what has to pass.

        Args:
            roles: Kinds of files, as the risk policy tells them.
            risk: What is found in an example; may be left out where no rule names findings.

        Raises:
            Contradiction: If one does not.
        """
        known = risk.named() if risk else {}
        for name, rule in self.rules.items():
            for place, pattern in enumerate(rule.findings):
                if not filtered(known, pattern):
                    raise Contradiction(
                        f"no finding is called {pattern!r}",
                        *("rules", name, "findings", place),
                        remedy=meant(pattern, known),
                    )
            for place, snippet in enumerate(rule.matches):
                if not self._meets(name, snippet, roles, risk, "matches", place):
                    why = self._unmet(name, snippet, roles, risk)
                    raise unnoticed(snippet, "rules", name, "matches", place, because=why)
            for place, snippet in enumerate(rule.passes):
                if self._meets(name, snippet, roles, risk, "passes", place):
                    raise noticed(snippet, "rules", name, "passes", place)
        return self

    def _meets(
        self,
        name: str,
        snippet: str,
        roles: Roles,
        risk: "RiskPolicy | None",
        side: str,
        place: int,
    ) -> bool:
        """Whether a small diff meets one rule."""
        rule = self.rules[name]
        files = view(example_at(snippet, "rules", name, side, place), roles)
        seen = risk.all_seen(files) if risk and rule.findings else ()
        band: Band = "critical"
        if side == "passes" and rule.band and not rule.looks_into_files:
            band = _BANDS[max(0, _BANDS.index(rule.band) - 1)]
        return any(rule.places(files, seen, band))

    def _unmet(self, name: str, snippet: str, roles: Roles, risk: "RiskPolicy | None") -> str:
        """The one thing that keeps a rule from noticing an example, in words; else nothing."""
        rule = self.rules[name]
        for condition, loosest in _LOOSEST.items():
            looser = self.model_copy(
                update={"rules": {name: rule.model_copy(update={condition: loosest})}}
            )
            if looser._meets(name, snippet, roles, risk, "matches", 0):
                played = {one.role for one in view(example(snippet), roles)}
                return _WHY[condition].format(roles=", ".join(sorted(played)))
        return ""

    def met(
        self, files: Sequence[FileView], findings: Sequence[Finding], band: Band
    ) -> Iterator[tuple[str, ChangeRule, list[Place]]]:
        """Every rule with the places where a change meets it."""
        known = candidates(tuple(rule.paths for rule in self.rules.values()))
        held = [
            (file, known.of(file.path) | known.of(file.change.renamed_from or "")) for file in files
        ]
        for number, (name, rule) in enumerate(self.rules.items()):
            some = [file for file, near in held if not rule.paths or number in near]
            if some or not rule.paths:
                yield str(name), rule, [*rule.places(some, findings, band)]

    def named(self) -> Mapping[str, ChangeRule]:
        """Every rule by its id."""
        return {str(name): rule for name, rule in self.rules.items()}


def _line(file: FileView, side: Side, pattern: str) -> int | None:
    """The first changed line of a side on which a pattern is found."""
    for block in file.blocks(side):
        for index in found_on(pattern, block.text):
            return block.start + index
    return None
