"""When the `__call__` of a metaclass runs: really imported, with a version that tells of it."""

from pathlib import Path

import pytest

from flagwright.errors import CannotWrap
from tests.core.wrapping.test_public import output, plan

BOX = """\
FOUND = set()


def rate(box):
    return box.size


def made(kind):
    return kind()


class Once(type):
    made = {{}}

    def __init__(cls, *args):
        super().__init__(*args)
        cls.boxes = []
        {init}

    def __call__(cls, *args):
        if cls not in cls.made:
            cls.made[cls] = super().__call__(*args)
        return rate(cls.made[cls])

    def others(cls):
        return [cls.boxes]


class Box(metaclass=Once):
    def __init__(self, size=1):
        self.size = size


class Large(Box):
    pass


def box_of(size):
    return Box(size)


{end}
"""
NEW = BOX.replace("return box.size", "print('asked')\n    return box.size + 1")


def is_wrapped(folder: Path, end: str, other: str = "", init: str = "pass") -> bool:
    """Whether a change to what `__call__` calls is wrapped, where it never runs at import."""
    old, new = (text.format(end=end, init=init) for text in (BOX, NEW))
    others = {"shop/other.py": other}
    plain = {"shop/__init__.py": b"", "shop/flags.py": b"client = type('', (), {})\n"}
    plain |= {"shop/box.py": new.encode(), "shop/other.py": other.encode()}
    runs = bool(output(folder, plain, "import shop.box, shop.other\n"))
    try:
        plan(old, new, others)
    except CannotWrap:
        return False
    assert not runs
    return True


@pytest.mark.parametrize(
    ("end", "other"),
    [
        ("", ""),
        ("TWICE = Box.others", "from shop.box import Box\n\n\nclass Flat(Box):\n    pass\n"),
        ("KINDS = {'box': Box}", "import shop.box\n\n\ndef f():\n    return shop.box.Box()\n"),
        ("class Deep(Large):\n    pass", "from shop.box import box_of\n"),
        ("print", "from shop.box import Box\n\nHAS = isinstance(1, Box)\n"),
    ],
)
def test_a_class_that_is_only_made_runs_no_call(tmp_path: Path, end: str, other: str) -> None:
    assert is_wrapped(tmp_path, end, other)


def test_a_class_may_be_put_into_a_container_of_the_file(tmp_path: Path) -> None:
    assert is_wrapped(tmp_path, "", init="FOUND.add(cls)")


@pytest.mark.parametrize(
    ("end", "other"),
    [
        ("ONE = Box()", ""),
        ("ONE = Box.others.__self__()", ""),
        ("import types\n\nONE = types.new_class('Flat', (Box,), {})()", ""),
        ("ONE = [kind() for kind in Box.__subclasses__()]", ""),
        ("from collections import defaultdict\n\nONE = defaultdict(Box)['x']", ""),
        ("", "import shop.box\n\nONE = shop.box.Large.__base__()\n"),
        ("def kinds():\n    return Box", "import shop.box\n\nshop.box.kinds()()\n"),
        ("ONE = Large(2)", ""),
        ("ONE = box_of(2)", ""),
        ("KINDS = {'box': Box}\nONE = KINDS['box']()", ""),
        ("ONE = list(map(Box, [1]))", ""),
        ("ONE = (lambda kind: kind())(Large)", ""),
        ("ONE = globals()['Box']()", ""),
        ("ONE = type(Box)('Flat', (Box,), {})()", ""),
        ("ONE = Once('Flat', (Box,), {})()", ""),
        ("ONE = Once.__call__(Box)", ""),
        ("ONE = made(Box)", ""),
        ("def made(kind):\n    kind()\n    return kind\n\n\n@made\nclass Flat(Box):\n    pass", ""),
        (
            "class Flat(Box):\n    def __init_subclass__(cls):\n        cls()\n\n\n"
            "class Thin(Flat):\n    pass",
            "",
        ),
        (
            "class Low(Box):\n    @classmethod\n    def of(cls):\n        cls()\n\n\nLow.of()",
            "",
        ),
        (
            "class Low(Once):\n    pass\n\n\nclass Flat(Box, metaclass=Low):\n    pass\n\n\nFlat()",
            "",
        ),
        ("", "from shop.box import Box\n\nONE = Box()\n"),
        ("", "from shop.box import Box\n\n\nclass Flat(Box):\n    pass\n\n\nONE = Flat()\n"),
        ("", "import shop.box\n\nONE = shop.box.box_of(3)\n"),
        (
            "",
            "import shop.box as b\n\n\nclass Flat(metaclass=b.Once):\n    size = 1\n\n\nFlat()\n",
        ),
        ("", "import shop.box\n\nONE = getattr(shop.box, 'Box')()\n"),
        ("", "from shop.box import Box\n\n\ndef f(kind):\n    return kind()\n\n\nONE = f(Box)\n"),
        ("KINDS = [Box]", "from shop.box import KINDS\n\nONE = [kind() for kind in KINDS]\n"),
    ],
)
def test_a_class_that_is_called_runs_it(tmp_path: Path, end: str, other: str) -> None:
    assert not is_wrapped(tmp_path, end, other)


@pytest.mark.parametrize(
    ("init", "end", "other"),
    [
        ("cls()", "", ""),
        ("cls.one = cls()", "", ""),
        ("cls.mro()[0]()", "", ""),
        ("kind = cls\n        kind()", "", ""),
        ("[kind() for kind in [cls]]", "", ""),
        ("FOUND.add(cls)", "ONE = [kind() for kind in FOUND]", ""),
        ("FOUND.add(cls)", "", "from shop.box import FOUND\n\nONE = [k() for k in FOUND]\n"),
        ("FOUND.add(cls)", "", "import shop.box\n\nONE = [k() for k in shop.box.FOUND]\n"),
        ("made(cls)", "", ""),
        ("Once.__call__(cls)", "", ""),
        ("(lambda: cls())()", "", ""),
    ],
)
def test_a_metaclass_may_call_its_classes_itself(
    tmp_path: Path, init: str, end: str, other: str
) -> None:
    assert not is_wrapped(tmp_path, end, other, init)
