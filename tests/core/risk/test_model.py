"""The parts of a score are sums that can be shown, and tell what was shipped with them."""

import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from flagwright.core.risk.measure import Measures
from flagwright.core.risk.model import Part, Weights, among, placed, plain, predict, traits
from flagwright.core.risk.past import Familiarity

SHIPPED = Path(__file__).parents[3] / "policies" / "weights.toml"
WEIGHTS = Weights.model_validate(tomllib.loads(SHIPPED.read_text(encoding="utf-8")))

COUNTS = st.floats(0, 1e6)
MEASURES = st.builds(Measures, **dict.fromkeys(Measures._fields, COUNTS))
PASTS = st.builds(
    Familiarity,
    **dict.fromkeys(Familiarity._fields[:-1], COUNTS)
    | {"share": st.floats(0, 1), "fix_share": st.floats(0, 1)},
)


def of(part: Part, measures: Measures, past: Familiarity) -> float:
    return predict(part, traits(measures, past, is_known=True), {}).place


@given(MEASURES, PASTS, st.booleans())
def test_the_reasons_add_up_to_the_place(
    measures: Measures,
    past: Familiarity,
    is_known: bool,  # given by hypothesis
) -> None:
    found = traits(measures, past, is_known=is_known)
    for part in (WEIGHTS.exposure, WEIGHTS.unfamiliarity):
        predicted = predict(part, found, plain(measures, past))

        added = predicted.usual + sum(reason.points for reason in predicted.reasons)
        assert added == pytest.approx(predicted.place, abs=1e-6)
        assert 0 <= predicted.place <= 100


@pytest.mark.parametrize("chars", [0, 1, 100, 10_000])
def test_no_reason_counts_for_more_than_all_where_the_changes_of_a_project_are_alike(
    chars: int,
) -> None:
    alike = placed(WEIGHTS.exposure, [0.0] * 50)

    predicted = predict(alike, traits(Measures(chars=chars), Familiarity(), is_known=True), {})

    assert all(abs(reason.points) <= 100.001 for reason in predicted.reasons)
    assert -100.001 <= predicted.usual <= 200.001
    added = predicted.usual + sum(reason.points for reason in predicted.reasons)
    assert added == pytest.approx(predicted.place, abs=1e-6)


@given(MEASURES, PASTS)
def test_no_history_says_nothing_about_the_author(measures: Measures, past: Familiarity) -> None:
    predicted = predict(
        WEIGHTS.unfamiliarity, traits(measures, past, is_known=False), plain(measures, past)
    )

    assert predicted.place == predicted.usual
    assert not predicted.reasons


def test_a_large_change_of_a_file_that_was_often_mended_is_exposed() -> None:
    small = Measures(chars=20, lines=1, hunks=1, calls=1, files=1)
    large = Measures(
        chars=4000, lines=120, distinct=110, words=90, hunks=20, calls=90, given=40, deepest=5
    )

    calm = Familiarity(age_days=900, unfixed_days=900)
    mended = Familiarity(age_days=900, fixes=9, fix_share=0.4)

    assert of(WEIGHTS.exposure, small, calm) < 20
    assert of(WEIGHTS.exposure, large, mended) > 90
    assert of(WEIGHTS.exposure, small, calm) < of(WEIGHTS.exposure, small, mended)


def test_a_stranger_is_less_familiar_than_the_author_of_the_files() -> None:
    author = Familiarity(share=0.9, presence=0.7, experience=800)
    stranger = Familiarity(share=0, presence=0, experience=0)

    assert of(WEIGHTS.unfamiliarity, Measures(), author) < 20
    assert of(WEIGHTS.unfamiliarity, Measures(), stranger) > 70


def test_how_unfamiliar_a_change_is_depends_on_what_is_usual_in_its_project() -> None:
    some = Familiarity(share=0.3, presence=0.2, experience=90)
    own = Familiarity(share=0.9, presence=0.7, experience=800)
    alien = Familiarity(experience=1)
    found = traits(Measures(), some, is_known=True)
    part = WEIGHTS.unfamiliarity

    places = [
        predict(among(part, peers), found, {}).place
        for peers in ([own] * 100, [own] * 4, [], [alien] * 100)
    ]

    assert places == sorted(places, reverse=True)
    assert places[0] > 75
    assert places[-1] < 20


def test_the_unfamiliarity_weighs_the_past_alone() -> None:
    with pytest.raises(ValidationError, match="what came before, not 'chars'"):
        Weights.model_validate(
            WEIGHTS.model_dump() | {"unfamiliarity": WEIGHTS.exposure.model_dump()}
        )


def test_larger_sums_have_higher_places_beyond_both_ends() -> None:
    places = [of(WEIGHTS.exposure, Measures(chars=10.0**n), Familiarity()) for n in range(12)]

    assert places == sorted(set(places))


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("traits", {"colour": {"weight": 1, "usual": 0, "says": "{}"}}, "no trait 'colour'"),
        ("places", tuple(range(11, 0, -1)), "must rise"),
        ("places", (1.0, 2.0), "at least 11"),
    ],
)
def test_weights_that_do_not_hold_together_are_refused(name: str, value: Any, words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        Part.model_validate(WEIGHTS.exposure.model_dump() | {name: value})


def test_the_reasons_are_said_in_the_numbers_of_the_change() -> None:
    measures = Measures(chars=1234, hunks=1, calls=2)
    found = traits(measures, Familiarity(), is_known=False)

    says = {
        r.trait: r.says
        for r in predict(WEIGHTS.exposure, found, plain(measures, Familiarity())).reasons
    }

    assert says["chars"] == "1,234 characters of code added"
    assert says["hunks"] == "hunks: 1"
