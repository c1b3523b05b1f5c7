"""Classes that a file hands to a function of its own, really imported."""

from pathlib import Path

import pytest

from flagwright.errors import CannotWrap
from tests.core.wrapping.test_public import output, plan

BOX = """\
from enum import Enum

KINDS = {{}}


class Box:
    name = "box"
    sort = 1

    def __init__(self):
        self.size = size()

    @classmethod
    def made(cls):
        return cls()

    @property
    def rate(self):
        return size()


class Large(Box):
    name = "large"


def size():
    return 1


def register(cls, again=False):
    {body}


{end}
"""
NEW = BOX.replace("return 1", "print('asked')\n    return 2")
KEEPS = """name = cls.name
    if not again and name in KINDS:
        raise ValueError(f"{name!r} is known: {KINDS[name]}")
    KINDS[name] = cls"""
LOOP = "for kind in (Box, Large):\n    register(kind)"


def is_wrapped(folder: Path, body: str, end: str, other: str = "") -> bool:
    """Whether a change to what objects do is wrapped; then none is made at import."""
    old, new = (text.format(body=body, end=end) for text in (BOX, NEW))
    plain = {"shop/__init__.py": b"", "shop/flags.py": b"client = type('', (), {})\n"}
    plain |= {"shop/box.py": new.encode(), "shop/other.py": other.encode()}
    runs = bool(output(folder, plain, "import shop.box, shop.other\n"))
    try:
        plan(old, new, {"shop/other.py": other})
    except CannotWrap:
        return False
    assert not runs
    return True


@pytest.mark.parametrize(
    ("body", "end"),
    [
        (KEEPS, LOOP),
        (KEEPS, "for kind in [Box, Large]:\n    register(kind, again=True)"),
        (KEEPS, "register(Box)\nregister(Large)"),
        ("KINDS[cls.name, cls.sort] = cls", LOOP),
        ("return cls.name.upper()", LOOP),
    ],
)
def test_a_function_may_ask_a_class_for_what_it_has(tmp_path: Path, body: str, end: str) -> None:
    assert is_wrapped(tmp_path, body, end)


@pytest.mark.parametrize(
    ("body", "end", "other"),
    [
        ("cls()", LOOP, ""),
        ("cls.made()", LOOP, ""),
        ("made = cls.made\n    made()", LOOP, ""),
        ("KINDS[cls.name] = cls.made", f"{LOOP}\nKINDS['box']()", ""),
        ("cls.rate.fget(cls)", LOOP, ""),
        ("cls.rate.__get__(1, cls)", LOOP, ""),
        ("cls.__call__()", LOOP, ""),
        ("cls.mro()[0]()", LOOP, ""),
        ("other = cls\n    other()", LOOP, ""),
        ("return [kind() for kind in [cls]]", LOOP, ""),
        (KEEPS, f"{LOOP}\nKINDS['box']()", ""),
        (KEEPS, f"{LOOP}\n[kind() for kind in KINDS.values()]", ""),
        (KEEPS, f"{LOOP}\n\n\ndef first():\n    return KINDS['box']()\n\n\nfirst()", ""),
        (KEEPS, LOOP, "from shop.box import KINDS\n\nONE = KINDS['box']()\n"),
        (KEEPS, LOOP, "import shop.box\n\nONE = [k() for k in shop.box.KINDS.values()]\n"),
        (KEEPS, "for kind in (Box, Large):\n    kind = kind.made\n    kind()", ""),
        ("return cls.name", "for kind in (Box, Large):\n    register(kind())", ""),
        ("return cls.size", "for kind in (Box().made,):\n    register(kind())", ""),
        (
            "cls.run",
            "def put(one):\n    return Box()\n\n\nBox.run = property(put)\nregister(Box())",
            "",
        ),
        (
            "raise ValueError(cls)",
            "try:\n    register(Box)\nexcept ValueError as e:\n    e.args[0]()",
            "",
        ),
        ("return ValueError(cls)", "register(Box).args[0]()", ""),
        ("return cls", f"{LOOP}\nregister(Box)()", ""),
        ("return cls.name", f"{LOOP}\nregister = lambda kind: kind()\n{LOOP}", ""),
        ("return cls.name", "Box = Large.made\nregister(Box())", ""),
        (
            "return cls.lazy",
            "class Lazy:\n    def __get__(self, one, kind):\n        return kind()\n\n\n"
            "class Flat(Box):\n    lazy = Lazy()\n\n\nregister(Flat)",
            "",
        ),
        (
            "return cls.lazy",
            "class Meta(type):\n    @property\n    def lazy(cls):\n        return cls()\n\n\n"
            "class Flat(Box, metaclass=Meta):\n    pass\n\n\nregister(Flat)",
            "",
        ),
        (
            "return cls.lazy",
            "class Meta(type):\n    def __getattr__(cls, name):\n        return cls()\n\n\n"
            "class Flat(Box, metaclass=Meta):\n    pass\n\n\nregister(Flat)",
            "",
        ),
    ],
)
def test_what_makes_an_object_at_import_is_refused(
    tmp_path: Path, body: str, end: str, other: str
) -> None:
    assert not is_wrapped(tmp_path, body, end, other)
