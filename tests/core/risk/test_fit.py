"""What a project's own past teaches, and when it teaches nothing."""

import math
import random
import tomllib

import pytest

from flagwright.core.risk.backtest import Judged
from flagwright.core.risk.fit import Example, fit, fitted
from flagwright.core.risk.fix import Convention, convention, fixes
from flagwright.core.risk.model import Weights, placed, predict, weighed
from flagwright.core.risk.written import written


def past(weights: Weights, changes: int, seed: int, **true: float) -> list[Example]:
    """Changes whose harm follows weights of their own, in standard deviations."""
    chance = random.Random(seed)
    found = []
    for number in range(changes):
        steps = {name: chance.gauss(0, 1) for name in weights.exposure.traits}
        odds = -1.5 + math.fsum(weight * steps[name] for name, weight in true.items())
        harmful = chance.random() < 1 / (1 + math.exp(-odds))
        judged = Judged(str(number), number, harmful, False, math.exp(steps["chars"]), 0, 0, 0)
        traits = {n: t.usual + steps[n] for n, t in weights.exposure.traits.items()}
        found.append(Example(judged, traits))
    return found


def test_a_long_past_that_says_something_else_is_learned(weights: Weights) -> None:
    learned = fit(weights.exposure, past(weights, 1500, 1, nesting=1.5, chars=-1.0))

    assert learned
    assert learned.is_better
    assert learned.own.auc > learned.given.auc + 0.1
    found = learned.part.traits
    assert found["nesting"].weight == pytest.approx(1.5, abs=0.35)
    assert found["chars"].weight == pytest.approx(-1.0, abs=0.35)
    assert found["mixed_share"].weight == pytest.approx(0, abs=0.25)


def test_a_past_without_a_word_of_harm_teaches_nothing(weights: Weights) -> None:
    quiet = [
        example._replace(judged=example.judged._replace(harmful=number < 29))
        for number, example in enumerate(past(weights, 1000, 2))
    ]

    assert fit(weights.exposure, quiet) is None


def test_chance_is_not_taken_for_better(weights: Weights) -> None:
    as_given = {n: t.weight for n, t in weights.exposure.traits.items()}

    taken = [
        learned.is_better
        for seed in range(8)
        if (learned := fit(weights.exposure, past(weights, 500, seed, **as_given)))
    ]

    assert sum(taken) <= 2


def test_the_harder_it_is_pulled_the_less_is_learned(weights: Weights) -> None:
    examples = past(weights, 800, 3, nesting=1.5)
    given = weights.exposure.traits["nesting"].weight

    moved = [
        abs(fitted(weights.exposure, examples, pull).traits["nesting"].weight - given)
        for pull in (1.0, 100.0, 1e6)
    ]

    assert moved == sorted(moved, reverse=True)
    assert moved[-1] < 0.01 < moved[0]


def test_the_places_are_those_of_the_own_changes(weights: Weights) -> None:
    examples = past(weights, 1000, 4, chars=1)

    part = placed(weights.exposure, [weighed(weights.exposure, e.traits) for e in examples])

    places = sorted(predict(part, example.traits, {}).place for example in examples)
    for share in (100, 300, 500, 900):
        expected = 100 * (share / 1000) ** weights.exposure.bend
        assert places[share] == pytest.approx(expected, abs=2)


def test_what_was_learned_is_kept_as_a_policy_that_loads_again(weights: Weights) -> None:
    own = weights.model_copy(update={"provenance": {"projects": ('é " ]',), "commits": 3}})

    assert Weights.model_validate(tomllib.loads(written(own))) == own


@pytest.mark.parametrize(
    ("messages", "found"),
    [
        (["feat: a", "fix(cart): b", "chore!: c", "Merge"], "types"),
        (["feat: a", "docs: b"], "words"),  # nothing says how a fix would look
        (["🐛 a", "✨ b", ":memo: c"], "emoji"),
        (["BUG: a", "ENH: b", "DOC: c"], "tags"),
        (["[FIX] a", "[IMP] b"], "tags"),
        (["Fix a", "Add b", "fix: c"], "words"),
        ([], "words"),
    ],
)
def test_the_way_in_which_a_project_marks_a_fix_is_found(
    messages: list[str], found: Convention
) -> None:
    assert convention(messages) == found


@pytest.mark.parametrize(
    ("message", "said", "is_fix"),
    [
        ("feat: fix the wizard", "types", False),
        ("fix(cart): total", "types", True),
        ("bugfix: total", "types", True),
        ("Fix the total", "types", True),  # from before the convention
        ("✨ fix it all", "emoji", False),
        ("🐛 total", "emoji", True),
        ("ENH: fix nothing", "tags", False),
        ("BUG: total", "tags", True),
        ("Fix the total", "words", True),
    ],
)
def test_a_fix_is_told_as_the_project_tells_it(
    message: str, said: Convention, is_fix: bool
) -> None:
    assert fixes(message, said) is is_fix
