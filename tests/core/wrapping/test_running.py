"""Run thousands of small functions for real: before, after, wrapped off, wrapped on, flipping."""

import random
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest

import flagwright
from flagwright import CannotWrap

FLAG = "shop.new-tax"
CONVENTION = {"import": "from flags import client", "check": 'client.is_enabled("{flag}")'}
PROGRAMS_PER_SEED = 100


class Client:
    """A flag client that answers from a list, and says how often it was asked."""

    def __init__(self, answers: Iterator[bool]) -> None:
        self.answers = answers
        self.asked = 0

    def is_enabled(self, name: str) -> bool:
        assert name == FLAG
        self.asked += 1
        return next(self.answers)


class Writer:
    """Writes random functions, and random edits of them, from one seed."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def expression(self, depth: int = 0) -> str:
        pick = self.random.randrange(9 if depth < 1 else 3)
        deeper = [self.expression(depth + 1) for _ in range(2)] if pick > 2 else ["", ""]
        return [
            self.random.choice("abc"),
            str(self.random.randrange(-3, 6)),
            "len(log)",
            f"({deeper[0]} + {deeper[1]})",
            f"({deeper[0]} if a > b else {deeper[1]})",
            f"sum(x + c for x in range({deeper[0]} % 4))",
            f"(lambda v: v - b)({deeper[0]})",
            f"(10 // {deeper[0]})",
            f"[{deeper[0]}, {deeper[1]}][b % 2]",
        ][pick]

    def block(self, depth: int, *, in_loop: bool) -> list[str]:
        count = self.random.randrange(1, 3)
        return [line for _ in range(count) for line in self.statement(depth, in_loop=in_loop)]

    def statement(self, depth: int, *, in_loop: bool) -> list[str]:
        simple = [
            [f"{self.random.choice('abc')} = {self.expression()}"],
            [f"{self.random.choice('abc')} += {self.expression()}"],
            [f"log.append({self.expression()})"],
            [f"if {self.expression()}: log.append(a); b = 2"],
            [f"# {self.expression()}", f"c = {self.expression()}"],
            [f"return {self.expression()}"],
            ["raise ValueError(a)"],
            ["del c", "c = 1"],
            [f"a, b = b, {self.expression()}"],
            [self.random.choice(["break", "continue"])] if in_loop else ["pass"],
        ]
        if depth >= 2 or self.random.random() < 0.55:
            return self.random.choices(simple, weights=[6, 4, 6, 2, 3, 1, 1, 1, 2, 2])[0]
        return self.compound(depth, in_loop=in_loop)

    def compound(self, depth: int, *, in_loop: bool) -> list[str]:
        body = _indented(self.block(depth + 1, in_loop=in_loop))
        other = _indented(self.block(depth + 1, in_loop=in_loop))
        looped = _indented(self.block(depth + 1, in_loop=True))
        test = f"{self.expression()} > {self.expression()}"
        inner = self.random.choice(["f1", "f2"])
        return self.random.choice(
            [
                [f"if {test}:", *body],
                [f"if {test}:", *body, "else:", *other],
                [f"if {test}:", *body, f"elif {self.expression()}:", *other, "else:", "    a = 0"],
                [f"for i in range({self.expression()} % 4):", *looped],
                ["for i in range(3):", *looped, "else:", *other],
                ["n = 0", f"while n < {self.random.randrange(4)}:", "    n += 1", *looped],
                ["try:", *body, "except ZeroDivisionError:", *other],
                [
                    "try:",
                    *body,
                    "except (ValueError, TypeError) as e:",
                    *other,
                    "finally:",
                    "    log.append(0)",
                ],
                ["with context(log):", *body],
                ["match a % 3:", "    case 0:", *_indented(body), "    case _:", *_indented(other)],
                [
                    f"def {inner}(a):",
                    "    nonlocal b" if self.random.random() < 0.3 else "    pass",
                    *_indented([f"return {self.expression()}"]),
                    f"log.append({inner}(a))",
                    f"log.append({inner}(b))",
                ],
            ]
        )

    def program(self) -> tuple[list[str], list[str]]:
        """Two versions of the body of one function."""
        before = [self.statement(1, in_loop=False) for _ in range(self.random.randrange(1, 4))]
        after = [self.edited(lines) for lines in before]
        if self.random.random() < 0.3:
            after.insert(self.random.randrange(len(after) + 1), self.statement(1, in_loop=False))
        if self.random.random() < 0.2:
            del after[self.random.randrange(len(after))]
        return [line for part in before for line in part], [line for part in after for line in part]

    def edited(self, lines: list[str]) -> list[str]:
        """A statement with some of its lines changed, in place."""
        if self.random.random() < 0.5:
            return lines
        found = []
        for line in lines:
            indent = line[: len(line) - len(line.lstrip())]
            roll = self.random.random()
            if roll < 0.3 and line.lstrip()[:5] in ("a = ", "b = ", "c = ", "log.a"):
                found.append(f"{indent}{self.random.choice('abc')} = {self.expression()}")
            elif roll < 0.4 and not line.rstrip().endswith(":") and "nonlocal" not in line:
                found += [line, f"{indent}log.append({self.expression()})"]
            else:
                found.append(line)
        return found


def _indented(lines: list[str]) -> list[str]:
    return [f"    {line}" for line in lines]


HEAD = '''"""A module."""
from contextlib import contextmanager


@contextmanager
def context(log):
    log.append("in")
    try:
        yield
    finally:
        log.append("out")


def work(a, b, c, log):
    """Work."""
'''


def source(body: list[str]) -> str:
    return HEAD + "\n".join(_indented([*body, "return a, b, c"])) + "\n"


def run(text: str, client: Client, arguments: tuple[int, int, int]) -> Any:
    """What one call gives: a result or an exception, and what it logged on the way."""
    flags = ModuleType("flags")
    flags.client = client  # type: ignore[attr-defined] # a module made here
    space: dict[str, Any] = {"__name__": "program"}
    text = text.replace("from flags import client\n", "")
    exec(compile(text, "<program>", "exec"), space | {}, space)
    function = space["work"]
    function.__globals__.update(space, client=client)
    log: list[Any] = []
    try:
        result = function(*arguments, log)
    except Exception as error:
        return type(error).__name__, str(error), log
    return result, log


def always(answer: bool) -> Iterator[bool]:
    while True:
        yield answer


def flipping(first: bool) -> Iterator[bool]:
    while True:
        yield first
        first = not first


@pytest.mark.parametrize("seed", range(20))
def test_a_wrapped_function_runs_as_the_old_one_or_as_the_new_one_and_never_as_a_mix(
    seed: int,
) -> None:
    writer = Writer(seed)
    wrapped_count = 0
    refused: list[str] = []
    for _ in range(PROGRAMS_PER_SEED):
        before, after = map(source, writer.program())
        try:
            wrapped = flagwright.wrap(before, after, flag=FLAG, convention=CONVENTION)
        except CannotWrap as error:
            refused.append(error.category)
            continue
        wrapped_count += wrapped != after
        for arguments in ((1, 2, 3), (0, 0, 0), (5, -1, 2)):
            old, new = (run(text, Client(always(False)), arguments) for text in (before, after))
            assert run(wrapped, Client(always(False)), arguments) == old, wrapped
            assert run(wrapped, Client(always(True)), arguments) == new, wrapped
            for first in (True, False):
                client = Client(flipping(first))
                mixed = run(wrapped, client, arguments)
                assert client.asked <= 1, wrapped
                assert mixed == (new if first else old), wrapped

    assert wrapped_count > PROGRAMS_PER_SEED // 3
    assert set(refused) <= {"scope", "unparsable"}
