"""Notice what could not be read: nobody can call such a change safe.

A file of Python 2 is read, by its text, as one of any other language is: nothing broke where it
had no syntax tree before either, and both versions show forms that Python 3 took away.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Literal

from flagwright.core.records.score import Finding
from flagwright.core.risk.evidence import quote
from flagwright.core.risk.rule import Rule, Signal
from flagwright.core.risk.view import FileView

Kind = Literal["not_read", "not_parsed"]
Unreadable = Signal[Kind, Rule]
_PYTHON_2 = re.compile(
    rb"(?m)^[ \t]*(print[ \t]*(>>|#|$|[ \t][\"'\w%])|exec[ \t]+[\"'\w]|raise[ \t]+[\w.\[\]]+[ \t]*,"
    rb"|except[ \t][^:#\n]{1,80}[\w)],[ \t]*\w+[ \t]*:|def[ \t]+\w+\(([^()\n]{0,80},)?[ \t]*\(\w+,)"
    rb"|\blambda[ \t]*\(|\basync[ \t]*[=.(,)]|[.][ \t]*async\b"
    rb"|\b0[0-7]+[,)\s]|\b[uU][rR][\"']|\b\d+[lL]\b|<>"
)
"""Statements, parameters in brackets, a name; numbers, texts and a sign as they were written."""


def see(files: Sequence[FileView], settings: Unreadable) -> Iterator[Finding]:
    """Report binary or oversized files, lines that nobody wrote, and Python that does not parse."""
    for file in files:
        found = _unread(file)
        if found and (rule := settings.rules.get(found[0])):
            yield Finding(
                rule=f"unreadable.{found[0]}",
                points=rule.points,
                path=file.path,
                evidence=quote(found[1]),
            )


def _unread(file: FileView) -> tuple[Kind, str] | None:
    """What could not be read of a file; Python with a syntax tree is read, however long a line."""
    if file.change.unreadable:
        return "not_read", file.change.unreadable
    if file.is_python and file.change.after is not None and file.after is None:
        return None if _is_python_2(file) else ("not_parsed", "no syntax tree")
    if file.is_source and not file.parsed:
        return _too_long(file)
    return None


def _is_python_2(file: FileView) -> bool:
    before, after = file.change.before or b"", file.change.after or b""
    was_parsed = not before or file.before is not None
    return not was_parsed and all(map(_PYTHON_2.search, (before, after)))


def _too_long(file: FileView) -> tuple[Kind, str] | None:
    """A line that no measure looks at; what is measured is imported when it is asked for."""
    from flagwright.core.risk.measure import MAX_LINE, is_source

    if is_source(file.path):
        longest = max((len(line) for line in file.lines("after").values()), default=0)
        if longest > MAX_LINE:
            return "not_read", f"a line of {longest:,} characters"
    return None
