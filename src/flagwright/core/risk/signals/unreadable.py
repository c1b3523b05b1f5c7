"""Notice what could not be read: nobody can call such a change safe."""

from collections.abc import Iterator, Sequence
from typing import Literal

from flagwright.core.records.score import Finding
from flagwright.core.risk.evidence import quote
from flagwright.core.risk.rule import Rule, Signal
from flagwright.core.risk.view import FileView

Unreadable = Signal[Literal["not_read", "not_parsed"], Rule]


def see(files: Sequence[FileView], settings: Unreadable) -> Iterator[Finding]:
    """Report binary or oversized files, and Python whose new version has no syntax tree."""
    for file in files:
        if file.change.unreadable:
            kind: Literal["not_read", "not_parsed"] = "not_read"
            evidence = file.change.unreadable
        elif file.is_python and file.change.after is not None and file.after is None:
            kind, evidence = "not_parsed", "no syntax tree"
        else:
            continue
        if rule := settings.rules.get(kind):
            yield Finding(
                rule=f"unreadable.{kind}",
                points=rule.points,
                path=file.path,
                evidence=quote(evidence),
            )
