"""A gate is judged by the harm it would have caught."""

import random
from xml.etree import ElementTree

import pytest

from flagwright.core.report.gating import page
from flagwright.core.risk.backtest import SHARES, Judged, figures


def judged(harmful: bool, lines: float) -> Judged:  # what it is about
    return Judged("0" * 40, 0, harmful, False, lines, exposure=0, unfamiliarity=0, score=0)


CHANGES = [judged(n % 3 == 0, n % 7)._replace(score=n) for n in range(40)]


def test_a_perfect_number_catches_all_there_is_room_for() -> None:
    found = figures([judged(n < 10, 100 - n) for n in range(100)], lambda one: one.lines)

    assert found is not None
    assert found.auc == 1
    assert found.caught == (0.5, 1, 1, 1)


def test_equal_numbers_are_chance() -> None:
    found = figures([judged(n % 4 == 0, 1) for n in range(100)], lambda one: one.lines)

    assert found is not None
    assert found.auc == 0.5
    assert found.caught == pytest.approx([share / 100 for share in SHARES])


def test_auc_is_how_often_the_harmful_one_has_the_larger_number() -> None:
    rng = random.Random(3)
    changes = [judged(rng.random() < 0.3, rng.randint(0, 9)) for _ in range(80)]
    pairs = [(a.lines, b.lines) for a in changes if a.harmful for b in changes if not b.harmful]

    found = figures(changes, lambda one: one.lines)

    assert found is not None
    wins = sum((a > b) + (a == b) / 2 for a, b in pairs)
    assert found.auc == pytest.approx(wins / len(pairs))


@pytest.mark.parametrize("harmful", [True, False])
def test_where_all_are_alike_there_is_nothing_to_judge(*, harmful: bool) -> None:
    assert figures([judged(harmful, n) for n in range(5)], lambda one: one.lines) is None


def test_the_page_shows_curves_and_figures_and_no_word_of_a_stranger() -> None:
    drawn = page(CHANGES, name="<script>alert(1)</script>", commit="ab" * 20)

    tree = ElementTree.fromstring(drawn.partition("\n")[2])
    lines = tree.findall(".//polyline")
    assert [line.get("class") for line in lines] == ["a", "b"]
    assert all(len((line.get("points") or "").split()) == 101 for line in lines)
    assert "&lt;script&gt;" in drawn
    assert "<script" not in drawn
    assert f"{len(CHANGES):,} changes of code" in drawn


def test_a_page_of_changes_that_did_no_harm_says_so() -> None:
    quiet = [one._replace(harmful=False) for one in CHANGES]

    assert "Nothing to compare in shop" in page(quiet, name="shop", commit="ab" * 20)
