"""Answer what was delivered, what is wrong with the ledger, and where its files are."""

from typing import TYPE_CHECKING, Literal

from flagwright.core.patch import visible
from flagwright.surface.answer import Answer, Words
from flagwright.surface.answers.ledger import standing

if TYPE_CHECKING:
    from flagwright.core.audit import Checked
    from flagwright.workbench import Counts
    from flagwright.workbench.audit import Exported


class FlushAnswer(Answer):
    """What the flag server has now, and what it has not."""

    status: Literal["delivered", "owed"]
    recorded: int
    delivered: int
    owed: int
    set_aside: int


class ChainAnswer(Answer):
    """What is wrong with the ledger, one line each."""

    status: Literal["whole", "broken"]
    problems: tuple[str, ...] = ()
    here: int
    on_server: int
    writers: int
    owed: int


class ExportAnswer(Answer):
    """Where the auditor's files are, and what is wrong with what they hold."""

    status: Literal["exported", "broken"]
    problems: tuple[str, ...] = ()
    lines: str
    page: str


def flushed(counts: "Counts", words: Words) -> FlushAnswer:
    """Answer a delivery."""
    return FlushAnswer(
        status="owed" if counts.owed or counts.set_aside else "delivered",
        message=f"{counts.delivered} of {counts.recorded} delivered, {counts.owed} owed"
        + (f", {counts.set_aside} set aside." if counts.set_aside else "."),
        next_step=words[standing(counts.owed, counts.set_aside)],
        **counts.model_dump(),
    )


def checked(found: "Checked", words: Words) -> ChainAnswer:
    """Answer a check."""
    problems = tuple(map(visible, found.wrong))
    status: Literal["whole", "broken"] = "broken" if problems else "whole"
    return ChainAnswer(
        status=status,
        message=_count(found),
        next_step=words[f"ledger.{status}"],
        problems=problems,
        **found.model_dump(include={"here", "on_server", "writers", "owed"}),
    )


def exported(files: "Exported", words: Words) -> ExportAnswer:
    """Answer an export."""
    problems = tuple(map(visible, files.checked.wrong))
    return ExportAnswer(
        status="broken" if problems else "exported",
        message=f"{files.entries} entries written to {files.lines} and {files.page}. "
        + _count(files.checked),
        next_step=words["ledger.broken" if problems else "ledger.exported"],
        problems=problems,
        lines=str(files.lines),
        page=str(files.page),
    )


def _count(found: "Checked") -> str:
    installations = f"{found.writers} installation{'s' * (found.writers != 1)}"
    return (
        f"{found.on_server} entries of {installations} on the flag server, "
        f"{found.here} here, {found.owed} owed: {found.verdict}."
    )
