"""Notice new threads, processes, locks, tasks and transactions: what tests rarely catch."""

from collections.abc import Iterator, Sequence

from flagwright.core.records.score import Finding
from flagwright.core.risk.occurrence import that_came
from flagwright.core.risk.rule import CodeRule, Signal
from flagwright.core.risk.view import FileView

Concurrency = Signal[str, CodeRule]


def see(files: Sequence[FileView], settings: Concurrency) -> Iterator[Finding]:
    """Search what the change adds."""
    return that_came("concurrency", files, settings.rules)
