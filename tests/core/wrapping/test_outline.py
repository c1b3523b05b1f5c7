"""An outline leaves out what nobody opens, and gives it back byte for byte."""

import argparse
import ast
import dataclasses
import enum
import inspect
import textwrap
from pathlib import Path
from types import ModuleType

import libcst as cst
import pytest

from flagwright import project, wrap
from flagwright.core.wrapping.outline import Moved, Outline, ends, unchanged
from flagwright.core.wrapping.source import read


@pytest.mark.parametrize("module", [argparse, dataclasses, enum, inspect, textwrap])
def test_a_real_file_comes_back_from_its_outline(module: ModuleType) -> None:
    text = Path(str(module.__file__)).read_text(encoding="utf-8")
    outline = Outline()

    short = outline.of(text, [[node] for node in ast.parse(text).body])

    assert len(short) < len(text) / 2
    assert outline.filled(cst.parse_module(short).code) == text


def test_of_a_class_that_changed_only_the_members_that_did_not_are_left_out() -> None:
    before = read("class A:\n    def a(self): return 1\n\n    def b(self):\n        x\n", max_kb=1)
    after = read("class A:\n    def a(self): return 2\n\n    def b(self):\n        x\n", max_kb=1)

    pairs = unchanged(before, after)

    assert [(old.lineno, new.lineno) for old, new in pairs] == [(4, 4)]


def test_a_constant_that_is_the_same_is_left_out_where_it_is_bound_once() -> None:
    before = read("A = [\n    1,\n]\nB = 1\nB = 2\n__all__ = ['A']\n", max_kb=1)
    after = read("import x\nA = [\n    1,\n]\nB = 1\nB = 2\n__all__ = ['A']\n", max_kb=1)

    assert [(old.lineno, new.lineno) for old, new in unchanged(before, after)] == [(1, 2)]


def test_what_a_script_does_is_left_out_where_it_is_the_same() -> None:
    text = 'def f():\n    return 1\n\nif __name__ == "__main__":\n    f()\n'
    before, after = read(text, max_kb=1), read(text.replace("1", "2"), max_kb=1)

    assert [(old.lineno, new.lineno) for old, new in unchanged(before, after)] == [(4, 4)]


@pytest.mark.parametrize("end", ["", "\n", "\n\n\n", "\r\n", "\n# of the file\n"])
def test_comments_that_end_a_file_and_a_class_in_it_are_all_kept(end: str) -> None:
    line_end = "\r\n" if "\r" in end else "\n"
    comments = line_end.join(["class B:", "    x = 1", "", "    # one", "", "    # two"]) + end
    before = line_end.join(["def f():", "    return 1", "", "", comments])
    after = before.replace("return 1", "return 2")

    convention = {"import": "from app import flags", "check": 'flags.on("{flag}")'}
    wrapped = wrap(before, after, flag="new-tax", convention=convention)

    assert wrapped.endswith(comments)


def test_what_stands_between_two_that_are_left_out_goes_with_them() -> None:
    text = "a = 1\n\n# about b\nb = 2\nc()\n# about d\nd = 3\n"
    a, b, _, d = ast.parse(text).body
    outline = Outline()

    short = outline.of(text, [[a], [b], [d]])

    assert short.count("#") == 1
    assert short.count("\n") == 5
    assert outline.filled(short) == text


def test_what_shares_its_line_with_others_is_not_left_out() -> None:
    text = "x = 1; y = [\n]\n"
    first, second = ast.parse(text).body

    assert Outline().of(text, [[first]]) == text
    assert Outline().of(text, [[second]]) == text
    assert Outline().of(text, [[first, second]]) == "__flagwright_0__\n"


def test_a_text_that_holds_the_word_of_a_stub_is_not_cut() -> None:
    text = "def f():\n    __flagwright_0__\n"

    assert Outline().of(text, [ast.parse(text).body]) == text


def test_what_would_be_indented_otherwise_is_not_put_back() -> None:
    outline = Outline()
    short = outline.of("x = [\n]\n", [ast.parse("x = [\n]\n").body])

    with pytest.raises(Moved):
        outline.filled(f"if a:\n    {short}")


def test_of_a_function_that_changed_what_it_begins_and_ends_with_is_left_out() -> None:
    head, tail = "    if a:\n        a()\n", "    for c in a:\n        c()\n"
    text = f'def f(a):\n    """\n    A text."""\n{head}    b = 1\n{tail}'
    before, after = read(text, max_kb=1), read(text.replace("1", "2"), max_kb=1)

    assert [(old.lineno, new.lineno) for old, new in ends(before, after)] == [(4, 4), (7, 7)]
    other = read(text.replace("1", "2").replace("(a)", "(a, b=1)"), max_kb=1)
    assert ends(before, other) == []


REPEATED = "    if a:\n        a = a.pop()\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (f"def f(a):\n{REPEATED}    return a\n", f"def f(a):\n{REPEATED * 3}    return a\n"),
        (f"def f(a):\n{REPEATED * 4}", f"def f(a):\n{REPEATED * 2}    b = 1\n{REPEATED}"),
        (
            f"K = 1\ndef f(a):\n{REPEATED}    b = K\n{REPEATED}    return b\n",
            f"K = 1\ndef f(a):\n{REPEATED}    K = 2\n    b = K\n{REPEATED}    return b\n",
        ),
        (
            f"def f(a):\n{REPEATED}    b = 1\n{REPEATED}    return b\n",
            f"def f(a):\n{REPEATED}    yield 1\n{REPEATED}    return 2\n",
        ),
    ],
    ids=["repeated", "fewer", "scope", "generator"],
)
def test_what_had_to_be_moved_after_all_is_opened(before: str, after: str) -> None:
    convention = {"import": "from app import flags", "check": 'flags.on("{flag}")'}

    wrapped = wrap(before, after, flag="release.a", convention=convention)

    assert project(wrapped, flag="release.a", on=False) == before
    assert project(wrapped, flag="release.a", on=True) == after
