"""Answer what a first policy would be, or is."""

from typing import Literal

from flagwright.surface.answer import Answer, Words
from flagwright.workbench.draft import Draft, Drafted


class DraftAnswer(Answer):
    """A first policy."""

    status: Literal["written", "proposed", "nothing"]
    root: str
    files: tuple[Drafted, ...]
    notes: tuple[str, ...]
    """What could not be looked at."""


def drafted(found: Draft, words: Words, *, written: bool) -> DraftAnswer:
    """Answer with every file."""
    status: Literal["written", "proposed", "nothing"] = "written" if written else "proposed"
    if not found.files:
        status = "nothing"
    counts = sum(file.counts for file in found.files)
    comments = sum(file.comments for file in found.files)
    message = (
        f"{len(found.files)} file{'s' * (len(found.files) != 1)} in {found.root}: "
        f"{counts} proposal{'s' * (counts != 1)} as settings, rules with shadow = true"
        + (f", {comments} as comments" if comments else "")
        + ("." if written else ". Nothing was written.")
    )
    return DraftAnswer(
        status=status,
        message=message if found.files else "Nothing was found that a policy could be made of.",
        next_step=words[f"policy.{status}"],
        root=str(found.root),
        files=found.files,
        notes=found.notes,
    )
