"""`__all__` in another order: for whom that is the same, and for whom it is not."""

import tomllib
from pathlib import Path

import pytest

from benchmarks.independent import problems
from flagwright.core.records.change import Change, FileChange
from flagwright.core.records.plan import Convention
from flagwright.core.wrapping.plan import wrap_change
from flagwright.core.wrapping.policy import WrappingPolicy
from flagwright.core.wrapping.project import project
from flagwright.errors import CannotWrap

POLICY = WrappingPolicy.model_validate(
    tomllib.loads((Path(__file__).parents[3] / "policies" / "wrapping.toml").read_text())
)
CHECK = 'client.is_enabled("{flag}")'
CONVENTION = Convention(import_line="from flags import client", check=CHECK)
FLAG = "new-tax"
BODY = """

def net(a):
    return a


def rate(a):
    return 1
"""
OLD = f"""\
__all__ = [
    "rate",
    "net",
]
{BODY}"""
NEW = f"""\
__all__ = [
    "net",
    "rate",
]
{BODY}"""
STAR = "from shop.box import *\n\n\ndef f():\n    return net(1)\n"


def plan(old: str = OLD, new: str = NEW, path: str = "shop/box.py", **others: str) -> str:
    """The wrapped file beside others."""
    files = {"shop/__init__.py": "", **{f"shop/{p}.py": t for p, t in others.items()}, path: new}
    file = FileChange(path=path, kind="modified", before=old.encode(), after=new.encode())
    wrapped = wrap_change(
        Change(base="diff", head="diff", files=(file,), digest="0" * 64),
        flag=FLAG,
        convention=CONVENTION,
        policy=POLICY,
        modules={p: text.encode() for p, text in files.items()},
    )
    return (wrapped.files[0].text or b"").decode()


def exported(text: str) -> list[str]:
    """The names in the list of a file, as `import *` takes them."""
    found: dict[str, list[str]] = {}
    exec(text, found)
    return found["__all__"]


def test_the_new_order_ships_and_the_old_one_comes_back_with_the_flag_taken_out() -> None:
    wrapped = plan(other=STAR)

    assert exported(wrapped.replace("from flags import client\n", "")) == ["net", "rate"]
    assert project(wrapped, flag=FLAG, on=False) == OLD
    assert project(wrapped, flag=FLAG, on=True) == NEW


@pytest.mark.parametrize("on", [False, True])
def test_names_that_one_version_has_are_told_beside_another_order(on: bool) -> None:
    old = '__all__ = ["rate", "fee", "net"]\n' + BODY + "\n\ndef fee():\n    return 3\n"
    new = '__all__ = ["net", "tax", "rate"]\n' + BODY + "\n\ndef tax():\n    return 4\n"

    wrapped = plan(old, new)

    assert problems(old, new, wrapped, FLAG, CHECK.format(flag=FLAG)) == []
    left = exported(str(project(wrapped, flag=FLAG, on=on)))
    assert sorted(left) == sorted(exported(new if on else old))


@pytest.mark.parametrize(
    "other",
    [
        "from shop import box\n\nfor name in box.__all__:\n    print(name)\n",
        "from shop.box import __all__ as names\n",
        "import shop.box\n\nnames = getattr(shop.box, '__all__')\n",
        "from shop.box import *\n\nnames = [*globals()]\n",
        "from shop.box import *\n\n\ndef f():\n    return vars()\n",
    ],
)
def test_whoever_reads_the_list_would_see_its_order(other: str) -> None:
    with pytest.raises(CannotWrap) as refusal:
        plan(other=other)

    assert refusal.value.because == "the order of `__all__` changes"


@pytest.mark.parametrize(
    "line",
    [
        "FIRST = __all__[0]",
        "__all__ += ['more']",
        "def __getattr__(name):\n    return name",
        "def f(module):\n    return module.__all__",
    ],
)
def test_a_file_that_reads_its_own_list_sees_the_order(line: str) -> None:
    with pytest.raises(CannotWrap) as refusal:
        plan(f"{OLD}\n\n{line}\n", f"{NEW}\n\n{line}\n")

    assert refusal.value.category == "import-time"


@pytest.mark.parametrize(("line", "is_wrapped"), [("", False), ("from . import net, rate\n", True)])
def test_modules_of_a_package_are_imported_in_the_order_of_its_list(
    line: str, is_wrapped: bool
) -> None:
    old, new = (f"{line}__all__ = {names}\n" for names in (["net", "rate"], ["rate", "net"]))
    files = {"net": "print(1)\n", "rate": "print(2)\n", "other": "from shop import *\n"}

    if is_wrapped:
        wrapped = plan(old, new, "shop/__init__.py", **files)
        assert project(wrapped, flag=FLAG, on=False) == old
    else:
        with pytest.raises(CannotWrap):
            plan(old, new, "shop/__init__.py", **files)
