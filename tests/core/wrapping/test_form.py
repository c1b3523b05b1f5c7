"""Edit what a signature became by hand: the proof does not take it for what its mark says."""

import ast

import pytest

import flagwright
from flagwright import CannotWrap
from flagwright.core.wrapping.proof.fold import fold

FLAG = "shop.new-tax"
CHECK = 'client.is_enabled("shop.new-tax")'
CONVENTION = {"import": "from flags import client", "check": 'client.is_enabled("{flag}")'}
OTHER_NAME = """\
LIMIT = 3


class Box:
    def f(self, a, old, c=LIMIT, *, d=1):
        return a, old, c, d
"""
OTHER_LIST = """\
def f(a, found=[]):
    found.append(a)
    return found
"""
VERSIONS = {
    OTHER_NAME: OTHER_NAME.replace("old", "new").replace("d=1", "d=2"),
    OTHER_LIST: OTHER_LIST.replace("[]", "None"),
}


def is_taken(text: str, version: str, *, on: bool) -> bool:
    """Whether one side of a text reads as a version."""
    try:
        side = fold(ast.parse(text), text, FLAG, CHECK, on=on).tree.body
    except CannotWrap:
        return False
    own = [ast.dump(node) for node in side if not isinstance(node, ast.ImportFrom)]
    return own == [ast.dump(node) for node in ast.parse(version).body]


@pytest.mark.parametrize(
    ("before", "old", "new"),
    [
        (OTHER_NAME, "", ""),
        (OTHER_NAME, "f_on(self, a, *args, **kwargs)", "f_on(self, *args, **kwargs)"),
        (OTHER_NAME, "f_on(self, a, *args, **kwargs)", "f_on(a, self, *args, **kwargs)"),
        (OTHER_NAME, "c=LIMIT, *, d=2", "c=len([]), *, d=2"),
        (OTHER_NAME, "LIMIT = 3", "LIMIT = 3\nLIMIT += 0"),
        (OTHER_NAME, "def f(self, a, *args", "def f(self, a, b=1, *args"),
        (OTHER_NAME, "def f(self, a, *args", "def f(self, c, *args"),
        (OTHER_NAME, "def f(self, a, *args", "def f(self, a: print(), *args"),
        (OTHER_NAME, "**kwargs):", "**kwargs) -> print():"),
        (OTHER_NAME, "**kwargs):", "**kwargs) -> Any:"),
        (OTHER_NAME, ", *)", ")"),
        (OTHER_LIST, "", ""),
        (OTHER_LIST, "found_off=[]", "found_off=[1]"),
        (OTHER_LIST, "found = found_off", "found = found_off[:]"),
        (OTHER_LIST, "    found.append(a)", "    found_off.append(a)"),
        (OTHER_LIST, "off (found_off)", "off (found_of)"),
    ],
)
def test_a_signature_that_is_edited_stands_for_no_version(before: str, old: str, new: str) -> None:
    after = VERSIONS[before]
    wrapped = flagwright.wrap(before, after, flag=FLAG, convention=CONVENTION)
    assert old in wrapped
    text = wrapped.replace(old, new) if old else wrapped

    taken = is_taken(text, before, on=False) and is_taken(text, after, on=True)

    assert taken == (not old)


LACKING = """\
def f(a, *, c=1):
    def late():
        def inner():
            return a

        return inner

    return late
"""


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("", ""),
        ('(args or "b" in kwargs)', '(args or "c" in kwargs)'),
        ('(args or "b" in kwargs)', '(len(args) > 1 or "b" in kwargs)'),
        ('(args or "b" in kwargs)', '(args or "b" not in kwargs)'),
        ('(args or "b" in kwargs)', '(not args or "b" in kwargs)'),
        ('(args or "b" in kwargs)', "args"),
        (" or args)", ' or (not args and "c" not in kwargs))'),
        (" or args)", ' or "c" not in kwargs)'),
        ("def f_on(a, b, ", "def f_on(a, b=0, "),
        ("def f_on(a, b, ", "def f_on(b, a, "),
        ("def f_on(a, b, ", "def f_on(a, d, b, "),
    ],
)
def test_a_question_that_is_edited_tells_no_call(old: str, new: str) -> None:
    after = LACKING.replace("f(a, *", "f(a, b, *").replace("return a\n", "return a, b\n")
    before, after = LACKING + "\n\nf(1)\n", after + "\n\nf(1, 2)\n"
    before, after = (t.replace("\nf(1", "\ndef g():\n    return f(1") for t in (before, after))
    wrapped = flagwright.wrap(before, after, flag=FLAG, convention=CONVENTION)
    assert old in wrapped
    text = wrapped.replace(old, new) if old else wrapped

    taken = is_taken(text, before, on=False) and is_taken(text, after, on=True)

    assert taken == (not old)


def test_each_header_keeps_what_stands_beside_it() -> None:
    before = "def f(a, old):  # noqa: FBT001\n    return a, old\n"
    after = "def f(a, *, new):  # pragma: no cover\n    return a, new\n"

    text = flagwright.wrap(before, after, flag=FLAG, convention=CONVENTION)

    assert "def f(a, *args, **kwargs):\n" in text
    assert flagwright.project(text, flag=FLAG, on=False) == before
    assert flagwright.project(text, flag=FLAG, on=True) == after
