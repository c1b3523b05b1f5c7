"""Notice files whose place says that a mistake in them is dear."""

from collections.abc import Iterator, Sequence

from flagwright.core.records.score import Finding
from flagwright.core.risk.evidence import quote_path
from flagwright.core.risk.pattern import matches
from flagwright.core.risk.rule import PathRule, Signal
from flagwright.core.risk.view import FileView

SensitivePath = Signal[str, PathRule]


def see(files: Sequence[FileView], settings: SensitivePath) -> Iterator[Finding]:
    """Match the path, and the old path of a rename, of each file that runs in production."""
    for file in files:
        if not file.is_source:
            continue
        for name, rule in settings.rules.items():
            paths = (file.path, file.change.renamed_from or "")
            if any(matches(rule.path, path) for path in paths):
                yield Finding(
                    rule=f"sensitive_path.{name}",
                    points=rule.points,
                    path=file.path,
                    evidence=quote_path(file.path),
                )
