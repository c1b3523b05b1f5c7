"""Answer how this installation is."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from flagwright.core.patch import visible
from flagwright.core.records import Record
from flagwright.surface.answers.answer import Answer, Words

if TYPE_CHECKING:
    from flagwright.workbench import Examined, PolicyReport


class ExaminedView(Record):
    """One thing that was looked at."""

    name: str
    ok: bool
    fact: str
    next_step: str | None = None


class DoctorAnswer(Answer):
    """What works, and what to do about the rest."""

    status: Literal["healthy", "unhealthy"]
    checks: tuple[ExaminedView, ...]


class PolicyView(Record):
    """One policy in force."""

    name: str
    file: str
    digest: str
    examples: int


class PoliciesAnswer(Answer):
    """Every policy loads, and agrees with its own examples."""

    status: Literal["valid"] = "valid"
    policies: tuple[PolicyView, ...]


def examined(results: Sequence["Examined"], words: Words) -> DoctorAnswer:
    """Answer an examination."""
    bad = [result for result in results if not result.ok]
    status: Literal["healthy", "unhealthy"] = "unhealthy" if bad else "healthy"
    return DoctorAnswer(
        status=status,
        message=f"{len(results) - len(bad)} of {len(results)} checks are fine.",
        next_step=words[f"doctor.{status}"],
        checks=tuple(
            ExaminedView(
                name=result.name, ok=result.ok, fact=visible(result.fact), next_step=result.fix
            )
            for result in results
        ),
    )


def policies(reports: Sequence["PolicyReport"], words: Words) -> PoliciesAnswer:
    """Answer that the policies hold."""
    return PoliciesAnswer(
        message=f"{len(reports)} policies load, and hold all their "
        f"{sum(report.examples for report in reports)} examples.",
        next_step=words["policy.valid"],
        policies=tuple(
            PolicyView(
                name=report.name,
                file=str(report.source),
                digest=report.digest,
                examples=report.examples,
            )
            for report in reports
        ),
    )
