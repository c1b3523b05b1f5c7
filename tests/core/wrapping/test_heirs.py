"""Of which classes a file lists what is made from them."""

from textwrap import indent

import pytest

from flagwright.core.wrapping.dormant.heirs import list_heirs

BASE = "class Plugin:\n    pass\n\n\nclass Task:\n    pass\n\n\n"
GROW = """from shop.base import Plugin, Task


def grow(kind, more=True):
    found = kind.__subclasses__()
    for one in found:
        yield from grow(one)
    yield kind


"""
TELL = GROW.replace(
    "found = kind.__subclasses__()\n    for one in found", "found = []\n    for one in X"
)
TELL = TELL.replace("X", "kind.__subclasses__()")
TRIED = indent(f"{GROW}ALL = [*grow(Task)]", "    ")
TRIED = f"try:\n{TRIED}\nexcept ImportError:\n    pass\n"
OWN = "class Task:\n    @classmethod\n    def all(cls):\n        return cls.__subclasses__()\n"


def lists(text: str, *bases: str, **others: str) -> bool:
    files = {"base.py": BASE, "a.py": text, **{f"{n}.py": o for n, o in others.items()}}
    return list_heirs({f"shop/{n}": t.encode() for n, t in files.items()}, set(bases))


@pytest.mark.parametrize(
    "text",
    [
        "print('no such thing')\n",
        "NAMES = ['__subclasses__']\n",
        "from shop.base import Task\n\nprint(Task.__subclasses__())\n",
        "from shop import base\n\nprint(base.Task.__subclasses__())\n",
        "from shop.base import Task as Job\n\nprint(Job.__subclasses__())\n",
        f"{GROW}ALL = list(grow(Task, more=False))\n",
        f"{GROW}def tell():\n    return [*grow(kind=Task)]\n",
        f"{TELL}ALL = list(grow(Task))\n",
        TRIED,
        OWN,
        OWN.replace("cls.__sub", "type(self).__sub")
        .replace("    @classmethod\n", "")
        .replace("cls", "self"),
    ],
)
def test_what_is_made_from_another_class_is_not_listed(text: str) -> None:
    assert not lists(text, "Plugin")


@pytest.mark.parametrize(
    "text",
    [
        "from shop.base import Plugin\n\nprint(Plugin.__subclasses__())\n",
        "from shop.base import Plugin as Job\n\nprint(Job.__subclasses__())\n",
        "from shop import base\n\nprint(base.Plugin.__subclasses__())\n",
        "print(getattr(x, '__subclasses__')())\n",
        "print(type.__subclasses__(x))\n",
        "print(x.Kind.__subclasses__())\n",
        "Kind = choose()\nprint(Kind.__subclasses__())\n",
        "def tell(Kind):\n    return Kind.__subclasses__()\n",
        "def tell(kind):\n    return kind.__subclasses__()\n",
        "print(Exception.__subclasses__(), Elsewhere.__subclasses__())\n",
        f"{GROW}ALL = list(grow(Plugin))\n",
        f"{GROW}ALL = [*grow(Task), *grow(Plugin)]\n",
        f"{GROW}ALL = list(map(grow, [Plugin]))\n",
        f"{GROW}ALL = [*grow(Task), *grow(*KINDS)]\n",
        f"{GROW}ALL = [*grow(Task), *grow(**KINDS)]\n",
        f"{GROW}ALL = [grow(kind) for kind in KINDS]\n",
        GROW.replace("found = kind", "kind = kind.other\n    found = kind") + "grow(Task)\n",
        GROW.replace("grow(one)", "grow(one.other)") + "grow(Task)\n",
        GROW.replace("in found", "in found + KINDS") + "grow(Task)\n",
        GROW.replace("    for one", "    found = KINDS\n    for one") + "grow(Task)\n",
        GROW.replace("        yield from", "        one = KIND\n        yield from")
        + "grow(Task)\n",
        f"{GROW}def tell():\n    def grow(kind):\n        return kind.__subclasses__()\n\n"
        "    return grow(Task)\n",
        GROW.replace("def grow", "@through\ndef grow") + "grow(Task)\n",
        OWN.replace("    @classmethod\n", ""),
        OWN.replace("Task", "Plugin"),
    ],
)
def test_what_is_made_from_a_class_may_be_listed(text: str) -> None:
    assert lists(text, "Plugin" if "Exception" not in text else "Foreign")


@pytest.mark.parametrize("other", ["from shop.a import grow\n\ngrow(kind)\n", "go(a.grow)\n"])
def test_another_file_may_have_anything_listed(other: str) -> None:
    assert not lists(f"{GROW}ALL = list(grow(Task))\n", "Plugin", b="x = 1\n")
    assert lists(f"{GROW}ALL = list(grow(Task))\n", "Plugin", b=other)


@pytest.mark.parametrize(
    "heir",
    [
        "from shop.base import Task\n\n\nclass Small(Task):\n    pass\n",
        "from shop.base import Task\n\nBig = Task\n\n\nclass Small(Big):\n    pass\n",
        "from shop import base as b\n\n\nclass Small(b.Task[int]):\n    pass\n",
    ],
)
def test_what_is_made_from_an_heir_is_listed_too(heir: str) -> None:
    assert lists("from shop.base import Task\n\nTask.__subclasses__()\n", "Small", b=heir)
