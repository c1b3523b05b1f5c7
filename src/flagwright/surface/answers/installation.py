"""Answer how this installation is."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from flagwright.core.patch import visible
from flagwright.core.record import Record
from flagwright.surface.answer import Answer, Words

if TYPE_CHECKING:
    from flagwright.workbench.examination import Examined


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
