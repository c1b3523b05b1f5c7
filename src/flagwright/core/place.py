"""One line of code that has to do with a flag."""

from typing import Literal

from flagwright.core.record import Record
from flagwright.core.records.change import Line


class Place(Record):
    """One line that has to do with a flag."""

    path: str
    line: Line
    what: Literal["check", "mark", "name"] = "check"
    """Asks for it, is marked as its code, or only names it."""

    def __str__(self) -> str:
        return f"{self.path}:{self.line}"
