"""Notice dependencies, pipelines and deployment files: no flag of the program reaches them."""

from collections.abc import Iterator, Sequence
from typing import Literal

from flagwright.core.records.score import Finding
from flagwright.core.risk.evidence import quote_path
from flagwright.core.risk.rule import Rule, Signal
from flagwright.core.risk.view import FileView

SupplyAndDelivery = Signal[Literal["dependencies", "delivery"], Rule]


def see(files: Sequence[FileView], settings: SupplyAndDelivery) -> Iterator[Finding]:
    """Report each changed file of these two roles."""
    for file in files:
        if file.role in ("dependencies", "delivery") and (rule := settings.rules.get(file.role)):
            yield Finding(
                rule=f"supply_and_delivery.{file.role}",
                points=rule.points,
                path=file.path,
                evidence=quote_path(file.path),
            )
