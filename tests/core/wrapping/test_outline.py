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

from flagwright.core.wrapping.outline import Outline, unchanged
from flagwright.core.wrapping.source import read


@pytest.mark.parametrize("module", [argparse, dataclasses, enum, inspect, textwrap])
def test_a_real_file_comes_back_from_its_outline(module: ModuleType) -> None:
    text = Path(str(module.__file__)).read_text(encoding="utf-8")
    outline = Outline()

    short = outline.of(text, ast.parse(text).body)

    assert len(short) < len(text) / 2
    assert outline.filled(cst.parse_module(short).code) == text


def test_of_a_class_that_changed_only_the_members_that_did_not_are_left_out() -> None:
    before = read("class A:\n    def a(self): return 1\n\n    def b(self):\n        x\n", max_kb=1)
    after = read("class A:\n    def a(self): return 2\n\n    def b(self):\n        x\n", max_kb=1)

    pairs = unchanged(before, after)

    assert [(old.name, new.name) for old, new in pairs] == [("b", "b")]


def test_a_text_that_holds_the_word_of_a_stub_is_not_cut() -> None:
    text = "def f():\n    __flagwright_0__\n"

    assert Outline().of(text, ast.parse(text).body) == text
