"""Hold what a team decides about risk: what costs how much, and from where on a flag is due.

A policy carries its own examples, and a policy that contradicts them does not load. The
examples are therefore the tests of its rules, and their documentation too.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Annotated, Any, Self

from pydantic import Field, model_validator

from flagwright.core.records import Band, Finding, Record
from flagwright.core.risk.example import example
from flagwright.core.risk.pattern import matches
from flagwright.core.risk.rule import Signal, Weight, Words
from flagwright.core.risk.signals import (
    concurrency,
    data_migration,
    error_handling,
    outbound_call,
    public_surface,
    sensitive_path,
    sensitive_symbol,
    size_and_spread,
    supply_and_delivery,
    unreadable,
    untested,
)
from flagwright.core.risk.view import FileView, Role, RoleRule, view

See = Callable[[Sequence[FileView], Any], Iterator[Finding]]
Threshold = Annotated[int, Field(ge=1, le=100, strict=True)]

SIGNALS: dict[str, See] = {
    "size_and_spread": size_and_spread.see,
    "sensitive_path": sensitive_path.see,
    "sensitive_symbol": sensitive_symbol.see,
    "public_surface": public_surface.see,
    "data_migration": data_migration.see,
    "error_handling": error_handling.see,
    "concurrency": concurrency.see,
    "outbound_call": outbound_call.see,
    "untested": untested.see,
    "supply_and_delivery": supply_and_delivery.see,
    "unreadable": unreadable.see,
}


class Bands(Record):
    """The score at which each band begins."""

    medium: Threshold
    high: Threshold
    critical: Threshold

    @model_validator(mode="after")
    def _rise(self) -> Self:
        if not self.medium < self.high < self.critical:
            raise ValueError("bands must rise: medium < high < critical")
        return self

    def of(self, score: float) -> Band:
        """Name the band of a score."""
        if score >= self.critical:
            return "critical"
        if score >= self.high:
            return "high"
        return "medium" if score >= self.medium else "low"


class Charge(Record):
    """Points that need no example."""

    points: Weight
    why: Words


class FlagRule(Record):
    """When a change should ship behind a flag."""

    from_score: Threshold
    """Below this score a flag costs more than it saves."""
    why: Words
    irreversible: tuple[str, ...]
    """Findings that switching a flag off cannot take back, e.g. `data_migration.destructive`."""


class RiskPolicy(Record):
    """Weights, thresholds and patterns, each with its reason."""

    bands: Bands
    flag: FlagRule
    baseline: Charge
    no_effect: Charge
    files: dict[Role, RoleRule]
    """In this order: the first role whose path matches is the file's."""

    size_and_spread: size_and_spread.SizeAndSpread
    sensitive_path: sensitive_path.SensitivePath
    sensitive_symbol: sensitive_symbol.SensitiveSymbol
    public_surface: public_surface.PublicSurface
    data_migration: data_migration.DataMigration
    error_handling: error_handling.ErrorHandling
    concurrency: concurrency.Concurrency
    outbound_call: outbound_call.OutboundCall
    untested: untested.Untested
    supply_and_delivery: supply_and_delivery.SupplyAndDelivery
    unreadable: unreadable.Unreadable

    def cap(self, signal: str) -> int:
        """Say how many points a signal may cost at most."""
        most: int = getattr(self, signal).cap
        return most

    def seen(self, signal: str, files: Sequence[FileView]) -> tuple[Finding, ...]:
        """Let one signal look at the files."""
        return tuple(SIGNALS[signal](files, getattr(self, signal)))

    @model_validator(mode="after")
    def _keeps_what_could_not_be_read_out_of_the_lowest_band(self) -> Self:
        for kind in ("not_read", "not_parsed"):
            rule = self.unreadable.rules.get(kind)
            if rule is None or min(rule.points, self.unreadable.cap) < self.bands.medium:
                raise ValueError(
                    f"unreadable.{kind} must cost at least {self.bands.medium} points, where "
                    "the medium band begins: what could not be read is never low risk"
                )
        return self

    @model_validator(mode="after")
    def _names_its_own_rules(self) -> Self:
        for name in self.flag.irreversible:
            signal, _, rule = name.partition(".")
            if rule not in getattr(getattr(self, signal, None), "rules", ()):
                raise ValueError(f"flag.irreversible: no rule is called {name}")
        return self

    @model_validator(mode="after")
    def _knows_the_files_of_its_examples(self) -> Self:
        for role, rule in self.files.items():
            for path in rule.matches:
                if not matches(rule.path, path):
                    raise ValueError(f"files.{role} does not match its example {path!r}")
            for path in rule.passes:
                if matches(rule.path, path):
                    raise ValueError(f"files.{role} matches {path!r}, which it should pass")
        return self

    @model_validator(mode="after")
    def _agrees_with_its_examples(self) -> Self:
        for name in SIGNALS:
            signal = getattr(self, name)
            for kind, rule in signal.rules.items() if isinstance(signal, Signal) else ():
                for snippet in rule.matches:
                    if not self._notices(name, kind, snippet):
                        raise ValueError(f"{name}.{kind} does not notice its example:\n{snippet}")
                for snippet in rule.passes:
                    if self._notices(name, kind, snippet):
                        raise ValueError(f"{name}.{kind} notices what it should pass:\n{snippet}")
        return self

    def _notices(self, signal: str, kind: str, snippet: str) -> bool:
        found = self.seen(signal, view(example(snippet), self.files))
        return any(finding.rule == f"{signal}.{kind}" for finding in found)
