"""What a plan leaves: the edits of files, what became of each changed place, and the proof."""

from collections.abc import Iterable
from typing import Literal

from flagwright.core.record import Record
from flagwright.core.records.change import FileChange
from flagwright.core.records.plan import FileProof, Segment


class WrappedFile(Record):
    """One file that a plan edits."""

    path: str
    before: bytes | None
    """What must be in the work tree now; none: there is no such file."""
    text: bytes | None
    """What the plan leaves; none: the file is removed."""
    mode: str = "100644"


class Wrapped(Record):
    """A change behind a flag, or without one, as edits of files."""

    files: tuple[WrappedFile, ...]
    """Only files that get edited."""
    coverage: tuple[Segment, ...]
    proof: tuple[FileProof, ...]
    notes: tuple[str, ...] = ()


def listed(file: FileChange, treatment: str, because: str) -> Wrapped:
    """A file that is shipped as it is, whatever the flag says."""
    lines = [(h.after_start, h.after_start + len(h.added) - 1) for h in file.hunks] or [(1, 1)]
    segments = [
        Segment.model_validate(
            {"path": file.path, "line": max(start, 1), "end_line": max(start, end, 1)}
            | {"treatment": treatment, "because": because}
        )
        for start, end in lines
    ]
    return Wrapped(files=(), coverage=tuple(segments), proof=())


def joined(parts: list[Wrapped], notes: Iterable[str] = ()) -> Wrapped:
    """Several parts of one plan as one, with notes on the whole."""
    return Wrapped(
        files=tuple(f for part in parts for f in part.files),
        coverage=tuple(s for part in parts for s in part.coverage),
        proof=tuple(p for part in parts for p in part.proof),
        notes=(*(n for part in parts for n in part.notes), *notes),
    )


def only(file: WrappedFile, treatment: Literal["added"]) -> Wrapped:
    """A plan with one file more, that no version of the change has."""
    text = file.text or b""
    segment = Segment(path=file.path, line=1, end_line=text.count(b"\n"), treatment=treatment)
    return Wrapped(files=(file,), coverage=(segment,), proof=(), notes=())
