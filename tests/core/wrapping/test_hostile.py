"""Odd and hostile files end in a refusal, quickly; odd bytes come out as they went in."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import flagwright
from flagwright import CannotWrap

CONVENTION = {"import": "from flags import client", "check": 'client.is_enabled("{flag}")'}
GOOD = "def f():\n    return 1\n"


@pytest.mark.parametrize(
    ("source", "category"),
    [
        ("x = " + "(" * 190 + "1" + ")" * 190, "too-complex"),
        ("x = " + "[" * 150 + "]" * 150, "too-complex"),
        ("x = " + "+".join(["1"] * 2500), "too-complex"),
        ("x = " + "-" * 3000 + "1", "too-complex"),
        ("".join(" " * i + "if x:\n" for i in range(120)) + " " * 120 + "pass", "unparsable"),
        ("match x:\n    case " + "[" * 12 + "1" + "]" * 12 + ":\n        pass\n", "too-complex"),
        ("x = 1\n" * 600_000, "too-complex"),
        ("x = '\x00'", "unparsable"),
        ("x = 1\rif y: pass\r", "unparsable"),
        ("print 'two'", "unparsable"),
        ("\ud800 = 1", "unparsable"),
    ],
)
def test_what_a_parser_should_not_be_given_is_refused(source: str, category: str) -> None:
    for before, after in ((GOOD, source), (source, GOOD)):
        with pytest.raises(CannotWrap) as caught:
            flagwright.wrap(before, after, flag="new-tax", convention=CONVENTION)
        assert caught.value.category == category


def test_brackets_inside_strings_do_not_count() -> None:
    before = f"def f():\n    return 1, '{'(' * 300}'\n"
    after = before.replace("return 1", "return 2")

    assert "if client" in flagwright.wrap(before, after, flag="new-tax", convention=CONVENTION)


@pytest.mark.parametrize(
    "check", ["1", "client", "create_flag('{flag}')", "if x", "a; b", "f('{flag}') + g"]
)
def test_a_convention_that_is_no_check_is_refused(check: str) -> None:
    with pytest.raises(CannotWrap):
        flagwright.wrap(GOOD, GOOD.replace("1", "2"), flag="new-tax", convention={"check": check})


def test_a_client_that_nothing_binds_is_refused() -> None:
    with pytest.raises(CannotWrap) as caught:
        flagwright.wrap(
            GOOD, GOOD.replace("1", "2"), flag="new-tax", convention={"check": 'on("{flag}")'}
        )

    assert caught.value.category == "convention"


def test_a_plain_function_cannot_await_the_client() -> None:
    convention = CONVENTION | {"check": 'await client.is_enabled("{flag}")'}

    with pytest.raises(CannotWrap) as caught:
        flagwright.wrap(GOOD, GOOD.replace("1", "2"), flag="new-tax", convention=convention)

    assert caught.value.category == "function-kind"


@settings(max_examples=60)
@given(st.binary(max_size=60), st.binary(max_size=60))
def test_any_bytes_are_wrapped_or_refused(before: bytes, after: bytes) -> None:
    try:
        wrapped = flagwright.wrap(before, after, flag="new-tax", convention=CONVENTION)
    except CannotWrap:
        return
    assert flagwright.project(wrapped, flag="new-tax", on=True) == after


LINES = [
    "a = b",
    "b = a + 1",
    "log(a)",
    "if a: b = 2",
    "return b",
    "# why",
    "for a in b: log(a)",
    "'words'",
    "pass",
]
BODIES = st.lists(st.sampled_from(LINES), min_size=1, max_size=6)


@settings(max_examples=120)
@given(BODIES, BODIES, st.sampled_from(["\n", "\r\n"]), st.sampled_from(["  ", "    ", "\t"]))
def test_wrapping_twice_is_wrapping_once_and_the_new_text_comes_back(
    before: list[str], after: list[str], end: str, indent: str
) -> None:
    texts = [
        end.join(["def f(a, b, log):", *(indent + line for line in [*body, "a"]), ""])
        for body in (before, after)
    ]
    wrapped = flagwright.wrap(*texts, flag="new-tax", convention=CONVENTION)

    assert flagwright.wrap(texts[0], wrapped, flag="new-tax", convention=CONVENTION) == wrapped
    assert flagwright.project(wrapped, flag="new-tax", on=True) == texts[1]


def test_a_merge_conflict_is_told_as_one() -> None:
    after = "x = 1\n<<<<<<< HEAD\ny = 1\n=======\ny = 2\n>>>>>>> other\n"

    with pytest.raises(CannotWrap) as refusal:
        flagwright.wrap("x = 1\n", after, flag="new-tax", convention=CONVENTION)

    assert refusal.value.category == "unparsable"
    assert refusal.value.because == "it holds a merge conflict (line 2)"
