"""Whoever edits a policy and errs is told the file, the line and the way out."""

import tomllib
from datetime import date
from pathlib import Path

import pytest

from flagwright.adapters.shipped import Own
from flagwright.errors import PolicyInvalid
from flagwright.workbench.rules import load_rules

TODAY = date(2026, 1, 1)
ROOT = Path(__file__).parents[2]
BROKEN = tomllib.loads((ROOT / "tests/cases/broken_policies.toml").read_text())["broken"]


@pytest.mark.parametrize(
    ("name", "old", "new", "at", "fact", "remedy"), BROKEN, ids=lambda value: value[:30]
)
def test_a_mistake_names_its_file_its_line_and_the_remedy(
    name: str, old: str, new: str, at: str, fact: str, remedy: str, tmp_path: Path
) -> None:
    shipped = (ROOT / "policies" / f"{name}.toml").read_text()
    assert old in shipped
    text = shipped.replace(old, new, 1)
    file = tmp_path / "policies" / f"{name}.toml"
    file.parent.mkdir()
    file.write_text(text)

    with pytest.raises(PolicyInvalid) as caught:
        load_rules(Own(tmp_path), TODAY)

    line = text[: text.index(at)].count("\n") + 1
    assert caught.value.fact.startswith(f"{file}:{line} ")
    assert fact in caught.value.fact
    assert remedy in caught.value.next_step


def test_the_corpus_is_worth_its_name() -> None:
    assert len(BROKEN) >= 100
