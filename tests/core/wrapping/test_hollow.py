"""The proof leaves out what both files have as it is, and sees no less by it."""

import argparse
import ast
import dataclasses
import enum
import inspect
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from flagwright.core.wrapping.proof.hollow import have_one_of, hollow
from flagwright.core.wrapping.proof.scope import Meaning


def functions_of(text: str) -> list[Any]:
    """Functions at the top of a file, and methods of the classes there, that bind nothing else."""
    body = ast.parse(text).body
    members = [
        m for node in body for m in (node.body if isinstance(node, ast.ClassDef) else [node])
    ]
    functions = [m for m in members if isinstance(m, ast.FunctionDef | ast.AsyncFunctionDef)]
    return [f for f in functions if not any(isinstance(n, ast.Global) for n in ast.walk(f))]


@pytest.mark.parametrize("module", [argparse, dataclasses, enum, inspect])
def test_names_of_all_else_are_found_where_they_were(module: ModuleType) -> None:
    text = Path(str(module.__file__)).read_text(encoding="utf-8")
    left_out, kept = functions_of(text)[::2], functions_of(text)[1::2]
    classes = [node for node in ast.parse(text).body if isinstance(node, ast.ClassDef)]

    whole, rest = Meaning(text), Meaning(hollow(text.split("\n"), left_out))

    assert rest.bound == whole.bound
    for node in (ast.Module([], []), *classes, *kept):
        tables = rest.scope(node), whole.scope(node)
        names = rest.names(tables[0])
        assert names == whole.names(tables[1])
        assert {n: rest.origin(tables[0], n) for n in names} == {
            n: whole.origin(tables[1], n) for n in names
        }


def test_every_line_keeps_its_number() -> None:
    head = "@a\ndef f(\n    x=(y := 1),\n):\r\n\t# why\r\n"
    text = f"{head}\t@b\r\n\tdef g(): ...\r\n\treturn g\r\nz = 1\n"

    short = hollow(text.split("\n"), functions_of(text))

    assert short == f"{head}\tpass\n\n\nz = 1\n"


def test_a_body_on_the_line_of_its_header_stays() -> None:
    text = "def f(): return 1\n"

    assert hollow(text.split("\n"), functions_of(text)) == text


@pytest.mark.parametrize(
    ("name", "has"),
    [("rate", True), ("rat", False), ("_Tax__own", True), ("fi", True), ("other", False)],
)
def test_a_name_is_seen_however_it_is_spelled(name: str, has: bool) -> None:
    text = "def f():\n    return rate + __own + ﬁ\n"

    assert have_one_of({name}, text.split("\n"), functions_of(text)) == has
