"""Hold what a team decides about risk: what costs how much, and from where on a flag is due.

A policy carries its own examples, and a policy that contradicts them does not load. The
examples are therefore the tests of its rules, and their documentation too.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import Annotated, Any, Literal, Self

from pydantic import Field, ValidationInfo, model_validator

from flagwright.core.policy.contradiction import TRIED, Contradiction
from flagwright.core.policy.head import Words
from flagwright.core.policy.stricter import Adds, Free, Stricter
from flagwright.core.record import Record
from flagwright.core.records.score import Band, Finding
from flagwright.core.risk.example import example_at, noticed, unnoticed
from flagwright.core.risk.pattern import matches
from flagwright.core.risk.rule import Rule, Signal
from flagwright.core.risk.scale import Share, begins
from flagwright.core.risk.signals import (
    concurrency,
    data_migration,
    error_handling,
    outbound_call,
    owners,
    public_surface,
    sensitive_path,
    sensitive_symbol,
    supply_and_delivery,
    unreadable,
)
from flagwright.core.risk.signals.owners import Owned
from flagwright.core.risk.view import FileView, Role, RoleRule, role_of, view

See = Callable[[Sequence[FileView], Any], Iterator[Finding]]
Most = Annotated[float, Field(ge=0, le=100, strict=True)]

SIGNALS: dict[str, See] = {
    "sensitive_path": sensitive_path.see,
    "sensitive_symbol": sensitive_symbol.see,
    "owners": owners.see,
    "public_surface": public_surface.see,
    "data_migration": data_migration.see,
    "error_handling": error_handling.see,
    "concurrency": concurrency.see,
    "outbound_call": outbound_call.see,
    "supply_and_delivery": supply_and_delivery.see,
    "unreadable": unreadable.see,
}


def _size(share: str) -> float:
    """The larger the share, the more is asked for."""
    return -begins(share)


class Parts(Record):
    """The most points that each part of the score adds; they make up the hundred."""

    exposure: Most
    unfamiliarity: Most
    impact: Most

    @model_validator(mode="after")
    def _make_a_hundred(self) -> Self:
        if (whole := self.exposure + self.unfamiliarity + self.impact) != 100:
            raise Contradiction(
                f"exposure, unfamiliarity and impact add up to {whole:g}, not to 100",
                remedy="Change one of the three.",
            )
        return self


class Bands(Record):
    """The share of the changes that is in each band or a higher one; the others are low."""

    medium: Annotated[Share, Stricter(_size)]
    high: Annotated[Share, Stricter(_size)]
    critical: Annotated[Share, Stricter(_size)]

    @model_validator(mode="after")
    def _shrink(self) -> Self:
        if not begins(self.medium) < begins(self.high) < begins(self.critical):
            raise Contradiction(
                "a higher band does not hold fewer changes",
                remedy="Let critical be a smaller share than high, and high than medium.",
            )
        return self

    def begins(self, band: Literal["medium", "high", "critical"]) -> float:
        """The percentile at which a band begins."""
        share: Share = getattr(self, band)
        return begins(share)

    def of(self, percentile: float) -> Band:
        """Name the band of a change that is riskier than so many percent of the others."""
        for band in ("critical", "high", "medium"):
            if percentile >= self.begins(band):
                return band
        return "low"


class FlagRule(Record):
    """When a change should ship behind a flag."""

    due: Annotated[Share, Stricter(_size)]
    """Of less risky changes a flag costs more than it saves."""
    reason: Annotated[Words, Free()]
    irreversible: Annotated[tuple[str, ...], Adds()]
    """Findings that switching a flag off cannot take back, e.g. `data_migration.destructive`."""


class RiskPolicy(Record):
    """Weights, thresholds and patterns, each with its reason."""

    owner: Annotated[Words, Free()]
    """Who answers for the rules that name nobody."""
    weights: Annotated[str, Field(pattern=r"^weights(-[a-z0-9][a-z0-9-]{0,40})?$")] = "weights"
    """Name of the policy that says what was learned."""
    parts: Parts
    bands: Bands
    flag: FlagRule
    files: dict[Role, RoleRule]
    """In this order: the first role whose path matches is the file's."""

    sensitive_path: sensitive_path.SensitivePath
    sensitive_symbol: sensitive_symbol.SensitiveSymbol
    owners: Owned
    public_surface: public_surface.PublicSurface
    data_migration: data_migration.DataMigration
    error_handling: error_handling.ErrorHandling
    concurrency: concurrency.Concurrency
    outbound_call: outbound_call.OutboundCall
    supply_and_delivery: supply_and_delivery.SupplyAndDelivery
    unreadable: unreadable.Unreadable

    def cap(self, signal: str) -> float:
        """Say how many points a signal may cost at most."""
        most: float = getattr(self, signal).cap
        return most

    def seen(self, signal: str, files: Sequence[FileView]) -> tuple[Finding, ...]:
        """Let one signal look at the files; a rule in the shadow costs nothing."""
        found = SIGNALS[signal](files, getattr(self, signal))
        return tuple(self._shown(finding) for finding in found)

    def all_seen(self, files: Sequence[FileView]) -> tuple[Finding, ...]:
        """Let every signal look at the files."""
        return tuple(finding for signal in SIGNALS for finding in self.seen(signal, files))

    def _shown(self, finding: Finding) -> Finding:
        rule = self.rule(finding.rule)
        if rule is None or not rule.shadow:
            return finding
        said = f"{finding.evidence} (shadow: would cost {finding.points:+g})"
        return finding.model_copy(update={"points": 0.0, "evidence": said})

    def rule(self, name: str) -> Rule | None:
        """The rule that a finding names, e.g. `data_migration.file`; its owner is filled in."""
        signal, _, kind = name.partition(".")
        rules: dict[str, Rule] = getattr(self, signal).rules if signal in SIGNALS else {}
        rule = rules.get(kind)
        if rule is None or rule.owner:
            return rule
        return rule.model_copy(update={"owner": self.owner})

    def named(self) -> dict[str, Rule]:
        """Every rule of every signal."""
        names = (f"{name}.{kind}" for name in SIGNALS for kind in getattr(self, name).rules)
        return {name: rule for name in names if (rule := self.rule(name))}

    @property
    def kept(self) -> frozenset[str]:
        """Rules whose findings are shown even where a cap leaves them no points."""
        asking = (
            f"{name}.{kind}"
            for name in SIGNALS
            for kind, rule in getattr(self, name).rules.items()
            if rule.severity != "note"
        )
        return frozenset([*self.flag.irreversible, *asking])

    def on(self, today: date) -> Self:
        """The policy with the rules that are in force on a day."""
        changed = {}
        for name in SIGNALS:
            signal = getattr(self, name)
            now = {kind: rule for kind, rule in signal.rules.items() if rule.is_in_force(today)}
            if len(now) < len(signal.rules):
                changed[name] = signal.model_copy(update={"rules": now})
        return self.model_copy(update=changed) if changed else self

    @model_validator(mode="after")
    def _names_its_own_rules(self) -> Self:
        for place, name in enumerate(self.flag.irreversible):
            signal, _, rule = name.partition(".")
            if rule not in getattr(getattr(self, signal, None), "rules", ()):
                raise Contradiction(
                    f"no rule is called {name}",
                    "flag",
                    "irreversible",
                    place,
                    remedy="Name one as SIGNAL.RULE, such as data_migration.destructive.",
                )
        return self

    @model_validator(mode="after")
    def _knows_the_files_of_its_examples(self, info: ValidationInfo) -> Self:
        for role, rule in self.files.items() if info.context != TRIED else ():
            for place, path in enumerate(rule.matches):
                if not matches(rule.path, path):
                    raise unnoticed(path, "files", role, "matches", place)
                if (first := role_of(path, self.files)) != role:
                    raise Contradiction(
                        f"{path} is taken for {first} already, which stands above",
                        *("files", role, "matches", place),
                        remedy=f"Move [files.{role}] above [files.{first}], or change a path.",
                    )
            for place, path in enumerate(rule.passes):
                if matches(rule.path, path):
                    raise noticed(path, "files", role, "passes", place)
        return self

    @model_validator(mode="after")
    def _agrees_with_its_examples(self, info: ValidationInfo) -> Self:
        for name in SIGNALS if info.context != TRIED else ():
            signal = getattr(self, name)
            for kind, rule in signal.rules.items() if isinstance(signal, Signal) else ():
                for place, snippet in enumerate(rule.matches):
                    if not self._notices(name, kind, snippet, "matches", place):
                        raise unnoticed(snippet, name, "rules", kind, "matches", place)
                for place, snippet in enumerate(rule.passes):
                    if self._notices(name, kind, snippet, "passes", place):
                        raise noticed(snippet, name, "rules", kind, "passes", place)
        return self

    def _notices(self, signal: str, kind: str, snippet: str, side: str, place: int) -> bool:
        change = example_at(snippet, signal, "rules", kind, side, place)
        found = self.seen(signal, view(change, self.files))
        return any(finding.rule == f"{signal}.{kind}" for finding in found)
