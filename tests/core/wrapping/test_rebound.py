"""One name, imported from two places: each side of the flag reads its own, run for real."""

from types import ModuleType
from typing import Any

import pytest

import flagwright

FLAG = "shop.new-tax"
CONVENTION = {"import": "from flags import client", "check": 'client.is_enabled("{flag}")'}
BEFORE = """\
from json import dumps, loads


def plain(value):
    return dumps(value)


def inner(values):
    return [(lambda v: dumps(v))(v) for v in values], loads("1")


class Writer:
    def write(self, value):
        return dumps(value), self.__class__
"""
AFTER = BEFORE.replace("dumps, loads\n", "loads\nfrom pickle import dumps\n")


class Client:
    """Answers as it is told."""

    def __init__(self, *, on: bool) -> None:
        self.on = on

    def is_enabled(self, name: str) -> bool:
        return self.on


def answers(source: str, client: Client) -> list[Any]:
    """What the functions of a file give."""
    module = ModuleType("wrapped")
    module.__dict__["client"] = client
    source = source.replace("from flags import client\n", "")
    exec(compile(source, "<wrapped>", "exec"), module.__dict__)
    return [module.plain(1), module.inner([1]), module.Writer().write(1)[0]]


@pytest.mark.parametrize("on", [False, True])
def test_each_side_reads_the_import_of_its_own_version(on: bool) -> None:
    wrapped = flagwright.wrap(BEFORE, AFTER, flag=FLAG, convention=CONVENTION)

    expected = answers(AFTER if on else BEFORE, Client(on=on))
    assert answers(wrapped, Client(on=on)) == expected


def test_taking_the_flag_out_gives_the_old_import_its_name_back() -> None:
    wrapped = flagwright.wrap(BEFORE, AFTER, flag=FLAG, convention=CONVENTION)

    off = flagwright.project(wrapped, flag=FLAG, on=False)

    assert off == BEFORE.replace("dumps, loads\n", "loads\nfrom json import dumps\n")
    assert flagwright.project(wrapped, flag=FLAG, on=True) == AFTER
