"""One import, spelled from another place: with the files of the repository, and without."""

import tomllib
from pathlib import Path

import pytest

import flagwright
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
import os
from shop.base import Page, rate


class Box(Page):
    def total(self, a):
        return a * rate
"""
NEW = """\
import os
from .base import Page, rate


class Box(Page):
    def total(self, a):
        return 2 * a * rate
"""


def plan(path: str, old: str, new: str, *packages: str) -> str:
    """The wrapped file of a repository with some packages."""
    modules = {f"{package}/__init__.py": b"" for package in packages}
    modules["shop/base.py"] = b"class Page:\n    pass\n\n\nrate = 2\n"
    file = FileChange(path=path, kind="modified", before=old.encode(), after=new.encode())
    wrapped = wrap_change(
        Change(base="diff", head="diff", files=(file,), digest="0" * 64),
        flag=FLAG,
        convention=CONVENTION,
        policy=POLICY,
        modules={**modules, path: new.encode()},
    )
    return (wrapped.files[0].text or b"").decode()


@pytest.mark.parametrize(("old", "new"), [(OLD, NEW), (NEW.replace("2 * ", ""), OLD)])
def test_a_class_may_inherit_from_either(old: str, new: str) -> None:
    new = new.replace("a * rate", "3 * a * rate")

    text = plan("shop/box.py", old, new, "shop")

    for on, wanted in ((True, new), (False, old)):
        retired = retire_files({"shop/box.py": text.encode()}, flag=FLAG, on=on)
        assert [file.text for file in retired.files] == [wanted.encode()]


def test_from_a_package_further_out_it_is_the_same() -> None:
    old, new = OLD, NEW.replace(".base", "..base")

    assert "# flag new-tax: on" in plan("shop/tax/box.py", old, new, "shop", "shop/tax")


@pytest.mark.parametrize(
    ("path", "new", "packages"),
    [
        ("shop/box.py", NEW, ()),
        ("shop/tax/box.py", NEW, ("shop", "shop/tax")),
        ("shop/tax/box.py", NEW.replace(".base", "..base"), ("shop/tax",)),
        ("shop/box.py", NEW.replace(".base", "..base"), ("shop",)),
        ("shop/__main__.py", NEW, ("shop",)),
        ("shop/box.py", f"{NEW}\nif __name__ == '__main__':\n    print(Box())\n", ("shop",)),
    ],
)
def test_where_it_may_be_another_one_the_class_is_refused(
    path: str, new: str, packages: tuple[str, ...]
) -> None:
    with pytest.raises(CannotWrap):
        plan(path, OLD, new, *packages)


def test_without_a_repository_it_is_not_certain() -> None:
    convention = {"import": CONVENTION.import_line, "check": CONVENTION.check}

    with pytest.raises(CannotWrap):
        flagwright.wrap(OLD, NEW, flag=FLAG, convention=convention)
