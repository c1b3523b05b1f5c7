"""Answer where a report is, and what it says first."""

from pathlib import Path
from typing import TYPE_CHECKING, Literal

from flagwright.surface.answer import Answer, Words

if TYPE_CHECKING:
    from flagwright.core.report import Facts


class ReportAnswer(Answer):
    """A page that was written."""

    status: Literal["written"] = "written"
    file: str
    bytes: int
    changes: int
    flags: int | None
    approvals: int
    notes: tuple[str, ...]
    """What could not be looked at."""


def reported(facts: "Facts", file: Path, size: int, words: Words) -> ReportAnswer:
    """Answer what is on the page."""
    from flagwright.core.report.svg import counted

    changes = sum(len(one.changes) for one in facts.previews)
    flags = None if facts.flags is None else len(facts.flags)
    return ReportAnswer(
        message=f"{file} tells of {counted(changes, 'change')}, "
        f"{'no flags' if flags is None else counted(flags, 'flag')} and "
        f"{counted(len(facts.approvals), 'decision')}.",
        next_step=words["report.written"],
        file=str(file),
        bytes=size,
        changes=changes,
        flags=flags,
        approvals=len(facts.approvals),
        notes=facts.notes,
    )
