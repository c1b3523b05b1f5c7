"""A name for a type that gets another meaning: it ships where annotations alone have it."""

from collections.abc import Mapping
from typing import Any

import pytest

from benchmarks.independent import problems
from flagwright.core.wrapping.retire import retire_files
from flagwright.errors import CannotWrap
from tests.core.wrapping.test_named import wrapped

HEAD = "import typing\nfrom typing import Union, Optional, cast\n\nRate = {0}\n\n\n"
OLD, NEW = "Union[int, str]", "int | bytes"
CHANGE = "\n\ndef changing():\n    return {0}\n"
CHECK = 'client.is_enabled("new-tax")'

IDLE = {
    "a parameter": "def f(a: Rate) -> Rate:\n    return a\n",
    "a text": "def f(a: 'Rate'):\n    return a\n",
    "a local": "def f(a):\n    rate: Rate = a\n    return rate\n",
    "a cast": "def f(a: Rate):\n    return cast(Rate, a)\n",
    "a type made of it": "Rates = Optional[Rate]\n\n\ndef f(a: Rates):\n    return a\n",
    "an attribute": "class Box:\n    a: Rate = 1\n",
    "a property": "class Box:\n    @property\n    def a(self) -> Rate:\n        return 1\n\n"
    "    @a.setter\n    def a(self, a: Rate):\n        pass\n",
    "what is exported": "__all__ = ['Rate']\n\n\ndef f(a: Rate):\n    return a\n",
}
READ = {
    "a value": "def f(a: Rate):\n    return str(Rate)\n",
    "its parts": "def f(a: Rate):\n    return typing.get_args(Rate)\n",
    "a default": "def f(a: Rate, b=Rate):\n    return str(b)\n",
    "another name": "def f(a: Rate):\n    return a\n\n\nOTHER = Rate\n",
    "a type that is read": "Rates = Optional[Rate]\n\n\ndef f(a: Rates):\n    return str(Rates)\n",
    "an annotation that is read": "def f(a: Rate):\n    return f.__annotations__\n",
    "a signature": "import inspect\n\n\ndef f(a: Rate):\n    return inspect.signature(f)\n",
    "a scope": "def f(a: Rate):\n    return [v for v in globals().values()]\n",
    "a name in a text": "def f(a: Rate):\n    return eval('Rate')\n",
    "a tuple": "class Box(typing.NamedTuple):\n    a: Rate\n",
    "fields": "from dataclasses import dataclass\n\n\n@dataclass\nclass Box:\n    a: Rate\n",
    "a bound": "T = typing.TypeVar('T', bound=Rate)\n\n\ndef f(a: T):\n    return T.__bound__\n",
    "a base": "class Box(list[Rate]):\n    pass\n",
    "a cast of its own": "def f(a: Rate):\n    return cast(Rate, a)\n\n\ndef cast(kind, a):\n"
    "    return str(kind)\n",
    "what decorates": "def kept(f):\n    return f.__code__\n\n\n@kept\ndef f(a: Rate):\n    pass\n",
    "nothing": "X = 1\n",
}


def versions(use: str) -> tuple[str, str]:
    old, new = (HEAD.format(kind) + use for kind in (OLD, NEW))
    return old + CHANGE.format(1), new + CHANGE.format(2)


@pytest.mark.parametrize("case", IDLE)
def test_a_type_that_annotations_alone_have_ships(case: str) -> None:
    old, new = versions(IDLE[case])

    text = wrapped("shop/rate.py", old, new)

    assert text.count("\nRate = ") == 1
    assert f"# Rate = {OLD}" in text
    assert problems(old, new, text, "new-tax", CHECK) == []
    assert [run(text, on=on)["changing"]() for on in (False, True)] == [1, 2]
    files = {"shop/rate.py": text.encode(), "flags.py": b"client = Client()\n"}
    for on, kept in ((False, old), (True, new)):
        (retired,) = retire_files(files, flag="new-tax", on=on).files
        assert retired.text == kept.encode()


@pytest.mark.parametrize("case", READ)
def test_a_type_that_anything_else_has_is_refused(case: str) -> None:
    with pytest.raises(CannotWrap):
        wrapped("shop/rate.py", *versions(READ[case]))


@pytest.mark.parametrize(
    ("user", "is_idle"),
    [
        ("from shop.rate import Rate\n\n\ndef g(a: Rate):\n    return a\n", True),
        ("from .rate import *\n\n\ndef g(a: Rate):\n    return a\n", True),
        ("class Rate:\n    pass\n\n\nseen = [Rate]\n", True),
        ("from shop.rate import Rate\n\nseen = [Rate]\n", False),
        ("from shop.rate import *\n\nseen = [Rate]\n", False),
        ("from shop.rate import Rate as Tax\n\nseen = [Tax]\n", False),
        ("from shop import rate\n\nseen = [rate.Rate]\n", False),
        ("from shop import rate\n\nseen = [getattr(rate, 'Rate')]\n", False),
        ("from shop import rate\n\nseen = [*vars(rate).values()]\n", False),
        ("import pydantic\nfrom shop.rate import Rate\n\n\ndef g(a: Rate):\n    return a\n", False),
        (
            "from pydantic import validate_call\nfrom shop import rate\n\n"
            "seen = validate_call(rate.f)\n",
            False,
        ),
        ("import inspect\nfrom shop.rate import f as g\n\nseen = inspect.signature(g)\n", False),
        ("import pydantic\nfrom shop.rate import f\n\n\ndef g(a):\n    return f(a)\n", True),
    ],
)
def test_other_files_may_have_it_in_annotations(user: str, is_idle: bool) -> None:
    others: Mapping[str, str] = {"shop/user": user}
    files = versions(IDLE["a parameter"])

    if is_idle:
        assert wrapped("shop/rate.py", *files, others).count("\nRate = ") == 1
    else:
        with pytest.raises(CannotWrap):
            wrapped("shop/rate.py", *files, others)


def run(text: str, *, on: bool) -> dict[str, Any]:
    client = type("Client", (), {"is_enabled": lambda self, flag: on})()
    made: dict[str, Any] = {"client": client, "__name__": "shop"}
    text = text.replace("from flags import client\n", "")
    exec(compile(text, "<shop>", "exec", dont_inherit=True), made)
    return made
