"""What type checkers would report of the form of a wrapped file, it says to them itself."""

import pytest

import flagwright
from flagwright.core.wrapping.tree import parsed
from flagwright.core.wrapping.typechecked import of_another_type

FLAG = "new-tax"
CONVENTION = {"import": "from flags import client", "check": 'client.is_enabled("{flag}")'}
FORMS = {
    "default": (
        "def f(a: int, b: int = 1) -> int:\n    return a + b\n",
        "def f(a: int, b: int = 2, c: int = 3) -> int:\n    return a * b * c\n",
        ["b: int = ..", "if b is ..."],
        ["assignment, unused-ignore", "comparison-overlap, unused-ignore"],
    ),
    "attribute": (
        'class A:\n    kind = "a"\n\n    def f(self) -> str:\n        return self.kind\n',
        'class A:\n    kind = "b"\n\n    def f(self) -> str:\n        return self.kind\n',
        ["def __init__", "def __get__", "kind = _ByNewTax"],
        [*["no-untyped-def, unused-ignore"] * 2, "assignment, no-untyped-call, unused-ignore"],
    ),
    "body": (
        "def r(n: int) -> list[int]:\n    return list(range(n))\n",
        "def r(n: int) -> Iterator[int]:\n    yield from range(n)\n",
        ["def r_on(n)", "return r_on(n)"],
        ["no-untyped-def, unused-ignore", "no-any-return, no-untyped-call, unused-ignore"],
    ),
    "annotated": (
        "def f(k: str) -> str:\n    v = get(k)\n    return v or ''\n",
        "def f(k: str) -> str:\n    v: str = get(k, 1)\n    return v\n",
        ["v = get(k)"],
        ["assignment, unused-ignore"],
    ),
}


@pytest.mark.parametrize("name", FORMS)
def test_a_form_that_checkers_report_says_that_it_is_meant(name: str) -> None:
    before, after, places, codes = FORMS[name]
    before, after = ("from flags import client\n\n\n" + text for text in (before, after))

    text = flagwright.wrap(before, after, flag=FLAG, convention=CONVENTION)

    said = [line.split("  # type: ignore[") for line in text.split("\n") if "# type: ig" in line]
    assert [rest for _, rest in said] == [f"{code}]  # flag {FLAG}" for code in codes]
    assert all(place in line for place, (line, _) in zip(places, said, strict=True))
    assert flagwright.project(text, flag=FLAG, on=False) == before
    assert flagwright.project(text, flag=FLAG, on=True) == after


@pytest.mark.parametrize("name", FORMS)
def test_code_without_types_says_nothing(name: str) -> None:
    old, new, *_ = FORMS[name]
    for word in (": int", ": str", " -> int", " -> str", " -> list[int]", " -> Iterator[int]"):
        old, new = old.replace(word, ""), new.replace(word, "")

    assert "type: ignore" not in flagwright.wrap(old, new, flag=FLAG, convention=CONVENTION)


def test_what_old_code_may_take_for_another_type_is_told() -> None:
    before = "def find(a: int) -> int:\n    return a\n\n\ndef same(a: int) -> int:\n    return a\n"
    after = before.replace("-> int:\n    return a\n\n", "-> int | None:\n    return a or None\n\n")

    assert [*of_another_type(parsed(before), parsed(before))] == []
    assert [*of_another_type(parsed(before), parsed(after))] == [
        "`find`: while the flag is there, type checkers go by what the new version says it gives, "
        "and may report old code"
    ]
