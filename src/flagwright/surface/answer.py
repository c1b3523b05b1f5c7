"""What every answer begins with."""

from collections.abc import Mapping

from flagwright.core.record import Record

Words = Mapping[str, str]
"""Next steps by `step.status`, with {placeholders}."""


class Answer(Record):
    """What every tool answers first."""

    status: str
    message: str
    next_step: str
