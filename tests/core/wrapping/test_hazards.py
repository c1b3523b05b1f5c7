"""Small programs that are easy to wrap wrongly, each run for real: `cases/running/*.txt`.

A program is two versions and expressions to evaluate. Whatever is wrapped must give what
the old version gives with the flag off and what the new one gives with it on, also when
the flag is switched after the import, and one of the two when it flips at every question.
"""

import contextlib
import io
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import pytest
from syrupy.assertion import SnapshotAssertion

import flagwright
from flagwright import CannotWrap

FLAG = "shop.new-tax"
GIVEN = {"import": "from flags import client", "check": 'client.is_enabled("{flag}")'}
INNER = re.compile(r"(\w+)\.<locals>\.\1_(?:on|off)\(")
"""What an error calls a function that is one version of another."""
FILES = sorted((Path(__file__).parents[2] / "cases" / "running").glob("*.txt"))


class Program(NamedTuple):
    """Two versions of one file, and what to evaluate in it."""

    name: str
    before: str
    after: str
    run: list[str]
    convention: dict[str, str]


class Client:
    """A flag client that answers on, off, or the other way each time; other flags are off."""

    def __init__(self, answers: str) -> None:
        self.answers = answers
        self.asked = 0

    def is_enabled(self, name: str) -> bool:
        if name != FLAG:
            return False
        self.asked += 1
        return self.answers == "on" or (self.answers, self.asked % 2) in {("flip", 1), ("flop", 0)}

    async def ask(self, name: str) -> bool:
        return self.is_enabled(name)


def programs() -> Iterator[Program]:
    """Every program of every file."""
    for file in FILES:
        for text in file.read_text().split("#### ")[1:]:
            head, _, rest = text.partition("## before\n")
            before, _, rest = rest.partition("\n## after\n")
            after, _, run = rest.partition("\n## run\n")
            name, *more = head.splitlines()
            convention = GIVEN
            if more:
                line, check = more[0].removeprefix("## convention: ").split(" | ")
                convention = {"import": line, "check": check}
            lines = run.strip().splitlines()
            yield Program(f"{file.stem}: {name}", f"{before}\n", f"{after}\n", lines, convention)


@pytest.mark.parametrize("program", [*programs()], ids=lambda program: program.name)
def test_a_hazardous_program_is_refused_or_runs_as_one_of_its_versions(
    program: Program, snapshot: SnapshotAssertion, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, after = program.before, program.after
    wrapped = wrapped_or_refusal(program)
    if isinstance(wrapped, CannotWrap):
        assert wrapped.category == snapshot
        return

    def results(text: str, at_import: str, then: str) -> list[str]:
        return run(text, program.run, at_import, then, monkeypatch)

    old, new = results(before, "off", "off"), results(after, "on", "on")
    assert results(wrapped, "off", "on") == results(wrapped, "on", "on") == new
    if wrapped != after:
        assert results(wrapped, "on", "off") == results(wrapped, "off", "off") == old
        for mode in ("flip", "flop"):
            mixed = results(wrapped, mode, mode)
            assert all(m in both for m, *both in zip(mixed, old, new, strict=True))
    else:
        assert new == old
    assert ("as it is" if wrapped == after else "wrapped") == snapshot


def wrapped_or_refusal(program: Program) -> str | CannotWrap:
    try:
        return flagwright.wrap(
            program.before, program.after, flag=FLAG, convention=program.convention
        )
    except CannotWrap as refusal:
        return refusal


def run(
    text: str, expressions: list[str], at_import: str, then: str, monkeypatch: pytest.MonkeyPatch
) -> list[str]:
    """What a program prints and gives, imported and run with two states of the flag."""
    flags: Any = ModuleType("flags")
    flags.client = client = Client(at_import)
    module = ModuleType("program")
    monkeypatch.setitem(sys.modules, "flags", flags)
    monkeypatch.setitem(sys.modules, "program", module)
    found: list[str] = []
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        try:
            exec(compile(text, "program.py", "exec", dont_inherit=True), module.__dict__)
        except Exception as error:
            return [repr(error)]
        assert not client.asked, "the flag was read at import"
        for expression in expressions:
            client.answers, client.asked = then, 0
            try:
                found.append(repr(eval(expression, module.__dict__)))
            except Exception as error:
                found.append(INNER.sub(r"\1(", repr(error)))
    return [*found, printed.getvalue()]
