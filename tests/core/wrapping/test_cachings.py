"""Take two spellings of one cache for the same, by programs that are run as they were and are."""

import functools
from itertools import permutations

import pytest

import flagwright
from benchmarks.independent import problems
from flagwright import CannotWrap

FLAG = "shop.new-tax"
CHECK = f'client.is_enabled("{FLAG}")'
CONVENTION = {"import": "from flags import client", "check": 'client.is_enabled("{flag}")'}
BOTH = "import functools\nfrom functools import cache, lru_cache\n"
OF_128 = ["lru_cache", "lru_cache()", "lru_cache(128)", "lru_cache(maxsize=128)"]
OF_ALL = ["cache", "functools.cache", "functools.lru_cache(None)", "lru_cache(maxsize=None)"]


def program(decorator: str, *, top: str = BOTH, tax: int = 1) -> str:
    """A program with a cache."""
    return (
        f"{top}\n\n@{decorator}\ndef size(a):\n    return a\n\n\ndef tax():\n    return {tax}\n\n\n"
        "size(1), size(1.0)\nseen = size.cache_info(), size.cache_parameters()\n"
    )


def seen(text: str) -> object:
    """What a program shows of its cache."""
    names: dict[str, object] = {}
    exec(compile(text, "shop.py", "exec", dont_inherit=True), names)
    return names["seen"]


@pytest.mark.parametrize(
    ("old", "new"), [pair for ways in (OF_128, OF_ALL) for pair in permutations(ways, 2)]
)
def test_one_cache_under_another_spelling_needs_no_flag(old: str, new: str) -> None:
    before, after = program(old), program(new)
    assert seen(before) == seen(after)

    assert flagwright.wrap(before, after, flag=FLAG, convention=CONVENTION) == after

    text = flagwright.wrap(before, program(new, tax=2), flag=FLAG, convention=CONVENTION)
    assert isinstance(text, str)
    assert text.count(CHECK) == 1
    assert problems(before, program(new, tax=2), text, FLAG, CHECK) == []
    assert flagwright.project(text, flag=FLAG, on=False) == before


MINE = "def lru_cache(size=1, typed=False):\n    return functools.lru_cache(maxsize=5)\n\n\n"

OTHERS = [
    ("lru_cache", "cache", BOTH),
    ("lru_cache(64)", "lru_cache", BOTH),
    ("lru_cache(0)", "lru_cache(None)", BOTH),
    ("lru_cache(True)", "lru_cache(1)", BOTH),
    ("lru_cache(-1)", "lru_cache(None)", BOTH),
    ("lru_cache(typed=True)", "lru_cache()", BOTH),
    ("lru_cache(maxsize=size)", "lru_cache", f"{BOTH}size = 1\n"),
    ("lru_cache(**size)", "lru_cache", f"{BOTH}size = {{'maxsize': 1}}\n"),
    ("cache", "lru_cache(None)", "from functools import lru_cache\ncache = lru_cache(9)\n"),
    ("cache", "functools.cache", "import functools\nfrom functools import lru_cache as cache\n"),
    ("lru_cache(None)", "functools.cache", f"import functools\n\n\n{MINE}"),
    ("functools.cache", "functools.lru_cache(None)", f"{BOTH}functools.cache = lru_cache(9)\n"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "top"), OTHERS)
def test_another_cache_is_no_other_spelling(old: str, new: str, top: str) -> None:
    before, after = program(old, top=top), program(new, top=top)
    pythons = functools.cache
    try:
        assert repr(seen(before)) != repr(seen(after))
    finally:
        functools.cache = pythons

    for versions in permutations((before, after)):
        with pytest.raises(CannotWrap):
            flagwright.wrap(*versions, flag=FLAG, convention=CONVENTION)


def test_what_only_has_the_name_of_a_cache_is_none() -> None:
    top = "from .functools import lru_cache\n"
    before, after = program("lru_cache()", top=top), program("lru_cache", top=top)

    with pytest.raises(CannotWrap):
        flagwright.wrap(before, after, flag=FLAG, convention=CONVENTION)
