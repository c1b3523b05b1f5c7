"""A default that changes: what the other files of the repository may make of it."""

import tomllib
from functools import partial
from pathlib import Path

import pytest

from flagwright.core.records.change import Change, FileChange
from flagwright.core.records.plan import Convention
from flagwright.core.wrapping.plan import wrap_change
from flagwright.core.wrapping.policy import WrappingPolicy
from flagwright.core.wrapping.retire import retire_files
from flagwright.errors import CannotWrap

POLICY = WrappingPolicy.model_validate(
    tomllib.loads((Path(__file__).parents[3] / "policies" / "wrapping.toml").read_text())
)
CONVENTION = Convention(import_line="from flags import client", check='client.is_enabled("{flag}")')
FLAG = "new-tax"
OLD = """\
from shop.base import Page


def total(a, rate=1):
    return a * rate


class Box(Page):
    def __init__(self, size=1):
        self.size = size

    def all(self, rate=1):
        return self.size * rate
"""
NEW = OLD.replace("rate=1", "rate=2").replace("size=1", "size=2")
BASE = "class Page:\n    pass\n"
MEMBERS = (
    "import importlib\nfrom inspect import getmembers, signature\n\n\n"
    "def f(name):\n    for _, part in getmembers(importlib.import_module(name)):\n"
    "        yield signature(getattr(part, '{}'))\n"
)
RENAMED = "from shop.box import Box\n\nCrate = Box\n"


@pytest.mark.parametrize(
    ("more", "third", "is_wrapped"),
    [
        ("\n\ndef f():\n    return Crate(2)\n", "", True),
        ("Chest = Crate\n", "from shop.other import Chest\n\n\nclass Heir(Chest): ...\n", True),
        ("ALL = [Crate]\n", "", False),
        ("\n\ndef f(look):\n    return look(Crate)\n", "", False),
        ("", "from shop.other import Crate\n\nALL = [Crate]\n", False),
        ("", "import shop.other as o\n\n\ndef f(look):\n    return look(o.Crate)\n", False),
        ("Chest = Crate\n", "from shop.other import Chest\n\nALL = [Chest]\n", False),
        ("\n\ndef f():\n    kind = Box\n    return [kind]\n", "", False),
        ("\n\nclass Bag:\n    kind = Box\n", "", False),
    ],
)
def test_another_name_of_a_class_is_followed(more: str, third: str, *, is_wrapped: bool) -> None:
    others = {"shop__other": RENAMED + more, "shop__third": third, "shop__more": READER}

    if is_wrapped:
        assert plan(**others).count("is ...:") == 3
    else:
        with pytest.raises(CannotWrap) as caught:
            plan(**others)
        assert caught.value.category == "signature"


LOOKS = "import inspect\n\n\ndef f(other):\n    return inspect.signature(other)\n"
GLOBALS = "import inspect\n\n\ndef f(n):\n    return inspect.signature(globals()['do_' + n])\n"


def plan(base: str = BASE, *, new: str = NEW, own: str = "", old: str = OLD, **others: str) -> str:
    """The wrapped file of a repository with other files.

    Args:
        own: What else both versions of the file have in them.
        old: The file as it was.
    """
    old, new = old + own, new + own
    files = {"shop__base": base, **others}
    modules = {name.replace("__", "/") + ".py": text.encode() for name, text in files.items()}
    modules["shop/__init__.py"] = b""
    path = "shop/box.py"
    file = FileChange(path=path, kind="modified", before=old.encode(), after=new.encode())
    change = Change(base="diff", head="diff", files=(file,), digest="0" * 64)
    wrapped = wrap_change(
        change,
        flag=FLAG,
        convention=CONVENTION,
        policy=POLICY,
        modules={**modules, path: new.encode()},
    )
    return (wrapped.files[0].text or b"").decode()


@pytest.mark.parametrize(
    "other",
    [
        "from shop.box import Box, total\n\n\ndef f():\n    return total(2), Box().all()\n",
        "from shop.box import total\n\n\ndef f():\n    t = total\n    return t(2)\n",
        "from shop import total\n\n\ndef f():\n    total.log(total.total(2))\n",
        "from shop import total\n\n\ndef f():\n    return total.total(2)\n",
        "from shop.box import total\nimport atexit\n\natexit.register(total, 2)\n",
        "from shop.box import total\nimport threading as t\n\n\ndef f():\n    t.Thread(total)\n",
        "from shop.box import total\n\n\ndef f(x: tuple[int, ...]) -> None: ...\n",
        "import inspect\n\n\ndef f(other):\n    return inspect.signature(other)\n",
        "from typer import run\n\n\ndef f(other):\n    return run(other)\n",
        "from pydantic import Field\n\n\nclass Row:\n    size: int = Field(...)\n",
        "def f(x, y=1):\n    return x[..., 0], x is ..., y\n",
        "from typing import Protocol\n\n\nclass P(Protocol):\n    def f(self, x=...): ...\n",
        "from shop.box import Box\n\n\ndef f(x: Box):\n    return isinstance(x, (Box, int))\n",
        "from shop.box import Box\n\n\ndef f(all):\n    return all, Box\n",
        GLOBALS,
        MEMBERS.format("command"),
        "from collections import namedtuple\n\nRow = namedtuple('Row', 'a')\n"
        "Row.__new__.__defaults__ = (1,)\n",
        "from collections import namedtuple\nfrom shop import box\n\nRow = namedtuple('Row', 'a')\n"
        "Row.__new__.__defaults__ = (1,)\nkinds = [box.Box]\n",
        "from shop import box\n\nattrs = [box.Box]  # to fire later\n",
        "import sys\n\n\ndef f(page):\n    sys.exit(print(page.total))\n",
        "import sys\n\n\ndef f(page):\n    print(page.total, getattr(sys, 'x', 0))\n",
        "import sys\n\n\ndef f(page):\n    print(page.total, hasattr(sys, 'x'))\n",
        "from shop.box import total\n\n\ndef f(total):\n    print(total)\n",
        "from shop.box import total\n\n\ndef f(rows):\n    return map(total, rows)\n",
        f"from shop.box import total\nimport importlib.metadata\n{LOOKS}\n\n"
        "def g(box):\n    return print(box, importlib.metadata.version('shop'))\n",
    ],
)
def test_who_only_calls_is_not_in_the_way(other: str) -> None:
    text = plan(shop__other=other)

    assert text.count("is ...:") == 3


@pytest.mark.parametrize(
    "other",
    [
        "from shop import box\nimport inspect\n\nfound = inspect.signature(box.total)\n",
        f"from shop.box import total\n{GLOBALS}",
        "import attrs\nfrom shop import box\n\nkinds = [box.Box]\n",
        "from inner import *\nfrom shop import box\n\nkinds = [get_type_hints, box.Box]\n",
        f"from shop.box import *\n{GLOBALS}",
        MEMBERS.format("all"),
        "from shop import box\nfrom collections import namedtuple\n\n"
        "Row = namedtuple('Row', 'a')\nRow = box.Box\nRow.__init__.__defaults__ = (1,)\n",
        "from shop import box\nfrom inspect import signature as look\n\nfound = look(box.Box)\n",
        "def f(box):\n    return box.all.__defaults__\n",
        "from typer import run\nfrom shop.box import total\n\nrun(total)\n",
        "from fastapi import APIRouter\n\n\ndef f(router, page):\n    router.get('/')(page.all)\n",
        f"import importlib.metadata\n{LOOKS}\n\n"
        "def g(look):\n    box = importlib.import_module('shop.box')\n    look(box)\n",
        f"import importlib.metadata\n{LOOKS}\n\n"
        "def g(look):\n    for each in importlib.metadata.entry_points():\n"
        "        box = each.load()\n        look(box)\n",
        f"import importlib.metadata\n{LOOKS}\n\n"
        "def g(look):\n    i = importlib\n    box = i.import_module('shop.box')\n    look(box)\n",
        "from shop.box import total\n\nTABLE = {'total': total}\n",
        "from shop.box import total\n\n\ndef f(look):\n    t = total\n    return look(t)\n",
        "from shop.box import total\n\n\ndef f():\n    global t\n    t = total\n    t(1)\n",
        "from shop.box import total\n\n\ndef f(look):\n    look(total)\n    def g(total):\n"
        "        return total\n",
        "from shop.box import total\n\n\ndef map(f, rows):\n    return f.__defaults__\n\n\n"
        "found = map(total, [])\n",
    ],
)
def test_who_may_notice_is(other: str) -> None:
    with pytest.raises(CannotWrap) as caught:
        plan(shop__other=other)

    assert caught.value.category == "signature"
    assert "shop/other.py" in caught.value.because


@pytest.mark.parametrize(
    ("looked_at", "is_wrapped"),
    [
        ("known[type(self).__name__]", True),
        ("known[self.__class__.__qualname__]", True),
        ("getattr(self, known[type(self).__name__])", False),
        ("known.get(type(self))", False),
        ("type(self).__init__", False),
    ],
)
def test_what_a_class_is_called_does_not_lead_to_it(looked_at: str, *, is_wrapped: bool) -> None:
    base = "import inspect\n\n\nclass Page:\n    def f(self, known):\n"
    base += f"        return inspect.signature({looked_at})\n"

    if is_wrapped:
        assert plan(base).count("is ...:") == 3
    else:
        with pytest.raises(CannotWrap, match="looks at how"):
            plan(base)


@pytest.mark.parametrize(
    ("own", "is_wrapped"),
    [
        ("def f(total, rows):\n    rows.append(total)\n", True),
        ("def f(rows):\n    all = rows[0]\n    return [all, *rows]\n", True),
        ("def f(rows):\n    return [(total, all) for total, all in rows]\n", True),
        ("class Bag:\n    def f(self, rows):\n        return map(self.all, rows)\n", True),
        ("TABLE = [total]\n", False),
        ("def f(rows):\n    rows.append(total)\n    def g(total):\n        return total\n", False),
        ("def f(rows):\n    rows.append(total)\n    return [total for total in rows]\n", False),
        ("def f(rows):\n    from shop.box import total\n    rows.append(total)\n", False),
        ("def f(rows, then=lambda total: total):\n    rows.append(total)\n", False),
        ("class Bag:\n    kind = total\n\n    def f(self, total):\n        return total\n", False),
        ("class Bag:\n    def f(self, rows):\n        rows.append(self.all)\n", False),
    ],
)
def test_a_local_that_is_called_like_a_function_is_not_it(own: str, *, is_wrapped: bool) -> None:
    if is_wrapped:
        assert plan(own=own).count("is ...:") == 3
    else:
        with pytest.raises(CannotWrap, match="handed on as a value"):
            plan(own=own)


def test_a_member_that_its_class_hands_on_may_be_looked_at() -> None:
    body = "\n    each = all\n"

    with pytest.raises(CannotWrap, match="`all` would be declared otherwise, and it is handed"):
        plan(own=body)


@pytest.mark.parametrize(
    ("looked_at", "is_wrapped"),
    [
        ("inspect.signature(kind.__init__)", True),
        ("inspect.signature(type(self).__init__).parameters", True),
        ("self.__init__.__defaults__", True),
        ("inspect.signature(kind.__init__.__globals__['total'])", False),
        ("inspect.signature(kind.__init__.__self__.all)", False),
        ("inspect.signature(getattr(kind, self.word))", False),
        ("[inspect.signature(f) for f in vars(kind).values()]", False),
        ("inspect.signature(kind.__init__), inspect.signature", False),
    ],
)
def test_who_looks_at_what_makes_an_object_sees_nothing_else(
    looked_at: str, *, is_wrapped: bool
) -> None:
    base = f"import inspect\n\n\nclass Page:\n    def f(self, kind):\n        return {looked_at}\n"
    new, given = NEW.replace("size=2", "size=1"), "from shop.box import Box\n\nKINDS = [Box]\n"

    if is_wrapped:
        assert plan(base, new=new, shop__more=given).count("is ...:") == 2
        with pytest.raises(CannotWrap, match="`__init__` would be declared otherwise"):
            plan(base, shop__more=given)
    else:
        with pytest.raises(CannotWrap):
            plan(base, new=new, shop__more=given)


def test_a_script_of_the_documents_is_not_in_the_way() -> None:
    text = plan(docs__conf=MEMBERS.format("all"))

    assert text.count("is ...:") == 3


def test_what_is_called_like_documents_in_a_package_is() -> None:
    with pytest.raises(CannotWrap, match="shop/docs/views"):
        plan(shop__docs__views=MEMBERS.format("all"))


@pytest.mark.parametrize(
    "other",
    [
        "from shop.box import total\n\n\ndef f():\n    return total(2, ...)\n",
        "from beartype.claw import beartype_this_package\n\nbeartype_this_package()\n",
        "from shop.box import Box\n\n\ndef f(rate=...):\n    return Box().all(rate)\n",
        "MISSING = ...\n",
        "CONF = {'rate': ...}\n",
        "class P:\n    def __getitem__(self, k):\n        return k\n\n\nx = P()[...]\n",
        "def f(call):\n    return call(rate=Ellipsis)\n",
    ],
)
def test_where_three_dots_may_be_handed_on_each_version_has_a_signature(other: str) -> None:
    text = plan(shop__other=other)

    assert text.count("*args, **kwargs):") == 3
    assert "is ..." not in text


READER = "import inspect\n\n\ndef look(given):\n    return inspect.signature(given)\n"


@pytest.mark.parametrize(
    ("other", "more"),
    [
        ("def f(box, look):\n    return look(box.all)\n", READER),
        ("from shop.box import Box\n\n\ndef f(look):\n    return look(Box)\n", READER),
        ("from shop.box import Box\n\nALL = [Box]\n", READER),
        ("from shop.box import Box\n\n\nclass Heir(Box):\n    pass\n\n\nALL = [Heir]\n", READER),
        ("import shop.box\n\n\ndef f(look):\n    return look(shop.box)\n", READER),
        ("", "def look(x, name):\n    return getattr(x, name).__defaults__\n"),
        ("from fire import Fire\nfrom shop import box\n\nFire(box)\n", ""),
        (
            "def f(box, look):\n    return look(box.all)\n",
            "from inspect import (\n    isclass,\n    signature,\n)\n",
        ),
    ],
)
def test_who_may_get_it_by_way_of_another_file_is_as_well(other: str, more: str) -> None:
    with pytest.raises(CannotWrap) as caught:
        plan(shop__other=other, shop__more=more)

    assert caught.value.category == "signature"


LOOKS = "import inspect\n\n\ndef look(given):\n    return inspect.signature(given)\n\n\n"


@pytest.mark.parametrize(
    "more",
    [
        "def find(x, name):\n    return getattr(x, name)\n",
        "class Row:\n    def show(self, name):\n        return look(getattr(self, name))\n",
        "def find(x, name):\n    word = f'cmd_{name}'\n    return look(getattr(x, word))\n",
        "def find(x, name):\n    return look(getattr(x, 'run'))\n",
        "def find(x, name):\n    print(getattr(x, name))\n    return look(name)\n",
        "def find(x, name):\n    return look(len(vars(x)))\n",
        "from shop.box import Box\n\n\nclass Crate(Box):\n    pass\n\n\nx: Box | None = None\n",
        "from decimal import Decimal\n\nfound = look(Decimal.__init__)\n",
        "def find(box, total):\n    return look(box), total.__name__\n",
        "class Row:\n    @property\n    def f(self):\n        return globals()[self.name]\n\n"
        "    def show(self):\n        return look(self.f)\n",
        "def f(x=...):\n    return 0 if x is ... else 1\n",
    ],
)
def test_what_is_looked_at_and_cannot_be_it_is_not_in_the_way(more: str) -> None:
    text = plan(shop__more=LOOKS + more)

    assert text.count("is ...:") == 3


FINDS = (
    "import importlib\n\n\ndef load(path, name):\n    found = importlib.import_module(path)\n"
    "    return look(getattr(found, name))\n"
)
METHOD = OLD.replace("def all(self, rate=1)", "def all(self, rate=2)")


@pytest.mark.parametrize(
    "more",
    [
        FINDS,
        "def load(path, n):\n    return look(getattr(__import__(path, fromlist=[n]), n))\n",
        FINDS + "\n\nimport sys\n\nsys.modules['shop.old'] = sys.modules['shop.more']\n",
    ],
)
def test_what_is_found_in_a_module_is_no_method(more: str) -> None:
    text = plan(new=METHOD, shop__more=LOOKS + more)

    assert text.count("is ...:") == 1


@pytest.mark.parametrize(
    "base",
    [
        "from wsgiref.simple_server import WSGIServer\n\n\nclass Page(WSGIServer): ...\n",
        "import optparse\n\n\nclass Page(optparse.OptionParser): ...\n",
        "from pykka import ThreadingActor\n\n\nclass Page(ThreadingActor): ...\n",
    ],
)
def test_a_base_that_only_calls_is_not_in_the_way(base: str) -> None:
    assert plan(base, new=METHOD).count("is ...:") == 1


@pytest.mark.parametrize(
    ("name", "base", "is_wrapped"),
    [
        ("_all", "cleo.Command", True),
        ("__all", "cleo.Command", True),
        ("all", "cleo.Command", False),
        ("__all__", "cleo.Command", False),
        ("_on_all", "cleo.Command", False),
        ("_all", "zope.interface.Interface", False),
        ("_all", "cleo.command()", False),
    ],
)
def test_a_base_from_elsewhere_looks_at_no_method_of_the_class_itself(
    name: str, base: str, *, is_wrapped: bool
) -> None:
    elsewhere = f"import {base.partition('.')[0]}\n\n\nclass Page({base}): ...\n"
    elsewhere = elsewhere.replace("import zope", "import zope.interface")
    new = METHOD.replace("def all", f"def {name}")
    text = partial(plan, elsewhere, new=new, old=OLD.replace("def all", f"def {name}"))

    if is_wrapped:
        assert text().count("is ...:") == 1
    else:
        with pytest.raises(CannotWrap):
            text()


@pytest.mark.parametrize(
    ("head", "is_wrapped"),
    [
        ("from abc import ABCMeta\n\n\nclass Box(metaclass=ABCMeta)", True),
        ("import abc\n\n\nclass Box(metaclass=abc.ABCMeta)", True),
        ("from shop.abc import ABCMeta\n\n\nclass Box(metaclass=ABCMeta)", False),
        ("from abc import ABCMeta\n\n\nclass Box(metaclass=ABCMeta, more=1)", False),
        ("from abc import ABCMeta\n\n\nclass Box(metaclass=ABCMeta, **MORE)", False),
    ],
)
def test_what_tells_abstract_methods_looks_at_no_signature(head: str, *, is_wrapped: bool) -> None:
    old, new = (text.replace("class Box(Page)", head) for text in (OLD, METHOD))

    if is_wrapped:
        assert plan(new=new, old=old).count("is ...:") == 1
    else:
        with pytest.raises(CannotWrap) as caught:
            plan(new=new, old=old)
        assert caught.value.category == "signature"


NEW_META = "def __new__(mcs, name, bases, members):\n        "
INIT_META = "def __init__(cls, name, bases, members):\n        "
MADE = "made = super().__new__(mcs, name, bases, members)\n        "


@pytest.mark.parametrize(
    "body",
    [
        "pass",
        INIT_META
        + "super().__init__(name, bases, members)\n        cls.found = getattr(cls, 'x', 1)",
        INIT_META + "cls.found.add(name, 'all')",
        "def __init__(cls, *more, **others):\n        super().__init__(*more, **others)",
        NEW_META + MADE + "made.more = members.get('more', members['x'] if 'x' in members else 1)\n"
        "        return made",
        NEW_META + "for base in reversed(bases):\n            if isinstance(base, Meta):\n"
        "                members['found'] = base.found\n"
        "        return type.__new__(mcs, name, bases, members)",
        NEW_META + "members = mcs.read(name, members)\n"
        "        return super().__new__(mcs, name, bases, members)\n\n    @staticmethod\n"
        "    def read(word, members):\n        members['word'] = word\n        return members",
        NEW_META + "members = Meta.read(name, members)\n"
        "        return super().__new__(mcs, name, bases, members)\n\n    @staticmethod\n"
        "    def read(word, members):\n        members['word'] = word\n        return members",
        NEW_META + "if any(isinstance(base, Meta) for base in bases) and len(bases) > 1:\n"
        "            raise TypeError(name)\n        "
        "return super().__new__(mcs, name, bases, members)",
    ],
)
def test_what_makes_a_class_and_spells_out_what_it_asks_for_is_not_in_the_way(body: str) -> None:
    base = f"class Meta(type):\n    {body}\n\n\nclass Page(metaclass=Meta):\n    pass\n"

    assert plan(base, new=METHOD).count("is ...:") == 1


@pytest.mark.parametrize(
    "body",
    [
        INIT_META + "FOUND.append(cls)",
        INIT_META + "look(cls.all)",
        INIT_META + "look(members['all'])",
        INIT_META + "cls.look()",
        INIT_META + "look(cls.mro)",
        INIT_META + "look(cls.__dict__)",
        INIT_META + "look(getattr(cls, name))",
        INIT_META + "look(*dir(cls))",
        INIT_META + "look(*members.values())",
        INIT_META + "cls.found = [look(members[word]) for word in members]",
        INIT_META + "cls.found = len(members)",
        INIT_META + "more = members\n        cls.found = len(more)",
        INIT_META + "bases = members\n        cls.found = [1 for each in bases]",
        INIT_META + "look(list(bases))",
        INIT_META + "for base in bases:\n            look(base.__dict__)",
        INIT_META + "look(locals())",
        INIT_META + "look(more := cls)",
        INIT_META + "more = other = cls\n        look(other)",
        INIT_META + "(lambda: look(cls))()",
        INIT_META + "super().look(cls)",
        INIT_META + "look(super().__init__(name, bases, members))",
        "def __init__(cls, *more):\n        look(more[2])",
        "def __init__(cls, name, bases, members, **more):\n        look(**more)",
        NEW_META + "return look(super().__new__(mcs, name, bases, members))",
        NEW_META + MADE + "return look(made)",
        NEW_META + MADE + "FOUND[name] = made\n        return made",
        NEW_META + "Meta.read(members)\n        return type(name, bases, {})\n\n    @staticmethod\n"
        "    def read(others):\n        look(*others.values())",
        NEW_META
        + "Meta.read(members)\n        return super().__new__(mcs, name, bases, members)\n\n"
        "    @staticmethod\n    def read(bases):\n        return [1 for each in bases]",
        NEW_META
        + "mcs.read(members)\n        return super().__new__(mcs, name, bases, members)\n\n"
        "    def read(cls):\n        look(cls)",
        "def look(cls):\n        return vars(cls)",
        "@property\n    def found(cls):\n        return look(cls)",
        "def __call__(cls):\n        return super().__call__()",
        "def __getattr__(cls, name):\n        return name",
        "@classmethod\n    def __prepare__(mcs, name, bases):\n        return Members()",
    ],
)
def test_what_makes_a_class_and_may_come_upon_any_member_is_in_the_way(body: str) -> None:
    base = f"class Meta(type):\n    {body}\n\n\nclass Page(metaclass=Meta):\n    pass\n"

    with pytest.raises(CannotWrap) as caught:
        plan(base, new=METHOD)
    assert caught.value.category == "signature"


@pytest.mark.parametrize(
    ("line", "is_wrapped"),
    [
        ("kind.__module__ = 'shop'", True),
        ("print(kind.__name__)", True),
        ("kind.found = kind.more\n    assert issubclass(kind, object)", True),
        ("kind.more.append(1)", True),
        ("kind.more.append(kind)", False),
        ("print(kind.all)", False),
        ("kind.all = None", False),
        ("kind.more()", False),
        ("print(kind.mro)", False),
        ("KINDS.append(kind)", False),
        ("print(kind.all.__defaults__)", False),
        ("kind = wrap(kind)", False),
    ],
)
def test_what_only_marks_a_class_sees_no_method(line: str, *, is_wrapped: bool) -> None:
    mark = f"def mark(kind):\n    {line}\n    return kind\n\n\n@mark\nclass Box"
    old, new = (text.replace("class Box", mark) for text in (OLD, METHOD))

    if is_wrapped:
        assert plan(new=new, old=old).count("is ...:") == 1
    else:
        with pytest.raises(CannotWrap) as caught:
            plan(new=new, old=old)
        assert caught.value.category == "signature"


@pytest.mark.parametrize(
    ("more", "other"),
    [
        (FINDS.replace("import_module", "open"), ""),
        (FINDS.replace("(found, name)", "(getattr(found, path), name)"), ""),
        (FINDS.replace("(found, name)", "(found, name, path)"), ""),
        (FINDS.replace("    return", "    if name:\n        found = name\n    return"), ""),
        (FINDS.replace("path, name):", "path, name, found=None):"), ""),
        (FINDS.replace("import importlib", "from shop import importlib"), ""),
        (FINDS, "def __getattr__(name):\n    return getattr(box, name)\n"),
        (FINDS, "import sys\nfrom shop.box import Box\n\nsys.modules[__name__] = Box()\n"),
        (FINDS, "import sys\nfrom shop.box import Box\n\nsys.modules['shop.old'] = Box()\n"),
        (FINDS, "import sys\n\nsys.modules[__name__].__class__ = kind\n"),
        (FINDS, "for n in names:\n    globals()[n] = getattr(box, n)\n"),
        (FINDS, "globals().update({n: getattr(box, n) for n in names})\n"),
        (FINDS, "def fill(module, n):\n    setattr(module, n, getattr(box, n))\n"),
        (FINDS, "from shop import box\n\nrun = box.all\n"),
        (FINDS, "from shop.box import Box\n\nrun = Box().all\n"),
    ],
)
def test_what_may_be_a_method_in_a_module_is_looked_at(more: str, other: str) -> None:
    with pytest.raises(CannotWrap) as caught:
        plan(new=METHOD, shop__more=LOOKS + more, shop__other=other)

    assert caught.value.category == "signature"


@pytest.mark.parametrize(
    "more",
    [
        "def find(x, name):\n    return look(getattr(x, name))\n",
        "def find(x, name):\n    return look(given=getattr(x, name))\n",
        "def find(x, name):\n    f = [getattr(x, name)]\n    return look(*f)\n",
        "def find(x, f):\n    return look(getattr(x, f'cmd_{f}' if f else f))\n",
        "def find(x, p):\n    look(getattr(x, f'{p}_all'))\n\n\nfind(1, 'to')\nfind(1, '')\n",
        "def find(x, p='tot'):\n    return look(getattr(x, f'{p}al'))\n",
        "found = []\n\n\ndef find(x, name):\n    found.append(getattr(x, name))\n\n\n"
        "def show():\n    return [inspect.signature(f) for f in found]\n",
        "def find(x):\n    return map(look, vars(x).values())\n",
        "def find(x):\n    for name, f in inspect.getmembers(x):\n        look(f)\n",
        "class Row:\n    def take(self, x, name):\n        self.f = getattr(x, name)\n\n"
        "    def show(self):\n        return look(self.f)\n",
        "class Row:\n    @property\n    def f(self):\n        return globals()[self.name]\n\n"
        "    def show(self):\n        return look(self.f)\n\n\n"
        "def fill(x):\n    globals()['f'] = x\n",
        "from shop.box import Box\n\n\nclass Row:\n    @property\n    def f(self):\n"
        "        return globals()[self.name]\n\n    def show(self):\n        return look(self.f)\n",
        "def find(x, name):\n    return getattr(x, name)\n\n\ndef show(x):\n"
        "    return look(find(x, 'all'))\n",
        "def find(x, name):\n    f = getattr(x, name)\n    def show():\n        return look(f)\n",
        "def show(f, *more):\n    return [look(m) for m in more]\n\n\ndef find(x, name):\n"
        "    return show(1, getattr(x, name))\n",
        "def find(x):\n    while (f := x.__dict__.popitem()[1]):\n        look(f)\n",
        "def find(x):\n    return look(type(x))\n",
        "def find(x):\n    return look(x.__init__)\n",
        "def find(x, name):\n    setattr(x, 'run', getattr(x, name))\n    return look(x.run)\n",
        "from inspect import signature as s\n\n\ndef find(x, n):\n    return s(getattr(x, n))\n",
        "s = inspect.signature\n\n\ndef find(x, name):\n    return s(getattr(x, name))\n",
        "def find(xs, name):\n    return map(inspect.signature, [getattr(x, name) for x in xs])\n",
        "def find(x, name):\n    return getattr(x, name).__defaults__\n",
        "from shop.box import Box\n\nfound = look(Box)\n",
        "from shop.box import Box\n\nfound = Box or None\n",
        "from shop import box as b\n\nfound = look(b.total)\n",
        "from shop import box as b\n\nfound = look(b)\n",
        "from shop.box import total as t\n\nfound = look(t)\n",
        "import sys\n\nm = sys.modules['shop.box']\nfound = look(m.total)\n",
        "import sys as s\n\nm = s.modules['shop.box']\nfound = look(m.total)\n",
        "from sys import modules as m\n\nfound = look(m['shop.box'].total)\n",
        "import sys\n\nm = getattr(sys, 'modules')\nfound = look(m['shop.box'].total)\n",
        "import sys\n\nm = getattr(sys, name)\nfound = look(m['shop.box'].total)\n",
        "import sys\n\nm = getattr(sys, '__dict__')['modules']\n"
        "found = look(m['shop.box'].total)\n",
        "m = __import__('shop.box')\nfound = look(m.total)\n",
        "def find(x, name):\n    return look(x.f.__globals__[name])\n",
    ],
)
def test_what_may_be_looked_at_is(more: str) -> None:
    with pytest.raises(CannotWrap) as caught:
        plan(shop__more=LOOKS + more)

    assert caught.value.category == "signature"


def test_what_another_file_has_looked_at_is_as_well() -> None:
    finds = "from shop.more import look\n\n\ndef find(x, name):\n    look(getattr(x, name))\n"

    with pytest.raises(CannotWrap) as caught:
        plan(shop__more=LOOKS, shop__other=finds)

    assert "shop/other.py looks at how whatever it finds is declared" in caught.value.because


@pytest.mark.parametrize(
    "base",
    [
        "from others import Page\n",
        "class Meta(other):\n    pass\n\n\nclass Page(metaclass=Meta):\n    pass\n",
        "class Page:\n    def __init_subclass__(cls):\n        print(cls.all.__defaults__)\n",
    ],
)
def test_a_base_that_may_look_is_in_the_way(base: str) -> None:
    with pytest.raises(CannotWrap) as caught:
        plan(base)

    assert caught.value.category == "signature"


@pytest.mark.parametrize(("on", "wanted"), [(True, NEW), (False, OLD)])
def test_taking_the_flag_out_puts_the_default_back(on: bool, wanted: str) -> None:
    files = {"shop/box.py": plan().encode()}

    retired = retire_files(files, flag=FLAG, on=on)

    assert [file.text for file in retired.files] == [wanted.encode()]


def test_what_somebody_has_edited_since_stays() -> None:
    text = plan().replace("if rate is ...:", "if rate in (..., 0):", 1)

    retired = retire_files({"shop/box.py": text.encode()}, flag=FLAG, on=True)

    assert retired.files == ()
    assert {segment.path for segment in retired.coverage} == {"shop/box.py"}


@pytest.mark.parametrize(
    ("old", "new"), [("user=1", "user=2"), ("", "user"), ("user=1", "user=1, *, user2=1")]
)
def test_nobody_is_asked_for_who_was_left_out(old: str, new: str) -> None:
    check = CONVENTION.model_copy(
        update={"check": 'client.is_enabled("{flag}", {context})', "context": "user"}
    )
    texts = [f"def f({given}):\n    return {n}\n".encode() for n, given in enumerate((old, new))]
    file = FileChange(path="a.py", kind="modified", before=texts[0], after=texts[1])
    change = Change(base="diff", head="diff", files=(file,), digest="0" * 64)

    def wrapped() -> bytes | None:
        found = wrap_change(change, flag=FLAG, convention=check, policy=POLICY)
        return found.files[0].text

    if "user2" in new:
        assert b'is_enabled("new-tax", user)' in (wrapped() or b"")
    else:
        with pytest.raises(CannotWrap) as caught:
            wrapped()
        assert caught.value.category == "signature"


@pytest.mark.parametrize(
    ("other", "is_looked_up"),
    [
        ("from shop.rate import MORE\n\nprint(MORE)\n", True),
        ("from shop import rate\n\n__all__ = ['MORE']\nprint(rate.MORE)\n", True),
        ("def f(MORE):\n    MORE += 1\n    return MORE\n", True),
        ("from shop import rate\n\nrate.MORE = 5\n", False),
        ("from shop import rate\n\nrate.LIMIT, x = 5, 6\n", False),
        ("from shop import rate\n\ndel rate.MORE\n", False),
        ("from shop import rate\n\nsetattr(rate, 'MORE', 5)\n", False),
        ("from shop import rate\n\nvars(rate)['MORE'] = 5\n", False),
        ("from shop import rate\n\nrate.__dict__.update(MORE=5)\n", False),
        ("from mock import patch\n\npatch('shop.rate.MORE', 5).start()\n", False),
    ],
)
def test_a_default_by_name_is_kept_where_somebody_sets_the_name(
    other: str, *, is_looked_up: bool
) -> None:
    before = "LIMIT = 1\nMORE = 2\n\n\ndef f(a=LIMIT):\n    return a\n"
    after = before.replace("a=LIMIT", "a=MORE")
    file = FileChange(
        path="shop/rate.py", kind="modified", before=before.encode(), after=after.encode()
    )
    change = Change(base="diff", head="diff", files=(file,), digest="0" * 64)
    modules = {"shop/rate.py": after.encode(), "shop/other.py": other.encode()}

    found = wrap_change(change, flag=FLAG, convention=CONVENTION, policy=POLICY, modules=modules)
    text = (found.files[0].text or b"").decode()

    assert ("a=...):" in text) == is_looked_up
    assert ("a_on=MORE" in text or "a_off=LIMIT" in text) != is_looked_up


LAST = ("a", "a, b=1", b"# flag new-tax: on (b)")
MIDDLE = ("a, c=2", "a, b=1, c=2", b"# flag new-tax: both (f_on, f_off, *)")
CALLS = """\
from functools import wraps
import asyncio


def log(f):
    name = f.__name__

    @wraps(f)
    def inner(*args, **kwargs):
        print(name)
        return f(*args, **kwargs)

    return f if asyncio.iscoroutinefunction(f) else inner
"""


@pytest.mark.parametrize(
    ("old", "new", "is_wrapped"),
    [
        ("", "", True),
        ("def log(f):", "def log(f, more=1):", False),
        ("    name = f.__name__\n", "    f.path = name = f.__name__\n    print(f.more)\n", True),
        ("    name = f.__name__\n", "    name = f.more(1)\n", False),
        ("    name = f.__name__\n", "    name = f.func.__name__\n", False),
        ("    name = f.__name__\n", "    f.__signature__ = name = 1\n", False),
        ("    name = f.__name__\n", "    name = f.__defaults__\n", False),
        ("    name = f.__name__\n", "    name = len(FOUND)\n    FOUND.append(f)\n", False),
        ("print(name)", "print(name, f)", False),
        ("return f(*args, **kwargs)", "return f", False),
        ("def log(f):", "@wraps\ndef log(f):", False),
        ("def log(f):", "async def log(f):", False),
    ],
)
@pytest.mark.parametrize("is_made", [False, True])
@pytest.mark.parametrize("is_near", [False, True])
@pytest.mark.parametrize(("own", "other", "mark"), [LAST, MIDDLE])
def test_a_decorator_that_only_calls_what_it_is_above_is_not_in_the_way(
    old: str,
    new: str,
    own: str,
    other: str,
    mark: bytes,
    *,
    is_wrapped: bool,
    is_made: bool,
    is_near: bool,
) -> None:
    log = CALLS.replace(old, new) if old else CALLS
    if is_made:
        head, _, rest = log.partition("\n\n\n")
        inner = "".join(f"    {line}\n" if line else "\n" for line in rest.splitlines())
        log = f"{head}\n\n\ndef made(level):\n{inner}    return log\n"
    use = "from . import log\n\n\n@log." if is_near else "from shop.log import log, made\n\n\n@"
    use += "made(1)" if is_made else "log"
    before = use + f"\ndef f({own}):\n    return a\n"
    after = use + f"\ndef f({other}):\n    return a, b\n"
    file = FileChange(
        path="shop/rate.py", kind="modified", before=before.encode(), after=after.encode()
    )
    change = Change(base="diff", head="diff", files=(file,), digest="0" * 64)
    modules = {"shop/__init__.py": b"", "shop/rate.py": after.encode(), "shop/log.py": log.encode()}

    def wrapped() -> bytes:
        found = wrap_change(
            change, flag=FLAG, convention=CONVENTION, policy=POLICY, modules=modules
        )
        return found.files[0].text or b""

    if is_wrapped:
        assert mark in wrapped()
    else:
        with pytest.raises(CannotWrap) as caught:
            wrapped()
        assert caught.value.category == "signature"


@pytest.mark.parametrize(
    ("head", "is_wrapped"),
    [
        ("import click\n\n\n@click.command()\n@click.option('--a')\n", True),
        ("from click import command as cmd, option\n\n\n@cmd()\n@option('--a')\n", True),
        ("from django.db import transaction\n\n\n@transaction.atomic\n", True),
        ("import typer\n\n\n@typer.Typer().command()\n", False),
        ("import click\nfrom shop.log import log\n\n\n@click.command()\n@log\n", False),
        ("from shop import log as click\n\n\n@click.command()\n", False),
        ("import click\n\nclick = click.look\n\n\n@click.command()\n", False),
    ],
)
@pytest.mark.parametrize(("own", "other", "mark"), [LAST, MIDDLE])
def test_a_decorator_that_the_team_knows_to_call_is_not_in_the_way(
    head: str, own: str, other: str, mark: bytes, *, is_wrapped: bool
) -> None:
    before = head + f"def f({own}):\n    return a\n"
    after = head + f"def f({other}):\n    return a, b\n"
    file = FileChange(
        path="shop/rate.py", kind="modified", before=before.encode(), after=after.encode()
    )
    change = Change(base="diff", head="diff", files=(file,), digest="0" * 64)
    modules = {"shop/rate.py": after.encode()}

    if is_wrapped:
        found = wrap_change(
            change, flag=FLAG, convention=CONVENTION, policy=POLICY, modules=modules
        )
        assert mark in (found.files[0].text or b"")
    else:
        with pytest.raises(CannotWrap) as caught:
            wrap_change(change, flag=FLAG, convention=CONVENTION, policy=POLICY, modules=modules)
        assert caught.value.category == "signature"


@pytest.mark.parametrize(
    ("head", "is_wrapped"),
    [
        ("from zope.interface import implementer\n\n\n@implementer(print)\n", True),
        ("from zope.interface.declarations import provider\n\n\n@provider(print)\n", True),
        ("from shop.log import implementer\n\n\n@implementer(print)\n", False),
        ("import events\n\nevents.quitting.fire()\n\n\n", True),
        ("import fire\n\nfire.Fire(print)\n\n\n", False),
        ("import vendor\n\nvendor.fire.Fire(print)\n\n\n", False),
        ("from vendor import fire\n\nfire.Fire(print)\n\n\n", False),
    ],
)
def test_what_only_marks_a_class_or_is_called_like_a_reader_is_not_in_the_way(
    head: str, *, is_wrapped: bool
) -> None:
    before = head + "class Box:\n    def open(self, a, c=2):\n        return a, c\n"
    after = before.replace("a, c=2", "a, b=1, c=2")
    file = FileChange(
        path="shop/rate.py", kind="modified", before=before.encode(), after=after.encode()
    )
    change = Change(base="diff", head="diff", files=(file,), digest="0" * 64)
    modules = {"shop/rate.py": after.encode()}

    if is_wrapped:
        wrap_change(change, flag=FLAG, convention=CONVENTION, policy=POLICY, modules=modules)
    else:
        with pytest.raises(CannotWrap) as caught:
            wrap_change(change, flag=FLAG, convention=CONVENTION, policy=POLICY, modules=modules)
        assert caught.value.category == "signature"


def test_what_only_shows_people_how_a_function_is_declared_is_not_in_the_way() -> None:
    look = "import inspect\n\n\ndef f(x):\n    for n in dir(x):\n"
    look += "        print(inspect.signature(getattr(x, n)))\n"

    assert "# flag" in plan(shop__rich___inspect=look)
    with pytest.raises(CannotWrap):
        plan(shop__rich__look=look)


@pytest.mark.parametrize(
    ("own", "other", "is_wrapped"),
    [
        ("\n\ndef f():\n    return sorted(total(1))\n", "", True),
        ("\n\ndef f():\n    return list(map(total, [1, 2]))\n", "", True),
        ("", "from shop.box import total\n\n\ndef f():\n    return total(1)\n", True),
        ("\n\ndef f(app):\n    app.task(total)\n", "", False),
        (
            "",
            "from fastapi import Depends\nfrom shop.box import total\n\nD = Depends(total)\n",
            False,
        ),
        ("", "import shop.box\n\n\ndef f(app):\n    app.task(shop.box.total)\n", False),
        ("\n\ndef f():\n    return isgeneratorfunction(total)\n", "", False),
    ],
)
def test_who_is_handed_a_function_may_ask_whether_it_gives_one_value_or_many(
    own: str, other: str, *, is_wrapped: bool
) -> None:
    old, new = (
        OLD.replace("return a * rate", "return [a]"),
        OLD.replace("return a * rate", "yield a"),
    )

    if is_wrapped:
        assert "def total_on(" in plan(old=old, new=new, own=own, shop__other=other)
    else:
        with pytest.raises(CannotWrap) as caught:
            plan(old=old, new=new, own=own, shop__other=other)
        assert caught.value.category == "function-kind"
