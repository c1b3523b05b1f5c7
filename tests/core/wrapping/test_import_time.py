"""What runs while a file is imported, in roundabout ways: `cases/importing/*.txt`, really run.

Each program asks a flag where it says `ask()`; in its two versions a number stands there.
"""

import ast
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import flagwright
from flagwright import CannotWrap
from flagwright.core.wrapping.proof.filling import keeping_places

CONVENTION = {"import": "from flags import client", "check": 'client.is_enabled("{flag}")'}
FOLDER = Path(__file__).parents[2] / "cases" / "importing"


def programs(name: str) -> list[Any]:
    texts = (FOLDER / f"{name}.txt").read_text().split("#### ")[1:]
    return [pytest.param(body, id=title) for title, _, body in (t.partition("\n") for t in texts)]


def asks(text: str, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Whether a program asks while it is imported."""
    asked: list[str] = []

    def ask() -> int:
        asked.append("once")
        return 1

    module: Any = ModuleType("program")
    module.ask = ask
    monkeypatch.setitem(sys.modules, "program", module)
    exec(compile(text, "program.py", "exec"), module.__dict__)
    return bool(asked)


def wrapped(text: str) -> str:
    old, new = (text.replace("ask()", number) for number in "12")
    return flagwright.wrap(old, new, flag="new-tax", convention=CONVENTION)


@pytest.mark.parametrize("text", programs("at_once"))
def test_a_flag_that_would_be_asked_for_at_import_is_refused(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert asks(text, monkeypatch)

    with pytest.raises(CannotWrap, match="read while the file is imported"):
        wrapped(text)


@pytest.mark.parametrize("text", programs("later"))
def test_a_flag_that_is_asked_for_later_is_not(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not asks(text, monkeypatch)

    assert "client.is_enabled" in wrapped(text)


def test_a_place_is_told_once_however_many_functions_hand_on_to_it() -> None:
    called = "; ".join(f"f{i}(a)" for i in range(9))
    text = "kept = []\n\n" + "".join(
        f"def f{i}(a):\n    kept.append(a); {called}\n\n" for i in range(9)
    )
    functions = {n.name: [n] for n in ast.parse(text).body if isinstance(n, ast.FunctionDef)}

    places = keeping_places(functions["f0"][0], functions)

    assert [ast.unparse(place) for place in places] == ["kept"] * 9
