"""Take `u"x"` for `"x"`, which it is when it runs, but not where it is read as it is spelled."""

import pytest

import flagwright
from benchmarks.independent import problems
from flagwright import CannotWrap

FLAG = "shop.new-tax"
CHECK = f'client.is_enabled("{FLAG}")'
CONVENTION = {"import": "from flags import client", "check": 'client.is_enabled("{flag}")'}
BEFORE = """\
NAMES = {u"de": U"Germany"}


def mark(word):
    return lambda function: function


class Box:
    kind = u"box"

    @mark(u"cut")
    def cut(self, text, separator=u"\\n", end=u""):
        if u"x" in text:
            for part in text.split(u"x"):
                yield part
        for part in text.split(separator):
            yield part + end


def size(text: u"str", unit=u"cm") -> u"str":
    width: u"int" = len(text)
    return u"%d" % width + u" " + unit
"""
AFTER = BEFORE.replace('u"', '"').replace('U"', '"')
GUARDED = AFTER.replace("yield part\n", "yield part.strip()\n").replace('unit="cm"', 'unit="mm"')


@pytest.mark.parametrize("versions", [(BEFORE, AFTER), (AFTER, BEFORE)])
def test_a_prefix_that_means_nothing_needs_no_flag(versions: tuple[str, str]) -> None:
    assert flagwright.wrap(*versions, flag=FLAG, convention=CONVENTION) == versions[1]


@pytest.mark.parametrize("versions", [(BEFORE, GUARDED), (GUARDED, BEFORE)])
def test_a_prefix_is_in_the_way_of_no_guard(versions: tuple[str, str]) -> None:
    text = flagwright.wrap(*versions, flag=FLAG, convention=CONVENTION)

    assert isinstance(text, str)
    assert text.count(CHECK) == 2
    assert problems(*versions, text, FLAG, CHECK) == []


READ = """\
from __future__ import annotations


def size(text: u"str", unit: u"Unit" = 1):
    return len(text)


class Box:
    width: u"int"


seen = [*size.__annotations__.values(), *Box.__annotations__.values()]
"""


def test_an_annotation_is_read_as_it_is_spelled() -> None:
    after = READ.replace('u"', '"')
    found: list[dict[str, object]] = [{}, {}]
    for program, names in zip((READ, after), found, strict=True):
        exec(compile(program, "shop.py", "exec", dont_inherit=True), names)
    assert found[0]["seen"] != found[1]["seen"]

    with pytest.raises(CannotWrap, match="signature"):
        flagwright.wrap(READ, after, flag=FLAG, convention=CONVENTION)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("f = f\"{u'x'=}\"", "f = f\"{'x'=}\""),
        ("x = u'a'", "x = b'a'"),
        ("x = ur if u else 'a'", "x = u if u else 'a'"),
    ],
)
def test_other_values_are_other_values(before: str, after: str) -> None:
    body = "def f(u, ur):\n    {}\n    return locals()\n"
    versions = [body.replace("{}", line) for line in (before, after)]

    text = flagwright.wrap(*versions, flag=FLAG, convention=CONVENTION)

    assert text != versions[1]
