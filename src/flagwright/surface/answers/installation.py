"""Answer how this installation is."""

from collections.abc import Sequence
from typing import Literal

from flagwright.surface.answer import Answer, Words
from flagwright.workbench.examination import Examined


class DoctorAnswer(Answer):
    """What works, and what to do about the rest."""

    status: Literal["healthy", "unhealthy"]
    checks: tuple[Examined, ...]


def examined(results: Sequence[Examined], words: Words) -> DoctorAnswer:
    """Answer an examination."""
    bad = [result for result in results if not result.ok]
    status: Literal["healthy", "unhealthy"] = "unhealthy" if bad else "healthy"
    return DoctorAnswer(
        status=status,
        message=f"{len(results) - len(bad)} of {len(results)} checks are fine.",
        next_step=words[f"doctor.{status}"],
        checks=tuple(results),
    )
