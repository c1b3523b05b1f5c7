"""What a project's own past teaches, and when it teaches nothing."""

import math
import random
import tomllib

import pytest

from flagwright.core.risk.backtest import Judged, figures
from flagwright.core.risk.fit import Example, fit, fitted
from flagwright.core.risk.fix import Convention, convention, fixes
from flagwright.core.risk.model import Weights, placed, predict, weighed
from flagwright.core.risk.policy import RiskPolicy
from flagwright.core.risk.written import written


def past(
    weights: Weights,
    policy: RiskPolicy,
    changes: int,
    seed: int,
    unfamiliarity: float = 0.0,
    **true: float,
) -> list[Example]:
    """Changes whose harm follows weights of their own, in standard deviations.

    Args:
        unfamiliarity: That of its place, from 0 to 1.
    """
    chance = random.Random(seed)
    points = weights.points(policy.parts.exposure, policy.parts.unfamiliarity)
    found = []
    for number in range(changes):
        steps, place = (
            {name: chance.gauss(0, 1) for name in weights.exposure.traits},
            chance.random(),
        )
        odds = -1.5 + math.fsum(weight * steps[name] for name, weight in true.items())
        odds += unfamiliarity * (place - 0.5)
        harmful = chance.random() < 1 / (1 + math.exp(-odds))
        traits = {n: t.usual + steps[n] for n, t in weights.exposure.traits.items()}
        exposure, strange = predict(weights.exposure, traits, {}).place, 100 * place**2
        score = (points["exposure"] * exposure + points["unfamiliarity"] * strange) / 100
        judged = Judged(
            sha=str(number),
            time=number,
            harmful=harmful,
            reverted=False,
            lines=math.exp(steps["chars"]),
            exposure=exposure,
            unfamiliarity=strange,
            score=score,
        )
        found.append(Example(judged, traits))
    return found


def test_a_long_past_that_says_something_else_is_learned(
    weights: Weights, policy: RiskPolicy
) -> None:
    learned = fit(weights, policy.parts, past(weights, policy, 1500, 1, nesting=1.5, chars=-1.0))

    assert learned
    assert learned.is_better
    assert learned.own.auc > learned.given.auc + 0.1
    given, found = weights.exposure.traits, learned.weights.exposure.traits
    assert given["nesting"].weight + 0.3 < found["nesting"].weight < 1.5
    assert given["chars"].weight - 0.3 > found["chars"].weight > -1.0


def test_a_past_without_a_word_of_harm_teaches_nothing(
    weights: Weights, policy: RiskPolicy
) -> None:
    quiet = [
        example._replace(judged=example.judged._replace(harmful=number < 9))
        for number, example in enumerate(past(weights, policy, 1000, 2))
    ]

    assert fit(weights, policy.parts, quiet) is None


def test_what_chance_teaches_costs_little(weights: Weights, policy: RiskPolicy) -> None:
    as_given = {n: t.weight for n, t in weights.exposure.traits.items()}
    later = past(weights, policy, 1500, 99, **as_given)
    given = _auc(weights, policy, later)

    for seed in range(3):
        learned = fit(weights, policy.parts, past(weights, policy, 500, seed, **as_given))

        assert learned
        assert _auc(learned.weights, policy, later) > given - 0.01


def test_unfamiliarity_counts_for_less_where_harm_alone_is_looked_for(
    weights: Weights, policy: RiskPolicy
) -> None:
    learned = fit(weights, policy.parts, past(weights, policy, 800, 5, nesting=1.0))

    assert learned
    own = learned.weights
    points = own.points(policy.parts.exposure, policy.parts.unfamiliarity)
    assert points == {"exposure": 72, "unfamiliarity": 8}
    assert own.unfamiliarity.traits == weights.unfamiliarity.traits
    assert Weights.model_validate(tomllib.loads(written(own))) == own


def test_nothing_is_better_where_newcomers_do_all_the_harm(
    weights: Weights, policy: RiskPolicy
) -> None:
    learned = fit(weights, policy.parts, past(weights, policy, 800, 6, unfamiliarity=4.0))

    assert learned
    assert not learned.is_better


@pytest.mark.parametrize("seed", [30, 35])
def test_an_unlucky_end_of_a_short_past_does_not_hide_what_it_teaches(
    weights: Weights, policy: RiskPolicy, seed: int
) -> None:
    """In its newest 120 changes the shipped weights do better, in the newest 180 its own."""
    true = {name: trait.weight for name, trait in weights.exposure.traits.items()}

    learned = fit(
        weights, policy.parts, past(weights, policy, 300, seed, **true | {"nesting": 0.8})
    )

    assert learned
    assert learned.is_better
    assert learned.changes == 180


def test_changes_of_tests_alone_teach_nothing(weights: Weights, policy: RiskPolicy) -> None:
    examples = past(weights, policy, 600, 7, nesting=1.0)
    tests = [
        example._replace(is_code=False) for example in past(weights, policy, 300, 8, chars=3.0)
    ]

    assert fit(weights, policy.parts, [*tests, *examples]) == fit(weights, policy.parts, examples)


def _auc(weights: Weights, policy: RiskPolicy, examples: list[Example]) -> float:
    points = weights.points(policy.parts.exposure, policy.parts.unfamiliarity)
    scores = [
        points["exposure"] * predict(weights.exposure, example.traits, {}).place
        + points["unfamiliarity"] * example.judged.unfamiliarity
        for example in examples
    ]
    found = figures([example.judged for example in examples], lambda one: scores[one.time])
    assert found
    return found.auc


def test_the_harder_it_is_pulled_the_less_is_learned(weights: Weights, policy: RiskPolicy) -> None:
    examples = past(weights, policy, 800, 3, nesting=1.5)
    given = weights.exposure.traits["nesting"].weight

    moved = [
        abs(fitted(weights.exposure, examples, pull).traits["nesting"].weight - given)
        for pull in (1.0, 100.0, 1e6)
    ]

    assert moved == sorted(moved, reverse=True)
    assert moved[-1] < 0.01 < moved[0]


def test_the_places_are_those_of_the_own_changes(weights: Weights, policy: RiskPolicy) -> None:
    examples = past(weights, policy, 1000, 4, chars=1)

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
