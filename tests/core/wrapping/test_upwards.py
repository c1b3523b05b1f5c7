"""New methods that call the one they override, below a base of others, really run.

On the side that does not have such a method the object must behave as its base does.
"""

import sys
import tomllib
from pathlib import Path
from types import ModuleType
from typing import Any

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
LIBRARY = """
import enum


class Base:
    def __init__(self, a, *, b=2):
        self.a, self.b = a, b

    def save(self, value=5):
        return ("saved", self.a, self.b, value)

    def close(self):
        return "closed"

    def __str__(self):
        return "base"

    @classmethod
    def make(cls, *args):
        return cls(*args)

    @staticmethod
    def pure(value):
        return value

    async def fetch(self):
        return "fetched"


class Choice(str, enum.Enum):
    def __str__(self):
        return self.value
"""
HEAD = "from library import Base\n\n\nclass Box(Base):\n    x = 1\n"


def plan(before: str, after: str, **others: str) -> str:
    file = FileChange(
        path="shop/box.py", kind="modified", before=before.encode(), after=after.encode()
    )
    modules = {f"shop/{name}.py": text.encode() for name, text in others.items()}
    wrapped = wrap_change(
        Change(base="diff", head="diff", files=(file,), digest="0" * 64),
        flag="new-tax",
        convention=CONVENTION,
        policy=POLICY,
        modules={"shop/__init__.py": b"", "shop/box.py": after.encode(), **modules},
    )
    return (wrapped.files[0].text or b"").decode()


def results(text: str, run: list[str], *, on: bool, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    flags: Any = ModuleType("flags")
    flags.client = ModuleType("client")
    flags.client.is_enabled = lambda _: on
    library = ModuleType("library")
    monkeypatch.setitem(sys.modules, "flags", flags)
    monkeypatch.setitem(sys.modules, "library", library)
    exec(compile(LIBRARY, "library.py", "exec"), library.__dict__)
    module = ModuleType("box")
    exec(compile(text, "box.py", "exec"), module.__dict__)
    found = []
    for expression in run:
        try:
            found.append(repr(eval(expression, module.__dict__)))
        except Exception as error:
            found.append(repr(error))
    return found


@pytest.mark.parametrize(
    ("method", "run"),
    [
        (
            "    def save(self, *args, **kwargs):\n"
            "        return ('new', super().save(*args, **kwargs))\n",
            ["Box(1).save()", "Box(1).save(value=3)", "Box(1).save(1, 2)"],
        ),
        (
            "    def __init__(self, *args, **kwargs):\n"
            "        super().__init__(*args, **kwargs)\n        self.a = 9\n",
            ["vars(Box(1))", "vars(Box(1, b=3))", "Box()"],
        ),
        (
            "    def close(self):\n        return super().close() + ' again'\n",
            ["Box(1).close()"],
        ),
        (
            "    def save(self, *args, **kwargs):\n        if args and args[0] == 3:\n"
            "            return 'three'\n        with __import__('contextlib').nullcontext():\n"
            "            return super().save(*args, **kwargs)\n",
            ["Box(1).save(3)", "Box(1).save(4)"],
        ),
        (
            "    def __str__(self):\n        return 'new' + super().__str__()\n",
            ["str(Box(1))", "f'{Box(1)}'"],
        ),
        (
            "    @classmethod\n    def make(cls, *args, **kwargs):\n"
            "        return super().make(*args, **kwargs).a\n",
            ["vars(Box.make(1)) if not isinstance(Box.make(1), int) else Box.make(1)"],
        ),
        (
            "    async def fetch(self):\n        return await super().fetch() + '!'\n",
            ["__import__('asyncio').run(Box(1).fetch())"],
        ),
    ],
)
def test_a_method_that_calls_the_one_it_overrides_goes_up(
    method: str, run: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    mixed = (
        "from shop.box import Box\n\n\nclass Other:\n    pass\n\n\nclass C(Box, Other):\n    pass\n"
    )
    mixin = "\n\nclass Mixin:\n    def save(self):\n        return 1\n\n\nclass Two(Mixin, Box):\n"
    before, after = (HEAD + part + mixin + "    pass\n" for part in ("", "\n" + method))
    run = [*run, *(expression.replace("Box", "Two") for expression in run)]

    text = plan(before, after, other=mixed)

    for on, version in ((False, before), (True, after)):
        expected = results(version, run, on=on, monkeypatch=monkeypatch)
        assert results(text, run, on=on, monkeypatch=monkeypatch) == expected


SAVE = "    def save(self, value):\n        return super().save(value)\n"


@pytest.mark.parametrize(
    ("method", "head", "page"),
    [
        # what the base is given need not be what the new method takes
        (SAVE, HEAD, "def f(box):\n    return box.save()\n"),
        (SAVE, HEAD, "def f(box):\n    return box.save(number=1)\n"),
        (SAVE, HEAD, "def f(box, given):\n    return box.save(*given)\n"),
        (SAVE, HEAD, "def f(box):\n    return box.save\n"),
        (SAVE, HEAD, "def f(box):\n    return getattr(box, 'save')()\n"),
        (SAVE, HEAD, "from shop.box import Box\n\n\ndef f():\n    return Box.save(1)\n"),
        (SAVE.replace("value)", "value=1)"), HEAD, ""),
        (
            "    def __init__(self, a):\n        super().__init__(a)\n",
            HEAD,
            "",
        ),
        (
            "    def __init__(self, *args, **kwargs):\n        super().__init__(*args, **kwargs)\n",
            "from fastapi import Depends\n" + HEAD,
            "",
        ),
        # it need not be there
        (
            "    def more(self):\n        if hasattr(super(), 'more'):\n"
            "            return super().more()\n",
            HEAD,
            "",
        ),
        ("    def more(self):\n        return 1\n", HEAD, ""),
        (
            "    def more(self):\n        if HAS:\n"
            "            return super().more()\n        return 3\n",
            HEAD,
            "",
        ),
        (
            "    def more(self):\n        if not HAS:\n"
            "            return 3\n        return super().more()\n",
            HEAD,
            "",
        ),
        (
            "    def more(self):\n        try:\n            return super().more()\n"
            "        except Exception:\n            return 3\n",
            HEAD,
            "",
        ),
        ("    def more(self):\n        return HAS and super().more()\n", HEAD, ""),
        # somebody sees that it is there
        (
            "    def close(self):\n        return super().close()\n",
            "from library import Base\n\n\nclass Meta(type):\n"
            "    def __init__(cls, *rest):\n        cls.names = sorted(rest[2])\n\n\n"
            "class Box(Base, metaclass=Meta):\n    x = 1\n",
            "",
        ),
        (
            "    def close(self):\n        return super().close()\n",
            "from shop.page import Base\n\n\nclass Box(Base):\n    x = 1\n",
            "class Base:\n    def __init_subclass__(cls):\n        cls.names = sorted(vars(cls))\n",
        ),
        (
            "    def close(self):\n        return super().close()\n",
            "from shop.page import Base\n\n\nclass Box(Base):\n    x = 1\n",
            "import abc\n\n\nclass Base(abc.ABC):\n    @abc.abstractmethod\n"
            "    def close(self):\n        return 1\n",
        ),
        (
            "    def __str__(self):\n        return 'new'\n",
            "from library import Choice\n\n\nclass Box(Choice):\n    x = 1\n",
            "",
        ),
        (
            "    def __str__(self):\n        return super().__str__() + '!'\n",
            "import enum\n\n\nclass Box(str, enum.Enum):\n    x = '1'\n",
            "",
        ),
        ("    def close(self):\n        yield super().close()\n", HEAD, ""),
    ],
)
def test_a_method_that_may_not_go_up_is_refused(method: str, head: str, page: str) -> None:
    with pytest.raises(CannotWrap) as refusal:
        plan(head, head + "\n" + method, page=page)

    assert refusal.value.category == "class-body"


BASES = (
    "class Store:\n    def forget(self, key):\n        self.drop(key)\n\n"
    "    def drop(self, key):\n        raise NotImplementedError\n\n"
    "    def ask(self, name):\n        return getattr(self, name)\n"
)
MIXIN = "class Mixin:\n    def more(self):\n        return getattr(self, 'any')\n"
RPC = (
    "from shop import bases\nfrom shop.mixin import Mixin\n\n\n"
    "class Rpc(bases.Store, Mixin):\n    def __init__(self):\n        self.gone = []\n"
)


def test_a_method_that_the_first_base_has_is_overridden_whoever_finds_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What finds it by its name gets one that takes the same, and calls what it overrides."""
    methods = (
        "\n    def forget(self, key):\n        self.gone.append(key)\n        super().forget(key)\n"
        "\n    def drop(self, key):\n        # There is nothing to drop.\n        pass\n"
        "\n    def ask(self, name): ...\n"
    )

    text = plan(RPC, RPC + methods, bases=BASES, mixin=MIXIN)

    for name, code in (("bases", BASES), ("mixin", MIXIN)):
        module = ModuleType(f"shop.{name}")
        exec(compile(code, f"{name}.py", "exec"), module.__dict__)
        monkeypatch.setitem(sys.modules, f"shop.{name}", module)
        monkeypatch.setitem(sys.modules, "shop", ModuleType("shop"))
    for name in ("bases", "mixin"):
        setattr(sys.modules["shop"], name, sys.modules[f"shop.{name}"])
    run = [
        f"[(box := Rpc()), {call}, box.gone][1:]" for call in ("box.forget(1)", "box.drop(key=2)")
    ]
    run.append("[(box := Rpc()), getattr(box, 'forget')(3), box.gone][1:]")
    run.append("Rpc().ask('gone')")
    for on, version in ((False, RPC), (True, RPC + methods)):
        wanted = results(version, run, on=on, monkeypatch=monkeypatch)
        assert results(text, run, on=on, monkeypatch=monkeypatch) == wanted
    assert (
        '        if not client.is_enabled("new-tax"):\n            return super().drop(key)' in text
    )


def test_the_way_out_of_a_refused_override_says_what_one_has_to_take() -> None:
    with pytest.raises(CannotWrap, match="inherits") as caught:
        plan(RPC, RPC + "\n    def forget(self):\n        return 1\n", bases=BASES, mixin=MIXIN)

    assert "the parameters of the method that it overrides" in caught.value.next_step


PART = "class Part:\n    @property\n    def gone(self):\n        return False\n"
LETTER = "from shop.part import Part\n\n\nclass Letter(Part):\n    stamp = 1\n"
GONE = "\n    @property\n    def gone(self):\n        return self.stamp == 1\n"


@pytest.mark.parametrize(
    "look", ["not one.gone", "one.gone is True", "one.gone == two", "x in one.gone"]
)
def test_what_a_property_gives_may_be_compared(look: str) -> None:
    text = plan(LETTER, LETTER + GONE, part=PART, user=f"def f(one, two, x):\n    return {look}\n")

    assert "return super().gone" in text


@pytest.mark.parametrize(
    "look",
    [
        "Letter.gone is Part.gone",
        "type(one).gone is two",
        "one.__class__.gone != two",
        "two is not kind.gone",
        "cls.gone == two",
        "Letter.gone.__qualname__",
    ],
)
def test_whose_property_a_class_has_may_not(look: str) -> None:
    user = f"def f(one, two, cls, kind):\n    return {look}\n"

    with pytest.raises(CannotWrap, match="`gone` may override"):
        plan(LETTER, LETTER + GONE, part=PART, user=user)


SAVED = """from shop.base import Base


class Box(Base):
    parts = ("_pre",)

    def total(self):
        return 1
"""
ASKING = """class Base:
    parts = ()

    def run(self, more=("pre",)):
        found = [{asked} for part in {parts}]
        return [one() for one in found if one]
"""
PLAIN = "class Base:\n    pass\n"


@pytest.mark.parametrize(
    "others",
    [
        {"base": ASKING.format(asked='getattr(self, f"{part}_save", None)', parts="self.parts")},
        {"base": ASKING.format(asked='getattr(self, part + "_save", None)', parts="self.parts")},
        {"base": ASKING.format(asked='getattr(self, f"_{part}_save", None)', parts="more")},
        {"base": ASKING.format(asked='getattr(self, f"_pre_{part}", None)', parts="more")},
        {"base": PLAIN, "look": 'def f(x, part="_pre"):\n    return getattr(x, part + "_save")\n'},
        {"base": PLAIN, "look": 'P = ["_pre"]\n\n\ndef f(x):\n    getattr(x, f"{P[0]}_save")\n'},
    ],
)
def test_a_private_method_that_others_put_the_name_of_together_is_refused(
    others: dict[str, str],
) -> None:
    after = SAVED.replace("return 1", "return 2") + "\n    def _pre_save(self):\n        return 3\n"

    with pytest.raises(CannotWrap, match="`_pre_save`"):
        plan(SAVED, after, **others)


@pytest.mark.parametrize(
    "asked",
    [
        "getattr(self, part)",
        'getattr(self, f"_other_{part}")',
        'getattr(self, f"{part}_other")',
        'getattr(self, "other")',
    ],
)
def test_a_private_method_of_which_others_put_no_name_together_is_new(asked: str) -> None:
    after = SAVED.replace("return 1", "return 2") + "\n    def _pre_save(self):\n        return 3\n"

    assert "def _pre_save" in plan(SAVED, after, base=ASKING.format(asked=asked, parts="more"))
