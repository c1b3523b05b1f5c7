"""An import that only types made use of goes without a flag, and a kept one is told."""

import tomllib
from pathlib import Path

import pytest

from flagwright.core.records.change import Change, FileChange
from flagwright.core.records.plan import Convention
from flagwright.core.wrapping.plan import wrap_change
from flagwright.core.wrapping.policy import WrappingPolicy
from flagwright.core.wrapping.wrapped import Wrapped
from flagwright.errors import CannotWrap

POLICY = WrappingPolicy.model_validate(
    tomllib.loads((Path(__file__).parents[3] / "policies" / "wrapping.toml").read_text())
)
CONVENTION = Convention(import_line="from flags import client", check='client.is_enabled("{flag}")')
BEFORE = """import os
from typing_extensions import Self


class Box:
    def __enter__(self) -> Self:
        return self
"""
GONE = {"from typing_extensions import Self\n": "", " -> Self": ""}


def plan(before: str, changes: dict[str, str], **others: str) -> Wrapped:
    after = before
    for old, new in changes.items():
        after = after.replace(old, new)
    file = FileChange(
        path="shop/a.py", kind="modified", before=before.encode(), after=after.encode()
    )
    modules = {f"shop/{name}.py": text.encode() for name, text in others.items()}
    return wrap_change(
        Change(base="diff", head="diff", files=(file,), digest="0" * 64),
        flag="new-tax",
        convention=CONVENTION,
        policy=POLICY,
        modules={"shop/__init__.py": b"", "shop/a.py": after.encode(), **modules},
    )


@pytest.mark.parametrize(
    "changes",
    [
        GONE,
        {"from typing_extensions import Self\n": "from typing import Self\n"},
        {"from typing_extensions import Self\n": "", "-> Self": '-> "Box"'},
    ],
)
def test_an_import_for_types_alone_goes_without_a_flag(changes: dict[str, str]) -> None:
    wrapped = plan(BEFORE, changes, b="from shop.a import Box\n")

    assert wrapped.files == ()
    assert {s.treatment for s in wrapped.coverage} == {"neutral"}


FILTER = """from typing import Sequence


class Filter:
    paths: Sequence[str] = ()
    names: Sequence[int] = ()
"""
MODERN = {"from typing": "from collections.abc", "Sequence[int]": "Sequence[float]"}


def test_a_type_of_an_attribute_that_is_imported_from_elsewhere_needs_no_flag() -> None:
    taken = "\n    def take(self, more: Sequence[int], *rest: Sequence[int]) -> None: ...\n"
    wrapped = plan(f"{FILTER}{taken}", MODERN, b="from shop.a import Filter\n")

    assert wrapped.files == ()
    assert {s.treatment for s in wrapped.coverage} == {"neutral"}


@pytest.mark.parametrize(
    ("before", "other"),
    [
        (FILTER.replace("class", "@dataclass\nclass").replace("()", "None"), ""),
        (f"{FILTER}\n\nprint(Filter.__annotations__)\n", ""),
        (f"{FILTER}\n\nnames = isinstance([], Sequence)\n", ""),
        (
            FILTER,
            "import typing\nfrom shop.a import Filter\n\nx = typing.get_type_hints(Filter)\n",
        ),
        (FILTER, "from shop.a import Sequence\n"),
    ],
)
def test_a_type_of_an_attribute_that_somebody_may_read_does(before: str, other: str) -> None:
    try:
        wrapped = plan(before, MODERN, b=other)
    except CannotWrap:
        return
    assert wrapped.files


@pytest.mark.parametrize(
    ("added", "others"),
    [
        ("\n\ndef f(x):\n    return isinstance(x, Self)\n", {}),
        ('\n\ndef f(x):\n    return getattr(x, "Self")\n', {}),
        ('\n\ndef f(x):\n    return globals()["Self"]\n', {}),
        ("\n\n@register\ndef f(x: Self):\n    return x\n", {}),
        ("\n\nclass Row:\n    one: Self\n", {}),
        ("", {"b": "from shop.a import Self\n"}),
        ("", {"b": "from shop import a\n\n\ndef f():\n    return a.Self\n"}),
        ("", {"b": "from shop.a import *\n"}),
        ("", {"typing_extensions": "Self = 1\n"}),
    ],
)
def test_an_import_that_others_may_use_stays_for_the_old_code(
    added: str, others: dict[str, str]
) -> None:
    try:
        wrapped = plan(BEFORE + added, GONE, **others)
    except CannotWrap:
        return

    (file,) = wrapped.files
    assert b"# flag new-tax: off\nfrom typing_extensions import Self" in (file.text or b"")


def test_an_import_that_loads_a_part_of_a_package_stays() -> None:
    before = BEFORE.replace("typing_extensions", "xml.dom").replace("import os", "import xml")
    before += "\n\ndef f():\n    return xml.dom\n"

    (file,) = plan(before, {"from xml.dom import Self\n": "", " -> Self": ""}).files

    assert b"# flag new-tax: off\nfrom xml.dom import Self" in (file.text or b"")


def test_an_import_of_the_repository_stays_for_what_it_does() -> None:
    before = BEFORE.replace("typing_extensions", "shop.kinds")
    changes = {"from shop.kinds import Self\n": "", " -> Self": ""}

    (file,) = plan(before, changes, kinds="Self = 1\n").files

    assert b"# flag new-tax: off\nfrom shop.kinds import Self" in (file.text or b"")


def test_a_package_that_old_code_still_imports_is_told() -> None:
    before = "import os\n\nimport six\n\n\ndef f(x):\n    return six.text_type(x)\n"
    wrapped = plan(before, {"import six\n": "", "six.text_type(": "str("})

    assert wrapped.notes == (
        "shop/a.py: it imports `six` until the flag is taken out, with the flag on, too: keep "
        "that installed so long",
    )
