"""Processor time to wrap a change, next to one bare parse of the same file, in one run.

Files are modules of the running Python, each with a small edit in two of its functions, so
that nothing has to be fetched. The lower bound is what libcst needs to read and write the
file once; wrapping reads two versions, writes three texts and proves them.
"""

import ast
import statistics
import sysconfig
import time
from collections.abc import Callable
from pathlib import Path

import libcst as cst

import flagwright
from flagwright.errors import CannotWrap

CONVENTION = {"import": "from app.flags import client", "check": 'client.is_enabled("{flag}")'}
FLAG = "release.shop.new-tax"
LIBRARY = Path(sysconfig.get_path("stdlib"))
LARGE = "_pydecimal.py"
"""More than 5,000 lines; one of its classes is not made at import."""
EDITED_IN_LARGE = ("shift", "rotate", "scaleb")
EDITS = 2
LINES = (50, 1500)
"""Least and most lines of the other files."""


def edited(text: str, names: tuple[str, ...] = ()) -> str:
    """The text with another value returned in the last functions that end with `return x`."""
    lines = text.split("\n")
    found = [
        node.body[-1].lineno - 1
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef)
        and isinstance(node.body[-1], ast.Return)
        and node.body[-1].value is not None
        and (not names or node.name in names)
    ]
    for line in sorted(found)[-len(names or range(EDITS)) :]:
        lines[line] = lines[line].replace("return ", "return None or ", 1)
    return "\n".join(lines)


def cpu_ms(work: Callable[[], object]) -> float:
    """Processor time of one call."""
    started = time.process_time()
    work()
    return (time.process_time() - started) * 1000


def wrap_ms(before: str, after: str) -> float | None:
    """Processor time of one wrap; none where it is refused."""
    started = time.process_time()
    try:
        flagwright.wrap(before, after, flag=FLAG, convention=CONVENTION)
    except CannotWrap:
        return None
    return (time.process_time() - started) * 1000


def main() -> None:
    """Print both for many files, and for a large one."""
    wrap_ms("a = 1\n", "a = 2\n")
    wraps, bounds, refused = list[float](), list[float](), 0
    for path in sorted(LIBRARY.glob("[a-z]*.py")):
        before = path.read_text(encoding="utf-8")
        after = edited(before)
        if not LINES[0] <= before.count("\n") <= LINES[1] or before == after:
            continue
        took_ms = wrap_ms(before, after)
        if took_ms is None:
            refused += 1
            continue
        wraps.append(took_ms)
        bounds.append(cpu_ms(lambda before=before: cst.parse_module(before).code))  # type: ignore[misc] # bound now
    print(f"{len(wraps)} files wrapped, {refused} refused. Processor time in ms, median and p95:")
    for name, values in (("wrap and prove", wraps), ("libcst alone, once", bounds)):
        high = statistics.quantiles(values, n=20)[-1]
        print(f"  {name:<20}{statistics.median(values):8.0f}{high:8.0f}")
    large = (LIBRARY / LARGE).read_text(encoding="utf-8")
    took_ms = wrap_ms(large, edited(large, EDITED_IN_LARGE))
    bound_ms = cpu_ms(lambda: cst.parse_module(large).code)
    print(f"{LARGE}, {large.count(chr(10)):,} lines:")
    took = "   refused" if took_ms is None else f"{took_ms:10.0f} ms"
    print(f"  wrap and prove{took}\n  libcst alone{bound_ms:12.0f} ms")


if __name__ == "__main__":
    main()
