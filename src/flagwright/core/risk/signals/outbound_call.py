"""Notice new calls out of the process: each can be slow, fail, or send data away."""

from collections.abc import Iterator, Sequence

from flagwright.core.records.score import Finding
from flagwright.core.risk.occurrence import that_came
from flagwright.core.risk.rule import CodeRule, Signal
from flagwright.core.risk.view import FileView

OutboundCall = Signal[str, CodeRule]


def see(files: Sequence[FileView], settings: OutboundCall) -> Iterator[Finding]:
    """Search what the change adds."""
    return that_came("outbound_call", files, settings.rules)
