"""Say which parts of a header do nothing, by programs that are run as they were and as they are."""

from typing import Any

import pytest

import flagwright
from flagwright import CannotWrap

CONVENTION = {"import": "from flags import client", "check": 'client.is_enabled("{flag}")'}
BASE = "class Base:\n    def kind(self):\n        return 'base'\n\n\n"
BOX = "class Box(object):\n    size = 1\n\n\nseen = [b.__name__ for b in Box.__mro__]\n"

OF_ANOTHER = [
    f"{BASE}object = Base\n{BOX}",
    f"{BASE}from builtins import Exception as object\n{BOX}",
    f"{BASE}from collections import *\nobject: type = Base\n{BOX}",
    f"{BASE}globals()['object'] = Base\n{BOX}",
    f"{BASE}globals().update(object=Base)\nglobals()['object'] = Base\n{BOX}",
    f"{BASE}import sys\nsys.modules['builtins']\nexec('object = Base')\n{BOX}",
    f"{BASE}vars()['object'] = Base\n{BOX}",
    f"{BASE}class object(Base):\n    pass\n\n\n{BOX}",
    f"{BASE}def use():\n    global object\n    object = Base\n\n\nuse()\n{BOX}",
    f"{BASE}for object in [Base]:\n    pass\n{BOX}",
    f"{BASE}def made(object):\n    class Box(object):\n        pass\n    return Box\n\n\n"
    "seen = [b.__name__ for b in made(Base).__mro__]\n",
    f"{BASE}class Outer:\n    object = Base\n    class Box(object):\n        pass\n\n\n"
    "seen = [b.__name__ for b in Outer.Box.__mro__]\n",
    "class Asking(type):\n    def __new__(cls, name, bases, members):\n"
    "        seen.extend(b.__name__ for b in bases)\n"
    "        return super().__new__(cls, name, bases, members)\n\n\nseen = []\n\n\n"
    "class Box(object, metaclass=Asking):\n    pass\n",
    "import builtins\nseen = []\nbuild = builtins.__build_class__\n"
    "builtins.__build_class__ = lambda f, n, *b, **k: seen.extend(b) or build(f, n, *b, **k)\n"
    "try:\n    class Box(object):\n        pass\nfinally:\n    builtins.__build_class__ = build\n",
    f"{BASE}import builtins\nown = object\nbuiltins.object = Base\n{BOX}builtins.object = own\n",
]
"""Programs in which `(object)` is seen."""


@pytest.mark.parametrize("before", OF_ANOTHER)
def test_object_as_a_base_counts_where_it_may_be_seen(before: str) -> None:
    after = before.replace("Box(object)", "Box").replace("(object, ", "(")
    assert run(before)["seen"] != run(after)["seen"]

    for versions in (before, after), (after, before):
        with pytest.raises(CannotWrap):
            flagwright.wrap(*versions, flag="new-tax", convention=CONVENTION)


OF_PYTHON = [
    BOX,
    f"from builtins import object\n{BOX}",
    f"def use(one):\n    one.object = 1\n    return dict(object=2)\n\n\n{BOX}",
    "class Box(object):\n    __metaclass__ = type\n    __slots__ = ()\n\n\n"
    "seen = [b.__name__ for b in Box.__bases__]\n",
    "def mark(owner):\n    return type(owner.__name__, owner.__bases__, dict(owner.__dict__))\n\n\n"
    "@mark\nclass Box(object):\n    size = 1\n\n\nseen = [b.__name__ for b in Box.__bases__]\n",
    "def made():\n    class Box(object):\n        pass\n    return Box\n\n\n"
    "seen = [b.__name__ for b in made().__mro__]\n",
]
"""Programs in which it is not."""


@pytest.mark.parametrize("before", OF_PYTHON)
def test_python_s_own_object_as_the_only_base_needs_no_flag(before: str) -> None:
    after = before.replace("Box(object)", "Box")
    assert run(before)["seen"] == run(after)["seen"]

    for versions in (before, after), (after, before):
        assert flagwright.wrap(*versions, flag="new-tax", convention=CONVENTION) == versions[1]


def run(program: str) -> dict[str, Any]:
    """What the names of a program stand for at its end."""
    names: dict[str, Any] = {"__name__": "shop"}
    exec(compile(program, "shop.py", "exec", dont_inherit=True), names)
    return names
