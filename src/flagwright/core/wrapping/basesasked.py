"""Say of a new method that asks its bases for another one that it is no guard.

Where none of them has one, it runs with the flag off, too, for whoever calls it.
"""

import ast
from collections.abc import Iterable, Iterator

import libcst as cst

from flagwright.core.records.plan import Segment


def unless(owner: ast.ClassDef, method: cst.FunctionDef) -> str:
    """What becomes of a method of which it is not known whether it overrides one."""
    return f"`{owner.name}.{method.name.value}` runs for whoever calls it, unless a base has one"


def asks_bases(segment: Segment) -> bool:
    """Whether a segment is such a method."""
    return segment.treatment in ("dormant", "kept") and bool(segment.because)


def told(segments: Iterable[Segment]) -> Iterator[str]:
    """What that means for each such method that is public."""
    for segment in (s for s in segments if asks_bases(s) and "._" not in (s.because or "")):
        yield f"{segment.because}: with the flag {'off' if segment.side == 'after' else 'on'}, too"
