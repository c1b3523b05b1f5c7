"""Whose members a method comes upon that asks its own object for a name it is given."""

import tomllib
from pathlib import Path

import pytest

from flagwright.core.records.change import Change, FileChange
from flagwright.core.records.plan import Convention
from flagwright.core.wrapping.plan import wrap_change
from flagwright.core.wrapping.policy import WrappingPolicy
from flagwright.errors import CannotWrap

POLICY = WrappingPolicy.model_validate(
    tomllib.loads((Path(__file__).parents[3] / "policies" / "wrapping.toml").read_text())
)
CONVENTION = Convention(import_line="from flags import client", check='client.is_enabled("{flag}")')
ROW = """class Row{head}:
    def has(self, name):
        return hasattr(self, name)


"""
BASKET = """class Basket{head}:
    def old(self):
        return 1
"""
LOOK = "def look():\n    return Row.has(Basket(), 'more')\n\n\n"
MORE = """
    def more(self):
        return 2
"""


def plan(before: str, after: str, other: str = "") -> str:
    file = FileChange(
        path="shop/a.py", kind="modified", before=before.encode(), after=after.encode()
    )
    wrapped = wrap_change(
        Change(base="diff", head="diff", files=(file,), digest="0" * 64),
        flag="new-tax",
        convention=CONVENTION,
        policy=POLICY,
        modules={"shop/a.py": after.encode(), "shop/b.py": other.encode()},
    )
    return (wrapped.files[0].text or b"").decode()


@pytest.mark.parametrize(
    "row",
    [
        ROW.format(head=""),
        ROW.format(head="(dict)"),
        ROW.format(head="").replace("hasattr(self, name)", "any(hasattr(self, n) for n in name)"),
        ROW.format(head="").replace("    def", "    @classmethod\n    def").replace("self", "cls"),
        ROW.format(head="").replace("hasattr(self, name)", "name in dir(self)"),
        ROW.format(head="").replace("hasattr(self, name)", "name in vars(type(self))"),
        ROW.format(head="").replace("hasattr(self, name)", "name in [*self.__class__.__dict__]"),
        "class Row:\n    def find(self, path):\n        cls = load(path)\n"
        "        return [cls := getattr(cls, name) for name in path]\n\n\n",
        "def find(path):\n    cls = load(path)\n    for name in path:\n"
        "        cls = getattr(cls, name)\n    return cls\n\n\n",
        "class Row:\n    def take(self, other):\n        self.__dict__ = other.__dict__\n\n\n",
    ],
)
def test_an_object_that_looks_into_itself_finds_nothing_of_another_class(row: str) -> None:
    before = row + BASKET.format(head="")

    assert "# flag new-tax: on\n    def more" in plan(before, before + MORE)


@pytest.mark.parametrize(
    ("row", "basket", "other", "finds"),
    [
        (ROW.format(head=""), "(Row)", "", "Basket().has('more')"),
        (
            ROW.format(head=""),
            "",
            "from shop.a import Basket, Row\n\n\nclass Both(Row, Basket):\n    pass\n",
            "type('Both', (Row, Basket), {})().has('more')",
        ),
        (
            ROW.format(head=""),
            "",
            "from shop import a\n\nOne = a.Basket\n\n\nclass Both(a.Row, One):\n    pass\n",
            "type('Both', (Row, Basket), {})().has('more')",
        ),
        (ROW.format(head="(type)"), "(metaclass=Row)", "", "Basket.has('more')"),
        (
            ROW.format(head="").replace("def has", "@staticmethod\n    def has"),
            "",
            "",
            "Row.has(Basket(), 'more')",
        ),
        (
            ROW.format(head="").replace(
                "self, name):\n", "self, name):\n        self, name = name\n"
            ),
            "",
            "",
            "Row().has((Basket(), 'more'))",
        ),
        (
            ROW.format(head="").replace(
                "hasattr(self, name)",
                "[(lambda self: hasattr(self, name))(o) for o in (Basket(),)]",
            ),
            "",
            "",
            "Row().has('more')",
        ),
        (
            "def has(self, name):\n    return hasattr(self, name)\n\n\n",
            "",
            "",
            "has(Basket(), 'more')",
        ),
        (f"{ROW.format(head='')}{LOOK}", "", "", "look()"),
        (
            ROW.format(head="").replace("hasattr(self, name)", "name in dir(self)"),
            "(Row)",
            "",
            "Basket().has('more')",
        ),
        (
            ROW.format(head="(type)").replace("hasattr(self, name)", "name in [*self.__dict__]"),
            "(metaclass=Row)",
            "",
            "Basket.has('more')",
        ),
        (
            ROW.format(head="").replace("hasattr(self, name)", "name[1] in [*vars(name[0])]"),
            "",
            "",
            "Row().has((Basket, 'more'))",
        ),
    ],
)
def test_an_object_of_both_classes_finds_it(row: str, basket: str, other: str, finds: str) -> None:
    before = row + BASKET.format(head=basket)
    found = []
    for text in (before, before + MORE):
        names: dict[str, object] = {}
        exec(text, names)
        found.append(eval(finds, names))

    assert found[0] != found[1], "the old code would notice it"
    with pytest.raises(CannotWrap, match="`more`"):
        plan(before, before + MORE, other)


TRYING = """class Basket:
    def total(self):
        {how}
            return self.{name}()
        {otherwise}
"""


@pytest.mark.parametrize(
    ("how", "otherwise"),
    [
        ("try:", "except AttributeError:\n            return 1"),
        ("try:", "except (KeyError, AttributeError):\n            return 1"),
        ("try:", "except Exception:\n            return 1"),
        ("try:", "except:\n            return 1"),
        ("with suppress(AttributeError):", "return 1"),
    ],
)
def test_a_method_that_the_old_code_tries_is_found_by_it(how: str, otherwise: str) -> None:
    head = "from contextlib import suppress\n\n\n"
    before = head + TRYING.format(how=how, name="more", otherwise=otherwise)
    names: dict[str, type] = {}
    for text, total in ((before, 1), (before + MORE, 2)):
        exec(text, names)
        assert names["Basket"]().total() == total

    with pytest.raises(CannotWrap, match="`more`"):
        plan(before, before + MORE)


def test_a_method_of_which_the_old_code_tries_only_another_is_new() -> None:
    other = TRYING.format(
        how="try:", name="old", otherwise="except AttributeError:\n            pass"
    )
    use = "\n\ndef f(x):\n    try:\n        x.more()\n    except Exception:\n        pass\n"
    before = f"{other}{{}}{use}"

    assert "# flag new-tax: on" in plan(before.format(""), before.format(MORE))
