"""Where a refusal says what to do instead, that can be done."""

import pytest

import flagwright
from flagwright.errors import CannotWrap

CONVENTION = {"import": "from flags import client", "check": 'client.is_enabled("{flag}")'}
CACHED = "from functools import lru_cache\n\n\n@lru_cache\ndef {name}(x):\n    return x + {n}\n"


def wrap(before: str, after: str) -> str:
    return flagwright.wrap(before, after, flag="new-tax", convention=CONVENTION)


def test_what_remembers_is_asked_for_above_it() -> None:
    with pytest.raises(CannotWrap, match="`rate` remembers") as refusal:
        wrap(CACHED.format(name="rate", n=1), CACHED.format(name="rate", n=2))
    before = CACHED.format(name="_rate", n=1) + "\n\ndef rate(x):\n    return _rate(x)\n"
    other = CACHED.partition("\n\n\n")[2].format(name="_rate_new", n=2)
    after = before.replace("return _rate(", "return _rate_new(") + f"\n\n{other}"

    assert "let a function that remembers nothing call this one" in refusal.value.next_step
    assert "return _rate_new(x)" in wrap(before, after)


@pytest.mark.parametrize(
    ("before", "added", "category"),
    [
        (
            "class A:\n    @property\n    def v(self):\n        return 1\n",
            "\n    @v.setter\n    def v(self, x):\n        print(x)\n",
            "name-clash",
        ),
        (
            "@show.register\ndef _(x: int):\n    return 1\n",
            "\n\n@show.register\ndef _(x: list):\n    return 2\n",
            "name-clash",
        ),
        ("def a():\n    return 1\n", "\n\n@on\ndef b():\n    return 2\n", "decorator"),
    ],
)
def test_what_a_decorator_registers_asks_in_its_first_line(
    before: str, added: str, category: str
) -> None:
    with pytest.raises(CannotWrap) as refusal:
        wrap(before, before + added)

    assert refusal.value.category == category
    assert "let its first line ask for the flag" in refusal.value.next_step


def test_a_second_definition_gets_a_name_of_its_own() -> None:
    before = "def a():\n    return 1\n"

    with pytest.raises(CannotWrap, match="more or less often") as refusal:
        wrap(before, before + "\n\n" + before)

    assert refusal.value.next_step.startswith("Give what is new a name of its own")
