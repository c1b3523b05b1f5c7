"""Call random functions whose signature changes: what either version takes gives the same here."""

import random
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from types import ModuleType
from typing import Any, NamedTuple

import pytest

import flagwright
from flagwright import CannotWrap

FLAG = "shop.new-tax"
CONVENTION = {"import": "from flags import client", "check": 'client.is_enabled("{flag}")'}
HEAD = "LIMIT, NONE = 3, 4\nMOST = 5\nMISSING = object()\n_PAIR = (1, 2)\n\n\n"
VALUES = ["1", "'x'", "None", "LIMIT", "MOST", "(MOST, 1)", "[]", "{}", "-2", "2**3", "max"]
VALUES += ["MISSING", "_PAIR"]
NAMES = ["a", "b", "c", "d", "new", "late", "other"]
IS_EXACT = "_off, *)"
"""What a function has above it that takes what its version takes, and nothing else."""
PROGRAMS_PER_SEED = 40
CALLS = 20


class Client:
    """A flag client that is switched by hand."""

    def __init__(self) -> None:
        self.is_on = False

    def is_enabled(self, name: str) -> bool:
        assert name == FLAG
        return self.is_on


class Signature(NamedTuple):
    """Names and defaults of parameters by place and by name, and whether it takes any further."""

    by_place: list[tuple[str, str]]
    by_name: list[tuple[str, str]]
    further: bool
    named: bool

    def __str__(self) -> str:
        star = ["*args"] if self.further else ["*"] * bool(self.by_name)
        sides = [[f"{n}={v}" if v else n for n, v in side] for side in self[:2]]
        return ", ".join([*sides[0], *star, *sides[1], *["**more"] * self.named])

    @property
    def names(self) -> list[str]:
        return [name for name, _ in (*self.by_place, *self.by_name)]


class Writer:
    """Writes random functions, and random edits of their signatures, from one seed."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def signature(self) -> Signature:
        names = sorted(self.random.sample("abcd", self.random.randrange(5)))
        cut = self.random.choice([len(names), len(names), self.random.randrange(len(names) + 1)])
        required = self.random.randrange(cut + 1)
        by_place = [(n, "" if at < required else self.value()) for at, n in enumerate(names[:cut])]
        by_name = [(name, self.random.choice(["", *VALUES])) for name in names[cut:]]
        return Signature(by_place, by_name, self.chance(0.2), self.chance(0.4))

    def value(self) -> str:
        return self.random.choice(VALUES)

    def chance(self, share: float) -> bool:
        return self.random.random() < share

    def edited(self, old: Signature) -> Signature:
        by_place, by_name = list(old.by_place), list(old.by_name)
        side = self.random.choice([s for s in (by_place, by_name) if s] or [by_place])
        at = self.random.randrange(len(side)) if side else 0
        match self.random.randrange(10):
            case 0 | 1 if side and side[at][1]:
                side[at] = (side[at][0], self.value())
            case 2:
                by_place.append(("new", self.value()))
            case 3:
                by_name.append(("late", self.random.choice(["", *VALUES])))
            case 4 if side:
                del side[at]
            case 5 if by_place:
                name, value = by_place[-1]
                by_place[-1] = (name, "" if value else self.value())
            case 6 if side:
                side[at] = ("other", side[at][1])
            case 7 if by_place:
                place = self.random.randrange(len(by_place))
                by_place.insert(place, ("new", self.value() if by_place[place - 1][1] else ""))
            case 8 if by_place:
                self.random.shuffle(by_place)
                by_place.sort(key=lambda parameter: bool(parameter[1]))
            case _:
                return old._replace(
                    further=old.further != self.chance(0.5), named=old.named != self.chance(0.5)
                )
        return old._replace(by_place=by_place, by_name=by_name)

    def lines(self, signature: Signature, word: str, popped: str) -> list[str]:
        """A body that gives back what it got.

        Args:
            popped: What the old body takes out of its further arguments, if anything.
        """
        got = [repr(word), *signature.names, *["args"] * signature.further]
        if not signature.named:
            return [f"return {', '.join(got)}, 0"]
        got += ['"new" in more', 'more.get("late", 0)', '"other" in more', *[popped] * bool(popped)]
        pops = [f'{popped} = more.pop("{popped}", "gone")'] * bool(popped)
        return [*pops, f"return {', '.join(got)}"]

    def versions(self) -> tuple[str, str]:
        """Two versions of a function, of a method, or of an `__init__`."""
        old = self.signature()
        new = self.edited(old)
        kind = self.random.choice(["function", "method", "init"])
        popped = self.random.choice(["new", "late", "", ""]) if old.named else ""
        before = self.lines(old, "old", popped)
        after = self.lines(new, self.random.choice(["old", "new"]), "")
        return source(before, old, kind), source(after, new, kind)


def source(lines: Sequence[str], signature: Signature, kind: str) -> str:
    if kind == "function":
        return HEAD + f"def f({signature}):\n" + "".join(f"    {line}\n" for line in lines)
    name = "__init__" if kind == "init" else "f"
    body = "".join(f"        {line}\n" for line in lines)
    body = body.replace("return ", "self.got = ") if kind == "init" else body
    parameters = f"self, {signature}".removesuffix(", ")
    return HEAD + f"class Box:\n    def {name}({parameters}):\n" + body


def function_of(text: str, client: Client, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    flags: Any = ModuleType("flags")
    flags.client = client
    monkeypatch.setitem(sys.modules, "flags", flags)
    space: dict[str, Any] = {"__name__": "program"}
    exec(compile(text, "<program>", "exec"), space)
    if "f" in space:
        return space["f"]  # type: ignore[no-any-return] # the function of the program
    box = space["Box"]
    if "self.got" in text:
        return lambda *args, **more: box(*args, **more).got
    return lambda *args, **more: box().f(*args, **more)


def result(function: Callable[..., Any], args: Sequence[Any], more: dict[str, Any]) -> str | None:
    """What a call gives; none where the function does not take it."""
    try:
        return repr(function(*args, **more)).partition(" at 0x")[0]
    except TypeError:
        return None


@pytest.mark.parametrize("seed", range(3))
def test_what_either_version_takes_gives_what_it_gave(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = Writer(seed)
    found: Counter[str] = Counter()
    for _ in range(PROGRAMS_PER_SEED):
        before, after = writer.versions()
        try:
            wrapped = flagwright.wrap(before, after, flag=FLAG, convention=CONVENTION)
        except CannotWrap as error:
            found[error.category] += 1
            continue
        found["wrapped"] += wrapped != after
        client = Client()
        merged = function_of(wrapped, client, monkeypatch)
        for is_on, version in ((False, before), (True, after)):
            assert flagwright.project(wrapped, flag=FLAG, on=is_on) == version
            own, client.is_on = function_of(version, Client(), monkeypatch), is_on
            for _ in range(CALLS):
                args = [
                    writer.random.choice([0, "v", None]) for _ in range(writer.random.randrange(5))
                ]
                names = writer.random.sample(NAMES, writer.random.randrange(4))
                more = {name: writer.random.choice([7, None]) for name in names}
                wanted = result(own, args, more)
                if wanted is not None or IS_EXACT in wrapped:
                    assert result(merged, args, more) == wanted, (wrapped, args, more)

    assert found["wrapped"] > PROGRAMS_PER_SEED // 3
    assert found.keys() <= {"wrapped", "signature", "unparsable"}


def test_a_decorator_that_may_look_at_a_signature_is_named() -> None:
    before = "import graphs\n\n\n@graphs.dispatched(name='near')\ndef f(a):\n    return a\n"
    after = before.replace("f(a)", "f(a, *, b=None)").replace("return a", "return a or b")
    with pytest.raises(CannotWrap, match=r"and `@graphs\.dispatched` may") as refused:
        flagwright.wrap(before, after, flag=FLAG, convention=CONVENTION)
    assert "`calling_decorators`" in refused.value.next_step
