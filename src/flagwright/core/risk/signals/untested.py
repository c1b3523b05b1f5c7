"""Notice code that changes without its tests, and give credit where they change together."""

from collections.abc import Iterator, Sequence
from typing import Annotated, Literal

from pydantic import Field

from flagwright.core.records import Finding
from flagwright.core.risk.rule import Rule, Signal
from flagwright.core.risk.view import FileView


class Untested(Signal[Literal["no_tests", "tests_removed", "tests_touched"], Rule]):
    """At most one of the rules applies to a change."""

    min_lines: Annotated[int, Field(ge=1, strict=True)]
    """Changed lines of code below which nothing is said."""


def see(files: Sequence[FileView], settings: Untested) -> Iterator[Finding]:
    """Compare the lines of code that change with the lines of tests that do."""
    came, went = _lines([file for file in files if file.is_source])
    if max(came, went) < settings.min_lines:
        return
    tests_came, tests_went = _lines([file for file in files if file.role == "tests"])
    kind: Literal["no_tests", "tests_removed", "tests_touched"] = "tests_touched"
    if not tests_came:
        kind = "tests_removed" if tests_went else "no_tests"
    if rule := settings.rules.get(kind):
        yield Finding(
            rule=f"untested.{kind}",
            points=rule.points,
            evidence=f"code +{came} -{went} lines, tests +{tests_came} -{tests_went}",
        )


def _lines(files: Sequence[FileView]) -> tuple[int, int]:
    hunks = [hunk for file in files for hunk in file.change.hunks]
    return sum(len(hunk.added) for hunk in hunks), sum(len(hunk.removed) for hunk in hunks)
