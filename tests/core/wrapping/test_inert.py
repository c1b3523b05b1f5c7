"""Say which parts of a header do nothing, by programs that are run as they were and as they are."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

import flagwright
from flagwright import CannotWrap
from flagwright.core.records.change import Change, FileChange
from flagwright.core.records.plan import Convention
from flagwright.core.wrapping.plan import wrap_change
from flagwright.core.wrapping.policy import WrappingPolicy

POLICY = WrappingPolicy.model_validate(
    tomllib.loads((Path(__file__).parents[3] / "policies" / "wrapping.toml").read_text())
)
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


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "from .builtins import object\n\n\nclass Box(object):\n    size = 1\n",
            "from .builtins import object\n\n\nclass Box:\n    size = 1\n",
        ),
        (
            "from .typing import override\n\n\nclass Box:\n    @override\n"
            "    def f(self):\n        pass\n",
            "from .typing import override\n\n\nclass Box:\n    def f(self):\n        pass\n",
        ),
    ],
)
def test_a_module_of_the_package_is_not_that_of_python(before: str, after: str) -> None:
    with pytest.raises(CannotWrap):
        flagwright.wrap(before, after, flag="new-tax", convention=CONVENTION)


CLASS = "class Box:\n    def kind(self):\n        return 1\n"
SEEN = "seen = hasattr(Box.kind, '__override__')\n"
LOUD = (
    "seen = []\n\n\nclass Loud:\n    def __init__(self, f):\n        pass\n\n"
    "    def __setattr__(self, name, value):\n        seen.append(name)\n\n\n"
)

NOTED = "@Loud\n    def"
DEEPER = CLASS.replace("\n    ", "\n        ")

OF_OTHERS = [
    f"def override(f):\n    return None\n\n\n{CLASS}seen = Box.kind is None\n",
    f"from typing_extensions import override\n{CLASS}{SEEN}",
    f"from typing_extensions import override\noverride = print\n{CLASS}seen = Box.kind is None\n",
    f"from typing_extensions import override\nfrom builtins import *\noverride = staticmethod\n"
    f"{CLASS}seen = type(vars(Box)['kind']).__name__\n",
    f"try:\n    from typing import no_such as override\nexcept ImportError:\n    override = id\n"
    f"{CLASS}seen = isinstance(Box.kind, int)\n",
    f"from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from typing import override\n"
    f"try:\n    {DEEPER}except NameError:\n    Box = None\nseen = Box is None\n",
    f"from typing_extensions import override\n{LOUD}{CLASS.replace('def', NOTED)}",
]
"""Programs in which `@override` is seen."""


@pytest.mark.parametrize("before", OF_OTHERS)
def test_override_counts_where_it_may_be_seen(before: str) -> None:
    first = "@Loud" if "@Loud" in before else "def kind"
    indent = before.partition(f"{first}")[0].rpartition("\n")[2]
    after = before.replace(f"{indent}{first}", f"{indent}@override\n{indent}{first}")
    assert run(before)["seen"] != run(after)["seen"]

    for versions in (before, after), (after, before):
        with pytest.raises(CannotWrap):
            flagwright.wrap(*versions, flag="new-tax", convention=CONVENTION)


@pytest.mark.parametrize(
    ("reader", "is_refused"),
    [
        (b"def own(f):\n    return f.__override__\n", True),
        (b"def own(f):\n    return f.__wrapped__\n", False),
    ],
)
def test_override_counts_where_another_file_looks_for_it(
    reader: bytes, *, is_refused: bool
) -> None:
    before = f"from typing_extensions import override\n\n\n{CLASS}"
    after = before.replace("    def", "    @override\n    def")
    file = FileChange(
        path="shop/box.py", kind="modified", before=before.encode(), after=after.encode()
    )
    change = Change(base="diff", head="diff", files=(file,), digest="0" * 64)
    modules = {"shop/box.py": after.encode(), "shop/own.py": reader, "shop/__init__.py": b""}
    way = Convention(import_line=CONVENTION["import"], check=CONVENTION["check"])

    try:
        wrap_change(change, flag="new-tax", convention=way, policy=POLICY, modules=modules)
    except CannotWrap:
        assert is_refused
    else:
        assert not is_refused


def run(program: str) -> dict[str, Any]:
    """What the names of a program stand for at its end."""
    names: dict[str, Any] = {"__name__": "shop"}
    exec(compile(program, "shop.py", "exec", dont_inherit=True), names)
    return names
