"""Notice how much code a change touches, and over how many places.

Lines added is the best single predictor of a later defect; every other signal adds to it.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Annotated, Self

from pydantic import Field, model_validator

from flagwright.core.records import Finding, Record
from flagwright.core.risk.rule import Weight, Words
from flagwright.core.risk.view import FileView


class Step(Record):
    """From here on, this much."""

    over: Annotated[int, Field(ge=0, strict=True)]
    points: Weight


class Scale(Record):
    """Points that grow with a count."""

    why: Words
    steps: tuple[Step, ...]
    """In growing order; the last step that the count is over, counts."""

    @model_validator(mode="after")
    def _grows(self) -> Self:
        for one, next_one in pairwise(self.steps):
            if next_one.over <= one.over or next_one.points < one.points:
                raise ValueError(f"steps must grow, but {next_one} follows {one}")
        return self

    def points(self, count: int) -> int:
        """Weigh a count."""
        return max((step.points for step in self.steps if count > step.over), default=0)


class Example(Record):
    """What a change of this size costs."""

    lines: int
    files: int
    folders: int
    points: int


class SizeAndSpread(Record):
    """Scales for lines, files and folders of code; tests and documentation do not count."""

    cap: Annotated[int, Field(ge=0, le=100, strict=True)]
    lines: Scale
    files: Scale
    folders: Scale
    examples: Annotated[tuple[Example, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _agrees_with_its_examples(self) -> Self:
        for example in self.examples:
            points = (
                self.lines.points(example.lines)
                + self.files.points(example.files)
                + self.folders.points(example.folders)
            )
            if min(points, self.cap) != example.points:
                raise ValueError(f"the steps give {points} points to the example {example}")
        return self


def see(files: Sequence[FileView], settings: SizeAndSpread) -> Iterator[Finding]:
    """Count lines (added, or removed where more were), files and folders of code."""
    code = [file for file in files if file.is_source]
    added = sum(_filled(file, "after") for file in code)
    removed = sum(_filled(file, "before") for file in code)
    folders = {file.path.rpartition("/")[0] for file in code}
    counts = (
        ("lines", settings.lines, max(added, removed), f"{added} lines added, {removed} removed"),
        ("files", settings.files, len(code), f"{len(code)} files of code"),
        ("folders", settings.folders, len(folders), f"{len(folders)} folders"),
    )
    for name, scale, count, evidence in counts:
        if points := scale.points(count):
            yield Finding(rule=f"size_and_spread.{name}", points=points, evidence=evidence)


def _filled(file: FileView, side: str) -> int:
    sides = [hunk.added if side == "after" else hunk.removed for hunk in file.change.hunks]
    return sum(1 for lines in sides for line in lines if line.strip())
