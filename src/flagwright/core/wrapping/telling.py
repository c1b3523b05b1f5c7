"""Let a call say for which version of a function it is, where only one of them takes it.

The flag may be switched between a caller and `def f(a, *args, **kwargs)`. So that whoever hands
over what one version wants meets that one, the function asks `<check> or "kind" in kwargs`.
"""

import ast
import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from flagwright.core.wrapping import mark
from flagwright.core.wrapping.apart import APART, FURTHER
from flagwright.core.wrapping.effect import FUNCTIONS
from flagwright.core.wrapping.statement import first_line
from flagwright.core.wrapping.tree import nodes, parsed

_OTHERWISE = {" in ": " not in ", " > ": " <= ", " < ": " >= ", " not in ": " in ", " <= ": " > "}
_PLACES, _COUNT = f"len({FURTHER[0]})", f"len({FURTHER[0]}) + len({FURTHER[1]})"


class Telling(NamedTuple):
    """What is true of calls that only one version takes; nothing where none has to be told."""

    on: tuple[str, ...] = ()
    off: tuple[str, ...] = ()

    def question(self, check: str) -> str:
        """The answer of the flag, but for a call that only one version takes."""
        text = " or ".join([check, *self.on])
        if not self.off:
            return text
        others = (_otherwise(test) for test in self.off)
        return " and ".join([f"({text})" if self.on else text, *others])


def _otherwise(test: str) -> str:
    """What holds where a test does not."""
    if test == FURTHER[0]:
        return f"not {test}"
    if found := re.fullmatch(r"\((.+) and (.+)\)", test):
        return f"({_otherwise(found[1])} or {_otherwise(found[2])})"
    if test == f"not {FURTHER[0]}":
        return FURTHER[0]
    return re.sub(r" (?:not in|in|<=|>|<) ", lambda m: _OTHERWISE[m[0]], test)


class OneSided(NamedTuple):
    """A call that only one version takes."""

    call: ast.Call
    is_new: bool
    given: int
    """How many parameters get something that the call does not name: the object of a method."""


def told(
    calls: Iterable[OneSided], old: ast.arguments, new: ast.arguments, first: int
) -> Telling | None:
    """How to tell the calls that only one version takes; none where one cannot be told.

    Args:
        first: How many parameters at the beginning are required by both versions.
    """
    found: dict[bool, set[str]] = {True: set(), False: set()}
    for each in calls:
        tests = [*_refused(each, old if each.is_new else new, first)]
        if not tests:
            return None
        if found[each.is_new].isdisjoint(tests):
            found[each.is_new].add(tests[0])
    return Telling(*(tuple(sorted(found[is_new])) for is_new in (True, False)))


def _refused(each: OneSided, own: ast.arguments, first: int) -> Iterator[str]:
    """What is true of a call, and of none that a version takes."""
    named = {keyword.arg for keyword in each.call.keywords if keyword.arg}
    if not own.kwarg:
        for name in sorted(named - {a.arg for a in (*own.args, *own.kwonlyargs)}):
            yield f'"{name}" in {FURTHER[1]}'
    places = len(each.call.args) + each.given
    by_place, by_name = [*own.posonlyargs, *own.args], own.kwonlyargs
    most = len(by_place) - first
    if places > len(by_place) and not own.vararg:
        yield f"{_PLACES} > {most}" if most else FURTHER[0]
    yield from _lacking(each, own, first)
    least = len(by_place) - len(own.defaults) + own.kw_defaults.count(None)
    if places + len(named) < least:
        yield f"{_COUNT} < {least - first}"
    is_open = own.vararg or own.kwarg
    if not is_open and places + len(named) > len(by_place) + len(by_name):
        yield f"{_COUNT} > {most + len(by_name)}"


def _lacking(each: OneSided, own: ast.arguments, first: int) -> Iterator[str]:
    """What is true of a call that lacks a parameter which a version requires."""
    named = {keyword.arg for keyword in each.call.keywords}
    places = len(each.call.args) + each.given
    by_place = [*own.posonlyargs, *own.args]
    required = by_place[: len(by_place) - len(own.defaults)]
    for at, parameter in enumerate(required):
        if at >= max(places, first, len(own.posonlyargs)) and parameter.arg not in named:
            most = at - first
            few = f"{_PLACES} <= {most}" if most else f"not {FURTHER[0]}"
            yield f'({few} and "{parameter.arg}" not in {FURTHER[1]})'
    for parameter, default in zip(own.kwonlyargs, own.kw_defaults, strict=True):
        if default is None and parameter.arg not in named:
            yield f'"{parameter.arg}" not in {FURTHER[1]}'


def without_telling(text: str, flag: str) -> str:
    """A wrapped text that asks for the flag alone: what remains of either side is the same."""
    if not re.search(rf"# flag {re.escape(flag)}: both \([^)]*, \*\)", text):
        return text
    lines = text.split("\n")
    for node in nodes(parsed(text)):
        if isinstance(node, FUNCTIONS) and isinstance(node.body[-1], ast.If):
            marks = mark.marks_above(lines, first_line(node), flag)
            if any(APART in each.names for each in marks):
                _shorten(lines, node.body[-1].test)
    return "\n".join(lines)


def _shorten(lines: list[str], test: ast.expr) -> None:
    """Leave of a question in one line what asks for the flag; a comment behind it stays."""
    asked = test
    for operator in (ast.And, ast.Or):
        if isinstance(asked, ast.BoolOp) and isinstance(asked.op, operator):
            asked = asked.values[0]
    if asked is test or test.lineno != test.end_lineno:
        return
    line = lines[test.lineno - 1].encode()
    kept = line[asked.col_offset : asked.end_col_offset]
    lines[test.lineno - 1] = (line[: test.col_offset] + kept + line[test.end_col_offset :]).decode()
