"""What a class says of the types of its attributes, where a repository shows who reads it."""

from collections.abc import Mapping

import pytest

from flagwright.errors import CannotWrap
from tests.core.wrapping.test_named import wrapped

HEAD = "{0}\n\nclass Box{1}:\n    size: int = 1\n"
MORE = "    path: str\n"
HOOK = "class Base:\n    def __init_subclass__(cls):\n        {0}\n"

READ = {
    "by a function of whatever it gets": (
        "",
        "",
        "def f(item):\n    return item.__annotations__\n",
    ),
    "by its hints": (
        "",
        "",
        "from typing import get_type_hints\n\n\ndef f(c):\n    return get_type_hints(c)\n",
    ),
    "by its hints under another name": (
        "",
        "",
        "from typing import get_type_hints as hints\n\n\ndef f(c):\n    return hints(c)\n",
    ),
    "by hints that are handed on": (
        "",
        "",
        "import typing\n\n\ndef f(kinds):\n    return [*map(typing.get_type_hints, kinds)]\n",
    ),
    "by name": ("", "", "from shop.box import Box\n\nNAMES = list(Box.__annotations__)\n"),
    "by a text": ("", "", "def f(c):\n    return getattr(c, '__annotations__', {})\n"),
    "by a base of an heir": (
        "",
        "",
        "from shop.box import Box\nfrom lib import Model\n\n\nclass Row(Box, Model):\n    pass\n",
    ),
    "by a base of Python that makes fields": ("import ctypes\n", "(ctypes.Structure)", ""),
    "by a base that nobody knows": ("from lib import Base\n", "(Base)", ""),
    "by a model": ("from pydantic import BaseModel\n", "(BaseModel)", ""),
    "by a model of the repository": (
        "from .page import Model\n",
        "(Model)",
        "import pydantic\n\n\nclass Model(pydantic.BaseModel):\n    pass\n",
    ),
    "by a hook that hands it on": (
        "from .page import Base\n",
        "(Base)",
        "from .tools import build\n\n\n" + HOOK.format("build(cls)"),
    ),
    "by a hook that makes a dataclass": (
        "from .page import Base\n",
        "(Base)",
        "import dataclasses\n\n\n" + HOOK.format("dataclasses.dataclass(cls)"),
    ),
    "by a class that makes it": (
        "from .page import Meta\n",
        "(metaclass=Meta)",
        "class Meta(type):\n    def __new__(mcs, *given):\n        return build(*given)\n",
    ),
    "by what the head says": (
        "from .page import Base\n",
        "(Base, table=True)",
        "class Base:\n    pass\n",
    ),
}
UNREAD = {
    "by anybody": ("", "", ""),
    "of it, but of another class": (
        "",
        "",
        "class Row:\n    a: int\n\n\nNAMES = list(Row.__annotations__)\n",
    ),
    "by a base of Python": ("import logging\n", "(logging.Handler)", ""),
    "by another base of Python": ("import http.client\n", "(http.client.HTTPConnection)", ""),
    "by what sets a member of it": (
        "",
        "",
        "from shop.box import Box\n\n\ndef f(patch):\n    patch.setattr(Box, 'x', 1)\n",
    ),
    "by a base of the repository": (
        "from .page import Base\n",
        "(Base)",
        "class Base:\n    pass\n",
    ),
    "by a hook that keeps it": (
        "from .page import Base\n",
        "(Base)",
        "ALL = []\n\n\n" + HOOK.format("ALL.append(cls)"),
    ),
    "by an heir that is a dataclass": (
        "",
        "",
        "from dataclasses import dataclass\n\nfrom shop.box import Box\n\n\n"
        "@dataclass\nclass Row(Box):\n    a: int\n",
    ),
}


def told(head: str, bases: str, page: str) -> str:
    before = HEAD.format(head, bases)
    others: Mapping[str, str] = {"shop/page": page} if page else {}
    text = wrapped("shop/box.py", before, before + MORE, others)
    assert wrapped("shop/box.py", before + MORE, before, others).count("# flag") == 1
    return text


@pytest.mark.parametrize("case", READ)
def test_a_type_that_may_be_read_is_refused(case: str) -> None:
    with pytest.raises(CannotWrap) as caught:
        told(*READ[case])

    assert caught.value.category == "class-body"


@pytest.mark.parametrize("case", UNREAD)
def test_a_type_that_is_not_read_is_of_one_side(case: str) -> None:
    assert "# flag new-tax: on\n    path: str" in told(*UNREAD[case])


CHANGE = "\n\ndef f():\n    return {0}\n"


@pytest.mark.parametrize("value", ["1", "{}", "Page()"])
def test_another_type_of_the_same_value_ships(value: str) -> None:
    before = HEAD.format("", "").replace("= 1", f"= {value}")

    text = wrapped(
        "shop/box.py",
        before + CHANGE.format(1),
        before.replace("int", "float") + CHANGE.format(2),
    )

    assert text.count("size: float") == 1
    assert "# size: int" in text


@pytest.mark.parametrize("case", READ)
def test_another_type_that_may_be_read_is_refused(case: str) -> None:
    head, bases, page = READ[case]
    others: Mapping[str, str] = {"shop/page": page} if page else {}
    before = HEAD.format(head, bases).replace("= 1", "= len('a')")

    with pytest.raises(CannotWrap) as caught:
        wrapped("shop/box.py", before, before.replace("int", "float"), others)

    assert caught.value.category == "class-body"


@pytest.mark.parametrize(
    "reader",
    [
        "seen = globals()['__annotations__']\n",
        "def f(module):\n    return getattr(module, '__annotations__')\n",
        "def f(module):\n    return module.__annotations__\n",
    ],
)
def test_a_type_of_a_name_of_the_file_ships_where_nobody_reads_it(reader: str) -> None:
    before = "import re\n\nsize: int = re.compile('a')\n"
    after = before.replace("int", "float")
    old, new = before + CHANGE.format(1), after + CHANGE.format(2)

    assert wrapped("shop/box.py", old, new).count("size: float") == 1
    with pytest.raises(CannotWrap):
        wrapped("shop/box.py", f"{old}\n\n{reader}", f"{new}\n\n{reader}")


@pytest.mark.parametrize(
    ("reader", "is_read"),
    [
        ("import shop.box\n\n\ndef f():\n    return shop.box.__annotations__\n", True),
        ("import shop.box as b\n\n\ndef f():\n    return b.__annotations__\n", True),
        ("import typing\nfrom shop import box\n\nT = typing.get_type_hints(box)\n", True),
        ("import typing\nfrom shop import box\n\nT = typing.get_type_hints(box.f)\n", False),
        ("from shop import box\n\nT = (box.size,)\n", False),
    ],
)
def test_a_type_of_a_name_of_the_file_is_read_elsewhere(reader: str, *, is_read: bool) -> None:
    before = "import re\n\nsize: int = re.compile('a')\n"
    old, new = (t + CHANGE.format(n) for n, t in ((1, before), (2, before.replace("int", "float"))))

    if is_read:
        with pytest.raises(CannotWrap):
            wrapped("shop/box.py", old, new, {"shop/page": reader})
    else:
        assert "# size: int" in wrapped("shop/box.py", old, new, {"shop/page": reader})


@pytest.mark.parametrize(("head", "is_one"), [("(Shape)", False), ("(Shape, Protocol)", True)])
def test_an_heir_of_a_protocol_is_a_class_like_any_other(head: str, is_one: bool) -> None:
    """It is a protocol only where it says so itself."""
    shape = "from typing import Protocol\n\n\nclass Shape(Protocol):\n    a: int\n"
    before = HEAD.format(shape, head)

    if is_one:
        with pytest.raises(CannotWrap):
            wrapped("shop/box.py", before, before + MORE)
    else:
        assert "# flag new-tax: on\n    path: str" in wrapped("shop/box.py", before, before + MORE)


def test_a_word_in_a_text_makes_no_class_anew() -> None:
    before = HEAD.format("", "")
    page = '"""Where the data structure(s) come from."""\n'

    assert "# flag" in wrapped("shop/box.py", before, before + MORE, {"shop/page": page})


FIELDS = "from typing import TypedDict\n\n\nclass Box(TypedDict{0}):\n    size: int\n"
BELOW = "from shop.page import Page\n\n\nclass Box(Page):\n    size: int\n"
PAGE = (
    "from typing_extensions import TypedDict\n\n\nclass Page(TypedDict, total=False):\n    a: int\n"
)


@pytest.mark.parametrize("before", [FIELDS.format(""), FIELDS.format(", total=False"), BELOW])
def test_a_field_of_a_dictionary_is_of_one_side(before: str) -> None:
    others = {"shop/page": PAGE, "shop/log": "import logging\n"}

    text = wrapped("shop/box.py", before, before + MORE, others)

    assert "# flag new-tax: on\n    path: str" in text
    assert "# flag new-tax: off\n    path: str" in wrapped(
        "shop/box.py", before + MORE, before, others
    )


@pytest.mark.parametrize(
    "reader",
    [
        "from pydantic import TypeAdapter\n\n\ndef f(kind, value):\n    return TypeAdapter(kind)\n",
        "import fastapi\n",
        "def f(kind):\n    return kind.__required_keys__\n",
        "def f(kind):\n    return getattr(kind, '__optional_keys__')\n",
        "from typing import get_type_hints\n",
        "from typing import is_typeddict\n",
        "import inspect\n\n\ndef f(kind):\n    return inspect.get_annotations(kind)\n",
    ],
)
def test_it_is_not_where_any_file_reads_types(reader: str) -> None:
    for before in (FIELDS.format(""), BELOW):
        with pytest.raises(CannotWrap, match="in the body of `Box` changes"):
            wrapped("shop/box.py", before, before + MORE, {"shop/page": PAGE, "shop/api": reader})


def test_a_field_of_a_tuple_is_one_of_both() -> None:
    before = FIELDS.format("").replace("TypedDict", "NamedTuple")

    with pytest.raises(CannotWrap, match="in the body of `Box` changes"):
        wrapped("shop/box.py", before, before + MORE)


IMPORTS = "from shop.box import Box\nfrom elsewhere import Graph, tool\n\n\n"


@pytest.mark.parametrize(
    ("user", "is_read"),
    [
        (
            "def f(box: Box) -> 'list[Box]':\n    more: Box = Box(size=2)\n    return [more]\n",
            False,
        ),
        (
            "class Page:\n    box: Box\n\n    @property\n    def a(self) -> Box:\n        pass\n",
            False,
        ),
        ("@tool\ndef f(box: Box):\n    return box\n", True),
        ("@tool\nasync def f(box) -> 'list[Box]':\n    return box\n", True),
        ("class Page(Graph):\n    box: Box\n", True),
        ("@tool\nclass Page:\n    box: 'Box'\n", True),
        ("GRAPH = Graph(Box)\n", True),
        ("GRAPH = Graph(list[Box])\n", True),
        ("GRAPH = Graph[Box]()\n", True),
        ("KINDS = {'box': Box}\n", True),
        ("Kind = Box\n", True),
        ("def f():\n    return vars(Box)\n", True),
    ],
)
def test_no_library_may_ask_for_the_fields(user: str, is_read: bool) -> None:
    others, before = {"shop/api": IMPORTS + user}, FIELDS.format("")

    if not is_read:
        assert "path: str" in wrapped("shop/box.py", before, before + MORE, others)
        return
    with pytest.raises(CannotWrap, match="in the body of `Box` changes"):
        wrapped("shop/box.py", before, before + MORE, others)
